"""Whether what a plan says of a model can be read: its formulas, and the outcome that they explain.

What is wrong here is wrong for every dataset, and is told before anything runs. Names of columns
are looked up where the data are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from attunement.study.problems import StudyError
from attunement.study.specification import Specification

OF_EVENTS = ("person_periods", "landmark")


def filled(template: str, parts: Mapping[str, str]) -> str:
    """Return a formula with its names in braces filled in.

    Raises
    ------
    StudyError
        A brace that closes nothing, or a name in braces that stands for nothing.
    """
    try:
        return template.format(**parts)
    except (KeyError, IndexError, ValueError) as error:
        raise StudyError(
            f"The formula '{template.strip()}' names something in braces that is unknown: {error}",
            file="config.yaml",
            advice=f"Known: {', '.join(sorted(f'{{{name}}}' for name in parts))}.",
        ) from None


def _complaint(formula: str) -> str:
    """What the reader of formulas complains of; nothing where it can be read."""
    from formulaic import Formula

    try:
        Formula(formula)
    except Exception as error:  # formulaic raises errors of its own and Python's
        # It colours and marks the place.
        return re.sub(r"\x1b\[[0-9;]*m|[⧛⧚]", "", str(error)).split("\n")[0] or "it is no formula"
    return ""


def check_readable(one: Specification) -> None:
    """Check what needs no data: that formulas can be read, and that event and link belong together.

    Parameters
    ----------
    one : Specification
        Its formula, terms of therapists and random part, filled in.

    Raises
    ------
    StudyError
        A formula without an outcome, with random effects in it or unreadable; a model of events
        whose outcome is no `event`, or of rows that hold events without a link.
    """

    def refuse(what: str, advice: str) -> StudyError:
        said = f"The model '{one.name}' {what}"
        return StudyError(said, file="config.yaml", advice=advice)

    outcome, tilde, right = one.formula.partition("~")
    if not (outcome.strip() and tilde):
        raise refuse(
            f"has a formula without an outcome: {one.formula}", "Write `outcome ~ ...`, or `event`."
        )
    if "|" in one.formula + one.therapist_terms:
        raise refuse(
            f"has random effects in its formula: {one.formula}",
            'Write them under `random`, as {therapist: "1", client: "1 + time"}.',
        )
    named = {"formula": right}
    if one.therapist_terms and one.analysis == "model":  # others may have none to fill in
        named["therapist_terms"] = one.therapist_terms
    named |= {f"random of {level}": part.replace("||", "+") for level, part in one.random}
    for place, text in [("formula", f"{outcome} ~ 1"), *named.items()]:
        if found := _complaint(text):
            raise refuse(
                f"has a {place} that cannot be read, {text.strip()}: {found}",
                "Formulas are as in docs/mixed.md.",
            )
    event = outcome.strip() == "event"
    if one.analysis != "model":
        return
    if not outcome.strip().isidentifier() and one.outcome_scale == "sd":
        raise refuse(
            f"explains '{outcome.strip()}' in standard deviations of the outcome itself",
            "Add `outcome_scale: raw`.",
        )
    if one.link == "identity" and (event or one.rows in OF_EVENTS):
        raise refuse("explains events, but has no link", "Add `link: logit`, or `link: cloglog`.")
    if one.link != "identity" and not event:
        raise refuse(
            f"has a link for events, but explains '{outcome.strip()}'",
            "Write `event ~ ...`: an outcome of 0 and 1 stands in the formula as `event`.",
        )


__all__ = ["check_readable", "filled"]
