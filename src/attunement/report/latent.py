"""Manifest estimates between clients beside those corrected for the few sessions of a mean."""

from __future__ import annotations

from typing import Any

from attunement.report import words
from attunement.report.numbers import DASH, bounded, count
from attunement.report.pieces import Grid, Released
from attunement.report.process import MARKED, SHOWN, told

SAME = ("rows", "outcome", "scoring", "dimension", "informant", "analysis", "link", "landmark")


def _model(planned: dict[str, Any]) -> tuple[object, ...]:
    """What two specifications share that differ in nothing but how clients' means are taken."""
    formula = "".join(str(planned.get("formula", "")).split())
    return (formula, *(planned.get(name) for name in SAME))


def _is_latent(planned: dict[str, Any]) -> bool:
    return planned.get("settings", {}).get("client_means") == "latent"


def _reliability(released: Released, planned: dict[str, Any]) -> str:
    known = released.table("accommodation_reliability")
    rows = known[
        (known["scoring"] == planned.get("scoring"))
        & (known["rater"] == planned.get("informant"))
        & (known["dimension"] == planned.get("dimension"))
        & (known["coefficient"] == "client_mean")
    ]
    return bounded(rows["value"].iloc[0]) if len(rows) else DASH


def latent_grid(released: Released) -> Grid | None:
    """Return latent estimates, each beside its manifest one and the reliability of the mean."""
    plans = released.specifications
    manifest = {_model(one): name for name, one in plans.items() if not _is_latent(one)}
    estimates = released.table("estimates")
    shown = estimates[estimates["status"].isin(SHOWN) & estimates["estimate"].notna()]
    by_key = {(row["specification"], row["term"]): row for row in shown.to_dict("records")}
    lines = []
    for name, planned in plans.items():
        if not _is_latent(planned):
            continue
        for term in planned.get("focal", []):
            row = by_key.get((name, term))
            if row is None:
                continue
            beside = by_key.get((manifest.get(_model(planned), ""), term))
            lines.append(
                [
                    f"{words.sentence_case(words.term(str(term), released.about))}: "
                    f"{words.choices(planned, released.about)}",
                    told(beside, p=True),
                    _reliability(released, planned),
                    told(row, p=True),
                    count(row["n_clients"]),
                ]
            )
    if not lines:
        return None
    heads = "Between clients;Manifest;Reliability of the mean;Latent;Clients"
    return Grid(
        "Observed means of clients, and the levels that they stand for.",
        heads.split(";"),
        lines,
        note="Manifest: per standard deviation of clients\u2019 observed means. Latent: per "
        "standard deviation of their levels, the error of few sessions taken out (regression "
        f"calibration; intervals take the correction as known).{MARKED}",
    )
