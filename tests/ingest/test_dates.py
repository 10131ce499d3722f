"""Dates become days, sessions and times; what no one can tell is refused or listed."""

import datetime as dt

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingest_builders import BASIC, INSTRUMENTS, declared, from_memory, listed, put

from attunement.ingest import ingest, obtain
from attunement.ingest.conflicts import Conflicts
from attunement.ingest.date_words import EPOCH, read_word, serial
from attunement.ingest.dates import read_dates
from attunement.ingest.sheet import Sheet
from attunement.study.dataset import ColumnSource, Privacy
from attunement.study.problems import StudyError

ANSWERS = BASIC["responses"][0]


def allowing(column):
    """The door lets a date in that is not declared as a day."""
    return {"allow": {column: "a date of an appointment that becomes a number of days"}}


SESSIONS = {"source": "visits", "columns": {"client": "id", "session": "visit", "day": "on"}}
PEOPLE = "id,who\na,t1\nb,t2\n"


def words(*cells, order="iso", conflicts=None, **sheet):
    """A column of text read as dates."""
    frame = pd.DataFrame({"on": pd.Series(cells, dtype="str")})
    found = read_dates(
        Sheet("x.csv", frame, dates=order, **sheet), ColumnSource(column="on"),
        conflicts or Conflicts(),
    )  # fmt: skip
    if found is None:
        return None
    return [None if pd.isna(d) else EPOCH + dt.timedelta(days=int(d)) for d in found.days]


def fault(*cells, **more):
    with pytest.raises(StudyError) as caught:
        words(*cells, **more)
    return str(caught.value)


DAY = dt.date(2021, 4, 3)


@pytest.mark.parametrize(
    ("cell", "month"),
    [
        ("3. März 2021", 3), ("3 mars 2021", 3), ("3-Mrt-2021", 3), ("03 Dez 2021", 12),
        ("3 de mayo de 2021", 5), ("3 de março de 2021", 3), ("3 maggio 2021", 5),
        ("1er août 2021", 8), ("3rd of May 2021", 5), ("3-Mai-2021", 5), ("3 févr. 2021", 2),
        ("3 juin 2021", 6), ("3 juil. 2021", 7), ("3 toukokuuta 2021", 5), ("3 maja 2021", 5),
        ("3. května 2021", 5), ("MÄRZ 3, 2021", 3), ("3 Jänner 2021", 1), ("3 out 2021", 10),
        ("3 sept. 2021", 9), ("3 d'agost de 2021", 8), ("3 marraskuuta 2021", 11),
    ],
)  # fmt: skip
def test_months_of_many_languages(cell, month):
    day = 1 if cell.startswith("1") else 3
    assert words(cell, "") == [dt.date(2021, month, day), None]


@pytest.mark.parametrize("cell", ["3 jui 2021", "3 listopad 2021", "3 ma 2021", "3 visits 2021"])
def test_a_month_that_may_be_two_is_none(cell):
    assert words(cell, "3 May 2021", conflicts=(noted := Conflicts()))[0] is None
    assert len(noted.table()) == 1


def test_the_door_knows_every_month_that_the_reader_knows():
    from attunement.ingest.month_names import NAMES
    from attunement.ingest.privacy.identifiers.dates import IS_DATE

    cells = [f"3. {name} 2021" for name in " ".join(NAMES.values()).split()]
    cells += [f"{name}-21" for name in ("Mär", "mrt", "mae", "fév", "juil", "aoû", "MAG")]
    assert pc.all(pc.match_substring_regex(pa.array(cells), IS_DATE)).as_py()


@pytest.mark.parametrize(
    ("cell", "order"),
    [
        ("2021-04-03", "iso"), ("2021-4-3", "iso"), ("2021/04/03", "iso"),
        ("2021-04-03 14:05:06", "iso"), ("2021-04-03T14:05:06.123Z", "iso"),
        ("2021-04-03T14:05:06+02:00", "month_first"), ("3 Apr 2021", "iso"), ("03-APR-2021", "iso"),
        ("April 3, 2021", "iso"), ("03/04/2021", "day_first"), ("3.4.2021", "day_first"),
        ("03-04-2021 09:15", "day_first"), ("04/03/2021", "month_first"),
        ("4/3/2021 9:15:00 AM", "month_first"), ("44289", "excel_1900"), ("42827", "excel_1904"),
        ("44289.75", "excel_1900"), ("2021-04-03", "excel_1900"),
    ],
)  # fmt: skip
def test_one_day_in_many_writings(cell, order):
    assert words(cell, "", order=order) == [DAY, None]


@given(st.dates(dt.date(1900, 3, 1), dt.date(2100, 12, 31)))
def test_every_day_comes_back(day):
    for order, pattern in (("iso", "%Y-%m-%d"), ("day_first", "%d.%m.%Y"),
                           ("month_first", "%m/%d/%Y"), ("iso", "%d %B %Y")):  # fmt: skip
        assert read_word(day.strftime(pattern), order).days == (day - EPOCH).days
    # Excel's own count: 1 March 1900 is day 61.
    assert serial((day - dt.date(1900, 3, 1)).days + 61, "excel_1900") == (day - EPOCH).days


def test_the_order_of_day_and_month_is_never_guessed():
    message = fault("2021-02-30", "03/04/2021", "2021-05-06", "25/04/2021")
    assert "'03/04/2021' do not say which of the numbers is the month" in message
    assert "Declare `dates: day_first` or `dates: month_first`" in message
    assert "2 rows; first: row 3, row 5" in message
    # Not one date speaks for the declared order, and some against it.
    assert "Declare `dates: day_first`" in fault("03/04/2021", "25/04/2021", order="month_first")


def test_impossible_dates_are_listed():
    conflicts = Conflicts()
    read = words(
        "31/02/2021", "25/04/2021", "04/25/2021", "01/01/21", "01/01/0021", "soon", "17", "", "-9",
        order="day_first", conflicts=conflicts, codes=("-9",),
    )  # fmt: skip
    assert read == [None, dt.date(2021, 4, 25), *[None] * 7]
    table = conflicts.table()
    assert table["row"].tolist() == [2, 4, 5, 6, 7, 8]
    assert set(table["kind"]) == {"impossible date"}
    assert table["detail"].tolist()[2:4] == [
        "a year of two digits", "the year lies outside 1900 to 2100"
    ]  # fmt: skip
    assert "have years of two digits" in fault("01/01/21", order="day_first")


def test_numbers_stay_numbers():
    assert words("0", "14", "-3.5") is None
    assert "look like dates without marks" in fault("20210403", "20210410")
    assert "`dates: yyyymmdd`" in fault("20210403", "20210410")
    assert "Write years with four digits" in fault("210403", "210410")


@pytest.mark.parametrize(
    ("order", "cells"),
    [
        ("yyyymmdd", ["20210403", "20210403.0", "202104031530", "2021-04-03", "3 April 2021"]),
        ("ddmmyyyy", ["03042021", "3042021", "03042021153000", "2021-04-03"]),
        ("mmddyyyy", ["04032021", "4032021", "2021-04-03"]),
    ],
)
def test_digits_without_marks_in_a_declared_order(order, cells):
    assert words(*cells, order=order) == [DAY] * len(cells)


def test_digits_without_marks_that_are_no_dates_are_listed():
    conflicts = Conflicts()
    read = words("20210403", "20211340", "20219", "99999999", order="yyyymmdd",
                 conflicts=conflicts, codes=("99999999",))  # fmt: skip
    assert read == [DAY, None, None, None]
    found = conflicts.table()
    assert dict(zip(found["value"], found["detail"], strict=True)) == {
        "20219": "a number among dates", "20211340": "there is no such day"
    }  # fmt: skip
    assert "day_first" in fault("20210403", "03/04/2021", order="yyyymmdd")


def test_digits_of_a_column_of_numbers():
    frame = pd.DataFrame({"on": [3042021.0, 13042021.0, float("nan")]})
    found = read_dates(Sheet("x.sav", frame, dates="ddmmyyyy"), ColumnSource(column="on"),
                       Conflicts())  # fmt: skip
    assert [EPOCH + dt.timedelta(days=int(d)) for d in found.days[:2]] == [
        DAY, DAY + dt.timedelta(days=10)
    ]  # fmt: skip
    assert pd.isna(found.days[2])
    frame = pd.DataFrame({"on": [44289.0, None]})
    for order, expected in (("iso", None), ("excel_1900", (DAY - EPOCH).days)):
        found = read_dates(Sheet("x", frame, dates=order), ColumnSource(column="on"), Conflicts())
        assert (found if found is None else found.days[0]) == expected


# In a dataset


def study(folder, dataset, origin=None, people=PEOPLE, **files):
    put(folder, {f"{name}.csv": content for name, content in (files | {"people": people}).items()})
    return ingest(dataset, obtain(dataset, folder), INSTRUMENTS, origin=origin)


VISITS = (
    "id,visit,on,mood_1,mood_2\na,0,2021-01-05 10:00,3,2\na,1,2021-01-12,2,2\nb,0,2021-02-01,1,0\n"
)


def test_days_count_from_the_earliest_date_or_a_given_one(tmp_path):
    dataset = declared(
        sessions=SESSIONS,
        endings={"source": "people", "columns": {"client": "id", "last_day": "end"}},
        clients={"source": "people", "columns": {"client": "id"},
                 "covariates": {"referred": {"column": "ref", "kind": "integer", "meaning": "x"}}},
        privacy=allowing("people.ref"),
    )  # fmt: skip
    people = "id,end,ref\na,2021-03-01,2021-01-01\nb,,2021-01-31\n"
    tables = study(tmp_path, dataset, people=people, visits=VISITS)
    assert tables["sessions"]["day"].tolist() == [4, 11, 31]
    assert tables["endings"]["last_day"].tolist()[0] == 59
    assert tables["clients"]["referred"].tolist() == [0, 30]
    assert tables["responses"]["day"].tolist() == [4, 4, 11, 11, 31, 31]
    later = study(tmp_path, dataset, dt.date(2020, 12, 31), people=people, visits=VISITS)
    assert later["sessions"]["day"].tolist() == [5, 12, 32]


def test_dates_and_numbers_do_not_mix(tmp_path):
    dataset = declared(
        sessions=SESSIONS,
        endings={"source": "people", "columns": {"client": "id", "last_day": "end"}},
    )
    with pytest.raises(StudyError, match="they do not count from the same day"):
        study(tmp_path, dataset, people="id,who,end\na,t1,59\nb,t2,3\n", visits=VISITS)


def test_a_blank_column_of_days_is_no_column_of_numbers(tmp_path):
    dataset = declared(
        sessions=SESSIONS,
        missing_codes=["-9"],
        endings={"source": "people", "columns": {"client": "id", "last_day": "end"}},
    )
    tables = study(tmp_path, dataset, people="id,who,end\na,t1,\nb,t2,-9\n", visits=VISITS)
    assert tables["endings"]["last_day"].isna().all()


def test_time_in_months_counts_from_the_first_day_of_the_client(tmp_path):
    dataset = declared(
        time={"unit": "week", "per": 4},
        responses=[{k: v for k, v in ANSWERS.items() if k != "session"} | {"day": "on"},
                   {"source": "people", "instrument": "bond", "rater": "client", "client": "id",
                    "at_session": 0, "items": {"1": "bond"}}],
    )  # fmt: skip
    tables = study(tmp_path, dataset, people="id,who,bond\na,t1,5\nb,t2,6\n", visits=VISITS)
    mood = tables["responses"].query("instrument == 'mood'")
    assert mood["time"].tolist() == [0, 0, 1, 1, 0, 0]
    assert tables["responses"].query("instrument == 'bond'")["time"].tolist() == [0, 0]


def test_the_order_of_dates_is_the_session(tmp_path):
    order = {"column": "on", "order_from": 1}
    dataset = declared(
        sessions={"source": "visits", "columns": {"client": "id", "session": order, "day": "on"}},
        responses=[ANSWERS | {"session": order}],
    )
    tables = study(
        tmp_path, dataset,
        visits="id,on,mood_1,mood_2\na,2021-03-01,3,1\nb,2021-02-01,1,0\na,2021-01-01,2,2\n"
        "a,2021-02-01,2,1\nb,,1,1\n",
    )  # fmt: skip
    assert tables["sessions"][["client", "session"]].to_numpy().tolist() == [
        ["a", 1], ["a", 2], ["a", 3], ["b", 1]
    ]  # fmt: skip
    assert tables["responses"].query("item == '1'")["value"].tolist() == [2, 2, 3, 1]
    assert {(row[2], row[3]) for row in listed(tables)} == {(6, "missing key")}


def test_a_day_finds_its_session(tmp_path):
    responses = [{k: v for k, v in ANSWERS.items() if k != "session"}
                 | {"source": "forms", "day": "filled"}]  # fmt: skip
    dataset = declared(
        sources=BASIC["sources"] | {"forms": {"path": "forms.csv", "dates": "day_first"}},
        sessions=SESSIONS, responses=responses,
    )  # fmt: skip
    forms = "id,filled,mood_1,mood_2\na,12/01/2021,1,1\na,13/01/2021,2,2\nb,01/02/2021,3,3\n"
    tables = study(tmp_path, dataset, visits=VISITS, forms=forms)
    assert tables["responses"][["client", "session", "value"]].to_numpy().tolist() == [
        ["a", 1, 1], ["a", 1, 1], ["b", 0, 3], ["b", 0, 3]
    ]  # fmt: skip
    assert listed(tables) == [
        ("forms.csv", "filled", 3, "unmatched day", "13/01/2021", "row left out")
    ]
    with pytest.raises(StudyError, match="tell the day alone"):
        change = {"sessions": None, "privacy": Privacy(**allowing("visits.on"))}
        study(tmp_path, dataset.model_copy(update=change), visits=VISITS, forms=forms)


def test_native_dates_from_memory():
    dataset = declared(sessions=SESSIONS)
    visits = pd.DataFrame(
        {"id": ["a", "a"], "visit": [0, 1], "on": pd.to_datetime(["2021-01-05", "1900-01-01"]),
         "mood_1": [1, 1], "mood_2": [1, 1]}
    )  # fmt: skip
    visits.loc[1, "on"] = pd.Timestamp("1582-10-14")
    tables = from_memory(dataset, people=pd.DataFrame({"id": ["a"], "who": ["t"]}), visits=visits)
    assert tables["sessions"]["day"].tolist()[0] == 0
    assert [row[1:4] for row in listed(tables)] == [("on", 3, "impossible date")]


def test_a_date_where_the_number_of_a_session_belongs(tmp_path):
    with pytest.raises(StudyError, match="order_from: 1"):
        dataset = declared(responses=[ANSWERS | {"session": "on"}], privacy=allowing("visits.on"))
        study(tmp_path, dataset, visits=VISITS)
