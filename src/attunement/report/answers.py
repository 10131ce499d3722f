"""The answer in plain sentences: what the confirmatory estimates say, and what they leave open."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attunement.report import sentences, units, words
from attunement.report.asked import focal
from attunement.report.numbers import bounded, number
from attunement.report.pieces import Released
from attunement.report.sentences import NO_BOUND, sentence
from attunement.study.effects import r_from_d

__all__ = ["answers", "explained", "focal", "sentence"]


def _confirmatory(released: Released) -> pd.DataFrame:
    """Focal rows of confirmatory specifications, those that cannot be estimated included.

    Of a model without any such row one row stands for all of it, without the name of a term.
    """
    estimates = released.table("estimates")
    rows = estimates[estimates["role"] == "confirmatory"]
    asked = focal(rows, released, verdicts=True)
    absent = rows["status"].isin(("withheld", "not estimable"))
    absent &= ~rows["specification"].isin(set(asked["specification"]))
    whole = rows[absent].drop_duplicates("specification")
    whole = whole.assign(term=pd.Series("-", index=whole.index, dtype=rows["term"].dtype))
    return pd.concat([asked, whole]).drop_duplicates(["specification", "term"]).sort_index()


def answers(released: Released) -> tuple[list[tuple[str, list[str]]], list[tuple[str, str]]]:
    """Return what the confirmatory estimates say, and what they cannot.

    Returns
    -------
    answered : list of (question, sentences)
        In the plan's order.
    unanswered : list of (question, reason)
        Questions of which no coefficient could be estimated.
    """
    answered: dict[str, list[str]] = {}
    unanswered: dict[str, list[str]] = {}
    for row in _confirmatory(released).to_dict("records"):
        planned = released.specifications.get(str(row["specification"]), {})
        question = str(planned.get("question") or row["specification"])
        text = sentence(row, released)
        if text.startswith("Cannot"):
            unanswered.setdefault(question, []).append(str(row["reason"]))
            if str(row["term"]) != "-":
                of = words.term(str(row["term"]), released.about)
                text = text.replace("Cannot be estimated", f"Cannot be estimated ({of})", 1)
        elif choice := words.choices(planned, released.about):
            text = f"{words.sentence_case(choice)}. {text}"
        if text.startswith("Cannot"):
            answered.setdefault(question, []).append(text)
        else:
            said = answered.setdefault(question, [])
            said.insert(_last_said(said), text)
    nothing = {
        question: sorted(set(reasons))
        for question, reasons in unanswered.items()
        if len(reasons) == len(answered[question])
    }
    return (
        [(question, said) for question, said in answered.items() if question not in nothing],
        [(question, "; ".join(reasons)) for question, reasons in nothing.items()],
    )


def explained(released: Released) -> list[str]:
    """Return the units of the answers and the words in them that need explaining."""
    rows = _confirmatory(released)
    rows = rows[rows["estimate"].notna()]
    held = rows.to_dict("records")
    terms = rows["term"].astype(str)
    accommodation = bool(terms.str.contains("accommodation").any())
    time = released.about["time"]
    counted = []
    if any(units.unit(row, released) == units.FIRST_SCORE for row in held):
        over = f" (with time: over {words.units(time['unit'], float(time['per']))})"
        over = over if terms.str.split(":").str[0].eq("time").any() else ""
        counted.append(f"b = {units.FIRST_SCORE}{over}, above 0 is better")
    counted += units.ratios(held)
    said = ["; ".join(counted)] if counted else []
    if counted and accommodation:
        said[0] += "; of accommodation, for one standard deviation more of it"
    scorings = set(rows["scoring"].dropna().astype(str))
    if "distance" in scorings:
        said.append("Distance: accommodation is how near what was given came to what was wanted")
    if rows["p_adjusted"].notna().any() and released.about.get("multiplicity") == "holm":
        said.append(
            "Holm: p values are raised because several questions were asked; intervals are those "
            "of each question alone"
        )
    said += _bounds(held, released)
    if (rows["status"] == "singular").any():
        said.append(
            "On a boundary: a variance was estimated at zero, or a correlation at \u22121 or 1, "
            "which few data can bring about"
        )
    return [f"{'. '.join(said)}."] if said else []


def _bounds(rows: list[dict[Any, Any]], released: Released) -> list[str]:
    """What is held against the smallest difference that means something, and what is not."""
    said = []
    declared = released.about.get("bounds", {})
    bound = [row for row in rows if not pd.isna(row.get("bound"))]
    of_one = [row for row in bound if "[" not in str(row["term"])]
    of_one = [row for row in of_one if sentences.bound(row, released).startswith("d = ")]
    if any(sentences.bound(row, released).startswith("d = ") for row in bound):
        smallest = number(declared["d"], 2)
        text = (
            f"No meaningful effect: the 90% interval lies inside \u00b1d, d = {smallest} "
            f"between two groups, declared in advance ({declared['source']})"
        )
        if of_one:
            limits = list(dict.fromkeys(f"{r['metric']} {sentences.bounds(r)}" for r in of_one))
            text += (
                "; for one standard deviation of an exposure that is the correlation r = d / "
                f"\u221a(d\u00b2 + 4) = {bounded(r_from_d(declared['d']), 3)}, so that its bounds "
                f"are {' and '.join(limits)}"
            )
        said.append(text)
    if any(str(row.get("verdict")) == NO_BOUND for row in rows):
        said.append(
            "Not shown: p is not below .05, and no bound is declared that would tell a small "
            "effect from one that is not known (d has none for effects within clients, for change "
            "over time, for points and for hazards); it does not mean that there is no effect"
        )
    return said


def _last_said(sentences: list[str]) -> int:
    """Where the next sentence belongs: before what cannot be estimated."""
    return sum(not text.startswith("Cannot") for text in sentences)
