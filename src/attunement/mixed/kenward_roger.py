"""Kenward and Roger's adjusted covariance of the coefficients, t and F tests."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from attunement.mixed.errors import InvalidSpecification
from attunement.mixed.kernel import Array
from attunement.mixed.layout import Layout
from attunement.mixed.second_order import SecondOrder, second_order, standard_columns
from attunement.mixed.solve import Optimum, Problem

_SINGULAR = 1e-10


@dataclass(frozen=True)
class KenwardRoger:
    """What tests by Kenward and Roger (1997, Biometrics 53, 983-997) need of a REML fit.

    `covariance` and `adjusted_covariance` (p, p) of the coefficients; `slopes` (k, p, p), the
    derivatives of the former in the variances, covariances and the residual variance (in units of
    the estimated one), and `spread` (k, k), the covariance of those by the expected information. A
    variance that is estimated as zero is a parameter like the others.
    """

    covariance: Array
    adjusted_covariance: Array
    slopes: Array
    spread: Array
    messages: list[str] = field(default_factory=list)

    def degrees_of_freedom(self, vector: Array) -> float:
        """Denominator degrees of freedom of the t test of one combination of coefficients."""
        return self._approximation(np.atleast_2d(vector))[0]

    def f_test(self, matrix: Array, values: Array, estimates: Array) -> pd.DataFrame:
        """F test of ``matrix @ b = values``.

        Parameters
        ----------
        matrix, values : (r, p) and (r,).
        estimates : (p,) coefficients.

        Returns
        -------
        One row: F (scaled), df_num, df_den, p. Where the approximation breaks down, with very few
        groups, df_den is not positive and p is NaN.

        Raises
        ------
        InvalidSpecification
            If the equations depend on each other.
        """
        from scipy import stats

        # whether equations depend on each other is no matter of their units, nor is F
        errors = np.sqrt(np.einsum("ij,jk,ik->i", matrix, self.covariance, matrix))
        matrix, values = matrix / errors[:, None], values / errors
        eigenvalues = np.linalg.eigvalsh(matrix @ self.covariance @ matrix.T)
        if eigenvalues[0] <= 1e-12 * eigenvalues[-1]:
            raise InvalidSpecification("the equations of the hypothesis depend on each other")
        difference = matrix @ estimates - values
        spread = matrix @ self.adjusted_covariance @ matrix.T
        df, scaling = self._approximation(matrix)
        statistic = scaling * float(difference @ np.linalg.solve(spread, difference)) / len(matrix)
        if np.isinf(df):
            p_value = float(stats.chi2.sf(statistic * len(matrix), len(matrix)))
        else:
            p_value = float(stats.f.sf(statistic, len(matrix), df)) if df > 0.0 else float("nan")
        return pd.DataFrame(
            {"F": [statistic], "df_num": [len(matrix)], "df_den": [df], "p": [p_value]}
        )

    def _approximation(self, matrix: Array) -> tuple[float, float]:
        """Denominator degrees of freedom and scaling of the F statistic of r combinations."""
        r = len(matrix)
        along = matrix @ self.slopes @ matrix.T
        relative = np.linalg.solve(matrix @ self.covariance @ matrix.T, along)
        traces = np.trace(relative, axis1=1, axis2=2)
        first = np.float64(traces @ self.spread @ traces)
        second = np.einsum("ij,iab,jba->", self.spread, relative, relative)
        if second <= 0.0:  # the variances are known, so to speak
            return float("inf"), 1.0
        moment = (first + 6.0 * second) / (2.0 * r)
        g = ((r + 1.0) * first - (r + 4.0) * second) / ((r + 2.0) * second)
        divisor = 3.0 * r + 2.0 * (1.0 - g)
        shrinkage = 1.0 - second / r
        with np.errstate(divide="ignore", invalid="ignore"):
            numerator = 1.0 + g / divisor * moment
            base = 1.0 - (r - g) / divisor * moment
            last = 1.0 - (r + 2.0 - g) / divisor * moment
            ratio = 1.0 if max(abs(shrinkage), abs(base)) < 1e-14 else shrinkage / base
            rho = ratio**2 * (0.0 if abs(numerator) < 1e-10 else numerator) / (r * last)
            df = 4.0 + (r + 2.0) / (r * rho - 1.0)
            scaling = 1.0 if abs(df - 2.0) < 1e-2 else shrinkage / (1.0 - 2.0 / df)
        return float(df), float(scaling)


def kenward_roger(problem: Problem, optimum: Optimum, transform: Array) -> KenwardRoger:
    """Kenward and Roger's adjustment, by the expected information about all (co)variances.

    The parameters are the free variances and covariances and the residual variance, in which the
    covariance of the outcome is linear, as in pbkrtest (Halekoh and Hojsgaard 2014, J. Stat.
    Softw. 59(9)). A singular fit is treated like any other: a variance at zero stays in the
    information. Known precisions are part of that covariance (pbkrtest 0.5.2 leaves them out of
    it). Where the information cannot be inverted, as when two parameters have the same
    effect, its generalised inverse is used and a message says so.

    Parameters
    ----------
    problem, optimum : a problem whose blocks weigh one each, and its solution.
    transform : (p, p), the coefficients wanted are ``transform @`` those of the problem.

    Raises
    ------
    InvalidSpecification
        If the fit is not by REML.
    """
    if not problem.reml:
        raise InvalidSpecification(
            "df='kenward-roger' is defined for REML fits; use reml=True or df='satterthwaite'"
        )
    point, layout = optimum.evaluation, problem.layout
    columns, root = standard_columns(problem.blocks, point)
    factors = layout.unpack(optimum.parameters)
    directions = _units(layout, 0), _units(layout, 1)
    sums = second_order(problem.blocks, factors, directions, columns[:, :-1])
    values = np.concatenate(
        [
            (factor @ factor.T)[np.nonzero(np.triu(units.sum(axis=0)))]
            for factor, units in zip(factors, directions, strict=True)
        ]
    )
    sums = _with_residual(sums, values, float(problem.blocks.rows.sum()))

    p = len(root)
    spread, deficient = _inverse(sums.projected_traces(p))
    bends = sums.second - np.einsum("iab,jbc->ijac", sums.first, sums.first)
    adjustment = 2.0 * np.tensordot(spread, bends, 2)
    back = np.sqrt(point.sigma2) * transform @ root
    messages = []
    if deficient:
        messages.append(
            "Kenward-Roger: the data do not tell all variance parameters apart (their information"
            " is singular); its generalised inverse is used"
        )
    return KenwardRoger(
        covariance=back @ back.T,
        adjusted_covariance=back @ (np.eye(p) + (adjustment + adjustment.T) / 2.0) @ back.T,
        slopes=back @ sums.first @ back.T,
        spread=spread,
        messages=messages,
    )


def _units(layout: Layout, level: int) -> Array:
    """Directions (k, q, q) of the variances and covariances of a level, row by row."""
    size = layout.sizes[level]
    rows, columns = np.triu_indices(size)
    if layout.independent[level]:
        rows = columns = np.arange(size)
    units = np.zeros((len(rows), size, size))
    index = np.arange(len(rows))
    units[index, rows, columns] = units[index, columns, rows] = 1.0
    return units


def _with_residual(sums: SecondOrder, values: Array, n_rows: float) -> SecondOrder:
    """The sums of standard columns with the direction of the residual variance added as the last.

    It is the identity, hence V less the other directions times their `values` (k,).
    """
    k, p = sums.first.shape[:2]
    first = np.concatenate(
        [sums.first, np.eye(p)[None] - np.tensordot(values, sums.first, 1)[None]]
    )
    second = np.zeros((k + 1, k + 1, p, p))
    second[:k, :k] = sums.second
    second[:k, k] = sums.first - np.tensordot(sums.second, values, ([1], [0]))
    second[k, :k] = second[:k, k].transpose(0, 2, 1)
    second[k, k] = first[k] - np.tensordot(values, second[:k, k], 1)
    trace = np.append(sums.trace, n_rows - values @ sums.trace)
    traces = np.zeros((k + 1, k + 1))
    traces[:k, :k] = sums.traces
    traces[k, :k] = traces[:k, k] = sums.trace - sums.traces @ values
    traces[k, k] = trace[k] - values @ traces[:k, k]
    return SecondOrder(first, second, trace, traces)


def _inverse(information: Array) -> tuple[Array, bool]:
    """Twice the inverse of tr(P G_i P G_j), generalised where need be, and whether it was."""
    scale = 1.0 / np.sqrt(np.maximum(np.diag(information), 1e-300))
    values, vectors = np.linalg.eigh(information * np.outer(scale, scale))
    usable = values > _SINGULAR * values[-1]
    inverse = (vectors[:, usable] / values[usable]) @ vectors[:, usable].T
    return 2.0 * inverse * np.outer(scale, scale), not bool(usable.all())
