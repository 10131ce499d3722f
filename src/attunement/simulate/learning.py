"""Therapists who learn from clients who left without improvement: a world of its own."""

from __future__ import annotations

import numpy as np

from attunement.simulate.course import Course, take_course
from attunement.simulate.delivery import Delivered
from attunement.simulate.leaving import ONGOING, Endings, leave
from attunement.simulate.people import People
from attunement.simulate.streams import Streams
from attunement.simulate.world import World


def without_improvement_before(people: People, course: Course, endings: Endings) -> np.ndarray:
    """Return, by client, the share of closed earlier clients who left without improvement.

    Earlier clients are those of the same therapist whose last session lay before this intake; left
    without improvement is a true wellbeing at the last session no higher than at intake. 0 where
    no earlier client is closed: nothing can be learned from yet.
    """
    rows = np.arange(people.therapist.size)
    intake, closed = endings.day[:, 0], endings.day[rows, endings.last].astype(float)
    closed[endings.kind == ONGOING] = np.inf
    failed = course.wellbeing[rows, endings.last] <= course.wellbeing[:, 0]
    share = np.zeros(rows.size)
    for therapist in range(people.caseload.size):
        own = np.flatnonzero(people.therapist == therapist)
        before = closed[own][None, :] < intake[own][:, None]
        count = before.sum(axis=1)
        share[own] = (before & failed[own][None, :]).sum(axis=1) / np.maximum(count, 1)
    return share


def learn(
    world: World,
    people: People,
    delivered: Delivered,
    streams: Streams,
    course: Course,
    endings: Endings,
) -> tuple[Course, Endings]:
    """Return courses and endings where each client gains by what was learned from earlier ones.

    A client's course rests on earlier clients only, so that repeating all courses settles them in
    the order of intake, after at most as many steps as the largest caseload has clients.
    """
    share = without_improvement_before(people, course, endings)
    for _ in range(int(people.caseload.max())):
        course = take_course(world, people, delivered, streams, world.outcome.learning * share)
        endings = leave(world, people, delivered, course, streams)
        again = without_improvement_before(people, course, endings)
        if np.array_equal(again, share):
            break
        share = again
    return course, endings
