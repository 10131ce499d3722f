"""The columns of a fitted model for rows that it has not seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attunement.mixed.columns import plain
from attunement.mixed.design import Design
from attunement.mixed.errors import InvalidSpecification
from attunement.mixed.formula import parse, variables_of
from attunement.mixed.kernel import Array


def new_columns(
    design: Design, data: pd.DataFrame
) -> tuple[Array, dict[str, Array], dict[str, NDArray[np.intp]]]:
    """Fixed columns, random columns and group codes of new rows, built as those of a design.

    Codes are -1 for a missing id and -2 for an id that the fit did not see. A row with a missing
    predictor has NaN columns; a category unknown to the fit is an error.
    """
    absent = [name for name in design.frame.columns if name not in data.columns]
    outcome_only = set(variables_of(parse(design.formula).lhs))
    needed = [name for name in absent if name not in outcome_only]
    if needed:
        raise InvalidSpecification(f"not in the new data: {', '.join(map(str, needed))}")
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
            seen = set(known.unique())
            unseen = [value for value in frame[name].dropna().unique() if value not in seen]
            if unseen:
                raise InvalidSpecification(f"column {name!r}: {unseen[0]!r} was not in the fit")

    def build(spec: Any) -> Array:
        complete = np.ones(len(frame), dtype=bool)
        for name in variables_of(spec.terms):
            complete &= frame[name].notna().to_numpy()
        result = np.full((len(frame), len(spec.column_names)), np.nan)
        if complete.any():
            part = frame.loc[complete].reset_index(drop=True)
            try:
                result[complete] = np.asarray(spec.get_model_matrix(part), dtype=float)
            except Exception as error:
                raise InvalidSpecification(f"cannot build columns of new data: {error}") from None
        return result

    random, codes = {}, {}
    for term in design.terms:
        columns = build(design.random_specs[term.level])
        if term.level in data.columns:
            ids = data[term.level]
            found = design.labels[term.level].get_indexer(pd.Index(ids))
            code = np.where(ids.isna(), -1, np.where(found < 0, -2, found))
        else:
            code = np.full(len(frame), -2)
        random[term.level] = columns * (code != -1)[:, None]
        codes[term.level] = code.astype(np.intp)
    return build(design.fixed_spec), random, codes
