"""A simulated study: people, what they wanted and got, how they fared and how they left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attunement.simulate.course import Course, take_course
from attunement.simulate.delivery import Delivered, deliver
from attunement.simulate.learning import learn
from attunement.simulate.leaving import Endings, leave
from attunement.simulate.people import People, people
from attunement.simulate.streams import Streams
from attunement.simulate.world import World


@dataclass(frozen=True)
class Study:
    """A simulated study with its truth: everything here is true; measures come with the export."""

    world: World
    seed: int
    first_therapist: int
    people: People
    delivered: Delivered
    course: Course
    endings: Endings

    @property
    def streams(self) -> Streams:
        """The random streams of these therapists."""
        return Streams(self.seed, self.first_therapist, self.people.caseload.size)

    @property
    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Client row and session of each session attended, by client and session (0 = intake)."""
        counts = self.endings.last + 1
        client = np.repeat(np.arange(counts.size), counts)
        starts = np.repeat(counts.cumsum() - counts, counts)
        return client, np.arange(client.size) - starts


def simulate(
    world: World,
    seed: int | None = None,
    therapists: int | None = None,
    first_therapist: int = 0,
) -> Study:
    """Simulate a study, or the part of it that some therapists make up.

    Parameters
    ----------
    world : World
        The generating parameters.
    seed : int, optional
        Seed of the study; the world's when left out.
    therapists : int, optional
        How many therapists to generate; the world's when left out.
    first_therapist : int
        The first of them, from 0. Therapists are independent of chunks: those of two calls put
        together are those of one call.

    Returns
    -------
    Study
        Frozen, with true values only.
    """
    seed = world.seed if seed is None else seed
    count = world.sizes.therapists if therapists is None else therapists
    streams = Streams(seed, first_therapist, count)
    who = people(world, seed, count, first_therapist)
    delivered = deliver(world, who, streams)
    course = take_course(world, who, delivered, streams)
    endings = leave(world, who, delivered, course, streams)
    if world.outcome.learning:
        course, endings = learn(world, who, delivered, streams, course, endings)
    return Study(world, seed, first_therapist, who, delivered, course, endings)
