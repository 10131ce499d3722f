"""How, and for whom: mediation, moderation and equity as grids of text."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attunement.report import words
from attunement.report.numbers import DASH, MINUS, Effect, count, missing, p_cell, percent
from attunement.report.pieces import Grid, Released

# Signs behind a number for what a fit was like.
MARKS = {"singular": "*", "not converged": "**"}
MARKED = " * the fit lies on a boundary (a variance of zero); ** it did not converge."
SHOWN = ("estimated", "singular", "not converged")
FOCAL = "accommodation_between"


def rows_of(released: Released, analysis: str) -> pd.DataFrame:
    """Return the estimates of an analysis that stand, with setting and informant of delivery."""
    named = {
        name: one
        for name, one in released.specifications.items()
        if one.get("analysis", "model") == analysis
    }
    estimates = released.table("estimates")
    rows = estimates[estimates["specification"].isin(list(named))]
    rows = rows[rows["estimate"].notna() | rows["ci_low"].notna()]
    rows = rows[rows["status"].isin(SHOWN)]
    about = [_choice(named[str(name)]) for name in rows["specification"]]
    return rows.assign(**{key: [one[key] for one in about] for key in ("over", "scoring_word")})


def _choice(planned: dict[str, Any]) -> dict[str, str]:
    settings = planned.get("settings", {})
    keys = ("mediator", "measure", "moderator", "group", "dichotomy")
    over = next((str(settings[key]) for key in keys if settings.get(key)), "")
    return {
        "over": words.measure(over),
        "scoring_word": words.scoring(planned.get("scoring") or ""),
    }


def told(row: Any, p: bool = False) -> str:
    """Return `0.12 [0.02, 0.22]`, with its p value where asked for; a dash where missing."""
    if row is None or missing(row["estimate"]):
        return DASH
    effect = Effect.of(row)
    shown = f"{effect.value} {effect.interval}" if effect.interval != DASH else effect.value
    shown = f"{shown}, p {_equal(p_cell(row['p']))}" if p and not missing(row["p"]) else shown
    return shown if row["status"] == "estimated" else shown + MARKS.get(str(row["status"]), "")


def who(informant: Any) -> str:
    """Return informants shortly: `client throughout`, else who rated what came first to last."""
    told_of = str(informant)
    if told_of.endswith("(same informant)"):
        return f"{told_of.partition(': ')[2].partition(';')[0]} throughout"
    return ", ".join(part.partition(": ")[2] or part for part in told_of.split("; "))


def _equal(text: str) -> str:
    return text if text.startswith("<") else f"= {text}"


def _by_term(rows: pd.DataFrame) -> dict[str, Any]:
    return {str(row["term"]): row for row in rows.to_dict("records")}


def mediation_grid(released: Released) -> Grid | None:
    """Return indirect, direct and total effects, a line per measure, level and informant."""
    rows = rows_of(released, "mediation")
    if rows.empty:
        return None
    lines = []
    for _, held in rows.groupby("specification", sort=False):
        by_term = _by_term(held)
        first = held.iloc[0]
        share = by_term.get("proportion")
        effects = (told(by_term.get(term)) for term in ("path_a", "path_b", "indirect", "direct"))
        lines.append(
            [
                str(first["over"]),
                who(first["informant"]),
                words.LEVELS.get(str(first["level"]), str(first["level"])),
                *effects,
                told(by_term.get("total")),
                percent(share["estimate"]) if share else "none told",
                count(first["n_clients"]),
            ]
        )
    heads = "Through;Informants;Level;a: to the measure;b: to the outcome;Indirect;Direct;Total;"
    heads += "Share;Clients"
    return Grid(
        "Does the association go by way of how sessions were experienced?",
        heads.split(";"),
        lines,
        note="For one standard deviation (of clients\u2019 means) of accommodation and of the "
        "measure, in standard deviations of the first score; 95% intervals, of indirect effects "
        "by Monte Carlo. A share is told only where the total effect is clearly not zero and "
        "direct and indirect effects point the same way. Within clients the mean of clients\u2019 "
        "own indirect effects differs from a \u00d7 b by the covariance of their paths, at most by "
        "slope_covariance_bound in the file of estimates. Informants: of delivery, of the measure, "
        f"of the outcome.{MARKED}",
    )


def process_grid(released: Released) -> Grid | None:
    """Return how measures of the session go with the outcome at the next, level by level."""
    rows = rows_of(released, "process")
    if rows.empty:
        return None
    lines = []
    for _, held in rows.groupby("specification", sort=False):
        by_term, first = _by_term(held), held.iloc[0]
        levels = (by_term.get(f"measure_{one}") for one in ("within", "between", "therapist"))
        lines.append([str(first["over"]), *(told(row, p=True) for row in levels)])
        lines[-1] += [count(first["n_clients"]), who(first["informant"])]
    heads = "Measure;Within clients;Between clients;Between therapists;Clients;Informants"
    return Grid(
        "The session as rated, and the outcome at the next.",
        heads.split(";"),
        lines,
        note=f"For one standard deviation of clients\u2019 means of the measure.{MARKED}",
    )


def moderation_grid(released: Released) -> Grid | None:
    """Return for whom the slope of accommodation differs, and the slopes at named values."""
    rows = rows_of(released, "moderation")
    if rows.empty:
        return None
    lines = []
    for _, held in rows.groupby("specification", sort=False):
        first = held.iloc[0]
        differences = held[held["metric"] == "b"].to_dict("records")
        joint = held[held["metric"] == "F"]
        test = differences[0] if len(differences) == 1 else None
        p = joint["p"].iloc[0] if len(joint) else (test["p"] if test else None)
        slopes = [
            f"{_value(str(row['term']))}: {told(row)}"
            for row in held[held["metric"] == "slope"].to_dict("records")
        ]
        shown = [f"{_compared(str(row['term']))}{told(row)}" for row in differences]
        lines.append(
            [
                str(first["over"]),
                "; ".join(shown),
                p_cell(p),
                "; ".join(slopes),
                count(first["n_clients"]),
                who(first["informant"]),
            ]
        )
    heads = "Moderator;Difference of slopes;p;Slope of accommodation at;Clients;Informants"
    return Grid(
        "For whom does having wishes met go with a better outcome?",
        heads.split(";"),
        lines,
        note="Slope: standard deviations of the first score for one of accommodation between "
        "clients. Numbers count in standard deviations from their mean; of a category, the "
        "difference from the first one; p of several differences together. Informants: of "
        f"delivery, of the moderator where it was rated, of the outcome.{MARKED}",
    )


def _value(term: str) -> str:
    return words.plain(term.rpartition("[")[2].removesuffix("]").removeprefix("T.")).replace(
        "-1 SD", f"{MINUS}1 SD"
    )


def _compared(term: str) -> str:
    return f"{_value(term)}: " if term.endswith("]") else ""


def chance_note(released: Released) -> str:
    """Return what chance alone does among as many moderators."""
    rows = rows_of(released, "moderation")
    tests = rows["specification"].nunique()
    if not tests:
        return ""
    return (
        f"{tests} differences of slopes were tested, none declared before; if none were true, "
        f"about {0.05 * tests:.1f} would still have p < .05. They are ideas for a next study."
    )


def equity_grid(released: Released) -> Grid | None:
    """Return differences between groups in how far wishes were met, unadjusted and adjusted."""
    rows = rows_of(released, "equity")
    if rows.empty:
        return None
    rows = rows.assign(adjusted=rows["specification"].str.startswith("equity_adjusted"))
    lines = []
    keys = ["over", "term", "metric", "scoring_word", "informant"]
    for (over, term, metric, scoring, informant), held in rows.groupby(
        keys, sort=False, observed=True
    ):
        cells = []
        for adjusted in (False, True):
            found = held[held["adjusted"] == adjusted].to_dict("records")
            shown = told(found[0], p=True) if found else DASH
            cells.append(f"F = {shown}" if metric == "F" and found else shown)
        all_of = "all" if metric == "F" else (_value(str(term)) if "[" in str(term) else "per SD")
        clients = count(held["n_clients"].iloc[0])
        lines.append([str(over), all_of, *cells, clients, str(scoring), who(informant)])
    heads = "Group;Compared;Difference;At equal preferences;Clients;Scoring;Informant"
    return Grid(
        "Are the wishes of all groups met alike?",
        heads.split(";"),
        lines,
        note="Difference in mean accommodation from the first category (or for one standard "
        "deviation of a number), in standard deviations between clients, therapists as random "
        f"intercepts. Whether it helps alike is told by the slopes above.{MARKED}",
    )
