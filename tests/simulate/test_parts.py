"""Therapists are generated independently: chunks put together are the whole study."""

import time

import numpy as np
import pandas as pd
import pytest

from attunement.simulate import simulate, sources
from attunement.simulate.streams import Streams


def test_the_first_ten_therapists_are_those_of_a_larger_run(world) -> None:
    thirty = world.with_(therapists=30)
    whole = sources(simulate(thirty), damaged=False)
    parts = [
        sources(simulate(thirty, therapists=count, first_therapist=first), damaged=False)
        for first, count in ((0, 10), (10, 20))
    ]
    for name, frame in whole.items():
        together = pd.concat([part[name] for part in parts], ignore_index=True)
        pd.testing.assert_frame_equal(together, frame)
        assert len(parts[0][name]) < len(frame)


def test_another_seed_is_another_study(world) -> None:
    one, other = (simulate(world, seed, therapists=5) for seed in (1, 2))
    assert not np.array_equal(one.people.caseload, other.people.caseload) or not np.allclose(
        one.course.wellbeing[:5, 0], other.course.wellbeing[:5, 0]
    )


def test_parts_do_not_share_numbers() -> None:
    streams = Streams(1, 0, 3)
    rows = np.array([2, 0, 3])
    one, other = streams.normal("one", rows, 2), streams.normal("other", rows, 2)
    assert one.shape == (5, 2)
    assert not np.isclose(one, other).any()
    assert np.array_equal(one[2:], Streams(1, 2, 1).normal("one", rows[2:], 2))


def test_a_change_of_measures_leaves_the_people_alone(world) -> None:
    few = world.with_(therapists=5)
    one = sources(simulate(few), damaged=False)
    other = sources(simulate(few.with_(ors_noise=3.0)), damaged=False)
    pd.testing.assert_frame_equal(one["clients"], other["clients"])
    pd.testing.assert_frame_equal(one["phq9"], other["phq9"])
    assert not one["sessions"]["ors_1"].equals(other["sessions"]["ors_1"])


def test_clean_frames_have_gaps_by_design_only(world) -> None:
    clean = sources(simulate(world, therapists=20), damaged=False)
    sessions = clean["sessions"]
    assert sessions.filter(like="ors_").notna().all(axis=None)
    assert sessions.filter(like="srs_")[sessions["session"] > 0].notna().all(axis=None)
    assert not sessions.duplicated(["client", "session"]).any()
    for name, low, high in (("ors_1", 0, 10), ("given_td_cd", -3, 3), ("empathy", 0, 10)):
        assert sessions[name].dropna().between(low, high).all()
        assert pd.api.types.is_numeric_dtype(sessions[name])


def test_case_order_and_open_cases_follow_from_the_days(world) -> None:
    study = simulate(world, therapists=20)
    clients = sources(study, damaged=False)["clients"]
    ends = study.endings
    intake = ends.day[:, 0]
    closed = ends.day[np.arange(len(intake)), ends.last]
    for row in range(0, len(clients), 7):
        same = study.people.therapist == study.people.therapist[row]
        before = same & (
            (intake < intake[row]) | ((intake == intake[row]) & (np.arange(len(intake)) < row))
        )
        assert clients["case_order"][row] == before.sum() + 1
        assert clients["open_cases_at_intake"][row] == (before & (closed >= intake[row])).sum()


@pytest.mark.slow
def test_ten_thousand_clients_take_seconds(world) -> None:
    large = world.with_(therapists=20_000)
    start = time.perf_counter()
    frames = sources(simulate(large, therapists=1000, first_therapist=19_000), damaged=False)
    assert len(frames["clients"]) > 9_000
    assert time.perf_counter() - start < 15
