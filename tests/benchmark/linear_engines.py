"""The linear model in every engine: whole calls, from a data frame to a table of coefficients."""

from __future__ import annotations

import importlib.util
import warnings
from functools import partial

import numpy as np
import pandas as pd
from kernel_time import kernel_seconds, least_squares_seconds
from models import BARS, LINEAR, RANDOM, TERMS, columns_of
from numpy.typing import NDArray
from r_process import RProcess
from timing import Answer, Engine, TooSlow, clocked

from attunement.mixed import LinearFit, fit_linear

FULL = "random intercepts and slopes of therapists and clients, REML"
NO_DF = f"{FULL}, no degrees of freedom"
WITH_DF = f"{FULL}, Satterthwaite"


def ours(frame: pd.DataFrame) -> Answer:
    """The project's own engine."""
    seconds, fit = clocked(lambda: fit_linear(LINEAR, frame, RANDOM, df="satterthwaite"))
    table = fit.fixed
    if not fit.converged:
        raise RuntimeError(f"the own engine did not converge: {fit.messages}")
    return Answer(
        seconds, fit.deviance, table["estimate"].to_numpy(), table["se"].to_numpy(), more=fit
    )


def by_glmm(frame: pd.DataFrame) -> Answer:
    """glmm 0.6, the best library found."""
    import glmm

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seconds, fit = clocked(lambda: glmm.fit(frame, LINEAR + BARS, satterthwaite=True))
    return Answer(seconds, -2.0 * float(fit.loglik), np.asarray(fit.beta, dtype=float))


def by_statsmodels(frame: pd.DataFrame) -> Answer:
    """statsmodels has no slopes at two levels: clients have an intercept only."""
    import statsmodels.formula.api as smf

    def call() -> object:
        model = smf.mixedlm(
            LINEAR,
            frame,
            groups="therapist",
            re_formula="~ time",
            vc_formula={"client": "0 + C(client)"},
        )
        return model.fit(reml=True)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Answer(clocked(call)[0])


def by_gpboost(frame: pd.DataFrame) -> Answer:
    """gpboost has slopes independent of intercepts, and no REML."""
    import gpboost

    groups = frame[["therapist", "client"]].to_numpy()
    outcome = frame["outcome"].to_numpy()

    def call() -> object:
        model = gpboost.GPModel(
            group_data=groups,
            group_rand_coef_data=np.column_stack([frame["time"], frame["time"]]),
            ind_effect_group_rand_coef=[1, 2],
            likelihood="gaussian",
            num_parallel_threads=1,
        )
        model.fit(y=outcome, X=columns_of(frame, TERMS))
        return model.get_coef(std_err=True)

    return Answer(clocked(call)[0])


def by_r(process: RProcess, command: str, limit: float) -> Answer:
    """A whole call of lme4 or lmerTest."""
    found = process.ask(f"{command} {LINEAR}{BARS}", limit)
    return Answer(float(found[0]), float(found[1]), found[2:])


def optimised_by_r(process: RProcess, limit: float) -> Answer:
    """lme4 between its matrices and its result: the deviance function made and minimised."""
    found = process.ask(f"optimise {LINEAR}{BARS}", limit)
    return Answer(float(found[0]), float(found[1]))


def relative_factors(fit: LinearFit) -> NDArray[np.float64]:
    """lme4's parameters of a fit: Cholesky factors of the relative covariances, clients first."""
    packed = []
    for level in ("client", "therapist"):
        values, vectors = np.linalg.eigh(fit.level_covariances[level] / fit.residual_variance)
        root = np.linalg.qr((vectors * np.sqrt(np.maximum(values, 0.0))).T, mode="r").T
        root = root * np.where(np.diag(root) < 0.0, -1.0, 1.0)
        packed += [root[0, 0], root[1, 0], root[1, 1]]
    return np.array(packed)


def peers(size: str, process: RProcess | None) -> list[str]:
    """Names of the peers that are tried at a size: not those that would take minutes there."""
    names = ["glmm"]
    if size != "S4":
        names += [name for name in ("statsmodels", "gpboost") if importlib.util.find_spec(name)]
    if process is not None:
        names.append("lme4")
        if size in ("S1", "S2"):
            names.append("lmerTest")
    return names


def engines(size: str, frame: pd.DataFrame, process: RProcess | None) -> list[Engine]:
    """Every line of the linear model at a size, the project's own first."""
    matrix, outcome = columns_of(frame, TERMS), frame["outcome"].to_numpy()
    tried = peers(size, process)
    kernel = partial(kernel_seconds, LINEAR, frame, RANDOM)
    floor = partial(least_squares_seconds, matrix, outcome)
    lines = [
        Engine("linear", "whole call", "attunement", partial(ours, frame), WITH_DF),
        Engine("linear", "kernel", "attunement", lambda: Answer(kernel()), FULL),
        Engine(
            "linear", "floor", "least squares", lambda: Answer(floor()), "normal equations", False
        ),
        Engine("linear", "whole call", "glmm", partial(by_glmm, frame), WITH_DF),
    ]
    if "statsmodels" in tried:
        smaller = "smaller model: clients without slopes, REML, no degrees of freedom"
        lines.append(
            Engine(
                "linear",
                "whole call",
                "statsmodels",
                partial(by_statsmodels, frame),
                smaller,
                same=False,
            )
        )
    if "gpboost" in tried:
        smaller = "smaller model: slopes independent of intercepts, ML, no degrees of freedom"
        lines.append(
            Engine(
                "linear", "whole call", "gpboost", partial(by_gpboost, frame), smaller, same=False
            )
        )
    if process is not None:
        lines.append(
            Engine("linear", "whole call", "lme4", partial(by_r, process, "lmer", 400.0), NO_DF)
        )
        lines.append(
            Engine("linear", "kernel", "lme4", partial(optimised_by_r, process, 400.0), FULL)
        )
    if "lmerTest" in tried and process is not None:
        lines.append(
            Engine(
                "linear",
                "whole call",
                "lmerTest",
                partial(by_r, process, "lmerTest", 120.0),
                WITH_DF,
            )
        )
    return lines


def check(first: dict[str, Answer], process: RProcess | None) -> dict[str, float]:
    """How far the engines are apart; ends the run where they are not of one mind.

    lme4's own deviance function at the project's estimates must give the project's deviance; an
    engine that fits the same model must come to no lower a deviance, to one that is not higher by
    more than .01 (lme4's default optimiser stops early), and to estimates within 2% of a standard
    error.
    """
    own = first["attunement, whole call"]
    assert own.deviance is not None and own.estimates is not None and own.errors is not None
    apart = {}
    if process is not None:
        words = " ".join(f"{value:.17g}" for value in relative_factors(own.more))
        try:
            theirs = float(process.ask(f"deviance {words}")[0])
        except TooSlow:
            theirs = float("nan")
        apart["lme4's deviance at our estimates, relative"] = abs(theirs / own.deviance - 1.0)
        if apart["lme4's deviance at our estimates, relative"] > 1e-9:
            raise SystemExit(f"lme4's deviance at our estimates is {theirs}, ours {own.deviance}")
    for name, answer in first.items():
        if answer.deviance is None or answer is own:
            continue
        higher = answer.deviance - own.deviance
        apart[f"{name}: deviance above ours"] = higher
        moved = 0.0
        if answer.estimates is not None:
            moved = float(np.max(np.abs(answer.estimates - own.estimates) / own.errors))
            apart[f"{name}: estimates apart, in standard errors"] = moved
        if not -1e-9 * abs(own.deviance) <= higher <= 0.01 or moved > 0.02:
            raise SystemExit(f"{name} disagrees: deviance {higher:+.2g}, estimates {moved:.2g} SE")
    return apart
