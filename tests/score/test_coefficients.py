"""Coefficients of reliability against their definitions and against known variances."""

import numpy as np
import pandas as pd
import pytest

from attunement.score.coefficients import (
    Coefficient,
    cronbach,
    difference,
    difference_reliability,
    within_client,
)
from attunement.score.means import harmonic_mean, mean_reliabilities, of_mean


def _sessions(n=150, k=6, m=4, client=1.0, change=1.0, error=1.0, seed=7):
    """Items of `n` clients on `k` occasions: client + client by item + change + error."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(n), k)
    items = (
        client * rng.normal(size=n)[who, None]
        + 0.5 * rng.normal(size=(n, m))[who]
        + change * rng.normal(size=(n * k, 1))
        + error * rng.normal(size=(n * k, m))
    )
    return items, who


def test_change_of_two_items_by_hand():
    """Ten clients, twice, two items: 0 0 then 2 4. Occasion means move by 3, and the items of an
    occasion lie 1 apart from the pattern: MS occasion = 2 x 2 x 1.5^2 = 9, MS error = 4 x .5^2 = 1.
    """
    items = np.tile([[0.0, 0.0], [2.0, 4.0]], (10, 1))
    found = within_client(items, np.repeat(np.arange(10), 2))
    assert found.value == pytest.approx(1 - 1 / 9)
    assert (found.n_clients, found.n_observations) == (10, 20)


@pytest.mark.parametrize(("change", "true"), [(1.0, 0.8), (0.5, 0.5), (0.0, 0.0)])
def test_change_is_told_from_error(change, true):
    """Variance of change over itself + error / 4 items."""
    items, client = _sessions(n=800, change=change)
    found = within_client(items, client)
    assert found.value == pytest.approx(true, abs=0.03)
    assert found.ci_low < true < found.ci_high


def test_the_interval_of_change_holds_the_truth_in_95_of_100():
    held = [
        found.ci_low < 0.8 < found.ci_high
        for seed in range(400)
        for found in [within_client(*_sessions(n=20, k=4, seed=seed))]
    ]
    assert 0.92 < np.mean(held) < 0.98


def test_gaps_and_single_sessions_are_left_out():
    items, client = _sessions(n=30, k=3)
    expected = within_client(items, client)
    more = np.vstack([items, items[:2], [[np.nan, 1, 1, 1]]])
    found = within_client(more, np.r_[client, 100, 101, 0])
    assert found == expected
    assert within_client(items[:27], client[:27]).reason == (
        "fewer than 10 clients answered all items more than once"
    )
    assert within_client(np.ones((40, 2)), np.repeat(np.arange(10), 4)).reason == (
        "no client changed from one session to another"
    )


def test_a_difference_by_the_textbook():
    """SDs 10 and 10, reliabilities .9 and .9, correlation .8: (.9 - .8) / (1 - .8) = .5."""
    assert difference_reliability(10, 10, 0.9, 0.9, 0.8) == pytest.approx(0.5)
    assert difference_reliability(10, 10, 0.9, 0.9, 0.0) == pytest.approx(0.9)
    assert difference_reliability(5, 10, 0.8, 0.9, 0.6) == pytest.approx(50 / 65)


def test_a_difference_follows_the_formula():
    rng = np.random.default_rng(1)
    level = rng.normal(size=(60, 1))
    first = level + rng.normal(size=(60, 3))
    last = level + rng.normal(size=(60, 1)) + rng.normal(size=(60, 3))
    sums = first.sum(axis=1), last.sum(axis=1)
    sd, r = [one.std(ddof=1) for one in sums], np.corrcoef(*sums)[0, 1]
    alphas = cronbach(first).value, cronbach(last).value
    found = difference(first, last)
    assert found.value == pytest.approx(difference_reliability(*sd, *alphas, r))
    known = difference(sums[0][:, None], sums[1][:, None], 0.85)
    assert known.value == pytest.approx(difference_reliability(*sd, 0.85, 0.85, r))
    assert found.ci_low < found.value < found.ci_high


def test_the_jackknife_leaves_each_client_out():
    rng = np.random.default_rng(2)
    first, last = rng.normal(size=(12, 3)), rng.normal(size=(12, 3)) + rng.normal(size=(12, 1))
    logs = [
        np.log(1 - difference(np.delete(first, i, 0), np.delete(last, i, 0)).value)
        for i in range(12)
    ]
    se = np.sqrt(11 / 12 * ((logs - np.mean(logs)) ** 2).sum())
    found = difference(first, last)
    assert np.log((1 - found.ci_low) / (1 - found.ci_high)) == pytest.approx(2 * 1.959964 * se)


def test_a_difference_that_cannot_be_told():
    assert difference(np.ones((9, 2)), np.ones((9, 2))).reason.startswith("fewer than 10 clients")
    assert difference(np.ones((12, 2)), np.ones((12, 2))).reason.startswith("all clients changed")


def test_spearman_and_brown():
    assert of_mean(np.array(0.5), 1) == pytest.approx(0.5)
    assert of_mean(np.array(0.25), 3) == pytest.approx(0.5)
    assert of_mean(np.array(0.05), 12) == pytest.approx(12 * 0.05 / (1 + 11 * 0.05))
    assert harmonic_mean(np.array([1, 2])) == pytest.approx(4 / 3)


def _scores(n_therapists=60, n_clients=10, k=5, sds=(0.6, 1.0, 1.2), seed=11):
    rng = np.random.default_rng(seed)
    therapist = np.repeat(np.arange(n_therapists), n_clients * k)
    client = np.repeat(np.arange(n_therapists * n_clients), k)
    value = (
        sds[0] * rng.normal(size=n_therapists)[therapist]
        + sds[1] * rng.normal(size=n_therapists * n_clients)[client]
        + sds[2] * rng.normal(size=len(client))
    )
    return pd.DataFrame({"client": client, "therapist": therapist.astype(str), "value": value})


def test_means_of_clients_and_therapists_by_their_variances():
    """T = .36, C = 1, W = 1.44; five sessions a client, ten clients a therapist; R_C = .75."""
    found = mean_reliabilities(_scores(n_therapists=400), Coefficient(value=0.75))
    assert (found.per_client, found.per_therapist) == pytest.approx((5, 10))
    assert found.client_mean.value == pytest.approx(1.36 / (1.36 + 1.44 / 5), abs=0.04)
    assert found.between_client.value == pytest.approx(1.36 / (1.36 + 0.36 / 5), abs=0.03)
    assert found.therapist_mean.value == pytest.approx(0.36 / (0.36 + 0.1 + 1.44 / 50), abs=0.05)
    for one in (found.client_mean, found.between_client, found.therapist_mean):
        assert one.ci_low < one.value < one.ci_high
        assert (one.n_clients, one.n_observations) == (4000, 20000)


def test_means_need_clients_and_therapists():
    few = _scores(n_therapists=5)
    found = mean_reliabilities(few, Coefficient(reason="no items"))
    assert found.client_mean.reason == ""
    assert found.between_client.reason == "no items"
    assert found.therapist_mean.reason == "fewer than 10 therapists"
    without = mean_reliabilities(few.assign(therapist=None), Coefficient(value=0.5))
    assert without.client_mean.value == pytest.approx(found.client_mean.value)
    once = mean_reliabilities(few.drop_duplicates("client"), Coefficient(value=0.5))
    assert once.client_mean.reason == "fewer than 10 clients have more than one score"


def test_no_variance_between_therapists_leaves_the_clients_their_interval():
    rows = _scores(sds=(0.0, 1.0, 1.0), seed=3)
    rows["value"] -= rows.groupby("therapist")["value"].transform("mean")
    found = mean_reliabilities(rows, Coefficient(value=0.5))
    assert found.therapist_mean.value == pytest.approx(0, abs=1e-4)
    assert "zero: no interval" in found.therapist_mean.reason
    assert found.client_mean.ci_low < found.client_mean.value < found.client_mean.ci_high
