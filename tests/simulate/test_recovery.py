"""The generating values are found again in a large study, from its true quantities."""

import numpy as np
import pytest

from attunement.simulate import simulate
from attunement.simulate.leaving import DROPPED_OUT, accommodation_so_far


def least_squares(columns: list[np.ndarray], y: np.ndarray) -> np.ndarray:
    design = np.column_stack([np.ones(len(y)), *columns])
    return np.linalg.lstsq(design, y, rcond=None)[0]


def test_accommodation_is_standardised(large) -> None:
    assert large.delivered.z.mean() == pytest.approx(0, abs=0.06)
    assert large.delivered.z.std() == pytest.approx(1, abs=0.04)
    wanted = np.abs(large.delivered.delivery[:, 0] - large.delivered.preference_first).mean(axis=1)
    assert np.allclose(large.delivered.accommodation[:, 0], 1 - wanted / 2)


def test_latent_accommodation_goes_with_outcome_by_r(large, world) -> None:
    """One SD of latent accommodation is worth r SDs of wellbeing at session 10."""
    outcome = large.course.wellbeing[:, 10]
    wants = list(large.people.clients["preference_z"].T)
    effect = least_squares([large.delivered.z, *wants], outcome)[1] / outcome.std()
    assert effect == pytest.approx(0.28 / np.sqrt(0.28**2 + 4), abs=0.025)
    assert outcome.std() == pytest.approx(world.outcome_sd, rel=0.02)
    assert large.course.wellbeing[:, 0].std() == pytest.approx(1, abs=0.02)


def test_without_the_effect_all_else_stays(world) -> None:
    """The same study with d = 0 differs by the effect of accommodation and by nothing else."""
    few = world.with_(therapists=20)
    with_, without = simulate(few), simulate(few.with_(accommodation_d=0.0))
    difference = with_.course.wellbeing - without.course.wellbeing
    sessions = np.arange(difference.shape[1])
    expected = world.accommodation_effect * with_.delivered.z[:, None] * world.shape(sessions)
    assert np.allclose(difference, expected)


def test_preferring_challenge_goes_with_growth(large, world) -> None:
    gain = large.course.wellbeing[:, 10] - large.course.wellbeing[:, 0]
    wants = list(large.people.clients["preference_z"].T)
    effects = least_squares([large.delivered.z, *wants], gain)
    assert effects[5] == pytest.approx(world.outcome.challenge, abs=0.025)
    assert np.allclose(effects[2:5], 0, atol=0.03)


def test_half_of_the_within_effect_goes_through_the_alliance(large, world) -> None:
    def within(values: np.ndarray) -> np.ndarray:
        values = values[:, 10:] - values[:, 10:].mean(axis=1, keepdims=True)
        return (values - values.mean(axis=0)).ravel()

    deviation = within(large.delivered.deviation[:, :-1])
    alliance = within(large.course.alliance_deviation[:, :-1])
    later = within(large.course.wellbeing[:, 2:])
    total = least_squares([deviation], later)[1]
    direct, through = least_squares([deviation, alliance], later)[1:]
    assert total == pytest.approx(world.outcome.within_total, abs=0.01)
    assert direct == pytest.approx(world.outcome.within_total / 2, abs=0.01)
    assert through == pytest.approx(world.outcome.alliance_effect, abs=0.01)


def test_therapists_hold_their_share_of_the_outcome(large, world) -> None:
    outcome = large.course.wellbeing[:, 10] - world.accommodation_effect * large.delivered.z
    therapist, size = large.people.therapist, large.people.caseload
    means = np.bincount(therapist, outcome) / size
    within = ((outcome - means[therapist]) ** 2).sum() / (len(outcome) - len(size))
    between = (size * (means - outcome.mean()) ** 2).sum() / (len(size) - 1)
    typical = (size.sum() - (size**2).sum() / size.sum()) / (len(size) - 1)
    variance = (between - within) / typical
    assert variance / (variance + within) == pytest.approx(0.05, abs=0.015)


def test_accommodation_protects_from_leaving_by_the_odds_ratio(large, world) -> None:
    """A logistic regression of leaving on its true causes, sessions 1 on, finds log .75."""
    ends, sessions = large.endings, world.sizes.sessions_high
    rows, at = np.nonzero(np.arange(sessions) <= ends.last[:, None])
    keep = at > 0
    rows, at = rows[keep], at[keep]
    event = (ends.kind[rows] == DROPPED_OUT) & (ends.last[rows] == at)
    met = accommodation_so_far(world, large.delivered)[rows, at]
    effect = np.log(world.leaving.accommodation_or)
    others = ends.hazard_logit[rows, at] - effect * met
    beta = np.zeros(3)
    design = np.column_stack([np.ones(len(rows)), met, others])
    for _ in range(25):
        p = 1 / (1 + np.exp(-design @ beta))
        information = design.T @ (design * (p * (1 - p))[:, None])
        beta += np.linalg.solve(information, design.T @ (event - p))
    error = np.sqrt(np.linalg.inv(information)[1, 1])
    assert beta[1] == pytest.approx(effect, abs=3 * error)
    assert error < 0.03
    assert beta[2] == pytest.approx(1, abs=0.1)


def test_leaving_is_front_loaded(large) -> None:
    ends = large.endings
    left = np.bincount(ends.last[ends.kind == DROPPED_OUT], minlength=25)
    there = np.array([(ends.last >= session).sum() for session in range(25)])
    hazard = left / there
    assert hazard[0] > 2 * hazard[2] > 2 * 1.2 * hazard[6:9].mean()
    assert 0.35 < left[:2].sum() / left.sum() < 0.60
