"""Layouts, times and occasions of responses; sessions, endings and type preferences."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ingest_builders import BASIC, declared, from_memory, listed, read

from attunement.study.problems import StudyError

PEOPLE = "id,who\na,t1\nb,t2\n"


def response(**changes):
    return BASIC["responses"][0] | changes


def occasions(tables):
    frame = tables["responses"]
    columns = ["client", "occasion", "time", "session", "instrument", "item"]
    values = frame[columns].astype(object).where(frame[columns].notna(), None)
    return [tuple(row) for row in values.itertuples(index=False)]


def test_order_is_that_of_the_clients_and_occasions_count_from_zero(tmp_path):
    tables = read(tmp_path, visits="id,visit,mood_1,mood_2\nb,4,1,1\na,7,1,\na,2,1,0\nb,1,,\n")
    assert occasions(tables) == [
        ("a", 0, 2.0, 2, "mood", "1"), ("a", 0, 2.0, 2, "mood", "2"),
        ("a", 1, 7.0, 7, "mood", "1"), ("a", 1, 7.0, 7, "mood", "2"),
        ("b", 0, 4.0, 4, "mood", "1"), ("b", 0, 4.0, 4, "mood", "2"),
    ]  # fmt: skip
    assert tables["responses"]["value"].isna().sum() == 1


def test_instruments_of_one_session_share_its_occasion(tmp_path):
    dataset = declared(
        responses=[
            response(),
            response(instrument="bond", items={"1": "bond"}),
            response(
                source="people", instrument="wish", session=None, at_session=0, items="w{item}"
            ),
        ],
        preference={"instrument": "wish", "coding": "left_positive"},
    )
    tables = read(
        tmp_path, dataset, people="id,who,w1,w2\na,t1,3,-3\nb,t2,,\n",
        visits="id,visit,mood_1,mood_2,bond\na,1,1,1,9\na,0,1,1,\nb,1,,,5\n",
    )  # fmt: skip
    assert [(c, o, s, i, n) for c, o, _, s, i, n in occasions(tables)] == [
        ("a", 0, 0, "mood", "1"), ("a", 0, 0, "mood", "2"),
        ("a", 0, 0, "wish", "1"), ("a", 0, 0, "wish", "2"),
        ("a", 1, 1, "mood", "1"), ("a", 1, 1, "mood", "2"), ("a", 1, 1, "bond", "1"),
        ("b", 0, 1, "bond", "1"),
    ]  # fmt: skip
    available = tables["availability"].set_index("topic")["available"]
    assert available["alliance"]
    assert available["preferences"]
    flow = tables["flow"].set_index("step")
    assert flow.loc["with_preferences", ["n_clients", "n_therapists", "n_rows"]].tolist() == [
        1,
        1,
        1,
    ]


def test_wide_layout(tmp_path):
    dataset = declared(
        time={"unit": "month", "per": 6},
        responses=[{"source": "people", "instrument": "mood", "rater": "client", "client": "id",
                    "wide": {"before": 0, "after": 2.5}}],
    )  # fmt: skip
    tables = read(tmp_path, dataset, people="id,who,before,after\na,t1,6,7\nb,t2,,1\n")
    assert occasions(tables) == [
        ("a", 0, 0.0, None, "mood", "total"), ("a", 1, 2.5, None, "mood", "total"),
        ("b", 0, 2.5, None, "mood", "total"),
    ]  # fmt: skip
    assert listed(tables) == [("people.csv", "after", 2, "out of range", "7", "set missing")]


def test_rows_that_hold_no_occasion_are_left_out_and_counted(tmp_path):
    dataset = declared(
        time={"unit": "month", "per": 6},
        responses=[response(session=None, time="visit", leave_out={"visit": ["after"]})],
    )
    tables = read(tmp_path, dataset, visits="id,visit,mood_1,mood_2\na,after,1,1\na,1.5,1,1\n")
    assert [row[2:4] for row in occasions(tables)] == [(1.5, None)] * 2
    assert listed(tables) == []
    assert tables["flow"].set_index("step")["n_rows"]["rows_left_out_declared"] == 1


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("day", 14.0), ("week", 2.0), ("month", 14 / (365.25 / 12)), ("year", 14 / 365.25)],
)
def test_time_follows_from_the_day_of_the_session(tmp_path, unit, expected):
    dataset = declared(
        time={"unit": unit, "per": 10},
        sessions={"source": "visits",
                  "columns": {"client": "id", "session": "visit", "day": "day"}},
    )  # fmt: skip
    tables = read(tmp_path, dataset, visits="id,visit,day,mood_1,mood_2\na,0,,1,1\na,3,14,1,1\n")
    assert tables["responses"]["time"].unique().tolist() == [0.0, expected]
    assert tables["responses"]["day"].dropna().unique().tolist() == [14.0]


def test_sessions_without_any_time_are_fatal_where_time_is_no_session(tmp_path):
    dataset = declared(time={"unit": "week", "per": 10})
    with pytest.raises(StudyError, match="have sessions but no time, and the unit of time is the"):
        read(tmp_path, dataset, visits="id,visit,mood_1,mood_2\na,1,1,1\n")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"responses": [response(instrument="moood")]}, "the nearest is 'mood'"),
        ({"responses": [response(items="mood")]}, r"does not hold \{item\}"),
        ({"responses": [response(items={"3": "x"})]}, "mood has no item or scale '3'"),
        (
            {"responses": [response(instrument="wish", items={"total": "x"})]},
            "It has: 1, 2, AB, CD",
        ),
        ({"outcomes": {"primary": "mood.sum"}}, "the nearest is 'mood.total'"),
        (
            {"ratings": {"mood": {"meaning": "x"}}},
            "The rating 'mood' has the name of an instrument",
        ),
        ({"preference": {"instrument": "whish", "coding": "left_positive"}}, "nearest is 'wish'"),
    ],
)
def test_faults_of_the_declaration(tmp_path, changes, message):
    with pytest.raises(StudyError, match=message):
        read(tmp_path, declared(**changes))


def test_a_scale_without_total_cannot_be_wide(tmp_path):
    wide = {"source": "people", "instrument": "wish", "rater": "client", "client": "id",
            "wide": {"who": 0}}  # fmt: skip
    with pytest.raises(StudyError, match="wish has no total"):
        read(tmp_path, declared(responses=[wide]))


def test_sessions_endings_and_type_preferences(tmp_path):
    dataset = declared(
        sources=BASIC["sources"] | {"other": {"path": "other.csv"}},
        sessions={"source": "visits", "columns": {"client": "id", "session": "visit",
                                                  "attended": "came"}},
        endings={"source": "people",
                 "columns": {"client": "id", "last_session": "last",
                             "ending": {"column": "end", "values": {"1": "completed",
                                                                    "2": "dropped_out"}}}},
        type_preferences={"source": "other",
                          "columns": {"client": "id", "aspect": "about", "kind": "kind",
                                      "preferred": "want", "received": "got"}},
    )  # fmt: skip
    tables = read(
        tmp_path, dataset,
        people="id,who,last,end\nb,t1,4,1\na,t2,-2,3\n",
        visits="id,visit,came,mood_1,mood_2\na,1,no,1,1\nb,1,yes,1,1\na,0,yes,1,1\n",
        other="id,about,kind,want,got\na,homework,activity,no preference,yes\n"
              "b,gender,therapist,woman,\nb,gender,person,woman,\n",
    )  # fmt: skip
    sessions = tables["sessions"]
    columns = (sessions[name] for name in ("client", "session", "attended"))
    assert list(zip(*columns, strict=True)) == [
        ("b", 1, True), ("a", 0, True), ("a", 1, False),
    ]  # fmt: skip
    assert tables["endings"]["ending"].tolist()[0] == "completed"
    assert tables["type_preferences"]["preferred"].tolist() == ["woman", "no preference"]
    assert tables["type_preferences"]["rater"].unique().tolist() == ["client"]
    assert listed(tables) == [
        ("other.csv", "kind", 4, "missing key", None, "row left out"),
        ("other.csv", "kind", 4, "unknown code", "person", "set missing"),
        ("people.csv", "end", 3, "unknown code", "3", "set missing"),
        ("people.csv", "end", 3, "unmatched word", "2", "set missing"),
        ("people.csv", "last", 3, "out of range", "-2", "set missing"),
    ]
    flow = tables["flow"].set_index("step")
    assert flow.loc["with_ending", "n_clients"] == 1
    assert flow.loc["with_session", ["n_clients", "n_rows"]].tolist() == [2, 3]


def test_nothing_declared_is_not_available_and_says_why(tmp_path):
    tables = read(tmp_path, people="id,who\na,\n", visits="id,visit,mood_1,mood_2\na,0,1,1\n")
    reasons = tables["availability"].set_index("topic")["reason"].dropna().to_dict()
    assert reasons == {
        "therapists": "no therapists recorded",
        "sessions": "sessions are not declared under sessions: in dataset.yaml",
        "endings": "no endings recorded",
        "preferences": "no preferences recorded",
        "delivery": "no delivery ratings recorded",
        "commensurable": "no delivery ratings recorded",
        "type_preferences": "no preferences for a type of therapy recorded",
        "alliance": "no alliance ratings recorded",
    }
    for name in ("sessions", "endings", "type_preferences", "therapists"):
        assert tables[name].empty
    assert tables["flow"].set_index("step")["label"]["with_session"] == (
        "with at least one session (sessions are not declared under sessions: in dataset.yaml)"
    )


def test_declared_sessions_of_which_none_can_be_read_are_not_recorded(tmp_path):
    sessions = {"source": "people", "columns": {"client": "id", "session": "number"}}
    tables = read(tmp_path, declared(sessions=sessions), people="id,who,number\na,,\nb,,\n")
    assert tables["availability"].set_index("topic")["reason"]["sessions"] == "no sessions recorded"
    label = tables["flow"].set_index("step")["label"]["with_session"]
    assert label == "with at least one session"


CELLS = st.tuples(st.sampled_from("abc"), st.integers(0, 6), st.integers(-1, 4), st.integers(0, 3))


@settings(max_examples=25, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=12, unique_by=lambda cell: cell[:2]), st.randoms())
def test_the_order_of_rows_does_not_matter_and_nothing_is_filled_in(cells, random):
    people = pd.DataFrame({"id": list("abc"), "who": "t"})

    def tables_of(rows):
        visits = pd.DataFrame(rows, columns=["id", "visit", "mood_1", "mood_2"])
        return from_memory(declared(), people=people, visits=visits)

    one = tables_of(cells)
    shuffled = list(cells)
    random.shuffle(shuffled)
    pd.testing.assert_frame_equal(one["responses"], tables_of(shuffled)["responses"])
    wanted = {(c, v, "1"): float(x) for c, v, x, _ in cells if 0 <= x <= 3}
    wanted |= {(c, v, "2"): float(x) for c, v, _, x in cells}
    told = one["responses"].dropna(subset=["value"])
    keys = zip(told["client"], told["session"], told["item"], strict=True)
    assert dict(zip(keys, told["value"], strict=True)) == wanted
    assert len(listed(one)) == sum(not 0 <= x <= 3 for _, _, x, _ in cells)
    ranks = one["responses"].groupby("client")["occasion"]
    assert (ranks.max() + 1 == ranks.nunique()).all()


def test_preferences_coded_one_to_seven_have_that_range(tmp_path):
    wish = {"source": "visits", "instrument": "wish", "rater": "client", "client": "id",
            "session": "visit", "items": {"1": "w", "CD": "sum"}}  # fmt: skip
    visits = "id,visit,mood_1,mood_2,w,sum\na,0,1,1,7,1\na,1,1,1,0,8\na,2,1,1,-3,4\n"
    preference = {"instrument": "wish", "coding": "one_to_seven_left_low"}
    dataset = declared(responses=[*BASIC["responses"], wish], preference=preference)
    tables = read(tmp_path, dataset, visits=visits)
    values = (
        tables["responses"].query("instrument == 'wish'").pivot(columns="item", index="session")
    )
    assert values["value", "1"].dropna().tolist() == [7]
    assert values["value", "CD"].dropna().tolist() == [1, 4]
    assert tables["conflicts"]["detail"].tolist() == ["possible is 1 to 7"] * 3
