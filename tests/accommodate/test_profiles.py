"""Profiles: the sample's, whole profiles, and the part that is this client's own."""

import numpy as np
import pandas as pd
import pytest

from attunement.accommodate.delivery import Rated
from attunement.accommodate.preferences import Dimension
from attunement.accommodate.profiles import (
    SampleProfile,
    distinctive,
    normative,
    profile,
    sample_profile,
)
from attunement.accommodate.scorings import distance

DIMS = [Dimension(name, name.upper(), 0, 15, 0.5, -0.5) for name in ("a", "b", "c")]


def _study(seed=5, clients=30, sessions=4):
    """Preferences of each client, one stated twice; delivery in sessions 1.., two raters, gaps."""
    draw = np.random.default_rng(seed)
    names = [f"c{k}" for k in range(clients)]
    stated = pd.DataFrame(
        [
            {"client": c, "from_session": s, "dimension": d.name, "preference": draw.uniform(-1, 1)}
            for k, c in enumerate(names)
            for s in ((0, 3) if k % 5 == 0 else (0,))
            for d in DIMS
        ]
    )
    rows = [(k, s, r) for k in range(clients) for s in range(1, sessions) for r in ("client", "o")]
    value = draw.uniform(-1, 1, (len(rows), len(DIMS)))
    value[draw.random(value.shape) < 0.1] = np.nan
    place, session, rater = map(list, zip(*rows, strict=True))
    rated = Rated(
        pd.Series([names[k] for k in place]),
        np.array(place),
        np.array(session),
        pd.Series(rater),
        value,
        np.sign(value),
    )
    return stated, rated


def test_the_sample_profile_by_brute_force():
    stated, rated = _study()
    sample = sample_profile(stated, rated, DIMS)
    for column, dimension in enumerate(DIMS):
        of = stated[stated["dimension"] == dimension.name]
        first = [of[of["client"] == c].iloc[0]["preference"] for c in of["client"].unique()]
        assert sample.wanted[column] == pytest.approx(np.mean(first), abs=1e-12)
        for rater in ("client", "o"):
            given = []
            for client in np.unique(rated.place):
                mine = (rated.place == client) & (rated.rater == rater).to_numpy()
                told = rated.value[mine, column]
                told = told[~np.isnan(told)]
                given += [told[0]] if len(told) else []
            assert sample.given[rater][column] == pytest.approx(np.mean(given), abs=1e-12)


def test_too_few_clients_make_no_profile():
    stated, rated = _study(clients=9)
    sample = sample_profile(stated, rated, DIMS)
    assert np.isnan(sample.wanted).all()
    assert np.isnan(sample.given["client"]).all()


def test_later_statements_and_sessions_leave_the_sample_profile():
    stated, rated = _study()
    before = sample_profile(stated, rated, DIMS)
    first_told = np.zeros(rated.value.shape, dtype=bool)
    for column in range(len(DIMS)):
        for client in np.unique(rated.place):
            for rater in ("client", "o"):
                mine = (rated.place == client) & (rated.rater == rater).to_numpy()
                told = np.flatnonzero(mine & ~np.isnan(rated.value[:, column]))
                first_told[told[:1], column] = True
    changed = np.where(first_told | np.isnan(rated.value), rated.value, 0.123)
    again = stated.assign(preference=stated["preference"].where(stated["from_session"] == 0, 0.9))
    rated = Rated(rated.client, rated.place, rated.session, rated.rater, changed, rated.band)
    after = sample_profile(again, rated, DIMS)
    np.testing.assert_array_equal(before.wanted, after.wanted)
    for rater in ("client", "o"):
        np.testing.assert_array_equal(before.given[rater], after.given[rater])


def test_leaving_the_client_out_changes_next_to_nothing():
    """The reason that `SampleProfile` gives for keeping the client in."""
    draw = np.random.default_rng(8)
    n = 40
    wanted, given = draw.uniform(-1, 1, (n, 3)), draw.uniform(-1, 1, (n, 3))
    whole = SampleProfile(wanted.mean(axis=0), {"client": given.mean(axis=0)})
    rater = pd.Series(["client"] * n)
    kept = distinctive(wanted, given, rater, whole).all_value
    near = normative(wanted, given, whole).all_value
    for k in range(n):
        others = np.arange(n) != k
        without = SampleProfile(wanted[others].mean(axis=0), whole.given)
        one = slice(k, k + 1)
        alone = distinctive(wanted[one], given[one], rater[one], without).all_value[0]
        assert alone == pytest.approx(kept[k], abs=1e-12)
        moved = normative(wanted[one], given[one], without).all_value[0] - near[k]
        assert abs(moved) <= 1 / (n - 1)


def test_profile_by_brute_force_knows_no_pole_and_no_length():
    draw = np.random.default_rng(3)
    wanted, given = draw.uniform(-1, 1, (200, 4)), draw.uniform(-1, 1, (200, 4))
    found = profile(wanted, given).all_value
    for k in range(200):
        expected = wanted[k] @ given[k] / np.linalg.norm(wanted[k]) / np.linalg.norm(given[k])
        assert found[k] == pytest.approx(expected, abs=1e-12)
    reflected = np.array([1, -1, 1, -1])
    np.testing.assert_allclose(profile(wanted * reflected, given * reflected).all_value, found)
    np.testing.assert_allclose(profile(wanted, given / 7).all_value, found)
    assert np.nanmax(np.abs(profile(wanted, wanted).all_value)) <= 1


def test_centred_on_one_profile_distance_is_the_plain_distance_again():
    draw = np.random.default_rng(4)
    wanted, given = draw.uniform(-1, 1, (50, 4)), draw.uniform(-1, 1, (50, 4))
    centre = wanted.mean(axis=0)
    np.testing.assert_allclose(
        distance(wanted - centre, given - centre).all_value, distance(wanted, given).all_value
    )


def test_without_personalisation_the_distinctive_part_is_nought_where_the_others_are_not():
    """Skewed wishes, a clinic that gives all the same but for chance, and what is given by wish."""
    draw = np.random.default_rng(11)
    n = 4000
    wanted = np.clip(0.6 - draw.exponential(0.35, (n, 4)), -1, 1)
    chance = np.clip(0.5 + draw.normal(0, 0.3, (n, 4)), -1, 1)
    rater = pd.Series(["client"] * n)

    def means(given):
        sample = SampleProfile(wanted.mean(axis=0), {"client": given.mean(axis=0)})
        own = distinctive(wanted, given, rater, sample).all_value
        return np.nanmean(profile(wanted, given).all_value), np.nanmean(own), np.nanstd(own)

    whole, own, spread = means(chance)
    assert whole > 0.4
    assert abs(own) < 4 * spread / np.sqrt(n)
    one = SampleProfile(wanted.mean(axis=0), {"client": wanted.mean(axis=0)})
    both_on_one = np.nanmean(distinctive(wanted, chance, rater, one).all_value)
    assert both_on_one > 0.05, "centring both on one profile would find what is not there"
    given = np.clip(chance + 0.5 * (wanted - wanted.mean(axis=0)), -1, 1)
    assert means(given)[1] > 0.25
