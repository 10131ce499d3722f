"""What the project does beyond one fit: bootstraps, leaving out, specifications, Kenward-Roger."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pandas as pd
from models import LINEAR, RANDOM, TERMS
from timing import OWN, Answer, Engine, clocked

from attunement.mixed import LinearFit, fit_linear

DRAWS, SPECIFICATIONS = 1_000, 500
MORE = "log_session"


def _bootstrap(fit: LinearFit) -> Answer:
    seconds, found = clocked(lambda: fit.bootstrap(DRAWS, by="therapist", seed=1))
    if len(found.fixed) != DRAWS or found.n_failed:
        raise RuntimeError(f"{found.n_failed} of {len(found.fixed)} draws failed")
    return Answer(seconds, more=f"{found.n_not_converged} of {DRAWS} not converged")


def _influence(fit: LinearFit) -> Answer:
    seconds, found = clocked(lambda: fit.influence("therapist"))
    lost = int((~found.summary["converged"]).sum())
    return Answer(seconds, more=f"{lost} of {len(found.summary)} not converged")


def specifications() -> list[list[str]]:
    """500 choices among nine terms beside time, whose slopes are random and need their mean."""
    others = [term for term in [*TERMS, MORE] if term != "time"]
    choices = itertools.chain.from_iterable(
        itertools.combinations(others, size) for size in range(len(others) + 1)
    )
    return [["Intercept", "time", *chosen] for chosen in itertools.islice(choices, SPECIFICATIONS)]


def _specifications(frame: pd.DataFrame) -> Callable[[], Answer]:
    """Refits of a model of ten terms and the intercept; that model's own fit is not timed."""
    fit = fit_linear(f"{LINEAR} + {MORE}", frame, RANDOM, df="normal")
    chosen = specifications()

    def run() -> Answer:
        seconds, found = clocked(lambda: fit.refit_each(chosen))
        lost = sum(not each.converged for each in found)
        return Answer(seconds, more=f"{lost} of {len(chosen)} not converged")

    return run


def _kenward_roger(frame: pd.DataFrame) -> Answer:
    """What the whole call takes longer with Kenward-Roger than with none, both in turn."""
    without = clocked(lambda: fit_linear(LINEAR, frame, RANDOM, df="normal"))[0]
    with_it = clocked(lambda: fit_linear(LINEAR, frame, RANDOM, df="kenward-roger"))[0]
    return Answer(with_it - without)


def engines(size: str, frame: pd.DataFrame) -> list[Engine]:
    """The lines of a size, with what they tell of their refits."""
    every: list[tuple[str, Callable[[], Answer]]] = []
    if size in ("S2", "S3"):
        fit = fit_linear(LINEAR, frame, RANDOM, df="normal")
    if size == "S2":
        every = [
            (f"{DRAWS:,} therapist bootstraps", lambda: _bootstrap(fit)),
            (f"{SPECIFICATIONS} specifications", _specifications(frame)),
        ]
    if size == "S3":
        every = [("leaving out each therapist", lambda: _influence(fit))]
    if size in ("S2", "S4"):
        every.append(("Kenward-Roger apart", lambda: _kenward_roger(frame)))
    return [Engine("refits", name, OWN, run, str(run().more or "")) for name, run in every]
