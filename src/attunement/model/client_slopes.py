"""Slopes of clients' own: as many as the sessions of a question carry."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attunement.mixed import TooManyRandomEffects
from attunement.model.estimate import fit, supported
from attunement.model.result import Model
from attunement.study.specification import Specification

Random = tuple[tuple[str, str], ...]


def with_slope(random: Random, slope: str) -> Random:
    """Return the random part with a further client slope."""
    return tuple(
        (level, f"{part} + {slope}" if level == "client" else part) for level, part in random
    )


def without_slopes(random: Random, slopes: tuple[str, ...]) -> Random:
    """Return the random part without some client slopes."""

    def left(part: str) -> str:
        columns = (column.strip() for column in part.split("+"))
        return " + ".join(column for column in columns if column not in slopes)

    return tuple((level, left(part) if level == "client" else part) for level, part in random)


def lightest(
    frame: pd.DataFrame, specification: Specification, slopes: tuple[str, ...]
) -> tuple[Model, Any, tuple[str, ...]]:
    """Fit with as many client slopes as the rows carry.

    A measure rated every few sessions leaves hardly more rows than clients have slopes. One slope
    for all clients asks no other question: its mean over clients is what is estimated either way.

    Parameters
    ----------
    frame : DataFrame
        What is analysed.
    specification : Specification
        The model with all slopes.
    slopes : tuple of str
        Columns whose slopes may be the same for all clients, those of lesser interest first.

    Returns
    -------
    model, fit
        The model fitted, and its fit.
    tuple of str
        The slopes that do not vary in it.

    Raises
    ------
    TooManyRandomEffects
        The rows do not even carry what is left.
    """
    for number in range(len(slopes)):
        gone = slopes[:number]
        lighter = specification.model_copy(
            update={"random": without_slopes(specification.random, gone)}
        )
        model = supported(frame, lighter)
        try:
            return model, fit(model, lighter), gone
        except TooManyRandomEffects:
            continue
    least = specification.model_copy(
        update={"random": without_slopes(specification.random, slopes)}
    )
    model = supported(frame, least)
    return model, fit(model, least), slopes


def too_few_sessions(fixed: dict[str, tuple[str, ...]]) -> str:
    """Return which slopes are the same for all clients, in words; empty where none is.

    Parameters
    ----------
    fixed : dict
        By outcome of a model, the columns whose slopes do not vary in it.
    """
    same = [
        f"{name.removesuffix('_within')} on {to}" for to, names in fixed.items() for name in names
    ]
    if not same:
        return ""
    said = " and ".join([", ".join(same[:-1]), same[-1]]) if len(same) > 1 else same[0]
    return f"too few sessions to let slopes differ between clients: {said}"
