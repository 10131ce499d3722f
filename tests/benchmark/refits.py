"""What the project does beyond one fit: bootstraps, leaving out, specifications, Kenward-Roger."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pandas as pd
from models import LINEAR, RANDOM, TERMS
from timing import OWN, Answer, Engine, clocked

from attunement.mixed import LinearFit, NotAvailable, fit_linear

DRAWS, SPECIFICATIONS = 1_000, 500


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
    """The first 500 choices of the nine terms, from none to all but a few."""
    choices = itertools.chain.from_iterable(
        itertools.combinations(TERMS, size) for size in range(len(TERMS) + 1)
    )
    return [["Intercept", *chosen] for chosen in itertools.islice(choices, SPECIFICATIONS)]


def _specifications(fit: LinearFit) -> Answer:
    chosen = specifications()
    seconds, found = clocked(lambda: [fit.refit(terms=terms) for terms in chosen])
    lost = sum(not each.converged for each in found)
    return Answer(seconds, more=f"{lost} of {len(chosen)} not converged")


def _kenward_roger(frame: pd.DataFrame) -> Answer:
    """What the whole call takes longer with Kenward-Roger than with none, both in turn."""
    without = clocked(lambda: fit_linear(LINEAR, frame, RANDOM, df="normal"))[0]
    with_it = clocked(lambda: fit_linear(LINEAR, frame, RANDOM, df="kenward-roger"))[0]
    return Answer(with_it - without)


def engines(size: str, frame: pd.DataFrame) -> list[Engine]:
    """The lines of a size; what this version of the engine lacks is left out by name."""
    fit = fit_linear(LINEAR, frame, RANDOM, df="normal")
    every: dict[str, list[tuple[str, Callable[[], Answer]]]] = {
        "S2": [
            (f"{DRAWS:,} therapist bootstraps", lambda: _bootstrap(fit)),
            (f"{SPECIFICATIONS} specifications", lambda: _specifications(fit)),
            ("Kenward-Roger apart", lambda: _kenward_roger(frame)),
        ],
        "S3": [("leaving out each therapist", lambda: _influence(fit))],
        "S4": [("Kenward-Roger apart", lambda: _kenward_roger(frame))],
    }
    return [Engine("refits", name, OWN, run) for name, run in every.get(size, [])]


def available(lines: list[Engine]) -> list[Engine]:
    """Run each line once; those that work, with what they tell of their refits as a note."""
    usable = []
    for line in lines:
        try:
            answer = line.run()
        except NotAvailable as missing:
            line.note = f"not available: {missing}"
            continue
        line.model = str(answer.more or "")
        usable.append(line)
    return usable
