"""Worlds where therapists converge on wishes, fit them from the start, or learn from clients."""

import numpy as np
import pytest

from attunement.simulate import simulate
from attunement.simulate.learning import without_improvement_before
from attunement.simulate.truth import generating


def slope_of_delivery(study, session: int) -> float:
    """Slope of delivery on preference at one session, within therapists, all dimensions."""
    therapist = study.people.therapist
    given = study.delivered.delivery[:, session - 1]
    wanted = study.delivered.preference_first

    def centred(values: np.ndarray) -> np.ndarray:
        count = np.bincount(therapist)[therapist, None]
        sums = np.stack([np.bincount(therapist, column) for column in values.T], axis=1)
        return values - sums[therapist] / count

    given, wanted = centred(given), centred(wanted)
    return float((given * wanted).sum() / (wanted**2).sum())


def test_delivery_converges_only_where_it_is_told_to(world) -> None:
    flat = simulate(world.with_(therapists=300))
    rising = simulate(world.with_(therapists=300, convergence=0.3))
    first, tenth = (slope_of_delivery(rising, session) for session in (1, 10))
    assert tenth - first == pytest.approx(0.3, abs=0.04)
    assert slope_of_delivery(flat, 10) == pytest.approx(slope_of_delivery(flat, 1), abs=0.04)
    assert first == pytest.approx(slope_of_delivery(flat, 1), abs=1e-9)


def test_a_matched_style_ties_preferences_to_therapists(world) -> None:
    def between(study) -> float:
        means = (
            np.stack(
                [
                    np.bincount(study.people.therapist, w)
                    for w in study.delivered.preference_first.T
                ],
                1,
            )
            / study.people.caseload[:, None]
        )
        return float(np.corrcoef(means[:, 3], study.people.therapists["style"][:, 3])[0, 1])

    chosen = simulate(world.with_(therapists=300, style_matched=0.8, responsiveness_mean=0.0))
    assert between(chosen) > 0.7
    assert abs(between(simulate(world.with_(therapists=300)))) < 0.15


def test_learning_raises_those_who_come_after_poor_endings(world) -> None:
    plain, taught = simulate(world), simulate(world.with_(learning=1.5))
    share = without_improvement_before(taught.people, taught.course, taught.endings)
    gain = (taught.course.wellbeing - plain.course.wellbeing)[:, world.outcome.reference_session]
    assert gain == pytest.approx(1.5 * share, abs=1e-9)
    first = taught.endings.day[:, 0] == [
        taught.endings.day[taught.people.therapist == t, 0].min() for t in taught.people.therapist
    ]
    assert (share[first] == 0).all() and share.max() > 0.3


def test_worlds_of_their_own_leave_the_example_as_it_is(world) -> None:
    assert (world.outcome.learning, world.delivery.convergence) == (0.0, 0.0)
    shown = generating(world)
    assert "learning" not in shown["outcome"] and "style_matched" not in shown["preference"]
    named = generating(world.with_(learning=0.5))["outcome"]
    assert named["learning"] == {"value": 0.5, "source": "assumed"}
