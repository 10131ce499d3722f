"""Accommodation and leaving as grids of text: odds and hazards, standardised risks, incidence."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attunement.report import words
from attunement.report.counts import WITHHELD, counted
from attunement.report.numbers import DASH, Effect, interval, missing, number, p_cell, share
from attunement.report.pieces import Grid, Released

EXPOSURE = "accommodation_past"
RISKS = ("risk_at_low_accommodation", "risk_at_high_accommodation")
CONTRAST = "high_vs_low"
KINDS = {
    ("person_periods", "logit", "dropout", "bands"): "Dropout, before the next session",
    ("person_periods", "logit", "dropout", "spline"): "Dropout, smooth in time",
    ("person_periods", "cloglog", "dropout", "bands"): "Dropout, as a hazard ratio",
    (
        "person_periods",
        "logit",
        "planned_ending",
        "bands",
    ): "Planned ending, before the next session",
    ("landmark", "logit", "dropout", "bands"): "Dropout, ever after the landmark",
}


def _kind(planned: dict[str, Any]) -> str | None:
    """What a model of leaving is, in words; None for a specification of another kind."""
    if planned.get("analysis", "model") != "model" or not planned.get("scoring"):
        return None
    settings = planned.get("settings") or {}
    cause, baseline = settings.get("cause", "dropout"), settings.get("baseline", "bands")
    return KINDS.get((planned.get("rows", ""), planned.get("link", ""), cause, baseline))


def _of(analysis: str, released: Released) -> pd.DataFrame:
    """The rows of one analysis that have a number or a reason, with their definition."""
    named = released.specifications
    estimates = released.table("estimates")
    kept = [
        named.get(str(name), {}).get("analysis") == analysis for name in estimates["specification"]
    ]
    return estimates[pd.Series(kept, index=estimates.index, dtype=bool)]


def _definition(name: Any, released: Released) -> str:
    return words.sentence_case(words.definition(str(name), released.about))


def hazards_grid(released: Released) -> Grid | None:
    """Return what accommodation so far goes with, model beside model; None where there is none.

    The cause-specific effects on dropout and on planned endings stand beside each other, and the
    same question under another link, another shape of time and from a landmark. Who left before
    anybody of the model was at risk stands in every line.
    """
    estimates = released.table("estimates")
    rows = estimates[(estimates["term"] == EXPOSURE) & estimates["estimate"].notna()]
    lines = []
    for row in rows.to_dict("records"):
        planned = released.specifications.get(str(row["specification"]), {})
        kind = _kind(planned)
        if kind is None:
            continue
        effect = Effect.of(row)
        lines.append(
            [
                _definition(row["dropout_definition"], released),
                kind,
                words.scoring(str(planned["scoring"])),
                f"{effect.metric} = {effect.value}",
                effect.interval,
                p_cell(effect.p),
                *(counted(row[name], released) for name in ("n_clients", "n_events")),
                counted(row["n_before_risk"], released),
            ]
        )
    if not lines:
        return None
    order = {name: place for place, name in enumerate(dict.fromkeys(line[0] for line in lines))}
    kinds = list(KINDS.values())
    lines.sort(key=lambda line: (order[line[0]], line[2], kinds.index(line[1])))
    heads = (
        "Definition;Ending, and model;Scoring;Estimate;95% interval;p;Clients;Events;Left before"
    )
    return Grid(
        "Leaving and accommodation so far: dropout and planned endings, model beside model.",
        heads.split(";"),
        lines,
        note="For one standard deviation (of clients' means) more of accommodation so far, at "
        "equal preference and delivery; below 1: fewer of these endings. hOR: odds of leaving "
        "before the next session; HR: hazard (complementary log-log); OR: odds of dropping out "
        "ever after the landmark, given client and therapist. None of them is the odds ratio of "
        "meta-analyses: see the marginal one below. Smooth in time: a spline in place of bands of "
        "sessions. Left before: clients with this ending who left before they were at risk in the "
        "model (no accommodation yet, or before the landmark): no estimate speaks of them.",
    )


def risks_grid(released: Released) -> Grid | None:
    """Return the risks of dropping out at low and high accommodation; None where there is none."""
    rows = _of("standardised", released)
    lines = []
    for definition, held in rows.groupby("dropout_definition", sort=False):
        by_term = {(row["term"], row["metric"]): row for row in held.to_dict("records")}
        if (RISKS[0], "probability") not in by_term:
            continue
        first = by_term[RISKS[0], "probability"]
        cells = [_share(by_term.get((term, "probability"))) for term in RISKS]
        cells.append(_share(by_term.get((CONTRAST, "RD")), points=True))
        cells += [_ratio(by_term.get((CONTRAST, metric))) for metric in ("RR", "OR")]
        clients, events = (counted(first[name], released) for name in ("n_clients", "n_events"))
        lines.append([_definition(definition, released), *cells, f"{events} of {clients}"])
    if not lines:
        return None
    heads = "Definition;Low;High;Difference;RR;Marginal OR;Dropped out"
    landmark = _landmark(released, "standardised")
    return Grid(
        f"Dropping out after session {landmark} at low and at high accommodation up to it "
        "(standardised), with 95% intervals.",
        heads.split(";"),
        lines,
        note="Low, high: one standard deviation of this exposure, among these clients, below and "
        "above its mean; risks averaged over their preferences, delivery and covariates and over "
        "therapists (standardisation, delta method). High against low: difference in percentage "
        "points, ratio of risks (RR) and of odds. The marginal OR is the one that may stand beside "
        "odds ratios of meta-analyses; the conditional one, of a client of a given therapist (in "
        "the file of estimates), is further from 1. Those who left before are counted above. An "
        "association: who is accommodated early was not drawn by lot.",
    )


def incidence_grid(released: Released) -> Grid | None:
    """Return how many left by a session in the groups of early accommodation; None without any."""
    rows = _of("cumulative_incidence", released)
    rows = rows[rows["term"].str.contains("_by_", regex=False)]
    lines = []
    keys = [
        rows["dropout_definition"],
        rows["term"].str.replace(r"_(?:low|high).*$", "", regex=True),
    ]
    for key, held in rows.groupby(keys, sort=False):
        definition, stem = (str(part) for part in key)
        by_end = {str(row["term"])[len(stem) + 1 :]: row for row in held.to_dict("records")}
        apart = by_end.get("high_minus_low")
        lines.append(
            [
                _definition(definition, released),
                words.term(stem, released.about),
                *(_share(by_end.get(end)) for end in ("low", "high")),
                _share(apart, points=True),
                DASH if apart is None else p_cell(apart["p"]),
                *(
                    DASH if end not in by_end else counted(by_end[end]["n_clients"], released)
                    for end in ("low", "high")
                ),
                _early(held, stem, released),
            ]
        )
    if not lines:
        return None
    landmark = _landmark(released, "cumulative_incidence")
    heads = (
        "Definition;Ending;Low half;High half;Difference;p;Clients, low;Clients, high;Left before"
    )
    return Grid(
        f"Who left by then, of clients in treatment after session {landmark}, by the half of "
        "accommodation up to it.",
        heads.split(";"),
        lines,
        note="Cumulative incidence (Aalen\u2013Johansen) with 95% intervals, open cases censored; "
        "the other endings compete. Difference in percentage points. Not adjusted for preference "
        "or delivery: a description, not the answer, which the models above give. Left before: "
        "dropped out by the landmark, or without accommodation by then.",
    )


def _early(held: pd.DataFrame, stem: str, released: Released) -> str:
    """Who dropped out before the groups were formed; planned endings are not counted so."""
    known = stem.startswith("dropped_out") and not held["n_before_risk"].isna().all()
    if known:
        return counted(held["n_before_risk"].max(), released)
    return WITHHELD if released.confidential and stem.startswith("dropped_out") else DASH


def _landmark(released: Released, analysis: str) -> str:
    found = [
        one["landmark"]
        for one in released.specifications.values()
        if one.get("analysis") == analysis and one.get("landmark")
    ]
    return f"{found[0]:g}" if found else "3"


def _share(row: dict[Any, Any] | None, points: bool = False) -> str:
    """A share with its interval in percent, or a difference of shares in percentage points."""
    if row is None:
        return DASH
    if missing(row["estimate"]):
        return WITHHELD if row["status"] == "withheld" else DASH
    if not points:
        return share(row["estimate"], row["ci_low"], row["ci_high"])
    low, high = 100 * row["ci_low"], 100 * row["ci_high"]
    return f"{number(100 * row['estimate'], 0)} {interval(low, high, 0)}"


def _ratio(row: dict[Any, Any] | None) -> str:
    if row is None:
        return DASH
    if missing(row["estimate"]):
        return WITHHELD if row["status"] == "withheld" else DASH
    return f"{Effect.of(row).value} {interval(row['ci_low'], row['ci_high'])}"
