"""The answer in plain sentences: what the confirmatory estimates say, and what they leave open."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attunement.report import words
from attunement.report.numbers import Effect
from attunement.report.pieces import Released

OPPOSITE = {
    "better outcome": "worse outcome",
    "higher score": "lower score",
    "less dropout": "more dropout",
}
SUBJECTS = {
    ("accommodation", "between"): "Clients whose wishes were met more than those of others",
    ("accommodation", "within"): (
        "Sessions in which the client's wishes were met more than usual for that client"
    ),
    ("accommodation", "therapist"): (
        "Therapists who met their clients' wishes more than other therapists"
    ),
    ("accommodation", "-"): "Clients whose wishes had been met more so far",
}


def focal(estimates: pd.DataFrame, released: Released) -> pd.DataFrame:
    """Return the rows that a planned question is about: the focal terms, and those that name the arm."""
    named = released.specifications
    listed = [
        row["term"] in named.get(str(row["specification"]), {}).get("focal", [])
        for row in estimates.to_dict("records")
    ]
    level = estimates["level"].fillna("-") != "-"
    return estimates[level | pd.Series(listed, index=estimates.index, dtype=bool)]


def _directions(direction: Any, above: bool, over_time: bool) -> tuple[str, str]:
    """What the estimate points to, and the opposite, in words."""
    side, _, meaning = str(direction).partition(": ")
    if meaning not in OPPOSITE:
        return ("a higher value", "a lower value") if above else ("a lower value", "a higher value")
    toward = meaning if above == side.startswith("above") else OPPOSITE[meaning]
    if over_time:
        faster = {"better outcome": "faster improvement", "worse outcome": "slower improvement"}
        toward = faster.get(toward, toward)
        both = {"faster improvement": "slower improvement", "slower improvement": "faster improvement"}
        return toward, both.get(toward, OPPOSITE.get(toward, "the opposite"))
    backward = {away: toward for toward, away in OPPOSITE.items()}
    return toward, OPPOSITE.get(toward, backward.get(toward, "the opposite"))


def _subject(row: dict[str, Any], released: Released) -> str:
    parts = words._split(str(row["term"]))
    last = parts[-1]
    if last.startswith("accommodation"):
        level = str(row["level"]) if str(row["level"]) in ("between", "within", "therapist") else "-"
        return SUBJECTS["accommodation", level]
    arm = released.about.get("arm")
    if arm and last.startswith(f"{arm}["):
        held = last[last.index("[") + 1 : -1].removeprefix("T.")
        others = sorted(set(released.table("trajectories")["group"]) - {"all", held})
        than = f" than in {others[0]}" if len(others) == 1 else ""
        return f"Clients in {held}{than and ', compared with those in ' + others[0] + ','}"
    return words.sentence_case(words.term(str(row["term"]), released.about))


def sentence(row: dict[str, Any], released: Released) -> str:
    """Return one estimate as a sentence: an association with its direction, or inconclusive.

    Parameters
    ----------
    row : dict
        A row of `estimates`.
    released : Released
        For the words of the dataset.
    """
    if row["status"] in ("not estimable", "withheld") or pd.isna(row["estimate"]):
        return f"Cannot be estimated: {row['reason'] or 'no reason recorded'}."
    rule = words.MULTIPLICITY.get(str(released.about.get("multiplicity")), "")
    effect = Effect.of(row, rule)
    parts = words._split(str(row["term"]))
    over_time = parts[0] == "time" and len(parts) > 1
    toward, away = _directions(row["direction"], effect.above, over_time)
    warning = {
        "singular": " The fit lies on a boundary (a variance of zero).",
        "not converged": " The fit did not converge: do not rely on it.",
    }.get(str(row["status"]), "")
    if parts == ["time"]:
        change = {"better outcome": "improved", "worse outcome": "worsened"}.get(toward, "changed")
        if effect.clear:
            return f"The outcome {change} over time: {effect.sentence}.{warning}"
        return f"Inconclusive: the outcome may have improved or worsened over time; {effect.sentence}.{warning}"
    subject = _subject(row, released)
    if effect.clear:
        verb = "was" if subject.startswith("Higher") else "showed"
        return f"{subject} {verb} {toward}: {effect.sentence}. This is an association.{warning}"
    return (
        f"Inconclusive: {subject[:1].lower() + subject[1:]} may show {toward} or {away}; "
        f"{effect.sentence}.{warning}"
    )


def answers(released: Released) -> list[tuple[str, list[str]]]:
    """Return each confirmatory question with the sentences that answer it, in the plan's order.

    Questions that nothing can be said about for one and the same reason are still listed: the
    reader asked them.
    """
    estimates = released.table("estimates")
    rows = focal(estimates[estimates["role"] == "confirmatory"], released)
    missing = estimates[
        (estimates["role"] == "confirmatory") & (estimates["status"] == "not estimable")
    ]
    rows = pd.concat([rows, missing]).drop_duplicates(["specification", "term"]).sort_index()
    found: dict[str, list[str]] = {}
    for row in rows.to_dict("records"):
        planned = released.specifications.get(str(row["specification"]), {})
        question = str(planned.get("question") or row["specification"])
        said = found.setdefault(question, [])
        text = sentence(row, released)
        choice = words.choices(planned, released.about)
        if text.startswith("Cannot be estimated"):
            of = words.term(str(row["term"]), released.about)
            if str(row["level"]) == "therapist":
                text = text.replace("Cannot be estimated", f"Cannot be estimated ({of})", 1)
        elif choice:
            text = f"{text.removesuffix('.')} ({choice})."
        if text not in said:
            said.append(text)
    return list(found.items())
