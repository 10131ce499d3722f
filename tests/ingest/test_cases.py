"""Order of cases and open cases at intake, from days; checked by hand and by counting all pairs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from ingest_builders import declared

from attunement.ingest.cases import derived_cases
from attunement.study.contracts import conform, empty


def _tables(rows: list[tuple]) -> dict[str, pd.DataFrame]:
    """(client, therapist, first day, last day of a session, last day told, ending)."""
    clients = pd.DataFrame({"client": [r[0] for r in rows], "therapist": [r[1] for r in rows]})
    sessions = pd.DataFrame(
        [
            {"client": r[0], "session": k, "day": day}
            for r in rows
            for k, day in enumerate(r[2:4])
            if day is not None
        ]
    )
    endings = pd.DataFrame(
        [{"client": r[0], "last_day": r[4], "ending": r[5]} for r in rows if r[4:] != (None, None)]
    )
    return {
        "clients": conform(clients, "clients"),
        "sessions": conform(sessions, "sessions") if len(sessions) else empty("sessions"),
        "responses": empty("responses"),
        "endings": conform(endings, "endings") if len(endings) else empty("endings"),
    }


def _cases(rows: list[tuple]) -> dict[str, tuple]:
    table = derived_cases(_tables(rows), declared())
    return {
        row["client"]: tuple(
            None if pd.isna(row[name]) else int(row[name])
            for name in ("case_order", "open_cases_at_intake")
        )
        for row in table.to_dict("records")
    }


def test_by_hand() -> None:
    found = _cases(
        [
            # client, therapist, first, last session, last day told, ending
            ("b", "t1", 10, 30, None, None),  # second case; a is open (5 to 20)
            ("a", "t1", 5, 20, None, None),  # first case
            ("c", "t1", 20, 60, None, None),  # a ends on this very day: open; b too
            ("d", "t1", 40, 45, None, None),  # a and b gone, c open
            ("e", "t2", 40, 41, 40, "completed"),  # the ending's day counts, not the session's
            ("f", "t2", 41, 50, None, "ongoing"),  # e was over on day 40
            ("g", "t2", 900, 901, None, None),  # f is ongoing: open
        ]
    )
    assert found == {
        "a": (1, 0), "b": (2, 1), "c": (3, 2), "d": (4, 1), "e": (1, 0), "f": (2, 0), "g": (3, 1),
    }  # fmt: skip


def test_of_the_same_day_the_source_decides() -> None:
    found = _cases([("b", "t", 7, 9, None, None), ("a", "t", 7, 9, None, None)])
    assert found == {"b": (1, 0), "a": (2, 1)}


def test_all_or_nothing_for_a_therapist() -> None:
    found = _cases(
        [
            ("a", "t1", 5, 9, None, None),
            ("b", "t1", None, None, None, None),
            ("c", "t2", 6, 9, None, None),
            ("d", None, 6, 9, None, None),
        ]
    )
    assert found == {"a": (None, None), "b": (None, None), "c": (1, 0), "d": (None, None)}


def test_without_any_day_nothing_is_made() -> None:
    found = _cases([("a", "t1", None, None, None, None)])
    assert found == {"a": (None, None)}


def test_responses_tell_the_days_of_those_without_sessions() -> None:
    tables = _tables([("a", "t", 5, 9, None, None), ("b", "t", None, None, None, None)])
    tables["responses"] = conform(
        pd.DataFrame(
            {
                "client": ["b", "b"], "occasion": [0, 1], "time": [0, 1], "day": [8, 12],
                "rater": "client", "instrument": "mood", "item": "1", "value": 1,
            }
        ),
        "responses",
    )  # fmt: skip
    table = derived_cases(tables, declared())
    assert table["case_order"].tolist() == [1, 2]
    assert table["open_cases_at_intake"].tolist() == [0, 1]


def test_declared_columns_win() -> None:
    columns = {"client": "id", "therapist": "who", "case_order": "n"}
    dataset = declared(clients={"source": "people", "columns": columns})
    tables = _tables([("a", "t", 5, 9, None, None), ("b", "t", 8, 9, None, None)])
    tables["clients"]["case_order"] = pd.Series([4, 2], dtype="Int64")
    table = derived_cases(tables, dataset)
    assert table["case_order"].tolist() == [4, 2]
    assert table["open_cases_at_intake"].tolist() == [0, 1]


@pytest.mark.parametrize("seed", range(5))
def test_against_counting_all_pairs(seed: int) -> None:
    draw = np.random.default_rng(seed)
    rows = []
    for k in range(60):
        first = int(draw.integers(0, 40))
        last, ending = first + int(draw.integers(0, 15)), draw.choice(["completed", "ongoing"])
        rows.append((f"c{k}", f"t{draw.integers(3)}", first, last, last, str(ending)))
    found = _cases(rows)
    for k, (client, therapist, day, *_) in enumerate(rows):
        earlier = [
            (other, last, ending)
            for j, (other, his, first, last, _, ending) in enumerate(rows)
            if his == therapist and (first, j) < (day, k)
        ]
        open_then = [one for one in earlier if one[2] == "ongoing" or one[1] >= day]
        assert found[client] == (len(earlier) + 1, len(open_then))
