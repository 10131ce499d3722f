"""From a formula and a data frame to plain arrays: columns, ids, dropped and dependent ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attunement.mixed.columns import columns_of, plain, require_finite
from attunement.mixed.errors import (
    EmptyData,
    InvalidSpecification,
    InvalidValues,
)
from attunement.mixed.formula import HINTS, RandomTerm, parse, read_formula, variables_of
from attunement.mixed.kernel import Array

if TYPE_CHECKING:
    from formulaic import Formula


@dataclass
class Design:
    """Arrays of one model.

    `outcome` (n,), `fixed` (n, p) with `names`, `random[level]` (n, q) with `random_names[level]`,
    `codes[level]` (n,) integers with -1 for a missing id and `labels[level]` the ids; `rows` are
    the positions of the kept rows in the data given, `index` their labels there. `frame` holds
    the used columns of those rows, `frequency` (n,) how many identical rows each stands for, if not
    one, `precision_name` the column of the data that gave the precisions, if one did.
    """

    formula: str
    outcome: Array
    outcome_name: str
    fixed: Array
    names: list[str]
    terms: list[RandomTerm]
    random: dict[str, Array]
    random_names: dict[str, list[str]]
    codes: dict[str, NDArray[np.intp]]
    labels: dict[str, pd.Index]
    frame: pd.DataFrame
    rows: NDArray[np.intp]
    index: pd.Index
    n_dropped: int
    fixed_spec: Any
    random_specs: dict[str, Any]
    messages: list[str] = field(default_factory=list)
    frequency: Array | None = None
    precision_name: str | None = None

    @property
    def n_rows(self) -> int:
        """Number of rows, each counted as often as its frequency says."""
        return len(self.outcome) if self.frequency is None else int(self.frequency.sum())


def build_design(
    formula: str,
    data: pd.DataFrame,
    terms: list[RandomTerm],
    extra: Mapping[str, Array] | None = None,
    drop_missing_innermost: bool = True,
) -> tuple[Design, dict[str, Array]]:
    """Build the arrays of a model.

    Parameters
    ----------
    formula : fixed part with its outcome, in formulaic's grammar.
    data : one row per observation; any index, any order.
    terms : random part, outermost first.
    extra : further columns of one value a row (weights, offsets); a row missing one is dropped.
    drop_missing_innermost : whether a missing id at the innermost level drops the row; otherwise
        the row has no effect at that level, as always at outer levels.

    Returns
    -------
    The design and the extra columns of the rows kept.

    Notes
    -----
    Rows with a missing value in any column used by the fixed or random part are dropped and
    counted. A row without an outer id has zeros as its random columns at that level.

    Raises
    ------
    InvalidSpecification, InvalidValues, EmptyData
    """
    if not isinstance(data, pd.DataFrame):
        raise InvalidSpecification(f"data must be a pandas DataFrame, not {type(data).__name__}")
    parsed = read_formula(formula)
    random_formulas = {}
    used: list[str] = []
    for term in terms:
        try:
            random_formulas[term.level] = parse(term.formula)
        except Exception as error:
            raise InvalidSpecification(f"random[{term.level!r}]: {error}") from None
    for part in (parsed.lhs, parsed.rhs, *random_formulas.values()):
        used += variables_of(part)
    used = list(dict.fromkeys(used))
    missing_columns = [n for n in [*used, *(t.level for t in terms)] if n not in data.columns]
    if missing_columns:
        hint = next((HINTS[n] for n in missing_columns if n in HINTS), "")
        raise InvalidSpecification(
            f"not in the data: {', '.join(dict.fromkeys(map(str, missing_columns)))}"
            f" (columns: {', '.join(map(str, data.columns[:30]))}){hint}"
        )
    repeated = [n for n in [*used, *(t.level for t in terms)] if isinstance(data[n], pd.DataFrame)]
    if repeated:
        raise InvalidSpecification(f"column {repeated[0]!r} occurs more than once in the data")
    keep = np.ones(len(data), dtype=bool)
    for name in used:
        keep &= data[name].notna().to_numpy()
    if terms and drop_missing_innermost:
        keep &= data[terms[-1].level].notna().to_numpy()
    extras = dict(extra or {})
    for values in extras.values():
        keep &= ~np.isnan(values)
    empty = [name for name in used if data[name].isna().all()]
    empty += [f"what `{name}` names" for name, values in extras.items() if np.isnan(values).all()]
    rows = np.flatnonzero(keep).astype(np.intp)
    n_dropped = int(len(data) - len(rows))
    if not len(rows):
        raise EmptyData(
            f"no rows to fit {formula!r}: {len(data)} given, {n_dropped} dropped for missing values"
            + (f"; empty throughout: {', '.join(dict.fromkeys(empty))}" if empty else "")
        )
    levels = [term.level for term in terms]
    kept = {
        name: (data[name].iloc[rows] if n_dropped else data[name]).reset_index(drop=True)
        for name in dict.fromkeys([*used, *levels])
    }
    columns = {name: plain(kept[name]) for name in used}
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(rows)), copy=False)
    left, left_spec = columns_of(parsed.lhs, frame, repr(formula))
    fixed, fixed_spec = columns_of(parsed.rhs, frame, repr(formula))
    outcome_names = [str(name) for name in left_spec.column_names]
    if len(outcome_names) != 1:
        raise InvalidSpecification(
            f"the outcome of {formula!r} gives {len(outcome_names)} columns; it must be one number"
        )
    names = [str(name) for name in fixed_spec.column_names]
    require_finite(left, outcome_names, "outcome", rows)
    require_finite(fixed, names, "predictor", rows)
    messages = []
    if n_dropped:
        messages.append(f"{n_dropped} of {len(data)} rows dropped for missing values")
    design = Design(
        formula=formula,
        outcome=left[:, 0],
        outcome_name=outcome_names[0],
        fixed=fixed,
        names=names,
        terms=terms,
        random={},
        random_names={},
        codes={},
        labels={},
        frame=frame,
        rows=rows,
        index=data.index[rows] if n_dropped else data.index,
        n_dropped=n_dropped,
        fixed_spec=fixed_spec,
        random_specs={},
        messages=messages,
    )
    whole: set[str] = set()
    for term in terms:
        _add_level(design, kept[term.level], term, random_formulas[term.level], whole)
    return design, {name: values[rows] for name, values in extras.items()}


def _add_level(
    design: Design, ids: pd.Series, term: RandomTerm, formula: Formula, whole: set[str]
) -> None:
    """Add the columns and codes of a level; `whole` are the levels with an id in every row."""
    same = next((t for t in design.terms if t.formula == term.formula and t.level in whole), None)
    if same is None:
        columns, spec = columns_of(formula, design.frame, f"random[{term.level!r}]")
    else:  # a million rows of the same columns are kept once
        columns, spec = design.random[same.level], design.random_specs[same.level]
    names = [str(name) for name in spec.column_names]
    if not names:
        raise InvalidSpecification(f"random[{term.level!r}] = {term.source!r} has no column")
    require_finite(columns, names, f"random column of {term.level!r}:", design.rows)
    try:
        codes, labels = pd.factorize(ids)
    except TypeError as error:  # lists and the like
        raise InvalidValues(f"the ids {term.level!r} cannot be told apart: {error}") from None
    present = codes >= 0
    if present.all():
        whole.add(term.level)
    else:
        columns = columns * present[:, None]
        design.messages.append(
            f"{int((~present).sum())} rows without {term.level!r} have no effect at that level"
        )
    design.random[term.level] = columns
    design.random_names[term.level] = names
    design.codes[term.level] = codes.astype(np.intp, copy=False)
    design.labels[term.level] = pd.Index(labels, name=term.level)
    design.random_specs[term.level] = spec
