"""Shares and areas of clients who share therapists, against hand counts and plain loops."""

import numpy as np
import pandas as pd
import pytest

from attunement.release.clustered import (
    area,
    clusters,
    design_effect,
    share_with_interval,
    wilson,
)


def test_design_effect_by_hand() -> None:
    # Two therapists of 4 clients, all of one and none of the other: p = 1/2, the deviations of
    # the sums are +-2, so 2/1 * (4 + 4) / 64 = 1/4 against 1/4 / 8 = 1/32.
    event, cluster = np.repeat([1, 0], 4), np.repeat([0, 1], 4)
    assert design_effect(event, cluster) == pytest.approx(8)
    share, low, high = share_with_interval(event, cluster)
    assert (share, (low, high)) == (0.5, pytest.approx(wilson(0.5, 1)))
    # Evenly spread events vary less between therapists than chance would have it: counts as 1.
    assert design_effect(np.tile([1, 0], 4), cluster) == 1
    assert design_effect(np.ones(8), cluster) == 1
    assert np.isnan(design_effect(event, None))


@pytest.mark.parametrize(
    ("litters", "published"),
    [
        (
            "13/13 12/12 9/9 9/9 8/8 8/8 12/13 11/12 9/10 9/10 8/9 11/13 4/5 5/7 7/10 7/10",
            1.232495,
        ),
        (
            "12/12 11/11 10/10 9/9 10/11 9/10 9/10 8/9 8/9 4/5 7/9 4/7 5/10 3/6 3/10 0/7",
            3.952861,
        ),
    ],
)
def test_design_effect_of_a_published_example(litters: str, published: float) -> None:
    """Rats that lived of those born, by litter (Weil 1970): the example of Rao & Scott (1992)."""
    event, cluster = [], []
    for place, litter in enumerate(litters.split()):
        alive, born = (int(number) for number in litter.split("/"))
        event += [1] * alive + [0] * (born - alive)
        cluster += [place] * born
    found = design_effect(np.array(event), np.array(cluster))
    assert found == pytest.approx(published, abs=1e-6)


def test_intervals_cover_where_therapists_differ() -> None:
    """The share among clients of further therapists: Wilson's interval covers it too seldom."""
    rng = np.random.default_rng(1)
    alpha, n_studies, inside, plain = 4.0, 400, 0, 0
    for _ in range(n_studies):
        chance = rng.beta(0.3 * alpha, 0.7 * alpha, 40)
        event = rng.random((40, 15)) < chance[:, None]
        cluster = np.repeat(np.arange(40), 15)
        _, low, high = share_with_interval(event.ravel(), cluster)
        inside += low <= 0.3 <= high
        _, low, high = share_with_interval(event.ravel(), None)
        plain += low <= 0.3 <= high
    assert 0.915 < inside / n_studies < 0.98
    assert plain / n_studies < 0.8


def test_few_therapists_are_no_clusters() -> None:
    clients = pd.DataFrame({"client": range(30), "therapist": [f"T{k % 10}" for k in range(30)]})
    found = clusters(clients["client"], clients)
    assert found is not None
    assert len(set(found)) == 10
    assert clusters(clients["client"], clients[clients["client"] % 10 != 3]) is None
    assert clusters(clients["client"], clients[["client"]]) is None
    unknown = clients.assign(therapist=clients["therapist"].where(clients["client"] < 28))
    assert len(set(clusters(clients["client"], unknown))) == 12


def _delong(worse: np.ndarray, event: np.ndarray) -> tuple[float, float]:
    """Area and its variance by loops over pairs."""
    yes, no = worse[event], worse[~event]
    psi = np.array([[(a > b) + 0.5 * (a == b) for b in no] for a in yes])
    found = psi.mean()
    variance = psi.mean(axis=1).var(ddof=1) / len(yes) + psi.mean(axis=0).var(ddof=1) / len(no)
    return found, variance


def test_area_against_loops_over_pairs() -> None:
    rng = np.random.default_rng(2)
    event = rng.random(80) < 0.4
    worse = np.round(rng.normal(event * 0.7, 1), 1)
    found, low, high = area(worse, event, None)
    expected, variance = _delong(worse, event)
    assert found == pytest.approx(expected)
    half = 1.959963984540054 * np.sqrt(variance) / (found * (1 - found))
    logit = np.log(found / (1 - found))
    assert (low, high) == pytest.approx(
        (1 / (1 + np.exp(half - logit)), 1 / (1 + np.exp(-half - logit)))
    )


def test_area_of_clusters_is_less_certain() -> None:
    """Every client four times over: the same area, the interval of the single clients."""
    rng = np.random.default_rng(3)
    event = rng.random(120) < 0.4
    worse = rng.normal(event * 0.7, 1)
    once = area(worse, event, None)
    four = area(np.repeat(worse, 4), np.repeat(event, 4), np.repeat(np.arange(120), 4))
    assert four == pytest.approx(once, abs=0.001)
    assert area(np.repeat(worse, 4), np.repeat(event, 4), None)[1] > once[1] + 0.02


def test_area_of_clusters_against_loops() -> None:
    """Obuchowski's three sums, therapist by therapist, of therapists of different sizes."""
    rng = np.random.default_rng(5)
    cluster = rng.integers(0, 14, 90)
    event = rng.random(90) < 0.2 + 0.4 * (cluster % 2)
    worse = np.round(rng.normal(event * 0.5 + 0.2 * cluster, 1), 1)
    found, low, high = area(worse, event, cluster)
    yes, no = np.flatnonzero(event), np.flatnonzero(~event)
    beats = np.array(
        [[(worse[i] > worse[j]) + 0.5 * (worse[i] == worse[j]) for j in no] for i in yes]
    )
    mean, ten, one, both = beats.mean(), 0.0, 0.0, 0.0
    for therapist in range(14):
        of_events = (beats.mean(axis=1) - mean)[cluster[yes] == therapist].sum()
        of_others = (beats.mean(axis=0) - mean)[cluster[no] == therapist].sum()
        ten, one, both = ten + of_events**2, one + of_others**2, both + of_events * of_others
    groups = [len(set(cluster[rows])) for rows in (yes, no, range(90))]
    ten, one, both = (
        total * n / (n - 1) for total, n in zip((ten, one, both), groups, strict=True)
    )
    m, n = len(yes), len(no)
    variance = ten / m**2 + one / n**2 + 2 * both / (m * n)
    half = 1.959963984540054 * np.sqrt(variance) / (mean * (1 - mean))
    logit = np.log(mean / (1 - mean))
    limits = (1 / (1 + np.exp(half - logit)), 1 / (1 + np.exp(-half - logit)))
    assert (found, low, high) == pytest.approx((mean, *limits))


def test_area_at_the_ends() -> None:
    event = np.array([True, True, False, False])
    found = area(np.array([4.0, 3.0, 2.0, 1.0]), event, None)
    assert found[0] == 1
    assert np.isnan(found[1:]).all()
    assert np.isnan(area(np.ones(4), np.array([True, False, False, False]), None)).all()
