"""Compile the inner loops once, at set-up: ``python -m attunement.mixed.warm_up``."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from attunement.mixed import fit_linear, fit_logistic


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


def linear(data: pd.DataFrame) -> None:
    """Compile what linear models need."""
    random = {"therapist": "1 + session", "client": "1 + session"}
    fit = fit_linear("y ~ session + x", data, random)
    fit.bootstrap(2, "therapist", 1)
    fit_linear("y ~ session", data, {"client": "1"}, residual="ar1:session")


def logistic(data: pd.DataFrame) -> None:
    """Compile what binary models need."""
    for link in ("logit", "cloglog"):
        fit_logistic("event ~ x", data, group="therapist", link=link, nodes=9)


if __name__ == "__main__":
    chosen = sys.argv[1:] or ["linear", "logistic"]
    for name in chosen:
        {"linear": linear, "logistic": logistic}[name](small_data())
