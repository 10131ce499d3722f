"""Predictions of a linear mixed model and their errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attunement.mixed.errors import InvalidSpecification, InvalidValues
from attunement.mixed.kernel import Array
from attunement.mixed.new_data import new_columns
from attunement.mixed.options import require_one_of, row_values
from attunement.mixed.prediction import between_levels
from attunement.mixed.tables import require_confidence

if TYPE_CHECKING:
    from attunement.mixed.linear_estimates import LinearEstimates


def _levels_to(fit: LinearEstimates, level: str) -> list[str]:
    names = list(fit.random)
    return names[: names.index(fit._level(level)) + 1]


def _missing_innermost(fit: LinearEstimates) -> str:
    """What a missing id at the innermost level means: see `predict`."""
    if not fit.design.terms:
        return "no effect"
    kept = fit.design.codes[fit.design.terms[-1].level] < 0
    return "no effect" if kept.any() else "unknown"


def _precision(fit: LinearEstimates, new_data: pd.DataFrame | None) -> Array | float:
    """Precisions of the rows to predict: those of the fit, of the same column of new data, or 1."""
    own, name = fit._prepared.precision, fit.design.precision_name
    if own is None:
        return 1.0
    if new_data is None:
        return own
    if name is None or name not in new_data.columns:
        return 1.0
    values = row_values(new_data, name, "precision")
    assert values is not None  # a name gives values
    if (values <= 0.0).any():
        raise InvalidValues(f"precision must be above 0; {int((values <= 0.0).sum())} rows are not")
    return values


def predict(
    fit: LinearEstimates,
    new_data: pd.DataFrame | None,
    level: str,
    interval: str | None,
    confidence: float,
    unknown: str,
) -> pd.DataFrame:
    """Predict as `LinearEstimates.predict` says. Codes: -1 no effect, -2 an unknown group.

    A missing id means at the outer level, as in the fit, that there is no effect. At the innermost
    level, where rows without an id are dropped from a fit, it is an unknown group like an id that
    the fit did not see; unless the fit kept such rows, which then have no effect there.
    """
    require_confidence(confidence)
    require_one_of(unknown, ("refuse", "allow"), "unknown")
    if level == "population" and level in fit.random:
        raise InvalidSpecification(
            "the level 'population' cannot be told from predictions at the population: rename the"
            " column of its ids"
        )
    if interval not in (None, "confidence", "prediction"):
        raise InvalidSpecification(f"interval is {interval!r}; confidence or prediction")
    chosen = [] if level == "population" else _levels_to(fit, level)
    if new_data is None:
        fixed, columns, codes = fit.design.fixed, fit.design.random, fit.design.codes
    else:
        fixed, columns, codes = new_columns(
            fit.design,
            new_data,
            chosen,
            unknown=unknown,
            missing_innermost=_missing_innermost(fit),
        )
    estimates = fit.fixed["estimate"].to_numpy()[fit._kept]
    used = fixed[:, fit._kept]
    mean = used @ estimates
    # errors of modes go with the covariance that is not adjusted for estimated variances
    covariance = fit._prepared.covariance(fit._point) if chosen else fit._covariance
    error = np.einsum("ij,jk,ik->i", used, covariance, used)
    found = {}
    for name in chosen:
        known = codes[name] >= 0
        found[name] = fit._modes(name)
        z, place = columns[name][known], codes[name][known]
        mean[known] += (z * found[name].values[place]).sum(axis=1)
        error[known] += np.einsum("ij,ijk,ik->i", z, found[name].error[place], z)
        cross = np.einsum("ij,ijk,ik->i", z, found[name].with_fixed[place], used[known])
        error[known] += 2.0 * cross
    if len(chosen) == 2:
        outer, inner = chosen
        both = (codes[outer] >= 0) & (codes[inner] >= 0)
        joint = between_levels(
            fit._prepared,
            fit._parameters,
            fit._point,
            fit._projections,
            found[outer],
            found[inner],
        )
        error[both] += 2.0 * np.einsum(
            "ij,ijk,ik->i",
            columns[outer][both],
            joint[codes[inner][both]],
            columns[inner][both],
        )
    for name in fit.random:
        unknown = codes[name] == -2
        free = unknown if name in chosen else np.zeros(len(mean), dtype=bool)
        if interval == "prediction" and name not in chosen:
            free = codes[name] != -1
        z = columns[name]
        spread = np.einsum("ij,jk,ik->i", z, fit.level_covariances[name], z)
        error += np.where(free, spread, 0.0)
    if interval == "prediction":
        given, structured = fit.residual_variance, fit._structured
        error += (
            given / _precision(fit, new_data)
            if structured is None
            else structured.variances(new_data, given)
        )
    table = pd.DataFrame({"estimate": mean, "se": np.sqrt(np.maximum(error, 0.0))})
    if interval is not None:
        from scipy import stats

        width = stats.norm.ppf(0.5 + confidence / 2.0) * table["se"]
        table["ci_low"], table["ci_high"] = mean - width, mean + width
    table.index = fit.design.index if new_data is None else new_data.index
    return table
