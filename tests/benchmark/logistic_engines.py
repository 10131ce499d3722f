"""The model of dropping out in every engine: a logistic hazard with an intercept by therapist."""

from __future__ import annotations

import importlib.util
import warnings
from functools import partial

import numpy as np
import pandas as pd
from models import EVENT, EVENT_TERMS, columns_of
from r_process import RProcess
from timing import Answer, Engine, clocked

from attunement.mixed import fit_logistic

NODES, PEER_NODES = 25, 11
BAR = " + (1 | therapist)"


def ours(frame: pd.DataFrame) -> Answer:
    """The project's own engine with its default of 25 nodes."""
    seconds, fit = clocked(lambda: fit_logistic(EVENT, frame, group="therapist", nodes=NODES))
    table = fit.fixed
    if not fit.converged:
        raise RuntimeError(f"the own engine did not converge: {fit.messages}")
    return Answer(seconds, fit.deviance, table["estimate"].to_numpy(), table["se"].to_numpy())


def by_glmm(frame: pd.DataFrame) -> Answer:
    """glmm, fewer nodes, which suffice here."""
    import glmm

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seconds, fit = clocked(lambda: glmm.fit(frame, EVENT + BAR, "binomial", nagq=PEER_NODES))
    return Answer(seconds, -2.0 * float(fit.loglik), np.asarray(fit.beta, dtype=float))


def by_gpboost(frame: pd.DataFrame) -> Answer:
    """gpboost: Laplace's approximation, that is one node."""
    import gpboost

    def call() -> object:
        model = gpboost.GPModel(
            group_data=frame["therapist"].to_numpy(),
            likelihood="bernoulli_logit",
            num_parallel_threads=1,
        )
        model.fit(
            y=frame["dropout"].to_numpy(dtype=float),
            X=columns_of(frame, EVENT_TERMS),
        )
        return model.get_coef(std_err=True)

    return Answer(clocked(call)[0])


def by_r(process: RProcess) -> Answer:
    """glmer with 10 nodes; its deviance leaves out constants and is not compared."""
    found = process.ask(f"glmer {EVENT}{BAR}", 240.0)
    return Answer(float(found[0]), None, found[1:])


def engines(size: str, frame: pd.DataFrame, process: RProcess | None) -> list[Engine]:
    """Every line of the logistic model at a size, the project's own first."""
    lines = [
        Engine("logistic", "whole call", "attunement", partial(ours, frame), f"{NODES} nodes"),
        Engine("logistic", "whole call", "glmm", partial(by_glmm, frame), f"{PEER_NODES} nodes"),
    ]
    if importlib.util.find_spec("gpboost") is not None:
        laplace = partial(by_gpboost, frame)
        lines.append(
            Engine("logistic", "whole call", "gpboost", laplace, "Laplace, 1 node", same=False)
        )
    if process is not None and size in ("S1", "S2"):
        lines.append(
            Engine("logistic", "whole call", "lme4", partial(by_r, process), "glmer, 10 nodes")
        )
    return lines


def check(first: dict[str, Answer]) -> dict[str, float]:
    """How far the engines are apart; ends the run where they are not of one mind."""
    own = first["attunement, whole call"]
    assert own.deviance is not None and own.estimates is not None and own.errors is not None
    apart = {}
    for name, answer in first.items():
        if answer is own or answer.estimates is None:
            continue
        moved = float(np.max(np.abs(answer.estimates - own.estimates) / own.errors))
        apart[f"{name}: estimates apart, in standard errors"] = moved
        higher = 0.0
        if answer.deviance is not None:
            higher = answer.deviance - own.deviance
            apart[f"{name}: deviance above ours"] = higher
        if abs(higher) > 1e-7 * abs(own.deviance) or moved > 0.02:
            raise SystemExit(f"{name} disagrees: deviance {higher:+.2g}, estimates {moved:.2g} SE")
    return apart
