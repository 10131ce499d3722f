"""Compile the inner loops once, at set-up: ``python -m attunement.mixed.warm_up``.

What is named after it is compiled, each part in a process of its own if wanted: elimination and
slope first, side by side, then linear and logistic, which find those compiled.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from attunement.mixed import fit_linear, fit_logistic
from attunement.mixed.design import build_design
from attunement.mixed.formula import parse_random
from attunement.mixed.kernel import Lanes, arrange
from attunement.mixed.prepare import prepare

RANDOM = {"therapist": "1 + session", "client": "1 + session"}


def small_data() -> pd.DataFrame:
    """A few rows on which every kind of model can be fitted."""
    generator = np.random.default_rng(1)
    therapist, client, session = np.indices((6, 4, 6)).reshape(3, -1)
    frame = pd.DataFrame({"therapist": therapist, "client": 10 * therapist + client})
    frame["session"] = session
    frame["x"] = generator.normal(size=len(frame))
    effects = generator.normal(size=6)[therapist] + generator.normal(size=60)[frame["client"]]
    frame["y"] = 0.3 * session + effects + generator.normal(size=len(frame))
    frame["event"] = (generator.uniform(size=len(frame)) < 0.3).astype(float)
    return frame


def _lanes(data: pd.DataFrame) -> Lanes:
    design, _ = build_design("y ~ session + x", data, parse_random(RANDOM))
    return arrange(prepare(design).blocks)


def elimination(data: pd.DataFrame) -> None:
    """Compile what leads to the deviance."""
    from attunement.mixed.kernels.deviance import eliminate
    from attunement.mixed.kernels.profiled import workspace

    lanes = _lanes(data)
    portion, none = lanes.portions[0], np.zeros((2, 2))
    eliminate(portion, none, none, workspace(portion, 1), portion[10].copy())


def slope(data: pd.DataFrame) -> None:
    """Compile what leads to the slope of the deviance, from numbers without meaning."""
    from attunement.mixed.kernels.profiled import profile_out
    from attunement.mixed.kernels.slope import score

    # bundles of nothing, in the layout that `arrange` gives
    shapes = (0, 2, 2, 4), (0, 2, 4, 4), (0, 2, 2, 4), (0, 4), (0, 4)
    blocks = np.zeros(1), np.zeros(1), np.zeros((1, 2, 4)), np.zeros((4, 2)), np.eye(4), np.ones(1)
    lanes = (*map(np.zeros, shapes), np.zeros(2, dtype=np.int64), *blocks)
    *sums, numbers = (np.zeros(each) for each in ((2, 2, 2), (2, 2, 2), (4, 4), (4, 4), 3))
    coefficients, root = np.zeros(3), np.zeros((3, 3))
    _, combinations = profile_out(np.eye(4), 9.0, 0.0, True, coefficients, root, numbers)
    work = tuple(map(np.zeros, ((0, 2, 2, 4), (1, 2, 4), (1, 2, 2), (1, 2, combinations.shape[1]))))
    score(lanes, np.zeros((2, 2)), work, combinations, *sums)


def linear(data: pd.DataFrame) -> None:
    """Compile what linear models need."""
    fit = fit_linear("y ~ session + x", data, RANDOM)
    fit.bootstrap(2, "therapist", 1)
    fit_linear("y ~ session", data, {"client": "1"}, residual="ar1:session")


def logistic(data: pd.DataFrame) -> None:
    """Compile what binary models need."""
    for link in ("logit", "cloglog"):
        fit_logistic("event ~ x", data, group="therapist", link=link, nodes=9)


if __name__ == "__main__":
    parts = {each.__name__: each for each in (elimination, slope, linear, logistic)}
    for name in sys.argv[1:] or parts:
        parts[name](small_data())
