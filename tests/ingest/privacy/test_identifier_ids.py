"""The client's id: a number that may be dialled or looked up elsewhere is more than an id."""

from __future__ import annotations

import random

import pandas as pd
import pytest
from invented import INVENTED, form

from attunement.ingest.privacy.identifiers import look

ROWS = 120
TELLING = {
    "mobile": "0171#######", "with a sign": "'0171#######", "country": "49171#######",
    "country, plus": "+49 171 #######", "area": "06########", "lost its 0": "171#######",
    "insurance": "POL-#######", "insured": "?#########", "social security": "%##-%#-%###",
}  # fmt: skip
IDS = {
    "counted": [str(k) for k in range(ROWS)],
    "from 10001": [str(10001 + k) for k in range(ROWS)],
    "letters": [f"C{k:06d}" for k in range(ROWS)],
    "year first": [f"2021{k:04d}" for k in range(ROWS)],
    "ten digits, counted": [str(4917100000 + k) for k in range(ROWS)],
    "noughts first": [f"{k:010d}" for k in range(ROWS)],
}
FORMS = ("%#####", "%######", "%#######", "%########", "1#########", "R_????????#####", "^" * 24)


def _kinds(ids: list[str]) -> set[str]:
    table = pd.DataFrame({"id": pd.Series(ids, dtype="str"), "session": "1"})
    return {one.kind for one in look(table, {"id": "id"}, "id") if one.refused}


def _drawn(pattern: str) -> list[str]:
    draw = random.Random(4)
    return [form(pattern)(draw) for _ in range(ROWS)]


@pytest.mark.parametrize("what", TELLING)
def test_numbers_that_can_be_dialled_or_looked_up_are_no_ids(what: str) -> None:
    assert _kinds(_drawn(TELLING[what]))
    assert _kinds(_drawn(TELLING[what])[:70] + [f"P{k}" for k in range(50)])


@pytest.mark.parametrize("place", range(3))
def test_bank_accounts_and_cards_are_no_ids(place: int) -> None:
    draw = random.Random(4)
    assert _kinds([INVENTED["J account"][place](draw) for _ in range(ROWS)])


@pytest.mark.parametrize("what", IDS)
def test_running_numbers_are_ids(what: str) -> None:
    assert _kinds(IDS[what]) == set()


@pytest.mark.parametrize("pattern", FORMS)
def test_chart_numbers_and_codes_are_ids(pattern: str) -> None:
    assert _kinds(_drawn(pattern)) == set()
