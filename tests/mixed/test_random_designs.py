"""Random designs: no better point exists than the one a fit claims, by brute force and by glmm.

Brute force works on well-scaled columns with the whole covariance matrix of the rows, and searches
on its own from several starts; the fit is given the same columns shifted and scaled.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from random_designs import Drawn, draw
from scipy import linalg, optimize

from attunement.mixed import LinearFit
from attunement.mixed.errors import NotAvailable, NotConverged

CLOSE = 1e-8


class Dense:
    """Deviance and slope of a design in the relative factors, from its whole covariance matrix."""

    def __init__(self, drawn: Drawn) -> None:
        self.x = drawn.columns(drawn.fixed)
        self.y = drawn.values["y"].to_numpy()
        n = len(self.y)
        self.z = [drawn.columns(level.columns) for level in drawn.levels]
        self.same = [
            (v.codes[:, None] == v.codes[None, :]) & (v.codes >= 0)[:, None] for v in drawn.levels
        ]
        self.free = [
            (np.arange(z.shape[1]),) * 2 if level.independent else np.tril_indices(z.shape[1])
            for z, level in zip(self.z, drawn.levels, strict=True)
        ]
        self.noise = np.ones(n) if drawn.precision is None else 1.0 / drawn.precision
        self.reml = drawn.reml
        self.divisor = n - self.x.shape[1] * self.reml

    def factors(self, parameters: np.ndarray) -> list[np.ndarray]:
        cuts = np.cumsum([len(rows) for rows, _ in self.free])[:-1]
        made = [np.zeros((z.shape[1],) * 2) for z in self.z]
        for factor, free, part in zip(made, self.free, np.split(parameters, cuts), strict=True):
            factor[free] = part
        return made

    def __call__(self, parameters: np.ndarray) -> tuple[float, np.ndarray]:
        factors = self.factors(parameters)
        v = np.diag(self.noise)
        for z, same, factor in zip(self.z, self.same, factors, strict=True):
            v = v + np.where(same, z @ factor @ factor.T @ z.T, 0.0)
        root = linalg.cholesky(v, lower=True)
        inverse = linalg.cho_solve((root, True), np.eye(len(v)))
        weighed = inverse @ self.x
        information = self.x.T @ weighed
        beta = linalg.solve(information, weighed.T @ self.y, assume_a="pos")
        turned = inverse @ (self.y - self.x @ beta)
        sigma2 = float((self.y - self.x @ beta) @ turned) / self.divisor
        value = 2.0 * np.log(np.diag(root)).sum()
        value += self.divisor * (1.0 + np.log(2.0 * np.pi * sigma2))
        slope = inverse - np.outer(turned, turned) / sigma2
        if self.reml:
            value += np.linalg.slogdet(information)[1]
            slope -= weighed @ linalg.solve(information, weighed.T, assume_a="pos")
        parts = [
            2.0 * (z.T @ np.where(same, slope, 0.0) @ z @ factor)[free]
            for z, same, factor, free in zip(self.z, self.same, factors, self.free, strict=True)
        ]
        return float(value), np.concatenate(parts)

    def best(self, starts: list[np.ndarray]) -> float:
        """The lowest deviance found from any start."""
        options = {"maxiter": 500, "ftol": 1e-15, "gtol": 1e-7}
        found = [
            optimize.minimize(self, start, jac=True, method="L-BFGS-B", options=options).fun
            for start in starts
        ]
        return float(min(found))


def own_point(drawn: Drawn, dense: Dense, fit: LinearFit) -> np.ndarray:
    """The parameters of the fit for the well-scaled columns."""
    found = []
    for level in drawn.levels:
        turn = np.diag([drawn.scale.get(name, 1.0) for name in level.columns])
        if "1" in level.columns:
            shifts = [drawn.shift.get(name, 1.0) for name in level.columns]
            turn[level.columns.index("1")] = np.diag(turn) * shifts
        covariance = turn @ (fit.level_covariances[level.name] / fit.residual_variance) @ turn.T
        values, vectors = np.linalg.eigh(covariance)
        factor = np.linalg.qr((vectors * np.sqrt(np.maximum(values, 0.0))).T)[1].T
        found.append(np.diag(np.sqrt(np.diag(covariance))) if level.independent else factor)
    return np.concatenate([f[free] for f, free in zip(found, dense.free, strict=True)])


def examine(seed: int, n_starts: int) -> str:
    """Compare one design with brute force and with glmm; what kind of fit it was."""
    drawn = draw(seed)
    fit = drawn.fit(drawn.given)
    assert fit.n_obs == len(drawn.values)
    dense = Dense(drawn)
    deviance = fit.deviance - drawn.units()
    allowed = CLOSE * max(abs(deviance), abs(fit.deviance), 1.0)
    own = own_point(drawn, dense, fit)
    if not any(drawn.shift[name] for name in "txz"):
        assert abs(dense(own)[0] - deviance) <= allowed, f"design {seed}: another deviance"
    generator = np.random.default_rng(seed)
    starts = [own + 0.1 * generator.normal(size=len(own)) for _ in range(n_starts)]
    starts += [own, np.where(own == 0.0, 0.0, 1.0), generator.normal(size=len(own))]
    best = dense.best(starts)
    assert deviance >= best - allowed, f"design {seed}: better than is possible"
    assert not fit.converged or deviance <= best + allowed, f"design {seed}: falsely converged"
    kind = "singular" if fit.singular else "regular"
    try:
        other = drawn.fit(drawn.values, engine="glmm")
    except (NotAvailable, NotConverged):
        return kind if fit.converged else "not converged"
    assert deviance <= other.deviance + allowed, f"design {seed}: glmm finds a lower deviance"
    same = other.deviance <= deviance + allowed
    return f"{kind if fit.converged else 'not converged'}, {'as glmm' if same else 'glmm is worse'}"


def kinds_of(seeds: range, n_starts: int) -> dict[str, int]:
    return pd.Series([examine(seed, n_starts) for seed in seeds]).value_counts().to_dict()


@pytest.mark.parametrize("block", range(6))
def test_no_better_point_exists(block: int) -> None:
    kinds = kinds_of(range(20 * block, 20 * block + 20), 1)
    assert not any(kind.startswith("not converged") for kind in kinds)
    assert not any(kind.endswith("worse") for kind in kinds)
    assert kinds["regular, as glmm"] + kinds.get("singular, as glmm", 0) >= 4


@pytest.mark.parametrize("seed", [1103, 1441, 1569, 2010, 3105, 3226, 3475, 3655, 3910])
def test_designs_that_once_misled(seed: int) -> None:
    """Of 7 to 17 inner groups and several minima; 3655 has an offset where ids are missing."""
    assert not examine(seed, 3).startswith("not converged")


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_no_better_point_exists_in_a_thousand_more(block: int) -> None:
    kinds = kinds_of(range(120 + 50 * block, 170 + 50 * block), 3)
    settled = sum(count for kind, count in kinds.items() if not kind.startswith("not converged"))
    assert settled >= 48
