"""The kernel alone: from ready arrays to the optimum, and the floor below which nothing can be."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from timing import clocked

from attunement.mixed.basis import orthogonal_basis
from attunement.mixed.design import build_design
from attunement.mixed.formula import parse_random
from attunement.mixed.prepare import blocks_of_rows, prepare
from attunement.mixed.solve import Problem


def kernel_seconds(formula: str, frame: pd.DataFrame, random: Mapping[str, str]) -> float:
    """Seconds to condition the columns, to compress the rows and to optimise by REML.

    The design's arrays are made and the ids put in order before.
    """
    design, _ = build_design(formula, frame, parse_random(random), {}, True)
    prepared = prepare(design)
    n_terms = int(prepared.basis.kept.sum())

    def call() -> object:
        orthogonal_basis(design.fixed, design.names)
        blocks = blocks_of_rows(prepared.rows, n_terms)
        return Problem(blocks, prepared.layout, True).solve()

    return clocked(call)[0]


def least_squares_seconds(matrix: NDArray[np.float64], outcome: NDArray[np.float64]) -> float:
    """Seconds for ordinary least squares by normal equations on the ready design."""

    def call() -> object:
        products = matrix.T @ matrix
        right = matrix.T @ outcome
        coefficients = np.linalg.solve(products, right)
        residual = float(outcome @ outcome - right @ coefficients)
        covariance = np.linalg.inv(products) * residual / (len(outcome) - len(right))
        return coefficients, covariance

    return clocked(call)[0]
