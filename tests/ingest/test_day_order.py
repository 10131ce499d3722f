"""Days that do not follow the order of the sessions, and days that are still to come."""

import datetime as dt

import numpy as np
import pytest
from ingest_builders import BASIC, FILES, declared, listed, put, read

from attunement.ingest.day_order import out_of_line
from attunement.ingest.future import dates_after
from attunement.ingest.readers.obtain import obtain

SESSIONS = {"source": "visits", "columns": {"client": "id", "session": "visit", "day": "day"}}
HEAD = "id,visit,day,mood_1,mood_2\n"
VISITS = HEAD + (
    "a,0,2022-01-03,3,2\na,1,2092-01-10,2,2\na,2,2022-01-17,2,1\na,3,2022-01-24,1,1\n"
    "b,0,2022-02-01,1,0\nb,1,2022-02-01,1,0\n"
)


@pytest.mark.parametrize(
    ("days", "flags"),
    [
        ([1, 2, 2, 9], ""),
        ([1, 99, 3, 4], "1"),
        ([99, 1, 2, 3], "0"),
        ([1, 2, 3, 0], "3"),
        ([1, np.nan, 3, 2, 9], "2"),
        ([5, 6, 1, 2, 3, 7], "01"),
    ],
)
def test_the_fewest_days_are_named_without_which_none_falls(days, flags):
    n = len(days)
    found = out_of_line(np.zeros(n, dtype=int), np.arange(n, dtype=float), np.array(days, float))
    assert "".join(map(str, np.flatnonzero(found))) == flags


def test_clients_are_looked_at_for_themselves_and_in_the_order_of_sessions():
    client, session = np.array([1, 0, 1, 0, -1]), np.array([2.0, 1, 1, 2, 3])
    assert not out_of_line(client, session, np.array([20.0, 5, 10, 6, 1])).any()


def test_a_mistyped_year_is_listed_and_kept(tmp_path):
    tables = read(tmp_path, declared(sessions=SESSIONS), visits=VISITS)
    wanted = [("visits.csv", "day", 3, "day out of order", "2092-01-10", "kept")]
    assert listed(tables) == wanted
    assert tables["sessions"]["day"].notna().all()


def test_days_of_answers_count_where_no_table_tells_of_sessions(tmp_path):
    answers = [BASIC["responses"][0] | {"day": "day"}]
    assert [row[2:4] for row in listed(read(tmp_path, declared(responses=answers), visits=VISITS))]
    both = declared(responses=answers, sessions=SESSIONS)
    assert len(listed(read(tmp_path, both, visits=VISITS))) == 1


def test_columns_of_a_wide_file_are_named(tmp_path):
    people = "id,who,d_s1,d_s2,d_s3\na,t1,2022-05-01,2025-05-08,2022-05-15\nb,t2,,,\nc,,,,\n"
    columns = {"client": "id", "session": "{session}", "day": "d_s{session}"}
    dataset = declared(sessions={"source": "people", "columns": columns})
    assert listed(read(tmp_path, dataset, people=people)) == [
        ("people.csv", "d_s2", 2, "day out of order", "2025-05-08", "kept")
    ]


def test_dates_after_a_day_are_told_once_with_their_rows(tmp_path):
    dataset = declared(sessions=SESSIONS, responses=[BASIC["responses"][0] | {"day": "day"}])
    put(tmp_path, FILES | {"visits.csv": VISITS})
    sources = obtain(dataset, tmp_path)
    assert dates_after(dataset, sources, dt.date(2022, 1, 24)) == [("visits.csv", "day", [3, 6, 7])]
    assert dates_after(dataset, sources, dt.date(2092, 1, 10)) == []
