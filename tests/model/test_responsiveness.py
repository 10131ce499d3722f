"""Does delivery move towards preference? Tables made by hand, with and without it."""

import numpy as np
import pandas as pd
import pytest

from attunement.model import analyse
from attunement.model.correction import Correction, naive, steps
from attunement.model.responsiveness import (
    CONVERGENCE,
    mean_of,
    responsiveness,
    sessions_with_preference,
)
from attunement.study.contracts import conform
from attunement.study.problems import NotEstimable

DIMENSIONS = ("td_cd", "ei_er")
SESSIONS = 8


def world(convergence: float, therapists: int = 14, of_each: int = 7, seed: int = 1):
    """Delivery = style + (.2 + convergence x time) x preference + noise; time 1 at session 8."""
    random = np.random.default_rng(seed)
    clients = pd.DataFrame({"client": [f"c{k:03d}" for k in range(therapists * of_each)]})
    clients["therapist"] = [f"t{k // of_each:02d}" for k in range(len(clients))]
    style = random.normal(0, 0.2, (therapists, 2))
    wanted = random.uniform(-0.8, 0.8, (len(clients), 2))
    rows = []
    for k in range(len(clients)):
        own = random.normal(0, 0.1, 2)
        for session in range(1, SESSIONS + 1):
            pull = 0.2 + convergence * (session - 1) / (SESSIONS - 1)
            given = style[k // of_each] + pull * wanted[k] + own + random.normal(0, 0.15, 2)
            rows += [
                (clients["client"][k], session, dimension, value)
                for dimension, value in zip(DIMENSIONS, given, strict=True)
            ]
    delivery = pd.DataFrame(rows, columns=["client", "session", "dimension", "delivery"])
    preferences = pd.DataFrame(
        [
            (client, 0, dimension, wanted[k, place])
            for k, client in enumerate(clients["client"])
            for place, dimension in enumerate(DIMENSIONS)
        ],
        columns=["client", "from_session", "dimension", "preference"],
    )
    topics = ["preferences", "delivery", "commensurable"]
    return {
        "clients": conform(clients, "clients"),
        "delivery": conform(
            delivery.assign(rater="client", delivery=delivery["delivery"].clip(-1, 1)), "delivery"
        ),
        "preferences": conform(preferences, "preferences"),
        "availability": conform(pd.DataFrame({"topic": topics, "available": True}), "availability"),
    }


@pytest.fixture
def planned(specify):
    return specify(
        name="responsiveness",
        analysis="responsiveness",
        outcome="delivery",
        improvement=0,
        scoring=None,
        settings=(
            ("reference_session", "8"),
            ("shape", "linear"),
            ("permutations", "99"),
            ("seed", "5"),
        ),
        formula="delivery ~ session * (preference_between + preference_therapist)",
        random=(("therapist", "1 + session"), ("client", "1 + session")),
        levels=((CONVERGENCE, "between"),),
    )


def estimates(tables, planned):
    return analyse(tables, planned).estimates.set_index("term")


def test_convergence_is_found_where_it_is_and_how_much(planned):
    rows = estimates(world(0.3), planned)
    assert rows.loc[CONVERGENCE, "estimate"] == pytest.approx(0.3, abs=0.06)
    assert rows.loc[CONVERGENCE, "p"] < 0.001
    assert rows.loc["preference_between", "estimate"] == pytest.approx(0.2, abs=0.06)
    for dimension in DIMENSIONS:
        row = rows.loc[f"session:preference_{dimension}_between"]
        assert row["ci_low"] < 0.3 < row["ci_high"]
        assert (row["dimension"], row["level"]) == (dimension, "between")


def test_the_error_correction_form_finds_it_where_it_is_not(planned):
    rows = estimates(world(0.0), planned)
    assert rows.loc[CONVERGENCE, "p"] > 0.05
    assert rows.loc["gap_before_uncorrected", "p"] < 1e-6
    assert rows.loc["gap_before_by_chance", "ci_low"] > 0
    chance = rows.loc["gap_before_uncorrected", "estimate"] - rows.loc["gap_before", "estimate"]
    assert chance == pytest.approx(rows.loc["gap_before_by_chance", "estimate"])
    assert set(rows.loc[["gap_before", "gap_before_uncorrected"], "level"]) == {"-"}


def test_the_same_seed_gives_the_same_rows(planned):
    tables = world(0.1)
    pd.testing.assert_frame_equal(
        analyse(tables, planned).estimates, analyse(tables, planned).estimates
    )


def test_only_the_preference_stated_first_counts(planned):
    tables = world(0.0, therapists=4)
    again = tables["preferences"].assign(from_session=5, preference=1.0)
    tables["preferences"] = pd.concat([tables["preferences"], again], ignore_index=True)
    rows = sessions_with_preference(tables, planned)
    assert rows.groupby(["client", "dimension"])["preference"].nunique().eq(1).all()
    assert (rows["preference"] < 0.9).all()


def test_sessions_before_the_first_preference_are_left_out(planned):
    tables = world(0.0, therapists=4)
    tables["preferences"] = tables["preferences"].assign(from_session=3)
    assert sessions_with_preference(tables, planned)["session"].min() == 3


def test_steps_are_between_sessions_in_a_row():
    rows = pd.DataFrame(
        {
            "client": ["a"] * 4 + ["b"],
            "therapist": "t",
            "dimension": ["x", "x", "x", "y", "y"],
            "session": [1.0, 2.0, 4.0, 5.0, 6.0],
            "delivery": [0.1, 0.4, 0.9, 0.2, 0.3],
            "preference": 0.5,
        }
    )
    found = steps(rows)
    assert found["client"].tolist() == ["a"]
    assert found["before"].tolist() == [0.1]
    assert found["change"].tolist() == pytest.approx([0.3])


def test_the_slope_from_sums_is_that_of_least_squares(planned):
    rows = sessions_with_preference(world(0.2, therapists=4), planned)
    moves = steps(rows)
    stated = moves.drop_duplicates(["client", "dimension"])
    wanted = stated.pivot(index="client", columns="dimension", values="preference")
    order = np.random.default_rng(2).permutation(len(wanted))
    exchanged = pd.DataFrame(wanted.to_numpy()[order], wanted.index, wanted.columns)
    frame = moves.assign(
        gap=[
            exchanged.loc[c, d] - b
            for c, d, b in moves[["client", "dimension", "before"]].itertuples(index=False)
        ]
    )
    dummies = pd.get_dummies(frame["dimension"]).to_numpy(dtype=float)
    by_hand = np.linalg.lstsq(np.column_stack([frame["gap"], dummies]), frame["change"], rcond=None)
    form = Correction(moves, wanted)
    assert form.slope(order) == pytest.approx(by_hand[0][0], abs=1e-10)
    assert naive(moves)["statistic"] * naive(moves)["se"] == pytest.approx(
        form.slope(np.arange(len(wanted)))
    )


def test_the_mean_has_its_error_from_therapists_left_out():
    # Two dimensions, ten therapists: by hand, mean (1 + 2) / 2 and the jackknife of the means.
    left = [
        pd.DataFrame({"x": 1 + np.arange(10) / 10}, index=list("abcdefghij")),
        pd.DataFrame({"x": 2 + np.arange(10) / 10}, index=list("abcdefghij")),
    ]
    row = mean_of([pd.Series({"x": 1.0}), pd.Series({"x": 2.0})], left).loc["x"]
    means = 1.5 + np.arange(10) / 10
    assert row["estimate"] == 1.5
    assert row["se"] == pytest.approx(np.sqrt(0.9 * ((means - means.mean()) ** 2).sum()))
    assert row["df"] == 9


def test_few_therapists_have_no_mean(planned):
    rows = estimates(world(0.2, therapists=5), planned)
    assert rows.loc[CONVERGENCE, "status"] == "not estimable"
    assert "10 therapists" in rows.loc[CONVERGENCE, "reason"]
    assert rows.loc["session:preference_ei_er_between", "estimate"] > 0


def test_what_is_not_there_is_said(planned, tables):
    with pytest.raises(NotEstimable, match="rated by the observer"):
        responsiveness(tables, planned.model_copy(update={"informant": "observer"}))
    lost = tables["availability"].assign(available=False, reason="no preferences declared")
    found = analyse(tables | {"availability": lost}, planned).estimates
    assert found["reason"].tolist() == ["no preferences declared"]
    assert found["term"].tolist() == [CONVERGENCE]
