"""The outcome of a binary model: events and trials of its rows, and what is refused as one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.mixed.basis import Basis
from attunement.mixed.binary import Binary, binary_rows
from attunement.mixed.design import Design
from attunement.mixed.errors import (
    AllOrNoEvents,
    InvalidValues,
    TooFewGroups,
    TooManyRandomEffects,
)
from attunement.mixed.formula import read_formula
from attunement.mixed.kernel import Array


def require_binary_outcome(formula: str, data: pd.DataFrame) -> None:
    """Refuse an outcome that is a column of text or categories, before it becomes indicators.

    Which of two words is the event is for the researcher to say: nothing is guessed.

    Raises
    ------
    InvalidValues
        With the column, its values, and how to make 0 and 1 of them.
    """
    if not isinstance(data, pd.DataFrame):
        return  # refused with the rest of the data
    name = str(read_formula(formula).lhs).strip().strip("`")
    if name not in data.columns or isinstance(data[name], pd.DataFrame):
        return
    column = data[name]
    values = column.dropna()
    categories = isinstance(column.dtype, pd.CategoricalDtype)
    text = pd.api.types.infer_dtype(values, skipna=True) in ("string", "mixed-integer", "mixed")
    if not (categories or text):
        return
    seen = sorted(values.unique(), key=str)
    shown = ", ".join(repr(value) for value in seen[:4]) + (", ..." if len(seen) > 4 else "")
    event = seen[-1] if seen else "yes"
    raise InvalidValues(
        f"the outcome {name!r} holds {'categories' if categories else 'text'} ({shown}), not the"
        f" numbers 0 and 1: make a column of 1 for the event and 0 for none, as in"
        f" data.assign({name}=(data[{name!r}] == {event!r}).where(data[{name!r}].notna()))"
    )


def outcome_rows(
    design: Design, basis: Basis, columns: dict[str, Array], group: str | None
) -> Binary:
    """The rows of a design with their trials, frequency and offset.

    Raises
    ------
    InvalidValues
        If trials, frequencies or outcomes are not such numbers as they should be.
    AllOrNoEvents
        If the outcome does not vary.
    """
    trials, frequency = columns.get("trials"), columns.get("frequency")
    for name, values in (("trials", trials), ("frequency", frequency)):
        if values is None:
            continue
        if np.any(values < 0.0) or np.any(values != np.round(values)):
            raise InvalidValues(f"{name} must be whole numbers of at least 0")
        if np.any(values == 0.0):
            raise InvalidValues(f"{int((values == 0.0).sum())} rows have no {name}: leave them out")
    design.frequency = frequency
    proportion = _proportion(design, trials)
    low, high = float(proportion.min()), float(proportion.max())
    if low == high and low in (0.0, 1.0):
        rate = "every trial is an event" if low > 0.0 else "no trial is an event"
        raise AllOrNoEvents(f"{design.outcome_name!r}: {rate} ({len(proportion)} rows)")
    codes = None if group is None else design.codes[group]
    n_groups = 0 if group is None else len(design.labels[group])
    return binary_rows(basis, proportion, trials, frequency, columns.get("offset"), codes, n_groups)


def _proportion(design: Design, trials: Array | None) -> Array:
    """Share of events (n,) of the trials of each row."""
    outcome = design.outcome
    if trials is None:
        if not ((outcome == 0.0) | (outcome == 1.0)).all():
            raise InvalidValues(f"{design.outcome_name!r} must be 0 or 1; give trials= for counts")
        return outcome
    share = bool(np.any(outcome != np.round(outcome)) and np.all(outcome <= 1.0))
    events = outcome * trials if share else outcome
    if (
        np.any(events < 0.0)
        or np.any(events > trials)
        or np.any(np.abs(events - np.round(events)) > 1e-6)
    ):
        raise InvalidValues(
            f"{design.outcome_name!r} must be whole numbers of events from 0 to trials, or"
            " proportions of them"
        )
    return np.asarray(np.round(events) / trials)


def check_groups(design: Design, binary: Binary, group: str) -> None:
    """Refuse groups whose effects cannot be told from chance.

    Raises
    ------
    TooFewGroups, TooManyRandomEffects
        If there is one only, or each is a single trial.
    """
    n_groups = len(design.labels[group])
    if n_groups < 2:
        raise TooFewGroups(f"{n_groups} {group!r} group")
    grouped = slice(0, binary.n_grouped)
    trials = np.bincount(binary.codes[grouped], binary.totals[grouped])
    if trials.max() < 2.0:
        raise TooManyRandomEffects(
            f"every {group!r} group is a single trial: its effect cannot be told from chance"
        )
