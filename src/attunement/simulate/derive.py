"""The constants of a world that have no formula: the mean and spread of latent accommodation."""

from __future__ import annotations

import numpy as np

from attunement.simulate.delivery import deliver
from attunement.simulate.parameters import Derived
from attunement.simulate.people import people
from attunement.simulate.streams import Streams
from attunement.simulate.world import World

SEED, THERAPISTS, CASELOAD, CHUNK = 1, 4000, 10, 1000
HOW = (
    f"computed: attunement.simulate.derive, {THERAPISTS} therapists of {CASELOAD} clients, "
    f"seed {SEED}"
)


def derive(world: World) -> Derived:
    """Return the mean and spreads of accommodation over a large simulated sample.

    The sample has a fixed seed and size whatever the world's, so that equal parameters of
    preference and delivery give equal constants; rounded to five decimals.
    """
    sizes = {"caseload_log_sd": 0.0, "caseload_mean": CASELOAD, "caseload_high": CASELOAD}
    sizes |= {"caseload_low": CASELOAD}
    sample = world.model_copy(update={"sizes": world.sizes.model_copy(update=sizes)})
    level, within = [], []
    for first in range(0, THERAPISTS, CHUNK):
        delivered = deliver(sample, people(sample, SEED, CHUNK, first), Streams(SEED, first, CHUNK))
        level.append(delivered.level)
        within.append(delivered.accommodation.var(axis=1, ddof=1))
    means = np.concatenate(level)
    return Derived(
        accommodation_mean=round(float(means.mean()), 5),
        accommodation_sd=round(float(means.std()), 5),
        accommodation_within_sd=round(float(np.sqrt(np.concatenate(within).mean())), 5),
    )
