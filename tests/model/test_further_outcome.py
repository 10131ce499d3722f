import pandas as pd
import pytest

from attunement.model import analyse
from attunement.model.further_outcome import attendance, before, last_rating, preference_change
from attunement.study.contracts import conform
from attunement.study.problems import NotEstimable


@pytest.fixture
def further(specify):
    def make(name):
        return specify(
            name=f"further.{name}",
            rows="clients",
            analysis="further_outcome",
            settings=(("measure", name), ("missed", "missed_before"), ("early", "2")),
            outcome="dropout",
            improvement=0,
            formula="outcome ~ accommodation_between",
            random=(),
            levels=(("accommodation_between", "between"),),
        )

    return make


def attended(tables, **changes):
    scores = tables["scores"]
    rows = scores[["client", "session"]].assign(attended=True, missed_before=0)
    for (client, session), values in changes.items():
        at = (rows["client"] == client) & (rows["session"] == session)
        for name, value in values.items():
            rows.loc[at, name] = value
    return tables | {"sessions": conform(rows, "sessions")}


def test_the_last_rating_counts_and_only_what_came_before_it(tables, rated, further):
    held = rated(tables, "goal_attainment", "rating")
    found = last_rating(held, "goal_attainment.rating")
    scores = held["scores"]
    mine = scores[(scores["client"] == "c03") & (scores["instrument"] == "goal_attainment")]
    row = found.rows.set_index("client").loc["c03"]
    assert row["session"] == mine["session"].max()
    frame = before(found, held, further("goal_attainment.rating"))
    assert len(frame) == frame["client"].nunique() == 24
    only = found.rows.assign(session=2)
    early = before(found._replace(rows=only), held, further("goal_attainment.rating"))
    exposed = tables["accommodation"].set_index(["client", "session"])["value"]
    means = early.set_index("client")["accommodation_between"]
    pair = ["c00", "c04"]  # of one therapist: their difference is that of their first sessions
    ratio = (means[pair[0]] - means[pair[1]]) / (exposed[pair[0], 1] - exposed[pair[1], 1])
    assert ratio > 0


def test_attendance_is_the_share_after_the_first_sessions(tables):
    held = attended(tables)
    sessions = held["sessions"].copy()
    first = sessions["client"] == "c04"
    sessions.loc[first & (sessions["session"] == 1), "missed_before"] = 9  # too early to count
    sessions.loc[first & (sessions["session"] == 4), "missed_before"] = 2
    last = first & (sessions["session"] == sessions.loc[first, "session"].max())
    sessions.loc[last, "attended"] = False
    found = attendance(held | {"sessions": sessions}, "missed_before", 2).rows.set_index("client")
    after = int((first & (sessions["session"] > 2)).sum())
    assert found.loc["c04", "outcome"] == pytest.approx((after - 1) / (after + 2))
    assert found.loc["c05", "outcome"] == 1.0


def test_attendance_needs_missed_appointments(tables):
    with pytest.raises(NotEstimable, match="no missed appointment"):
        attendance(attended(tables), "", 2)
    with pytest.raises(NotEstimable, match="no attendance"):
        attendance(tables, "", 2)


def test_change_of_preference_needs_two_statements_on_every_dimension(specify, tables):
    stated = pd.DataFrame(
        [
            ("c00", 0, "td_cd", 0.2),
            ("c00", 0, "ei_er", -0.4),
            ("c00", 5, "td_cd", 0.6),
            ("c00", 5, "ei_er", -0.6),
            ("c01", 0, "td_cd", 0.2),
            ("c01", 0, "ei_er", 0.2),
            ("c01", 5, "td_cd", 0.4),
        ],
        columns=["client", "from_session", "dimension", "preference"],
    )
    held = tables | {"preferences": conform(stated, "preferences")}
    found = preference_change(held, specify()).rows
    assert found["client"].tolist() == ["c00"]
    assert found["outcome"].tolist() == pytest.approx([0.3])
    assert found["session"].tolist() == [5]
    once = tables | {"preferences": conform(stated[stated["from_session"] == 0], "preferences")}
    with pytest.raises(NotEstimable, match="nobody stated preferences twice"):
        preference_change(once, specify())


def test_rows_name_the_outcome_its_direction_and_its_informant(tables, rated, further):
    held = rated(tables, "satisfaction", "rating")
    row = analyse(held, further("satisfaction.rating")).estimates.set_index("term")
    row = row.loc["accommodation_between"]
    assert (row["outcome"], row["direction"]) == ("satisfaction.rating", "above 0: higher rating")
    assert row["informant"] == "delivery: client; outcome: client (same informant)"
    absent = analyse(tables, further("satisfaction.rating")).estimates
    assert absent["reason"].tolist() == ["no ratings of satisfaction.rating"]
    assert absent["outcome"].tolist() == ["satisfaction.rating"]


def test_without_therapists_clients_differ_from_the_mean_of_all(tables, rated, further):
    held = rated(tables, "goal_attainment", "rating")
    nobody = held["clients"].assign(therapist=pd.array([None] * 24, dtype="str"))
    asked = further("goal_attainment.rating")
    found = last_rating(held, "goal_attainment.rating")
    frame = before(found, held | {"clients": nobody}, asked)
    assert abs(frame["accommodation_between"].mean()) < 1e-12
    assert (analyse(held | {"clients": nobody}, asked).estimates["status"] == "estimated").all()
