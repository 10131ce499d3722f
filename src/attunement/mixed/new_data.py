"""The columns of a fitted model for rows that it has not seen."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from numbers import Number
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attunement.mixed.columns import plain
from attunement.mixed.design import Design
from attunement.mixed.errors import InvalidSpecification
from attunement.mixed.formula import parse, variables_of
from attunement.mixed.kernel import Array

# values named in a refusal
_SHOWN = 5


def new_columns(
    design: Design,
    data: pd.DataFrame,
    asked: Sequence[str] = (),
    *,
    unknown: str = "allow",
    missing_innermost: str = "no effect",
) -> tuple[Array, dict[str, Array], dict[str, NDArray[np.intp]]]:
    """Fixed columns, random columns and group codes of new rows, built as those of a design.

    Parameters
    ----------
    design, data : the design of a fit, and new rows.
    asked : levels whose effects are wanted: their ids must be in the data, of the fit's type.
    unknown : "refuse" refuses data of which no id is known at a level asked for; "allow" goes on.
    missing_innermost : whether a missing id at the innermost level is "unknown" or "no effect".

    Returns
    -------
    Codes are -1 where there is no effect, the random columns being zero, and -2 for an id that the
    fit did not see. A row with a missing predictor has NaN columns.

    Raises
    ------
    InvalidSpecification
        If columns are absent or occur twice, a factor has a value or a column a type that it had
        not in the fit, or as said of `asked` and `unknown`.
    """
    _require_frame(design, data)
    frame = pd.DataFrame(
        {
            name: plain(data[name].reset_index(drop=True))
            for name in design.frame.columns
            if name in data.columns
        },
        index=pd.RangeIndex(len(data)),
    )
    for name in frame.columns:
        known = design.frame[name]
        if known.dtype == object or isinstance(known.dtype, pd.CategoricalDtype):
            unseen = _unseen(design, frame, name)
            if unseen:
                raise InvalidSpecification(_not_in_the_fit(design, name, unseen))
        elif frame[name].dtype != np.float64 and frame[name].notna().any():
            first = frame[name].dropna().iloc[0]
            raise InvalidSpecification(
                f"column {name!r} holds numbers in the fit, text in the new data (first: {first!r})"
            )
    random, codes = {}, {}
    for term in design.terms:
        columns = _build(design, frame, design.random_specs[term.level])
        if term.level in data.columns:
            code = _codes(design, term.level, data[term.level], term.level in asked, unknown)
        elif term.level in asked:
            raise InvalidSpecification(
                f"not in the new data: {term.level}, whose effects are asked for"
            )
        else:
            code = np.full(len(frame), -2)
        if term is design.terms[-1] and missing_innermost == "unknown":
            code = np.where(code == -1, -2, code)
        random[term.level] = columns * (code != -1)[:, None]
        codes[term.level] = code.astype(np.intp)
    return _build(design, frame, design.fixed_spec), random, codes


def _require_frame(design: Design, data: Any) -> None:
    """Refuse what is no frame, or lacks or repeats a column that is needed."""
    if not isinstance(data, pd.DataFrame):
        raise InvalidSpecification(
            f"new_data must be a pandas DataFrame, not {type(data).__name__}; for one row:"
            " pd.DataFrame([{'time': 1.0}])"
        )
    used = [*design.frame.columns, *(term.level for term in design.terms)]
    twice = [name for name in dict.fromkeys(used) if isinstance(data.get(name), pd.DataFrame)]
    if twice:
        raise InvalidSpecification(
            f"columns that occur more than once in the new data: {', '.join(map(str, twice))}"
        )
    outcome_only = set(variables_of(parse(design.formula).lhs))
    absent = [name for name in design.frame.columns if name not in data.columns]
    needed = [name for name in absent if name not in outcome_only]
    if needed:
        raise InvalidSpecification(f"not in the new data: {', '.join(map(str, needed))}")


def _unseen(design: Design, frame: pd.DataFrame, name: str) -> list[Any]:
    """Values of a column that were not in the fit."""
    seen = set(design.frame[name].unique())
    return [value for value in frame[name].dropna().unique() if value not in seen]


def _not_in_the_fit(design: Design, name: str, unseen: list[Any]) -> str:
    def shown(values: Sequence[Any]) -> str:
        texts = [f"{v:g}" if isinstance(v, float) else repr(v) for v in values[:_SHOWN]]
        return ", ".join(texts) + (", ..." if len(values) > _SHOWN else "")

    verb = "was" if len(unseen) == 1 else "were"
    known = design.frame[name].dropna().unique().tolist()
    known = sorted(known) if isinstance(known[0], float) else sorted(known, key=str)
    return f"column {name!r}: {shown(unseen)} {verb} not in the fit, which has {shown(known)}"


def _build(design: Design, frame: pd.DataFrame, spec: Any) -> Array:
    """Columns of one part of the model; NaN in rows with a missing value."""
    from formulaic.errors import DataMismatchWarning

    complete = np.ones(len(frame), dtype=bool)
    for name in variables_of(spec.terms):
        complete &= frame[name].notna().to_numpy()
    result = np.full((len(frame), len(spec.column_names)), np.nan)
    if not complete.any():
        return result
    part = frame.loc[complete].reset_index(drop=True)
    try:
        with warnings.catch_warnings():
            # formulaic would go on with the reference level
            warnings.simplefilter("error", DataMismatchWarning)
            result[complete] = np.asarray(spec.get_model_matrix(part), dtype=float)
    except DataMismatchWarning as warning:
        found = {
            name: unseen
            for name in _factor_variables(spec)
            if (unseen := _unseen(design, part, name))
        }
        texts = [_not_in_the_fit(design, name, unseen) for name, unseen in found.items()]
        raise InvalidSpecification("; ".join(texts) or str(warning)) from None
    except Exception as error:
        raise InvalidSpecification(f"cannot build columns of new data: {error}") from None
    return result


def _factor_variables(spec: Any) -> list[str]:
    """Columns of the data that the factors of some terms use."""
    categories = {name for name, (_, state) in spec.encoder_state.items() if "categories" in state}
    factors = [factor for term in spec.terms for factor in term.factors]
    within = [factor for factor in factors if factor.expr in categories]
    return variables_of([SimpleNamespace(factors=within)])


def _codes(
    design: Design, level: str, ids: pd.Series, asked: bool, unknown: str
) -> NDArray[np.intp]:
    """Place of each id among the fit's; -1 if missing, -2 if the fit did not see it."""
    labels = design.labels[level]
    try:
        found = labels.get_indexer(pd.Index(ids))
    except TypeError as error:  # lists and the like
        raise InvalidSpecification(f"the ids {level!r} cannot be told apart: {error}") from None
    missing = ids.isna().to_numpy()
    given = ids[~missing]
    if asked and len(given) and not (found[~missing] >= 0).any():
        first, ours = (np.asarray(each)[:1].tolist()[0] for each in (given, labels))
        both = (
            f"none of the ids {level!r} of the new data was in the fit (first: {first!r},"
            f" {_kind(first)}; in the fit: {ours!r}, {_kind(ours)})"
        )
        if _kind(first) != _kind(ours):
            raise InvalidSpecification(f"{both}: give them as the same type")
        if unknown != "allow":
            raise InvalidSpecification(f"{both}; unknown='allow' takes all of them as new groups")
    return np.where(missing, -1, np.where(found < 0, -2, found))


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return "text"
    return "a number" if isinstance(value, Number) else f"a {type(value).__name__}"
