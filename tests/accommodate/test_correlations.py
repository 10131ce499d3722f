"""Correlations of scorings at each level, against other ways to the same number."""

import warnings

import numpy as np
import pandas as pd
import pytest

from attunement.accommodate.correlations import levels_of, scoring_correlations
from attunement.accommodate.index import Index


def _sessions(seed=1, therapists=20, cases=6, sessions=5):
    draw = np.random.default_rng(seed)
    of = np.repeat(np.arange(therapists), cases)
    client = np.repeat(np.arange(len(of)), sessions)
    parts = [draw.normal(size=(n, 2)) @ mix for n, mix in (
        (therapists, [[1, 0.9], [0, 0.3]]), (len(of), [[1, -0.7], [0, 0.6]]),
        (len(client), [[1, 0.3], [0, 1]]),
    )]  # fmt: skip
    return parts[2] + (parts[1] + parts[0][of])[client], client, of


def test_within_is_the_repeated_measures_correlation():
    from pingouin import rm_corr

    both, client, of = _sessions()
    found = levels_of(both, client, of)[0]
    frame = pd.DataFrame({"x": both[:, 0], "y": both[:, 1], "client": client})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pingouin's own, of pandas to come
        known = rm_corr(frame, x="x", y="y", subject="client").iloc[0]
    limits = known.filter(like="CI95").iloc[0]
    assert found["correlation"] == pytest.approx(known["r"], abs=1e-9)
    assert [found["ci_low"], found["ci_high"]] == pytest.approx(list(limits), abs=0.006)
    assert (found["n_sessions"], found["n_clients"]) == (600, 120)


def test_between_and_therapist_by_brute_force():
    both, client, of = _sessions()
    frame = pd.DataFrame(both, columns=["x", "y"]).assign(client=client, therapist=of[client])
    means = frame.groupby("client").mean()
    therapists = means.groupby("therapist")[["x", "y"]].mean()
    inside = means[["x", "y"]] - therapists.loc[means["therapist"]].to_numpy()
    _, between, therapist = levels_of(both, client, of)
    assert between["correlation"] == pytest.approx(inside.corr().loc["x", "y"], abs=1e-12)
    assert therapist["correlation"] == pytest.approx(therapists.corr().loc["x", "y"], abs=1e-12)
    assert therapist["n_therapists"] == 20
    # Signs differ by level: what mixing levels would hide.
    assert between["correlation"] < -0.3 < 0.3 < therapist["correlation"]


def test_limits_hold_the_truth_as_often_as_they_say():
    held = {"within": 0, "between": 0}
    for seed in range(300):
        draw = np.random.default_rng(seed)
        of, client = np.repeat(np.arange(8), 5), np.repeat(np.arange(40), 3)
        mix = np.array([[1, 0.5], [0, np.sqrt(0.75)]])
        means = draw.normal(size=(40, 2)) @ mix
        within = draw.normal(size=(120, 2)) @ mix
        for row in levels_of(means[client] + 0 * within, client, of)[1:2]:
            held["between"] += row["ci_low"] < 0.5 < row["ci_high"]
        held["within"] += (lambda r: r["ci_low"] < 0.5 < r["ci_high"])(
            levels_of(within, client, of)[0]
        )
    assert all(0.92 <= count / 300 <= 0.98 for count in held.values()), held


def test_clients_without_a_therapist_count_for_none():
    both, client, of = _sessions()
    alone = np.where(of < 3, -1, of)
    _, between, therapist = levels_of(both, client, alone)
    assert therapist["n_therapists"] == 17
    assert between["n_clients"] == 120


def test_what_cannot_be_told_is_said():
    both, client, of = _sessions(therapists=3, cases=3)
    reasons = [row["reason"] for row in levels_of(both, client, of)]
    assert reasons == ["fewer than 10 clients have both"] * 3
    both, client, of = _sessions(therapists=3, cases=6)
    within, between, therapist = levels_of(both * [1, 0], client, of)
    assert within["reason"] == between["reason"] == "one of the two does not vary"
    assert "too few therapists" in therapist["reason"]


def _index(scoring, rater, place, session, value):
    n = len(place)
    return Index(
        scoring,
        pd.Series([f"c{k}" for k in place]),
        np.asarray(place),
        np.asarray(session),
        pd.Series([rater] * n),
        ("all",),
        np.asarray(value, dtype=float)[:, None],
        np.ones((n, 1), dtype=int),
        np.full((n, 1), np.nan),
    )


def test_pairs_meet_in_the_sessions_that_have_both():
    draw = np.random.default_rng(6)
    place, session = np.repeat(np.arange(30), 4), np.tile(np.arange(4), 30)
    x, y = draw.normal(size=(2, 120))
    y[5] = np.nan
    clients = pd.DataFrame({"client": [f"c{k}" for k in range(30)], "therapist": None})
    late = session > 0
    types = _index("type_matched", "client", np.arange(30), np.zeros(30, int), draw.random(30))
    table = scoring_correlations(
        [
            _index("distance", "client", place, session, x),
            _index("distance", "observer", place[late], session[late], x[late] + 1),
            _index("rated", "client", place, session, y),
            types,
        ],
        clients,
    ).set_index(["scoring_1", "rater_1", "scoring_2", "rater_2", "level"])
    same = table.loc[("distance", "client", "distance", "observer", "within")]
    assert (same["correlation"], same["n_sessions"]) == (pytest.approx(1), 90)
    pair = table.loc[("distance", "client", "rated", "client", "within")]
    assert pair["n_sessions"] == 119
    assert ("distance", "observer", "rated", "client", "within") not in table.index
    told_once = table.loc[("distance", "client", "type_matched", "client")]
    means = pd.Series(x).groupby(place).mean()
    expected = np.corrcoef(means, types.value[:, 0])[0, 1]
    assert told_once.loc["between", "correlation"] == pytest.approx(expected, abs=1e-12)
    assert told_once.loc["within", "reason"] == "one of the two is told once a client"
    assert told_once["n_sessions"].isna().all()
