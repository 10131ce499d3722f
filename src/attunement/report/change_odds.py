"""Change that matters, matched types and further outcomes as grids of text."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attunement.report import words
from attunement.report.numbers import DASH, MINUS, count, missing, number
from attunement.report.pieces import Grid, Released
from attunement.report.process import FOCAL, MARKED, rows_of, told, who


def needed(benefit: Any, harm: Any) -> str:
    """Return a number needed to treat with its interval, through infinity where it goes there.

    `NNTB 28 (NNTB 12 to infinity to NNTH 86)`, as Altman (1998) writes it.
    """
    sides = {"NNTB": benefit, "NNTH": harm}
    value = next(
        (
            f"{name} {_whole(row['estimate'])}"
            for name, row in sides.items()
            if _has(row, "estimate")
        ),
        DASH,
    )
    one = next((n for n, row in sides.items() if _has(row, "ci_low") and _has(row, "ci_high")), "")
    if one:
        low, high = (_whole(sides[one][limit]) for limit in ("ci_low", "ci_high"))
        return f"{value} ({one} {low} to {high})"
    # Altman writes the harm first, then infinity, then the benefit.
    ends = [
        f"{name} {_whole(sides[name]['ci_low'])}" for name in sides if _has(sides[name], "ci_low")
    ]
    ends = ends[::-1]
    return f"{value} ({' to infinity to '.join(ends)})" if len(ends) == 2 else value


def _has(row: Any, column: str) -> bool:
    return row is not None and not missing(row[column])


def _whole(value: Any) -> str:
    return number(value, 1 if float(value) < 10 else 0)


def dichotomy_grid(released: Released) -> Grid | None:
    """Return odds ratio, difference of risks and number needed to treat of each dichotomy."""
    rows = rows_of(released, "dichotomies")
    rows = rows[rows["term"] == FOCAL]
    if rows.empty:
        return None
    lines = []
    for _, held in rows.groupby("specification", sort=False):
        by_metric = {str(row["metric"]): row for row in held.to_dict("records")}
        first = held.iloc[0]
        risk = by_metric.get("RD")
        points = DASH
        if risk is not None and not missing(risk["estimate"]):
            parts = [f"{100 * risk[name]:.1f}" for name in ("estimate", "ci_low", "ci_high")]
            points = "{} [{}, {}]".format(*(part.replace("-", MINUS) for part in parts))
        lines.append(
            [
                str(first["over"]),
                told(by_metric.get("OR"), p=True),
                points,
                needed(by_metric.get("NNTB"), by_metric.get("NNTH")),
                count(first["n_clients"]),
                str(first["scoring_word"]),
            ]
        )
    heads = "Change;Odds ratio;Difference, points;Number needed;Clients;Scoring"
    return Grid(
        "Reliable and clinically significant change, as cumulative dichotomies.",
        heads.split(";"),
        lines,
        note="Odds ratio above 1: better. For one standard deviation of accommodation between "
        "clients; difference in percentage points of clients. NNTB, NNTH: clients for one more, "
        "or one fewer, with this change; an interval with both runs through infinity "
        "(Altman 1998). Recovered: of those who began in the clinical range. An association: "
        f"nobody was treated with a standard deviation.{MARKED}",
    )


def type_grid(released: Released) -> Grid | None:
    """Return matched against not matched, and no preference against it, aspect by aspect."""
    rows = rows_of(released, "type_matched")
    if rows.empty:
        return None
    lines = []
    for row in rows.to_dict("records"):
        planned = released.specifications.get(str(row["specification"]), {})
        aspect, _, group = str(row["term"]).removeprefix("type_match_").partition("[T.")
        lines.append(
            [
                words.plain(aspect),
                group.removesuffix("]"),
                words.choices(planned, released.about),
                f"{row['metric']} = {told(row, p=True)}",
                count(row["n_clients"]),
            ]
        )
    heads = "Aspect;Against not matched;Outcome;Estimate;Clients"
    return Grid(
        "Clients who got the treatment, therapist or activity that they wanted.",
        heads.split(";"),
        lines,
        note="d above 0: better last outcome, given the first. OR below 1: less dropout. At equal "
        "treatment received: matched at equal wish; no preference, without a wish to hold equal, "
        f"against not matched at the average of the wishes observed.{_by_chance(rows)}{MARKED}",
        folded="Type preferences, aspect by aspect",
    )


def _by_chance(rows: pd.DataFrame) -> str:
    """What chance alone does among as many comparisons."""
    tests = int((rows["p"].notna() & (rows["role"] == "exploratory")).sum())
    if not tests:
        return ""
    return (
        f" {tests} comparisons were tested, none declared before; if none were true, about "
        f"{0.05 * tests:.1f} would still have p < .05. They are ideas for a next study."
    )


def further_grid(released: Released) -> Grid | None:
    """Return how outcomes beside symptoms go with accommodation."""
    rows = rows_of(released, "further_outcome")
    rows = rows[rows["term"] == FOCAL]
    if rows.empty:
        return None
    lines = [
        [
            str(row["over"]),
            told(row, p=True),
            str(row["direction"]),
            count(row["n_clients"]),
            who(row["informant"]),
        ]
        for row in rows.to_dict("records")
    ]
    heads = "Outcome;Difference;Direction;Clients;Informants"
    return Grid("Outcomes beside symptoms.", heads.split(";"), lines, note=MARKED.strip())


def lagged_grid(released: Released) -> Grid | None:
    """Return the lagged effect with and without the outcome at the start of the session held."""
    estimates = released.table("estimates")
    names = estimates["specification"].astype(str)
    rows = estimates[(estimates["term"] == "accommodation_within") & estimates["estimate"].notna()]
    rows = rows[names[rows.index].str.startswith(("lagged.", "lagged_given_outcome."))]
    if not rows["specification"].str.startswith("lagged_given_outcome.").any():
        return None
    lines = []
    for row in rows.to_dict("records"):
        planned = released.specifications.get(str(row["specification"]), {})
        held = "yes" if str(row["specification"]).startswith("lagged_given") else "no"
        choice = words.choices(planned, released.about)
        lines.append([choice, held, told(row, p=True), count(row["n_clients"])])
    return Grid(
        "Accommodation in one session and the outcome at the next.",
        ["Choices", "Outcome at the start held", "Within clients", "Clients"],
        lines,
        note="Without it: the state at the start of a session is taken to act neither on "
        "accommodation in it nor, beyond the client\u2019s own mean, on the next outcome. With it: "
        "its coefficient, and with it that of accommodation, is biased in short series "
        f"(Nickell 1981). Where both agree the answer does not hang on either.{MARKED}",
    )
