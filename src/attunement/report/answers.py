"""The answer in plain sentences: what the confirmatory estimates say, and what they leave open."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attunement.report import words
from attunement.report.numbers import Effect, interval, number
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
    """Return the rows that a planned question is about: focal terms and those of the arm."""
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
        both = {
            "faster improvement": "slower improvement",
            "slower improvement": "faster improvement",
        }
        return toward, both.get(toward, OPPOSITE.get(toward, "the opposite"))
    backward = {away: toward for toward, away in OPPOSITE.items()}
    return toward, OPPOSITE.get(toward, backward.get(toward, "the opposite"))


def _subject(row: dict[Any, Any], released: Released) -> str:
    parts = words._split(str(row["term"]))
    last = parts[-1]
    if last.startswith("accommodation"):
        level = (
            str(row["level"]) if str(row["level"]) in ("between", "within", "therapist") else "-"
        )
        return SUBJECTS["accommodation", level]
    arm = released.about.get("arm")
    if arm and last.startswith(f"{arm}["):
        held = last[last.index("[") + 1 : -1].removeprefix("T.")
        others = sorted(set(released.table("trajectories")["group"]) - {"all", held})
        compared = released.reference_arm() or (others[0] if len(others) == 1 else "")
        told = f"Clients in {held}" + (f", compared with those in {compared}," if compared else "")
        planned = released.specifications.get(str(row["specification"]), {})
        # Beside an interaction with time the arm's own coefficient is the difference at time 0.
        if planned.get("rows") == "occasions" and len(parts) == 1:
            return f"At the start, {told[:1].lower() + told[1:]}"
        return told
    return words.sentence_case(words.term(str(row["term"]), released.about))


def sentence(row: dict[Any, Any], released: Released) -> str:
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
        arm, planned = (
            released.about.get("arm"),
            released.specifications.get(str(row["specification"])),
        )
        # With the arm in the model, time alone is the course of the arm of reference.
        within = arm and planned and f"* {arm}" in planned.get("formula", "")
        who = f" in {released.reference_arm()}" if within and released.reference_arm() else ""
        if effect.clear:
            return f"The outcome{who} {change} over time: {effect.sentence}.{warning}"
        return (
            f"Inconclusive: the outcome{who} may have improved or worsened over time; "
            f"{effect.sentence}.{warning}"
        )
    verdict = str(row.get("verdict"))
    subject, followed = _subject(row, released), str(row["level"]) == "within"
    if effect.clear:
        held = " This is an association." if "accommodation" in str(row["term"]) else ""
        verb = "were followed by" if followed else "showed"
        if verdict == "associated, less than meaningful":
            held += f" It is smaller than what the plan calls meaningful ({_bound(released)})."
        return f"{subject} {verb} {toward}: {effect.sentence}.{held}{warning}"
    if verdict == "no meaningful effect":
        verb = "were not followed by" if followed else "did not show"
        return (
            f"No meaningful effect: {subject[:1].lower() + subject[1:]} {verb} "
            f"{_either(toward, away)} beyond {_bound(released)}; {effect.sentence}; "
            f"{_narrow(row, effect)}.{warning}"
        )
    verb = "may be followed by" if followed else "may show"
    return (
        f"Inconclusive: {subject[:1].lower() + subject[1:]} {verb} {_either(toward, away)}; "
        f"{effect.sentence}.{warning}"
    )


def _bound(released: Released) -> str:
    """What the plan calls meaningful, in words."""
    return f"d = {number(released.about['bounds']['d'], 2)}"


def _narrow(row: dict[Any, Any], effect: Effect) -> str:
    """The 90% interval and the bounds that hold it."""
    bound = float(row["bound"])
    lower = 1 / bound if effect.ratio else -bound
    held = interval(row["ci90_low"], row["ci90_high"], effect.digits)
    return f"90% CI {held} within {interval(lower, bound, effect.digits)}"


def _either(toward: str, away: str) -> str:
    """`faster or slower improvement`, the shared last word said once."""
    one, two = toward.split(), away.split()
    if len(one) > 1 and one[-1] == two[-1]:
        return f"{' '.join(one[:-1])} or {away}"
    return f"{toward} or {away}"


def _confirmatory(released: Released) -> pd.DataFrame:
    """Focal rows of confirmatory specifications, those that cannot be estimated included.

    Of a model without any such row one row stands for all of it, without the name of a term.
    """
    estimates = released.table("estimates")
    rows = estimates[estimates["role"] == "confirmatory"]
    asked = focal(rows, released)
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
    terms, metrics = rows["term"].astype(str), set(rows["metric"].astype(str))
    accommodation = bool(terms.str.contains("accommodation").any())
    time = released.about["time"]
    units = []
    if "b" in set(rows.loc[rows["scale"] == "sd", "metric"].astype(str)):
        over = f" (with time: over {words.units(time['unit'], float(time['per']))})"
        over = over if terms.str.split(":").str[0].eq("time").any() else ""
        units.append(f"b = standard deviations of the first score{over}, above 0 is better")
    ratios = [name for name in ("OR", "hOR") if name in metrics]
    if ratios:
        units.append(f"{' and '.join(ratios)} = odds ratio of dropout, below 1 is less dropout")
    said = ["; ".join(units)] if units else []
    if units and accommodation:
        said[0] += "; of accommodation, for one standard deviation more of it"
    scorings = set(rows["scoring"].dropna().astype(str))
    if "distance" in scorings:
        said.append("Distance: accommodation is how near what was given came to what was wanted")
    if rows["p_adjusted"].notna().any() and released.about.get("multiplicity") == "holm":
        said.append("Holm: p values are raised because several questions were asked")
    if (rows["status"] == "singular").any():
        said.append(
            "On a boundary: a variance was estimated at zero, or a correlation at \u22121 or 1, "
            "which few data can bring about"
        )
    return [f"{'. '.join(said)}."] if said else []


def _last_said(sentences: list[str]) -> int:
    """Where the next sentence belongs: before what cannot be estimated."""
    return sum(not text.startswith("Cannot") for text in sentences)
