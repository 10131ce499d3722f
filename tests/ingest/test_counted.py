"""Numbers that cannot count days, sessions or cases: dates as digits, clocks, slips."""

import pytest
from ingest_builders import BASIC, declared, listed, read
from pydantic import ValidationError

from attunement.study.counts import MOST_DAYS, MOST_SESSIONS, seems, written_date
from attunement.study.problems import StudyError

DATED = {"source": "visits", "columns": {"client": "id", "session": "visit", "day": "on"}}


@pytest.mark.parametrize(
    ("digits", "is_date"),
    [
        ("20210403", True), ("01022021", True), ("1022021", True), ("12312021", True),
        ("210403", True), ("202104031430", True), ("20210403143000", True), ("73415", False),
        ("44289", False), ("20211345", False), ("99999999", False), ("2459308", False),
        ("-20210403", False), ("2021-04-03", False),
    ],
)  # fmt: skip
def test_what_is_a_date_without_marks(digits, is_date):
    assert written_date(digits) == is_date


def test_what_large_numbers_seem_to_be():
    assert "date" in seems(1022021) and "date" in seems(20230105.0)
    for clock in (1617408000, 1617408000000, 13836614400):
        assert "clock" in seems(clock)
    assert seems(99999999999999) == seems(150000.5) == ""
    assert MOST_DAYS == 73415  # what Excel calls 2100-12-31


def visits(column, *cells):
    rows = "".join(
        f"{'ab'[place % 2]},{place // 2},{cell},3,2\n" for place, cell in enumerate(cells)
    )
    text = f"id,visit,{column},mood_1,mood_2\n{rows}"
    return text


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (("01022021", "02022021", "13022021", "28022021"), "look like dates without marks"),
        (("1022021", "2022021", "13022021", "28022021"), "look like dates without marks"),
        (("02132021", "02142021", "02152021", "02162021"), "look like dates without marks"),
        (("210403", "210404", "210405", "210406"), "look like dates without marks"),
        (("1617408000", "1617494400", "1617580800", "1617667200"), "seconds of a clock"),
        (("1617408000000", "1617494400000", "1617580800000", "1"), "seconds of a clock"),
        (("2020", "2021", "2020", "2021"), "look like years, and cannot be days"),
        (("738000", "738001", "738002", "738003"), "are too large, and cannot be days"),
    ],
)
@pytest.mark.parametrize("order", ["iso", "day_first", "month_first"])
def test_a_column_of_numbers_that_are_no_days_stops(tmp_path, cells, says, order):
    dataset = declared(
        sessions=DATED,
        sources={"people": {"path": "people.csv"}, "visits": {"path": "visits.csv",
                                                              "dates": order}},
    )  # fmt: skip
    with pytest.raises(StudyError) as caught:
        read(tmp_path, dataset, visits=visits("on", *cells))
    message = str(caught.value)
    assert says in message and "column 'on'" in message and "first: " in message


def test_one_such_day_among_others_is_listed(tmp_path):
    tables = read(tmp_path, declared(sessions=DATED), visits=visits("on", 1, 2, 8, "01022021"))
    assert listed(tables) == [("visits.csv", "on", 5, "out of range", "01022021", "set missing")]
    assert "looks like a date without marks" in tables["conflicts"]["detail"].iloc[0]
    assert tables["sessions"]["day"].isna().sum() == 1


def test_spreadsheet_days_that_are_dates_as_digits_stop(tmp_path):
    dataset = declared(
        sessions=DATED,
        sources={"people": {"path": "people.csv"},
                 "visits": {"path": "visits.csv", "dates": "excel_1900"}},
    )  # fmt: skip
    with pytest.raises(StudyError, match="look like dates without marks"):
        read(tmp_path, dataset, visits=visits("on", 20210403, 20210404, 20210405, 20210406))


@pytest.mark.parametrize("kind", ["number", "integer"])
def test_a_covariate_of_such_dates_stops(tmp_path, kind):
    clients = BASIC["clients"] | {
        "covariates": {"born": {"column": "on", "kind": kind, "meaning": "referred on"}}
    }
    people = "id,who,on\na,t1,1022021\nb,t2,13022021\nc,,\n"
    with pytest.raises(StudyError, match="look like dates without marks"):
        read(tmp_path, declared(clients=clients), people=people)


@pytest.mark.parametrize("order_from", [None, 1])
def test_dates_as_session_numbers_stop_and_are_named(tmp_path, order_from):
    answers = dict(BASIC["responses"][0])
    answers["session"] = {"column": "on", "order_from": order_from}
    # An order is declared to come from dates; a session is none, and the door sees a date.
    let_in = {} if order_from else {"allow": {"visits.on": "the test lets it through the door"}}
    with pytest.raises(StudyError) as caught:
        read(tmp_path, declared(responses=[answers], privacy=let_in),
             visits=visits("on", 20230105, 20230112, 20230119, 20230126))  # fmt: skip
    assert "20230105 look like dates without marks" in str(caught.value)


def test_a_very_large_session_number_is_listed(tmp_path):
    text = "id,visit,mood_1,mood_2\na,0,3,2\na,1,2,2\nb,0,1,0\nb,99999999999,0,0\nc,2021,1,1\n"
    tables = read(tmp_path, visits=text + "c,1,1,1\n")
    kinds = tables["conflicts"].groupby("kind", observed=True).size().to_dict()
    assert kinds == {"missing key": 2, "out of range": 2}
    assert tables["responses"]["session"].max() == 1
    assert f"0 to {MOST_SESSIONS}" in " ".join(tables["conflicts"]["detail"])


def test_missing_codes_beyond_the_last_session_are_missing(tmp_path):
    text = "id,visit,mood_1,mood_2\na,0,3,2\na,1,2,2\nb,0,1,0\nb,9999,0,0\n"
    tables = read(tmp_path, declared(missing_codes=["9999"]), visits=text)
    assert set(tables["conflicts"]["kind"]) == {"missing key"}


@pytest.mark.parametrize(
    "change",
    [
        {"responses": [BASIC["responses"][0] | {"session": None, "at_session": 20230105}]},
        {"responses": [{"source": "visits", "instrument": "mood", "rater": "client",
                        "client": "id", "wide": {"mood_1": 99999999999}}]},
        {"dropout": {"fewer_than_n_sessions": 20230105}},
        {"dropout": {"study_attrition_times": [1, float("inf")]}},
    ],
)  # fmt: skip
def test_declared_sessions_have_the_same_bounds(change):
    with pytest.raises(ValidationError):
        declared(**change)


def test_sessions_of_a_wide_layout_have_the_same_bounds(tmp_path):
    answers = BASIC["responses"][0] | {"session": "{session}", "items": "m{session}_{item}"}
    people = "id,who,m20230105_1,m20230105_2\na,t1,1,1\nb,t2,2,2\nc,,0,0\n"
    with pytest.raises(StudyError, match="look like dates without marks"):
        read(tmp_path, declared(responses=[answers | {"source": "people"}]), people=people)
