"""Which earlier clients count, and whether a new client gains by them."""

import numpy as np
import pandas as pd
import pytest

from attunement.model import analyse
from attunement.model.best_teacher import Cases, Lessons, cases
from attunement.study.contracts import conform, empty


def study(learning: float, therapists: int = 40, of_each: int = 12, seed: int = 1):
    """A therapist's case every 30 days, of 40 to 120 days; a third not on track by chance."""
    random = np.random.default_rng(seed)
    rows = []
    for therapist in range(therapists):
        level, past = random.normal(0, 0.3), []
        for place in range(of_each):
            intake, length = 30 * place, random.integers(40, 120)
            closed = [off for last, off in past if last < intake]
            share = np.mean(closed) if closed else 0.0
            z = random.normal(level + learning * share, 1)
            off = bool(z < -0.5)
            past.append((intake + length, off))
            rows.append(
                {
                    "client": f"c{therapist:02d}{place:02d}",
                    "therapist": f"t{therapist:02d}",
                    "case_order": place + 1,
                    "first": intake,
                    "length": length,
                    "z": z,
                    "flagged": off,
                }
            )
    made = pd.DataFrame(rows)
    sessions = made.assign(session=0, day=made["first"])
    endings = made.assign(last_day=made["first"] + made["length"], ending="completed")
    flags = made.assign(
        flag="not_on_track",
        outcome="ors.total",
        occasion=5,
        time=5.0,
        session=5,
        value=20.0,
        limit=18.0,
    )
    topic = pd.DataFrame({"topic": ["flags.not_on_track"], "available": [True]})
    return {
        "clients": conform(made[["client", "therapist", "case_order"]], "clients"),
        "sessions": conform(sessions[["client", "session", "day"]], "sessions"),
        "responses": empty("responses"),
        "endings": conform(endings[["client", "last_day", "ending"]], "endings"),
        "flags": conform(
            flags.drop(columns=["therapist", "case_order", "first", "length"]), "flags"
        ),
        "availability": conform(topic, "availability"),
    }


@pytest.fixture
def planned(specify):
    return specify(
        name="best_teacher.ors_total",
        analysis="best_teacher",
        rows="clients",
        scoring=None,
        settings=(("permutations", "199"), ("seed", "7"), ("case_number", "log")),
        formula="outcome ~ C(therapist) + case_number + earlier_off_track",
        random=(),
        levels=(("earlier_off_track", "between"),),
    )


def test_learning_is_found_where_it_is(planned):
    rows = analyse(study(2.0), planned).estimates.set_index("term")
    assert rows.loc["earlier_off_track", "p"] == pytest.approx(1 / 200)
    assert rows.loc["earlier_off_track", "estimate"] > 0.5


def test_as_it_stands_it_is_found_where_nobody_learns(planned):
    rows = analyse(study(0.0, therapists=120), planned).estimates.set_index("term")
    assert rows.loc["earlier_off_track", "p"] > 0.05
    assert rows.loc["earlier_off_track_uncorrected", "p"] < 0.05
    assert rows.loc["earlier_off_track_by_chance", "ci_low"] > 0


def test_the_slope_is_that_of_the_fit(planned):
    tables = study(0.5, therapists=10)
    rows = analyse(tables, planned).estimates.set_index("term")
    held = cases(tables, planned)
    slope = Lessons(held).slope(np.arange(len(held.client)))
    # The row told as it stands is a least-squares fit of the engine: t x se is its estimate.
    row = rows.loc["earlier_off_track_uncorrected"]
    assert row["estimate"] == pytest.approx(slope)
    assert row["statistic"] * row["se"] == pytest.approx(slope)


def test_whoever_moves_takes_the_length_of_treatment_along():
    held = Cases(
        np.array(["a", "b", "c"], dtype=object),
        np.zeros(3, dtype=int),
        intake=np.array([0.0, 10.0, 50.0]),
        length=np.array([5.0, 60.0, 7.0]),
        number=np.log2([1, 2, 3]),
        outcome=np.array([0.0, 1.0, -1.0]),
        off_track=np.array([1.0, 0.0, 0.0]),
    )
    lessons = Lessons(held)
    # a is closed at 5: before both later intakes. b is open at 50.
    assert np.array_equal(lessons.earlier(np.arange(3)), [np.nan, 1.0, 1.0], equal_nan=True)
    # b first, then a: b is open at 10 and at 50, a comes at 10 and is closed at 15.
    moved = lessons.earlier(np.array([1, 0, 2]))
    assert np.array_equal(moved, [np.nan, np.nan, 1.0], equal_nan=True)


def test_an_ongoing_client_teaches_nobody_yet(planned):
    tables = study(0.0, therapists=2)
    ongoing = tables["endings"].assign(ending="ongoing")
    found = analyse(tables | {"endings": conform(ongoing, "endings")}, planned).estimates
    assert found["status"].tolist() == ["not estimable"]
    assert "closed" in found["reason"].iloc[0]


@pytest.mark.parametrize(
    ("lost", "reason"), [("case_order", "order of cases"), ("day", "days of intakes")]
)
def test_what_is_not_there_is_said(planned, lost, reason):
    tables = study(0.0, therapists=2)
    if lost == "day":
        tables |= {"sessions": empty("sessions"), "endings": empty("endings")}
    else:
        tables["clients"] = tables["clients"].assign(case_order=pd.array([pd.NA] * 24, "Int64"))
    found = analyse(tables, planned).estimates
    assert found["reason"].str.contains(reason).all()
