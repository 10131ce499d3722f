"""Conditional modes and predictions of a binary model, and their errors."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtri

from attunement.mixed.errors import InvalidSpecification
from attunement.mixed.kernel import Array
from attunement.mixed.links import LINKS
from attunement.mixed.new_data import new_columns
from attunement.mixed.options import require_one_of, row_values
from attunement.mixed.tables import require_confidence

if TYPE_CHECKING:
    from attunement.mixed.logistic_estimates import LogisticEstimates

_ROWS_AT_ONCE = 4_096


@dataclass(frozen=True)
class GroupEffects:
    """By group: conditional modes (G,), their variance (G,) with coefficients known, and `slopes`
    (G, p), the derivatives of the modes in the kept coefficients."""

    modes: Array
    variance: Array
    slopes: Array


def group_effects(fit: LogisticEstimates) -> GroupEffects:
    """Conditional modes at the estimates."""
    binary, optimum, model = fit.binary, fit.internal, fit._model
    variance = optimum.sigma**2
    size = len(optimum.coefficients)
    modes, information = np.zeros(binary.n_groups), np.zeros(binary.n_groups)
    slopes = np.zeros((binary.n_groups, size))
    present, rows = model.present, slice(0, binary.n_grouped)
    model.value(np.r_[optimum.coefficients, optimum.sigma], nodes=1)
    modes[present] = optimum.sigma * model.modes[: len(present)]
    predictor = binary.columns[rows] @ optimum.coefficients + modes[binary.codes[rows]]
    if len(binary.offset):
        predictor += binary.offset[rows]
    events, totals = binary.events[rows], binary.totals[rows]
    weights = -LINKS[fit.link].values(predictor, events, totals - events)[2]
    starts = model.starts[: len(present)]
    information[present] = np.add.reduceat(weights, starts)
    for column in range(size):
        slopes[present, column] = np.add.reduceat(weights * binary.columns[rows, column], starts)
    conditional = variance / (1.0 + variance * information)
    inverse = np.linalg.inv(fit.basis.transform)
    return GroupEffects(modes, conditional, -conditional[:, None] * slopes @ inverse)


def averaged(fit: LogisticEstimates, predictor: Array) -> tuple[Array, Array, Array]:
    """Link of the probability averaged over group effects; its slopes in predictor and sigma.

    The average is by the trapezoidal rule, which is as good as exact for such integrands.
    """
    link, sigma = LINKS[fit.link], fit.internal.sigma
    effects = np.linspace(-8.5, 8.5, 401)
    weights = np.exp(-0.5 * effects**2)
    weights /= weights.sum()
    shown, along, across = (np.empty_like(predictor) for _ in range(3))
    for start in range(0, len(predictor), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        places = predictor[part, None] + sigma * effects
        slope = link.slope(places)
        shown[part] = link.start(link.mean(places) @ weights)
        own = link.slope(shown[part])
        along[part] = slope @ weights / own
        across[part] = slope @ (weights * effects) / own
    return shown, along, across


def _new_offset(
    fit: LogisticEstimates, new_data: pd.DataFrame | None, given: str | ArrayLike | None
) -> Array | float:
    """The offset of rows to predict, 0 where the fit has none."""
    if not len(fit.binary.offset):
        if given is not None:
            raise InvalidSpecification("offset: the fit has none")
        return 0.0
    if new_data is None:
        if given is not None:
            raise InvalidSpecification("offset= belongs to new data: rows of the fit have theirs")
        return fit.binary.in_given_order(fit.binary.offset)
    if given is None and fit.offset is None:
        raise InvalidSpecification(
            "the offset of the fit was given as numbers: give offset= for the new rows, too (a"
            " column, one number a row, or 0 for none)"
        )
    wanted = fit.offset if given is None else given
    if wanted is not None and not isinstance(wanted, Sized):
        wanted = np.full(len(new_data), wanted)
    values = row_values(new_data, wanted, "offset")
    return 0.0 if values is None else values


def predict(
    fit: LogisticEstimates,
    new_data: pd.DataFrame | None,
    level: str,
    interval: str | None,
    confidence: float,
    scale: str,
    offset: str | ArrayLike | None,
    unknown: str,
) -> pd.DataFrame:
    """Predict as `LogisticFit.predict` says. Codes: -1 no id, -2 an unknown one."""
    require_confidence(confidence)
    require_one_of(unknown, ("refuse", "allow"), "unknown")
    if fit.group == level and level in ("population", "marginal"):
        raise InvalidSpecification(
            f"the group {level!r} cannot be told from predictions of that name: rename its column"
        )
    if interval not in (None, "confidence") or scale not in ("probability", "predictor"):
        raise InvalidSpecification(f"interval={interval!r}, scale={scale!r}")
    if level is None or level not in ("population", "marginal", fit.group):
        raise InvalidSpecification(
            f"level={level!r}: 'population', 'marginal'"
            + ("; the fit has no group" if fit.group is None else f" or {fit.group!r}")
        )
    asked = [level] if level == fit.group else []
    if new_data is None:
        fixed, codes = fit.design.fixed, fit.design.codes
    else:
        fixed, _, codes = new_columns(fit.design, new_data, asked, unknown=unknown)
    used = fixed[:, fit._kept]
    predictor = used @ fit.fixed["estimate"].to_numpy()[fit._kept]
    predictor = predictor + _new_offset(fit, new_data, offset)
    slopes, extra = used, np.zeros(len(predictor))
    if level == "marginal" and fit.group is not None:
        predictor, along, across = averaged(fit, predictor)
        slopes = along[:, None] * used
        # covariance of sigma with the coefficients in the user's units
        joint = fit.basis.transform @ fit.internal.covariance[:-1, -1]
        extra = across**2 * fit.internal.covariance[-1, -1] + 2.0 * across * (slopes @ joint)
    elif level == fit.group:
        found, code = group_effects(fit), codes[level]
        known = code >= 0
        predictor[known] += found.modes[code[known]]
        slopes = used.copy()
        slopes[known] += found.slopes[code[known]]
        extra[known] = found.variance[code[known]]
        extra[code == -2] = fit.internal.sigma**2
    spread = np.einsum("ij,jk,ik->i", slopes, fit._covariance, slopes) + extra
    error = np.sqrt(np.maximum(spread, 0.0))
    shown = {"estimate": predictor}
    if interval is not None:
        width = float(ndtri(0.5 + confidence / 2.0)) * error
        shown |= {"ci_low": predictor - width, "ci_high": predictor + width}
    if scale == "probability":
        error = error * LINKS[fit.link].slope(predictor)
        shown = {name: LINKS[fit.link].mean(values) for name, values in shown.items()}
    table = pd.DataFrame(shown)
    table.insert(1, "se", error)
    table.index = fit.design.index if new_data is None else new_data.index
    return table
