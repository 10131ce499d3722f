"""What a whole column of numbers is, under a name that does not tell it; and what it is not."""

import random

import pandas as pd
import pytest

from attunement.ingest.privacy.identifiers import look

ROWS = 200
CLIENTS = pd.Series([f"C{k:04d}" for k in range(ROWS)], dtype="str")
HERE = random.Random(3)


def _made(form: str) -> str:
    return "".join(str(HERE.randint(0, 9)) if one == "#" else one for one in form)


def _number(low: int, high: int) -> str:
    return str(HERE.randint(low, high))


FOUND = {
    "phone, Brazil": lambda: _made("(11) 9####-####"),
    "phone, Russia": lambda: _made("8 (9##) ###-##-##"),
    "national number, Hong Kong": lambda: _made("A8#####(#)"),
    "national number, Hong Kong, letter": lambda: _made("A8#####(A)"),
    "geography, Poland": lambda: _made("##-###"),
    "geography, Japan": lambda: _made("9##-####"),
    "date, month/year": lambda: f"{HERE.randint(1, 12)}/{HERE.randint(40, 99)}",
    "date, month/'year": lambda: f"{HERE.randint(1, 12)}/'{HERE.randint(40, 99)}",
    "date, day and month": lambda: f"{HERE.randint(1, 28)} March",
    "date, Tag und Monat": lambda: f"{HERE.randint(1, 28)}. Oktober",
    "date, month and day": lambda: f"{HERE.choice(['May', 'June'])} {HERE.randint(1, 28)}",
    "date, days before 1960": lambda: _number(-7000, -1),
    "other code, chart": lambda: f"{HERE.randint(10, 99)}/{HERE.randint(2100, 9999)}",
}
CLEAN = {
    "ages": lambda: HERE.choice(["18-24", "25-34", "35-44", "65-100"]),
    "scores": lambda: f"{HERE.randint(10, 20)}-{HERE.randint(100, 345)}",
    "right of asked": lambda: f"{HERE.randint(0, 27)}/27",
    "right of forty": lambda: f"{HERE.randint(0, 40)}/{HERE.randint(35, 40)}",
    "years of funding": lambda: HERE.choice(["2019/20", "2020/21"]),
    "pressure": lambda: f"{HERE.randint(100, 160)}/{HERE.randint(60, 100)}",
    "sight": lambda: f"6/{HERE.choice([6, 9, 12, 18, 24, 36, 60])}",
    "differences": lambda: _number(-6000, 6000),
    "days before": lambda: _number(-3650, 0),
    "points": lambda: f"{HERE.randint(1, 30)} marks",
    "months": lambda: f"{HERE.randint(1, 30)} months",
    "answers": lambda: "".join(HERE.choice("0123") for _ in range(9)),
    "long answers": lambda: "".join(HERE.choice("0123") for _ in range(21)),
    "answers of seven": lambda: "".join(HERE.choice("1234567") for _ in range(10)),
}


@pytest.mark.parametrize("role", ["unread", "other"])
@pytest.mark.parametrize("form", FOUND)
def test_a_column_full_of_it_is_refused(form: str, role) -> None:
    table = pd.DataFrame({"client": CLIENTS, "q17": [FOUND[form]() for _ in range(ROWS)]})
    found = look(table, {"client": "id", "q17": role}, "client")
    assert form.split(",")[0] in [one.kind for one in found if one.refused]


@pytest.mark.parametrize("rows", [30, ROWS])
@pytest.mark.parametrize("name", CLEAN)
def test_a_column_of_results_is_none(name: str, rows: int) -> None:
    table = pd.DataFrame({"client": CLIENTS[:rows], "q17": [CLEAN[name]() for _ in range(rows)]})
    for role in ("unread", "other"):
        assert look(table, {"client": "id", "q17": role}, "client") == []


def test_a_telephone_among_strings_of_answers_is_found() -> None:
    cells = [CLEAN["answers"]() for _ in range(ROWS - 1)]
    table = pd.DataFrame({"client": CLIENTS, "q17": [*cells, "0171 1234567"]})
    assert [(one.kind, one.n_rows) for one in look(table, {"client": "id"}, "client")] == [
        ("phone", 1)
    ]


def test_days_that_a_name_counts_are_believed() -> None:
    table = pd.DataFrame({"client": CLIENTS, "days_to_end": [-4001 - 9 * k for k in range(ROWS)]})
    assert look(table, {"client": "id"}, "client") == []


def test_a_tier_of_towns_is_a_group() -> None:
    table = pd.DataFrame({"client": CLIENTS, "city_tier": ["Tier 1", "Tier 2"] * (ROWS // 2)})
    assert look(table, {"client": "id"}, "client") == []
