"""One simulated study after another: its fit, and what each method says of its coefficients."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attunement.mixed import LinearFit, fit_linear
from attunement.mixed.solve import Problem
from attunement.simulate.sessions import STUDY, small_study

FORMULA = "outcome ~ alliance + time + severity + arm + experience + training + time:arm"
RANDOM = {"therapist": "1 + time", "client": "1 + time"}
# Each coefficient and what it varies between: sessions of a client, clients, therapists.
TERMS = {
    "alliance": "sessions",
    "time": "slopes of therapists",
    "severity": "clients",
    "arm": "clients",
    "experience": "therapists",
    "training": "therapists",
    "time:arm": "slopes of clients",
}
METHODS = ("kenward-roger", "satterthwaite", "wald")
WORTH = 1e-6  # a deviance lower by more than this is another minimum


def _lower_elsewhere(fit: LinearFit) -> bool:
    """Whether a search that starts from the true variances ends at a lower deviance."""
    prepared = fit._prepared
    true = {"therapist": STUDY.therapist.covariance, "client": STUDY.client.covariance}
    problem = Problem(prepared.blocks, prepared.layout, True)
    other = problem.solve(prepared.parameters_from(true, STUDY.residual**2))
    return prepared.deviance(other.evaluation, True) < fit.deviance - WORTH


def rows_of_study(therapists: int, study: int) -> pd.DataFrame:
    """One row for each coefficient: its estimate, and the error and df of each method.

    `se` belongs to Satterthwaite and Wald, `se_kenward_roger` to Kenward-Roger. The columns
    `converged`, `singular` and `lower_elsewhere` are those of the whole fit.
    """
    frame = small_study(therapists, study)
    fit = fit_linear(FORMULA, frame, RANDOM, df="kenward-roger")
    second = fit_linear(FORMULA, frame, RANDOM, df="satterthwaite", start=fit)
    terms = list(TERMS)
    return pd.DataFrame(
        {
            "therapists": therapists,
            "study": study,
            "term": terms,
            "estimate": fit.fixed.loc[terms, "estimate"].to_numpy(),
            "se": second.fixed.loc[terms, "se"].to_numpy(),
            "df_satterthwaite": second.fixed.loc[terms, "df"].to_numpy(),
            "se_kenward_roger": fit.fixed.loc[terms, "se"].to_numpy(),
            "df_kenward_roger": fit.fixed.loc[terms, "df"].to_numpy(),
            "deviance": fit.deviance,
            "converged": fit.converged,
            "singular": fit.singular,
            "lower_elsewhere": _lower_elsewhere(fit),
        }
    )


def rows_of_studies(therapists: int, first: int, last: int) -> pd.DataFrame:
    """The rows of studies `first` to `last` - 1."""
    return pd.concat(
        [rows_of_study(therapists, study) for study in range(first, last)], ignore_index=True
    )


def half_width(error: NDArray[np.float64], df: NDArray[np.float64]) -> NDArray[np.float64]:
    """Half of a 95% interval by Student's t; NaN where the df are none."""
    from scipy.special import ndtri, stdtrit

    usable = np.where(df > 0.0, df, np.nan)
    return error * np.where(np.isinf(df), ndtri(0.975), stdtrit(usable, 0.975))


def intervals(rows: pd.DataFrame, method: str) -> NDArray[np.float64]:
    """Half widths of the 95% intervals of every row by one method."""
    if method == "kenward-roger":
        error, df = rows["se_kenward_roger"], rows["df_kenward_roger"]
    else:
        error = rows["se"]
        df = rows["df_satterthwaite"] if method == "satterthwaite" else np.inf + 0.0 * error
    return half_width(error.to_numpy(), df.to_numpy())
