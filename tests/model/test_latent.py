"""Client means corrected for the sessions that they rest on."""

import numpy as np
import pandas as pd
import pytest

from attunement.model.centring import parts
from attunement.model.latent import _left, _series, latent_between, session_error
from attunement.study.problems import NotEstimable

THERAPISTS, CLIENTS = 60, 10


def study(seed, autocorrelation=0.4, error=2.0):
    """Sessions of clients whose levels of two measures go together and with a preference."""
    random = np.random.default_rng(seed)
    therapist = np.repeat(np.arange(THERAPISTS), CLIENTS)
    count = therapist.size
    level = random.standard_normal((count, 2)) @ np.linalg.cholesky([[1, 0.5], [0.5, 1]]).T
    level += 0.5 * random.standard_normal((THERAPISTS, 2))[therapist]
    preference = 0.4 * level[:, 0] + random.standard_normal(count)
    outcome = 0.5 * level[:, 0] - 0.3 * level[:, 1] + 0.2 * preference
    outcome += random.standard_normal(count)
    sessions = random.integers(2, 12, count)
    together = np.linalg.cholesky(error * np.array([[1, 0.3], [0.3, 1]])).T
    noise = np.concatenate(
        [
            np.linalg.cholesky(_series(n, autocorrelation)) @ random.standard_normal((n, 2))
            for n in sessions
        ]
    )
    client = np.repeat(np.arange(count), sessions)
    rows = pd.DataFrame(level[client] + noise @ together, columns=["accommodation", "delivery_x"])
    rows.insert(0, "client", client)
    rows["therapist"] = therapist[client]
    people = pd.DataFrame({"preference_x": preference, "outcome": outcome})
    people.index.name = "client"
    return rows, people


def slopes(between, people):
    """Slopes of the outcome on both measures and the preference, all within therapists."""
    therapist = np.repeat(np.arange(THERAPISTS), CLIENTS)
    known = people - people.groupby(therapist).transform("mean")
    design = np.column_stack([between, known["preference_x"]])
    return np.linalg.lstsq(design, known["outcome"], rcond=None)[0]


def test_expected_sums_about_a_short_mean_are_those_of_many_series():
    random = np.random.default_rng(1)
    series = random.standard_normal((200_000, 5)) @ np.linalg.cholesky(_series(5, 0.4)).T
    about = series - series.mean(axis=1)[:, None]
    squares, neighbours = _left(5, 0.4)
    assert squares == pytest.approx((about**2).sum(axis=1).mean(), rel=0.01)
    assert neighbours == pytest.approx((about[:, 1:] * about[:, :-1]).sum(axis=1).mean(), abs=0.01)


@pytest.mark.parametrize("autocorrelation", [0.0, 0.4])
def test_the_error_of_sessions_is_found_again(autocorrelation):
    found = [
        session_error(study(seed, autocorrelation)[0], ["accommodation", "delivery_x"])
        for seed in range(20)
    ]
    correlation = np.array([one.autocorrelation for one in found])
    error = 3.5 * correlation.std() / np.sqrt(len(found))
    assert abs(correlation.mean() - autocorrelation) < error
    covariance = np.mean([one.covariance for one in found], axis=0)
    np.testing.assert_allclose(covariance, [[2.0, 0.6], [0.6, 2.0]], atol=0.06)


def test_a_mean_of_sessions_that_go_together_has_more_error():
    rows, _ = study(1, 0.4)
    found = session_error(rows, ["accommodation"])
    # The variance of a mean of three: (3 + 4 r + 2 r^2) / 9 of one session's.
    r = found.autocorrelation
    assert found.of_mean(np.array([3, 1]))[0] == pytest.approx((3 + 4 * r + 2 * r**2) / 9)
    assert found.of_mean(np.array([3, 1]))[1] == pytest.approx(1.0)


def test_expected_levels_have_the_slopes_of_the_levels():
    manifest, latent, spread = [], [], []
    for seed in range(40):
        rows, people = study(seed)
        measured = ["accommodation", "delivery_x"]
        found, sd = latent_between(rows, measured, people[["preference_x"]])
        latent.append(slopes(found.drop(columns="client"), people))
        observed = parts(rows, measured).assign(client=rows["client"]).drop_duplicates("client")
        manifest.append(slopes(observed[[f"{n}_between" for n in measured]], people))
        spread.append(sd)
    truth = np.array([0.5, -0.3, 0.2])
    error = 3.5 * np.std(latent, axis=0) / np.sqrt(len(latent))
    assert (np.abs(np.mean(latent, axis=0) - truth) < error).all()
    assert np.mean(manifest, axis=0)[0] < 0.3  # what the few sessions hide
    assert np.mean(spread) == pytest.approx(np.sqrt(1.25), rel=0.03)


def test_without_error_nothing_changes():
    rows, people = study(1, error=1e-12)
    found, _ = latent_between(rows, ["accommodation", "delivery_x"], people[["preference_x"]])
    observed = parts(rows, ["accommodation"]).assign(client=rows["client"])
    observed = observed.drop_duplicates("client")["accommodation_between"]
    np.testing.assert_allclose(found["accommodation_between"], observed, atol=1e-9)


def test_categories_that_add_up_to_a_constant_do_no_harm():
    rows, people = study(1)
    dummies = pd.get_dummies(pd.Series(people.index % 3, index=people.index), dtype=float)
    known = people[["preference_x"]].join(dummies.rename(columns=str))
    found, _ = latent_between(rows, ["accommodation", "delivery_x"], known)
    fewer, _ = latent_between(rows, ["accommodation", "delivery_x"], known.iloc[:, :-1])
    np.testing.assert_allclose(found.iloc[:, 1:], fewer.iloc[:, 1:], atol=1e-9)


def test_a_client_alone_with_a_therapist_lies_at_the_mean():
    rows, people = study(1)
    alone = rows["client"] == 0
    rows = rows.assign(therapist=rows["therapist"].mask(alone, 999))
    found, _ = latent_between(rows, ["accommodation", "delivery_x"], people[["preference_x"]])
    assert found.loc[found["client"] == 0].iloc[0, 1:].abs().max() < 1e-12


def test_chance_alone_leaves_nothing_to_correct():
    random = np.random.default_rng(2)
    rows = pd.DataFrame({"client": np.repeat(np.arange(200), 3)})
    rows["therapist"] = rows["client"] % 20
    # What one session gives more the next gives less: means differ less than by chance.
    rows["accommodation"] = np.tile([1.0, -2.0, 1.0], 200) * random.standard_normal(200).repeat(3)
    rows["accommodation"] += 0.01 * random.standard_normal(600)
    people = pd.DataFrame({"p": random.standard_normal(200)})
    people.index.name = "client"
    with pytest.raises(NotEstimable, match="no true differences between clients"):
        latent_between(rows, ["accommodation"], people)


def test_one_session_each_tells_nothing_of_error():
    rows, people = study(1)
    with pytest.raises(NotEstimable, match="nobody has two sessions rated"):
        latent_between(rows.drop_duplicates("client"), ["accommodation"], people[["preference_x"]])
