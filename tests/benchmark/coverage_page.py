"""The page of the coverage study, written from its tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
from coverage_fits import FORMULA, TERMS

from attunement.simulate.sessions import STUDY

# Coverage aimed at by Kenward-Roger: of a coefficient within clients, of all others.
WITHIN, BETWEEN = (0.94, 0.96), (0.94, 0.98)
NAMES = {
    "kenward-roger": "Kenward-Roger",
    "satterthwaite": "Satterthwaite",
    "wald": "Wald",
    "pbkrtest": "pbkrtest",
}


def target_of(term: str) -> tuple[float, float]:
    """Lowest and highest coverage aimed at."""
    return WITHIN if TERMS[term] == "sessions" else BETWEEN


def coverage_lines(table: pd.DataFrame) -> list[str]:
    """Coefficients down, methods across."""
    methods = list(dict.fromkeys(table["method"]))
    lines = [
        "| therapists | coefficient | varies between | "
        + " | ".join(NAMES[method] for method in methods)
        + " | SD of estimates | mean SE (Kenward-Roger) |",
        "|---:|---|---|" + "---:|" * (len(methods) + 2),
    ]
    for (therapists, term), part in table.groupby(["therapists", "term"], sort=False):
        by = part.set_index("method")
        shares = [f"{by.loc[method, 'coverage']:.3f}" for method in methods]
        own = by.loc["kenward-roger"]
        lines.append(
            f"| {therapists} | {term} | {TERMS[str(term)]} | {' | '.join(shares)} "
            f"| {own['sd_of_error']:.4f} | {own['mean_se']:.4f} |"
        )
    return lines


def _target_lines(table: pd.DataFrame) -> list[str]:
    own = table[table["method"] == "kenward-roger"]
    missed = [
        f"{row.term} at {row.therapists} therapists ({row.coverage:.3f})"
        for row in own.itertuples()
        if not target_of(row.term)[0] <= row.coverage <= target_of(row.term)[1]
    ]
    return [
        "Aimed at by Kenward-Roger: 94 to 96% for the coefficient within clients, 94 to 98% for",
        "the others. " + (f"Missed: {', '.join(missed)}." if missed else "All reached."),
    ]


def _fits_lines(fits: pd.DataFrame) -> list[str]:
    lines = [
        "| therapists | studies | singular fits | not converged | falsely converged |",
        "|---:|---:|---:|---:|---:|",
    ]
    for therapists, row in fits.iterrows():
        lines.append(
            f"| {therapists} | {row['studies']:.0f} | {row['singular']:.1%} "
            f"| {row['not_converged']:.0f} | {row['false_converged']:.0f} |"
        )
    return lines


def _pbkrtest_lines(beside: pd.DataFrame | None, apart: dict[str, float] | None) -> list[str]:
    if beside is None or apart is None:
        return ["R was not there: pbkrtest was not run."]
    return [
        f"The first {apart['studies']:.0f} studies of 10 therapists by lme4 (bobyqa) and pbkrtest;",
        "the other columns are of the same studies. Largest relative difference between our",
        f"Kenward-Roger and pbkrtest's: errors {apart['se']:.1e}, df {apart['df']:.1e}; in the",
        f"{apart['singular']:.0f} singular fits {apart['se_singular']:.1e} and "
        f"{apart['df_singular']:.1e}. lme4's deviance is lower",
        f"than ours by {apart['lower']:.1e} at most.",
        "",
        *coverage_lines(beside),
    ]


def page(
    table: pd.DataFrame,
    fits: pd.DataFrame,
    beside: pd.DataFrame | None,
    apart: dict[str, float] | None,
    about: dict[str, str],
) -> str:
    """The whole page in Markdown."""
    truth = ", ".join(f"{term} {value:g}" for term, value in STUDY.coefficients.items())
    error = table["monte_carlo_error"].max()
    spreads = {"clients": STUDY.client, "therapists": STUDY.therapist}
    random = "; ".join(
        f"{level} {spread.intercept:g} and {spread.slope:g}, correlation {spread.correlation:g}"
        for level, spread in spreads.items()
    )
    without = int(np.sum(table["without"]))
    return "\n".join(
        [
            "# How often the intervals of linear models hold the truth",
            "",
            "Simulated studies (`attunement.simulate.sessions.small_study`): 12 clients a",
            "therapist in unequal caseloads, 4 to 12 sessions a client, 8 on average.",
            "The model fitted by REML is the one the outcomes are drawn from:",
            f"`{FORMULA}`,",
            "random intercepts and slopes of time of therapists and of clients. alliance is drawn",
            "by session; severity and arm by client; experience and training by therapist, half of",
            "whom are trained; time is 0 in the first session and 1 in the eighth.",
            "",
            f"Truth: {truth}. Standard deviations of intercept and slope: {random}; residual",
            f"{STUDY.residual:g}.",
            "",
            f"Command: `{about['command']}`. Seeds `[20261, therapists, study]`, studies from 0;",
            f"checksum of the code `{about['checksum']}`; {about['versions']}.",
            "`coverage.csv` holds every line; `coverage_first_studies.csv` the first ten studies",
            "of each kind one by one, which the tests repeat.",
            "",
            "## Coverage of 95% intervals",
            "",
            f"Monte Carlo error of a coverage of 95%: {error:.4f}. Wald is estimate and 1.96",
            "standard errors.",
            "",
            *_target_lines(table),
            f"Intervals without usable degrees of freedom, counted as not holding: {without}.",
            "",
            *coverage_lines(table),
            "",
            "## Fits",
            "",
            "Singular: a variance at zero, or a correlation at 1 or -1. Falsely converged: the fit",
            "says that it converged, and a search from the true variances ends at a deviance lower",
            "by more than 1e-6.",
            "",
            *_fits_lines(fits),
            "",
            "## Beside pbkrtest",
            "",
            *_pbkrtest_lines(beside, apart),
            "",
        ]
    )
