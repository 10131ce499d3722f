"""One estimate as a plain sentence: an association, none that matters, or what is not known."""

from __future__ import annotations

from typing import Any, NamedTuple

from attunement.report import words
from attunement.report.asked import VERDICT
from attunement.report.numbers import Effect, interval, missing, number
from attunement.report.pieces import Released
from attunement.report.units import beside

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


NO_BOUND = "no bound declared"


class Subject(NamedTuple):
    """What a sentence is about, and its verbs: found, not found, and not known."""

    words: str
    found: str = "showed"
    absent: str = "did not show"
    maybe: str = "may show"


FOLLOWED = ("were followed by", "were not followed by", "may be followed by")
ASSOCIATED = ("was associated with", "was not associated with", "may be associated with")


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


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _core(term: str) -> list[str]:
    """The factors of a coefficient without time."""
    return [part for part in words._split(term) if part != "time"]


def _arm(row: dict[Any, Any], part: str, released: Released) -> str:
    held = part[part.index("[") + 1 : -1].removeprefix("T.")
    others = sorted(set(released.table("trajectories")["group"]) - {"all", held})
    compared = released.reference_arm() or (others[0] if len(others) == 1 else "")
    told = f"Clients in {held}" + (f", compared with those in {compared}," if compared else "")
    estimates = released.table("estimates")
    terms = estimates.loc[estimates["specification"] == row["specification"], "term"].astype(str)
    # Beside an interaction with time the arm's own coefficient is the difference at time 0.
    alone = len(words._split(str(row["term"]))) == 1
    if alone and any({"time", part} <= set(words._split(term)) for term in terms.unique()):
        return f"At the start, {_lower(told)}"
    return told


def subject(row: dict[Any, Any], released: Released) -> Subject:
    """Return who or what an estimate is about.

    Accommodation and arms have sentences of their own; any other coefficient is said neutrally,
    by its name: whether it belongs to clients or sessions the plan does not tell.
    """
    core, level = _core(str(row["term"])), str(row["level"])
    arm = released.about.get("arm")
    if len(core) == 1 and core[0].startswith("accommodation"):
        level = level if ("accommodation", level) in SUBJECTS else "-"
        told = SUBJECTS["accommodation", level]
        return Subject(told, *FOLLOWED) if level == "within" else Subject(told)
    if len(core) == 1 and arm and core[0].startswith(f"{arm}["):
        return Subject(_arm(row, core[0], released))
    named = [words.term(part, released.about) for part in core]
    if len(core) == 1:
        if "[" in core[0]:
            told = f"{words.sentence_case(named[0])}, against the reference category,"
            return Subject(told, *ASSOCIATED)
        return Subject(f"A higher value of {named[0]}", *ASSOCIATED)
    return Subject(
        f"The product of {' and '.join(named)} (an interaction: the association of the one "
        "depends on the other)",
        *ASSOCIATED,
    )


def conditional(row: dict[Any, Any], released: Released) -> str:
    """Return a sentence on where a coefficient holds that stands in a further interaction."""
    held = places(row, released)
    return f" Beside its interactions it holds {held}." if held else ""


def places(row: dict[Any, Any], released: Released) -> str:
    """Return where a coefficient holds that stands in a further interaction of the same model.

    The coefficient of one factor of an interaction is the slope where the other is 0.
    """
    estimates = released.table("estimates")
    terms = estimates.loc[estimates["specification"] == row["specification"], "term"].astype(str)
    own, arm = set(words._split(str(row["term"]))), released.about.get("arm")
    others: dict[str, None] = {}
    for term in terms.unique():
        factors = words._split(term)
        if own < set(factors):
            others |= dict.fromkeys(factor for factor in factors if factor not in own)
    # Said already: the course of the arm of reference, the difference between arms at the start.
    about_arm = [part for part in own if arm and part.startswith(f"{arm}[")]
    kept = [
        other
        for other in others
        if not (arm and other.startswith(f"{arm}[") and own == {"time"})
        and not (about_arm and other == "time")
    ]
    if not kept:
        return ""
    found: dict[str, None] = {}
    for other in kept:
        if "[" in other:
            found[f"in the reference category of {words.plain(other.partition('[')[0])}"] = None
        else:
            found[f"where {words.term(other, released.about)} is 0"] = None
    if len(found) > 3:
        found = {"where all that it interacts with is 0": None}
    return " and ".join(found)


def bound(row: dict[Any, Any], released: Released) -> str:
    """Return what the plan calls meaningful for this coefficient, in words."""
    declared = released.about["bounds"]
    if row["metric"] == "hOR" and declared.get("hazard_odds_ratio"):
        return f"the declared hOR = {number(declared['hazard_odds_ratio'], 2)}"
    if str(row["level"]) == "within" and declared.get("within"):
        return f"the declared b = {number(declared['within'], 2)}"
    return f"d = {number(declared['d'], 2)}"


def bounds(row: dict[Any, Any]) -> str:
    """Return the bounds of a coefficient as an interval."""
    limit, effect = float(row["bound"]), Effect.of(row)
    low = 1 / limit if effect.ratio else -limit
    return interval(low, limit, 2 if effect.ratio or limit >= 0.1 else 3)


def _time(row: dict[Any, Any], effect: Effect, toward: str, released: Released) -> str:
    """The outcome over time, of the arm of reference where arms are compared."""
    change = {"better outcome": "improved", "worse outcome": "worsened"}.get(toward, "changed")
    arm = released.about.get("arm")
    planned = released.specifications.get(str(row["specification"]))
    within = arm and planned and f"* {arm}" in planned.get("formula", "")
    who = f" in {released.reference_arm()}" if within and released.reference_arm() else ""
    said = f"{effect.sentence}{beside(row, released)}"
    if effect.clear:
        return f"The outcome{who} {change} over time: {said}."
    return f"{_open(row)}: the outcome{who} may have improved or worsened over time; {said}."


def _open(row: dict[Any, Any]) -> str:
    """How an estimate is called that shows nothing: with a bound it is known how little it says."""
    return "Not shown" if str(row.get("verdict")) == NO_BOUND else "Inconclusive"


def sentence(row: dict[Any, Any], released: Released) -> str:
    """Return one estimate as a sentence: an association with its direction, or inconclusive.

    Parameters
    ----------
    row : dict
        A row of `estimates`.
    released : Released
        For the words of the dataset.
    """
    if row["status"] in ("not estimable", "withheld") or missing(row["estimate"]):
        return f"Cannot be estimated: {row['reason'] or 'no reason recorded'}."
    if row["metric"] == VERDICT:
        return f"{words.sentence_case(str(row['reason']))}."
    rule = words.MULTIPLICITY.get(str(released.about.get("multiplicity")), "")
    effect = Effect.of(row, rule)
    parts = words._split(str(row["term"]))
    over_time = parts[0] == "time" and len(parts) > 1
    toward, away = _directions(row["direction"], effect.above, over_time)
    after = conditional(row, released)
    after += {
        "singular": " The fit lies on a boundary (a variance of zero).",
        "not converged": " The fit did not converge: do not rely on it.",
    }.get(str(row["status"]), "")
    if parts == ["time"]:
        return _time(row, effect, toward, released) + after
    told, verdict = subject(row, released), str(row.get("verdict"))
    said = f"{effect.sentence}{beside(row, released)}"
    if effect.clear:
        held = " This is an association." if "accommodation" in str(row["term"]) else ""
        if verdict == "associated, less than meaningful":
            held += f" It is smaller than what the plan calls meaningful ({bound(row, released)})."
        return f"{told.words} {told.found} {toward}: {said}.{held}{after}"
    if verdict == "no meaningful effect":
        narrow = interval(row["ci90_low"], row["ci90_high"], effect.digits)
        return (
            f"No meaningful effect: {_lower(told.words)} {told.absent} {_either(toward, away)} "
            f"beyond {bound(row, released)}; {said}; 90% CI {narrow} within {bounds(row)}.{after}"
        )
    return (
        f"{_open(row)}: {_lower(told.words)} {told.maybe} {_either(toward, away)}; {said}.{after}"
    )


def _either(toward: str, away: str) -> str:
    """`faster or slower improvement`, the shared last word said once."""
    one, two = toward.split(), away.split()
    if len(one) > 1 and one[-1] == two[-1]:
        return f"{' '.join(one[:-1])} or {away}"
    return f"{toward} or {away}"
