"""Binary regression with a scalar random intercept: the likelihood maximised by the package `glmm`
(adaptive Gauss-Hermite quadrature), its messages caught, and separation found beforehand."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.special import gammaln

from attunement.mixed.errors import CompleteSeparation, NotConverged
from attunement.mixed.kernel import Array


@dataclass(frozen=True)
class Binary:
    """Rows of a binary model in internal units: proportion, trials, frequency, offset (n,) each,
    orthogonalised columns (n, p), group codes (n,) or None."""

    proportion: Array
    trials: Array
    frequency: Array
    offset: Array | None
    columns: Array
    codes: NDArray[np.intp] | None

    def take(self, rows: NDArray[np.intp], codes: NDArray[np.intp] | None) -> Binary:
        """The same model on chosen rows with other group codes."""
        return Binary(
            self.proportion[rows],
            self.trials[rows],
            self.frequency[rows],
            None if self.offset is None else self.offset[rows],
            self.columns[rows],
            codes,
        )


@dataclass(frozen=True)
class BinaryOptimum:
    """Coefficients (p,), covariance (p, p), group variance, modes by code, and how it ended."""

    coefficients: Array
    covariance: Array
    group_variance: float
    modes: Array
    loglik: float
    converged: bool
    singular: bool
    messages: list[str]


def find_separation(binary: Binary) -> Array | None:
    """A direction (p,) that separates events from non-events, or None.

    A linear programme over the fixed columns (Konis 2007): a direction along which no event's
    predictor falls and no non-event's rises, and at least one changes.
    """
    events = binary.columns[binary.proportion > 0.0]
    others = -binary.columns[binary.proportion < 1.0]
    signed = np.unique(np.vstack([events, others]), axis=0)
    size = signed.shape[1]
    found = linprog(
        -signed.sum(axis=0) / len(signed),
        A_ub=-signed,
        b_ub=np.zeros(len(signed)),
        bounds=[(-1.0, 1.0)] * size,
        method="highs",
    )
    if found.status != 0 or -found.fun < 1e-9:
        return None
    return np.asarray(found.x)


def _constant(binary: Binary) -> float:
    """What replaces binomial coefficients of frequency-weighted rows by those of single rows."""

    def log_choose(trials: Array) -> Array:
        events = binary.proportion * trials
        return np.asarray(
            gammaln(trials + 1.0) - gammaln(events + 1.0) - gammaln(trials - events + 1.0)
        )

    joined = log_choose(binary.trials * binary.frequency)
    return float((binary.frequency * log_choose(binary.trials) - joined).sum())


def maximise(
    binary: Binary, link: str, nodes: int, start: tuple[Array, float] | None = None
) -> BinaryOptimum:
    """Maximise the likelihood.

    Raises
    ------
    CompleteSeparation
        If the fixed columns separate events from non-events.
    NotConverged
        If no usable estimate is found otherwise.
    """
    import glmm

    size = binary.columns.shape[1]
    names = [f"x{index}" for index in range(size)]
    data: dict[str, object] = {"y": binary.proportion}
    data.update(zip(names, binary.columns.T, strict=True))
    formula = "y ~ 0 + " + " + ".join(names)
    options: dict[str, object] = {}
    if binary.codes is not None:
        data["g"] = [f"k{code:08d}" for code in binary.codes]
        formula += " + (1 | g)"
        options["nagq"] = nodes
        if start is not None:
            options["warm_start"] = {"beta": list(start[0]), "theta": [max(start[1], 0.05)]}
    weights = binary.trials * binary.frequency
    if not (weights == 1.0).all():
        options["weights"] = weights
    if binary.offset is not None:
        options["offset"] = binary.offset
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = glmm.fit(data, formula, "binomial", link=link, **options)
    beta = np.asarray(found.beta, dtype=float)
    covariance = np.asarray(found.vcov, dtype=float).reshape(size, size)
    usable = bool(np.isfinite(beta).all() and np.isfinite(covariance).all() and found.converged)
    if not usable or np.max(np.abs(binary.columns @ beta)) > 10.0:
        direction = find_separation(binary)
        if direction is not None:
            raise CompleteSeparation(
                "a combination of the predictors separates events from non-events, so that some"
                " coefficients have no finite estimate"
            )
    messages = [note["message"] for note in found.warnings if note["kind"] != "singular"]
    if not np.isfinite(beta).all() or not np.isfinite(covariance).all():
        raise NotConverged("; ".join(messages) or "no usable estimate was found")
    modes = np.zeros(0)
    variance = 0.0
    if binary.codes is not None:
        variance = float(found.varcorr[0][0]) if len(found.varcorr) else 0.0
        modes = np.zeros(int(binary.codes.max()) + 1)
        for block in found.ranef_blocks:
            for label, value in zip(block["levels"], np.ravel(block["values"]), strict=True):
                modes[int(label[1:])] = value
    return BinaryOptimum(
        coefficients=beta,
        covariance=covariance,
        group_variance=variance,
        modes=modes,
        loglik=float(found.loglik) + _constant(binary),
        converged=bool(found.converged),
        singular=bool(found.singular),
        messages=messages,
    )
