"""The words for definitions, scorings, terms and levels."""

from __future__ import annotations

import re
from typing import Any

DEFINITIONS = {
    "therapist_judgement": "therapist's judgement",
    "missed_last_appointment": "missed last appointment",
    "protocol_not_completed": "protocol not completed",
    "fewer_than_n_sessions": "fewer than the minimum of sessions",
    "no_reliable_change": "left without reliable change",
    "below_expected": "left below the expected course",
    "study_attrition": "study attrition",
}
# These go with the outcome by definition: who left without reliable change fared worse.
OUTCOME_DEFINED = ("no_reliable_change", "below_expected")
SCORINGS = {
    "distance": "distance",
    "weighted_distance": "distance, weighted by preference",
    "signed_gap": "signed gap",
    "strong_met": "strong preferences met",
    "strong_sign": "strong preferences, side only",
    "profile": "profile",
    "normative": "normative part",
    "distinctive": "distinctive part",
    "rated": "client's own rating",
    "type_matched": "types received as preferred",
}
LEVELS = {
    "within": "within clients",
    "between": "between clients",
    "therapist": "between therapists",
    "residual": "residual",
    "client": "clients",
}
METHODS = {
    "published": "published criterion",
    "accepted": "criterion accepted unverified",
    "jacobson_truax": "Jacobson\u2013Truax from reliability",
}
METRICS = {
    "b": "regression coefficient",
    "OR": "odds ratio",
    "hOR": "hazard odds ratio",
    "HR": "hazard ratio",
    "RR": "risk ratio",
    "RD": "risk difference",
    "probability": "share of clients",
    "ab": "indirect effect",
    "slope": "slope at a value of the moderator",
    "NNTB": "number needed to treat for one to benefit",
    "NNTH": "number needed to treat for one to be harmed",
}
# Analyses that the section on process tells of.
TOLD_APART = (
    "mediation",
    "moderation",
    "equity",
    "dichotomies",
    "type_matched",
    "process",
    "further_outcome",
)
MULTIPLICITY = {"holm": "Holm", "benjamini-hochberg": "Benjamini\u2013Hochberg"}
MEASURES = {
    "preference_strength": "strength of preference",
    "outcome_first": "first score",
    "preference_change": "change of preference",
    "unchanged": "at least unchanged",
    "improved": "at least improved",
}
ENDS = {"within": "within clients", "between": "between clients", "therapist": "between therapists"}
FIXED = {
    "Intercept": "intercept",
    "1": "intercept",
    "outcome_first": "first outcome",
    "no_strong_preference": "no strong preference",
    "residual": "residual",
    "preference_squared": "preference squared",
    "preference_by_delivery": "preference \u00d7 delivery",
    "delivery_squared": "delivery squared",
    "a1": "slope along P = D (a1)",
    "a2": "curvature along P = D (a2)",
    "a3": "slope along P = \u2212D (a3)",
    "a4": "curvature along P = \u2212D (a4)",
    "a5": "b3 \u2212 b5 (a5)",
    "p10": "first principal axis, intercept (p10, tested against 0)",
    "p11": "first principal axis, slope (p11, tested against 1)",
    "p20": "second principal axis, intercept (p20, tested against 0)",
    "p21": "second principal axis, slope (p21, tested against \u22121)",
    "risk_at_low_accommodation": "risk at low accommodation (\u22121 SD)",
    "risk_at_high_accommodation": "risk at high accommodation (+1 SD)",
    "high_vs_low": "high vs low accommodation (marginal)",
    "high_vs_low_conditional": "high vs low accommodation (conditional)",
    "therapist_sd_level": "therapists' level",
    "therapist_sd_growth": "therapists' growth",
    "therapist_sd_accommodation": "therapists' accommodation effect",
    "therapist_share": "therapists' share of the variance",
    "case_number_between": "case number (among a therapist's clients)",
    "case_number_therapist": "mean case number (between therapists)",
    "intake": "first score",
    "gap_before": "change on the gap before, beyond chance",
    "gap_before_uncorrected": "change on the gap before, as it stands",
    "gap_before_by_chance": "change on the gap before, by chance",
    "earlier_off_track": "earlier clients not on track, beyond chance",
    "earlier_off_track_uncorrected": "earlier clients not on track, as it stands",
    "earlier_off_track_by_chance": "earlier clients not on track, by chance",
}
LEFT = re.compile(r"(dropped_out|planned)_by_([\d.]+)(?:_(low|high|high_minus_low))?")
RELIABILITY = (
    "Reliability of scales: internal consistency at intake (alpha), of change from session to "
    "session (within client), of the mean of a client over the same sessions (between client) or "
    "over a sample of sessions (client mean), of the mean of a therapist, and of the difference of "
    "last and first score."
)


def definition(name: str, about: dict[str, Any]) -> str:
    """Return a definition of dropout in words; one that asks for the outcome says so."""
    if name == "fewer_than_n_sessions" and about.get("fewer_than_n_sessions"):
        return f"fewer than {about['fewer_than_n_sessions']} sessions"
    said = DEFINITIONS.get(name, plain(name))
    return f"{said} (outcome-defined)" if name in OUTCOME_DEFINED else said


def scoring(name: str) -> str:
    """Return a scoring of accommodation in words."""
    return SCORINGS.get(name, plain(name))


def plain(name: str) -> str:
    """Return an identifier as words."""
    return name.replace("_", " ")


def sentence_case(text: str) -> str:
    """Return text with a capital first letter, the rest as it stands."""
    return text[:1].upper() + text[1:]


def dimension(name: str, about: dict[str, Any]) -> str:
    """Return a dimension of preference by its two poles."""
    poles = about.get("dimensions", {}).get(name)
    return f"{poles['first_pole']} vs {poles['other_pole']}" if poles else plain(name)


def _factor(part: str, about: dict[str, Any]) -> str:
    if part in FIXED:
        return FIXED[part]
    if left := LEFT.fullmatch(part):
        how = "dropped out" if left[1] == "dropped_out" else "ended as planned"
        groups = {"low": ", low half", "high": ", high half", "high_minus_low": ", high \u2212 low"}
        return f"{how} by session {left[2]}{groups.get(left[3], '')}"
    # `arm[T.CBT]` and `baseline[T.2: 3 to 5]` name a level of a categorical predictor.
    level = re.fullmatch(r"(?:C\()?(\w+)\)?\[(?:T\.)?(.+)\]", part)
    if level:
        name, held = level[1], re.sub(r"^\d+: |(?<=\d)\.0$", "", level[2])
        if name == about.get("arm"):
            return f"{held} (arm)"
        return f"{plain(name)}: {held.replace('_', ' ')}"
    stem, _, end = part.rpartition("_")
    suffix = ""
    if end in ENDS:
        part, suffix = stem, f" ({ENDS[end]})"
    elif end == "past":
        part, suffix = stem, " (so far)"
    if part in FIXED:
        return FIXED[part] + suffix
    for role in ("preference", "delivery"):
        if part.startswith(f"{role}_"):
            return f"{role}, {dimension(part.removeprefix(role + '_'), about)}{suffix}"
    return plain(part) + suffix


def term(name: str, about: dict[str, Any]) -> str:
    """Return a coefficient in words: `time \u00d7 accommodation (between clients)`."""
    return " \u00d7 ".join(_factor(part, about) for part in _split(name))


def _split(name: str) -> list[str]:
    """Split an interaction at its colons, but not at those inside brackets."""
    return re.split(r":(?![^\[]*\])", name)


def outcome(name: str, about: dict[str, Any]) -> str:
    """Return an outcome in words."""
    return str(about.get("outcomes", {}).get(name, {}).get("label", plain(name)))


def short_outcome(name: str, about: dict[str, Any]) -> str:
    """Return an outcome's short name: PHQ-9 for `phq9.total`."""
    return str(about.get("outcomes", {}).get(name, {}).get("short", plain(name)))


def with_outcomes(text: str, about: dict[str, Any]) -> str:
    """Return text with the ids of outcomes replaced by their short names."""
    for name in about.get("outcomes", {}):
        short = short_outcome(name, about)
        text = text.replace(f"one {name}", f"one {short} score")
        text = text.replace(f"two {name}", f"two {short} scores").replace(name, short)
    return text


def choices(planned: dict[str, Any], about: dict[str, Any]) -> str:
    """Return the choices that tell one specification of a planned model from another."""
    said = []
    if planned.get("dropout_definition"):
        said.append(definition(planned["dropout_definition"], about))
    elif planned.get("outcome") and planned["outcome"] != "dropout":
        said.append(short_outcome(planned["outcome"], about))
    if planned.get("scoring"):
        said.append(scoring(planned["scoring"]) + (" (bare index)" if planned.get("bare") else ""))
    if planned.get("dimension") not in (None, "all"):
        said.append(dimension(planned["dimension"], about))
    for setting in ("mediator", "measure", "moderator", "group", "dichotomy"):
        if value := planned.get("settings", {}).get(setting):
            said.append(measure(str(value)))
    if str(planned.get("name", "")).endswith((".observer", ".therapist")):
        said.append(f"delivery by {planned['name'].rpartition('.')[2]}")
    return ", ".join(said)


def measure(name: str) -> str:
    """Return a measure of the session, a covariate or a class of change in words.

    `srs.total` becomes `SRS total`, `srs.2` `SRS item 2`, `empathy.rating` `empathy`.
    """
    if name in MEASURES:
        return MEASURES[name]
    instrument, _, part = name.partition(".")
    if not part or part == "rating":
        return plain(instrument)
    short = plain(instrument).upper() if len(instrument) < 7 else plain(instrument)
    return f"{short} {'item ' + part if part.isdigit() else plain(part)}"


def units(unit: str, number: float) -> str:
    """Return `8 sessions`, `1 month`."""
    text = f"{number:g}"
    return f"{text} {unit}" if text == "1" else f"{text} {unit}s"
