"""Conditional modes of random effects, their errors, and predictions from them.

All follow from Henderson's mixed model equations (1975, Biometrics 31), solved by blocks. With
C = (X'V^-1 X)^-1 and P = V^-1 - V^-1 X C X'V^-1, the error covariance of the modes is
sigma2 (Psi - Psi Z'PZ Psi), and that of coefficients and modes -sigma2 C X'V^-1 Z Psi.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attunement.mixed.kernel import Array, Evaluation
from attunement.mixed.prepare import Prepared
from attunement.mixed.projections import Projections


@dataclass(frozen=True)
class Modes:
    """Modes (G, q) of one level with error covariances (G, q, q), in the user's units.

    `conditional` holds the covariances given the coefficients, `error` adds their uncertainty,
    `with_fixed` (G, q, p) is the covariance of error and kept coefficients; `kernel_index` (G,)
    is each group's place among the kernel's blocks.
    """

    values: Array
    conditional: Array
    error: Array
    with_fixed: Array
    kernel_index: NDArray[np.int64]


def modes(
    prepared: Prepared,
    parameters: Array,
    point: Evaluation,
    projections: Projections,
    level: str,
) -> Modes:
    """Conditional modes of a level's random effects in order of its labels."""
    position = prepared.positions[level]
    factor = prepared.layout.unpack(parameters)[position]
    relative = factor @ factor.T
    if position == 0:
        projected, information = projections.outer_projected, projections.outer_information
    else:
        projected, information = projections.inner_projected, projections.inner_information
    index = prepared.places[level]
    projected, information = projected[index], information[index]
    fixed, outcome = projected[:, :, :-1], projected[:, :, -1]
    values = (outcome - fixed @ point.coefficients) @ relative
    given = relative - relative @ information @ relative
    loading = relative @ fixed
    widened = given + loading @ point.unscaled_covariance @ np.swapaxes(loading, 1, 2)
    root = prepared.recode[level]
    scale = prepared.scale
    variance = scale**2 * point.sigma2
    back = prepared.basis.transform
    return Modes(
        values=scale * values @ root.T,
        conditional=variance * root @ given @ root.T,
        error=variance * root @ widened @ root.T,
        with_fixed=-variance * root @ loading @ point.unscaled_covariance @ back.T,
        kernel_index=index,
    )


def between_levels(
    prepared: Prepared,
    parameters: Array,
    point: Evaluation,
    projections: Projections,
    outer: Modes,
    inner: Modes,
) -> Array:
    """Error covariance (C, q1, q2) of each inner group's modes with its outer group's.

    Zero for inner groups without an outer one. Needs modes of the kernel's two levels.
    """
    outer_factor, inner_factor = prepared.layout.unpack(parameters)
    first, second = outer_factor @ outer_factor.T, inner_factor @ inner_factor.T
    index = inner.kernel_index
    block = prepared.blocks.outer_of[index]
    across = np.swapaxes(projections.inner_outer[index], 1, 2)
    # Z1'V^-1 Z2 = (I - Kzt Psi1) Q', Kzt the outer information under the whole covariance
    shrink = np.eye(len(first)) - projections.outer_information[block] @ first
    middle = shrink @ across
    x_outer = projections.outer_projected[block][:, :, :-1]
    x_inner = projections.inner_projected[index][:, :, :-1]
    middle = middle - x_outer @ point.unscaled_covariance @ np.swapaxes(x_inner, 1, 2)
    levels = {place: level for level, place in prepared.positions.items()}
    variance = prepared.scale**2 * point.sigma2
    result = -variance * prepared.recode[levels[0]] @ (first @ middle @ second)
    result = result @ prepared.recode[levels[1]].T
    known = np.isin(block, outer.kernel_index)
    return np.asarray(result * known[:, None, None])
