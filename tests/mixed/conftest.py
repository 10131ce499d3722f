"""Random nested designs and a dense reference, handed to tests as functions."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import LinearFit

sys.path.insert(0, str(Path(__file__).parent))


def draw_nested_data(
    seed: int, outer: int = 6, inner: int = 4, rows: int = 5, partial: bool = False
) -> pd.DataFrame:
    """Rows in inner groups in outer groups, unbalanced, shuffled, odd ids; optionally without
    an outer id in every third outer group."""
    generator = np.random.default_rng(seed)
    records = []
    for block in range(outer):
        u = generator.normal(size=2) * [0.6, 0.3]
        for group in range(inner):
            v = generator.normal(size=2) * [0.9, 0.25]
            for time in range(int(generator.integers(max(1, rows - 3), rows + 1))):
                alone = partial and block % 3 == 0
                mean = 2.0 + 0.4 * time + 0.5 * (block % 2) + v[0] + v[1] * time
                mean += 0.0 if alone else u[0] + u[1] * time
                records.append(
                    {
                        "y": mean + generator.normal(),
                        "time": float(time),
                        "x": generator.normal(),
                        "arm": float(block % 2),
                        "outer": None if alone else f"T{block}",
                        "inner": f"{block}/{group}",
                    }
                )
    return pd.DataFrame(records).sample(frac=1.0, random_state=seed).reset_index(drop=True)


def compute_dense_deviance(fit: LinearFit) -> float:
    """The deviance of a linear fit from its whole covariance matrix, at its own variances."""
    design = fit.design
    n = len(design.outcome)
    x = design.fixed[:, fit.fixed["estimate"].notna().to_numpy()]
    precision = fit._prepared.precision
    v = np.diag(np.full(n, fit.residual_variance) / (1.0 if precision is None else precision))
    for level, covariance in fit.level_covariances.items():
        codes, z = design.codes[level], design.random[level]
        same = (codes[:, None] == codes[None, :]) & (codes >= 0)[:, None]
        v += np.where(same, z @ covariance @ z.T, 0.0)
    inverse = np.linalg.inv(v)
    information = x.T @ inverse @ x
    estimates = np.linalg.solve(information, x.T @ inverse @ design.outcome)
    residual = design.outcome - x @ estimates
    value = np.linalg.slogdet(v)[1] + residual @ inverse @ residual
    if fit.reml:
        value += np.linalg.slogdet(information)[1] + (n - x.shape[1]) * np.log(2 * np.pi)
    else:
        value += n * np.log(2 * np.pi)
    kept = fit.fixed["estimate"].dropna()
    np.testing.assert_allclose(estimates, kept, rtol=1e-6, atol=1e-7)
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    np.testing.assert_allclose(errors, fit.fixed["se"].dropna(), rtol=1e-6)
    return float(value)


@pytest.fixture(scope="session")
def nested_data() -> Callable[..., pd.DataFrame]:
    """Draw a nested design: ``nested_data(seed, outer, inner, rows, partial)``."""
    return draw_nested_data


@pytest.fixture(scope="session")
def dense_deviance() -> Callable[[LinearFit], float]:
    """The deviance of a fit from its whole covariance matrix; coefficients are compared too."""
    return compute_dense_deviance
