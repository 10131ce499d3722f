"""What it costs to leave autocorrelated sessions independent: studies simulated and fitted.

    python tests/recovery/autocorrelation.py

writes `docs/autocorrelation.csv`, a row for each term and model, and the estimates of the first ten
studies to `docs/autocorrelation_first_studies.csv`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from attunement.mixed import fit_linear

DOCS = Path(__file__).parents[2] / "docs"
STUDIES, CLIENTS, SESSIONS = 1_000, 100, 10
RHO, SPREAD = 0.4, 0.7
TRUTH = {"session": -0.1, "drift": 0.2, "mood": 0.2}
MODELS = {
    "independent": ("1", "independent"),
    "independent, random slope": ("1 + session", "independent"),
    "AR(1)": ("1", "ar1:session"),
    "AR(1), random slope": ("1 + session", "ar1:session"),
}


def series(generator: np.random.Generator, rho: float) -> np.ndarray:
    """AR(1) values (clients, sessions) of variance one."""
    values = generator.standard_normal((CLIENTS, SESSIONS))
    for session in range(1, SESSIONS):
        values[:, session] *= np.sqrt(1.0 - rho**2)
        values[:, session] += rho * values[:, session - 1]
    return values


def study(number: int) -> pd.DataFrame:
    """One study: a random intercept by client, AR(1) residuals, a tenth of the sessions missed.

    `mood` varies freely between sessions, `drift` is itself AR(1) with a correlation of .6.
    """
    generator = np.random.default_rng([20_264, number])
    client, session = np.divmod(np.arange(CLIENTS * SESSIONS), SESSIONS)
    data = pd.DataFrame({"client": client, "session": session})
    data["mood"] = series(generator, 0.0).ravel()
    data["drift"] = series(generator, 0.6).ravel()
    effect = SPREAD * generator.standard_normal(CLIENTS)
    data["y"] = effect[client] + series(generator, RHO).ravel()
    for name, slope in TRUTH.items():
        data["y"] += slope * data[name]
    return data[generator.random(len(data)) > 0.1]


def fits(number: int) -> list[dict[str, object]]:
    """Every model's estimates in one study."""
    data, rows = study(number), []
    for model, (random, residual) in MODELS.items():
        formula, part = "y ~ session + drift + mood", {"client": random}
        fit = fit_linear(formula, data, part, df="satterthwaite", residual=residual)
        for term in TRUTH:
            row = fit.fixed.loc[term, ["estimate", "se", "ci_low", "ci_high"]].to_dict()
            state = {"converged": fit.converged, "singular": fit.singular}
            rows.append({"study": number, "model": model, "term": term, **row, **state})
    return rows


def table(rows: pd.DataFrame) -> pd.DataFrame:
    """By model and term: spread of the estimates, mean standard error, coverage of 95% intervals
    in per cent, the shares of fits that are singular or did not converge, and studies."""
    truth = rows["term"].map(TRUTH)
    covered = (rows["ci_low"] < truth) & (truth < rows["ci_high"])
    rows = rows.assign(covered=100.0 * covered, failed=~rows["converged"].astype(bool))
    return rows.groupby(["term", "model"], sort=False, as_index=False).agg(
        spread=("estimate", "std"),
        mean_se=("se", "mean"),
        coverage=("covered", "mean"),
        singular=("singular", "mean"),
        not_converged=("failed", "mean"),
        studies=("study", "nunique"),
    )


if __name__ == "__main__":
    made = pd.DataFrame([row for number in range(STUDIES) for row in fits(number)])
    first = made[made["study"] < 10]
    first.to_csv(DOCS / "autocorrelation_first_studies.csv", index=False, float_format="%.10g")
    summary = table(made).sort_values("term", kind="stable", ignore_index=True)
    summary.to_csv(DOCS / "autocorrelation.csv", index=False, float_format="%.5g")
    print(summary.to_string())
