"""Sessions drawn from a mixed model: their shape, their truth, the same numbers every time."""

import numpy as np
import pandas as pd
import pytest

from attunement.simulate.sessions import (
    DROPOUT,
    GROWTH,
    MOST_SESSIONS,
    SIZES,
    STUDY,
    Spread,
    sessions,
    small_study,
)


@pytest.fixture(scope="module")
def frame():
    return sessions(4_000, 150, seed=5)


@pytest.fixture(scope="module")
def many():
    """Forty studies of ten therapists."""
    return [small_study(10, study) for study in range(40)]


def test_a_row_is_a_session_of_a_client_of_one_therapist(frame):
    by_client = frame.groupby("client")
    assert frame["client"].nunique() == 4_000
    assert frame["therapist"].nunique() == 150
    assert (by_client["therapist"].nunique() == 1).all()
    assert (by_client["session"].max() == by_client.size()).all()
    assert frame["session"].max() <= MOST_SESSIONS
    assert not frame.isna().any().any()
    for name in ("base", "age", "female", "arm"):
        assert (by_client[name].nunique() == 1).all()
    assert (frame.groupby("therapist")["experience"].nunique() == 1).all()


def test_a_client_drops_out_after_the_last_session_or_reaches_the_last_possible(frame):
    last = frame.groupby("client").tail(1)
    assert (frame["dropout"].sum()) == last["dropout"].sum()
    assert (last.loc[last["dropout"] == 0, "session"] == MOST_SESSIONS).all()


def test_caseloads_are_unequal(frame):
    caseload = frame.groupby("therapist")["client"].nunique()
    assert caseload.min() >= 1
    assert caseload.std() > 0.3 * caseload.mean()


@pytest.mark.parametrize(("size", "rows"), [("S1", 2_400), ("S2", 22_700)])
def test_sizes_are_those_named(size, rows):
    clients, therapists = SIZES[size]
    assert len(sessions(clients, therapists, seed=1)) == pytest.approx(rows, rel=0.1)


def test_least_squares_finds_the_coefficients(frame):
    columns = []
    for term in GROWTH.coefficients:
        names = term.split(":") if term != "Intercept" else []
        columns.append(frame[names].prod(axis=1).to_numpy() if names else np.ones(len(frame)))
    design = np.column_stack(columns)
    found = np.linalg.lstsq(design, frame["outcome"].to_numpy(), rcond=None)[0]
    # errors by therapist, whose effects make up most of the error of a mean
    residual = frame["outcome"].to_numpy() - design @ found
    scores = pd.DataFrame(design * residual[:, None])
    meat = scores.groupby(frame["therapist"].to_numpy()).sum().to_numpy()
    bread = np.linalg.inv(design.T @ design)
    errors = np.sqrt(np.diag(bread @ meat.T @ meat @ bread))
    truth = np.array(list(GROWTH.coefficients.values()))
    assert (np.abs(found - truth) < 4.0 * errors).all()


def test_more_drop_out_where_the_odds_are_higher(frame):
    high = frame["alliance"] < -1.0
    assert DROPOUT["alliance"] < 0.0
    assert frame.loc[high, "dropout"].mean() > 1.2 * frame.loc[~high, "dropout"].mean()


def test_random_effects_have_their_covariance():
    spread = Spread(3.0, 1.5, -0.3)
    drawn = spread.draw(np.random.default_rng(2), 40_000)
    assert np.cov(drawn.T) == pytest.approx(spread.covariance, abs=0.15)


def test_small_studies_have_their_shape(many):
    for study in many:
        by_client = study.groupby("client")
        assert by_client.ngroups == 120
        assert by_client.size().between(4, 12).all()
        assert study.groupby("therapist")["client"].nunique().min() >= 3
        assert study.groupby("therapist")["training"].first().sum() == 5
        assert (by_client["arm"].nunique() == 1).all()
        assert by_client["time"].min().eq(0.0).all()
    assert np.mean([len(study) for study in many]) == pytest.approx(960, rel=0.02)


def test_outcomes_of_small_studies_scatter_as_stated(many):
    starts = np.concatenate([study.loc[study["time"] == 0.0, "outcome"] for study in many])
    fixed = sum(STUDY.coefficients[name] ** 2 for name in ("alliance", "severity", "experience"))
    fixed += sum(STUDY.coefficients[name] ** 2 / 4.0 for name in ("arm", "training"))
    whole = STUDY.client.intercept**2 + STUDY.therapist.intercept**2 + STUDY.residual**2 + fixed
    assert starts.var() == pytest.approx(whole, rel=0.06)


def test_the_same_seed_gives_the_same_numbers_and_another_gives_others():
    assert sessions(50, 5, seed=1).equals(sessions(50, 5, seed=1))
    assert not sessions(50, 5, seed=1).equals(sessions(50, 5, seed=2))
    assert small_study(10, 3).equals(small_study(10, 3))
    assert not small_study(10, 3).equals(small_study(10, 4))
