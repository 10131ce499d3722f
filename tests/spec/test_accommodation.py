"""Accommodation: what was wanted (C-NIP sums) against what was given (ratings of -3 to +3)."""

import pandas as pd
import pytest

from attunement.accommodate import accommodate
from attunement.score import score

SCALES = {"td": "TD_CD", "ei": "EI_ER", "po": "PO_PR", "ws": "WS_FC"}
NAMES = ["td", "ei", "po", "ws"]


def _numbers(text):
    return [None if cell == "." else float(cell) for cell in str(text).split()]


def _sessions(stated, given, studies, instruments):
    """The stage on one client: {session: sums wanted} and {session: ratings given}."""
    rows = [
        studies.answers("A", session, "cnip", dict(zip(SCALES.values(), sums, strict=True)))
        for session, sums in stated.items()
    ]
    rows += [
        studies.answers(
            "A", session, "delivered", dict(zip(studies.DIMENSIONS, rates, strict=True))
        )
        for session, rates in given.items()
    ]
    dataset = studies.dataset()
    tables = studies.tables(rows)
    return accommodate(tables | score(tables, dataset, instruments), dataset, instruments)


def _values(case, scoring, studies, instruments):
    tables = _sessions(
        {0: _numbers(case["wanted"])}, {1: _numbers(case["given"])}, studies, instruments
    )
    table = tables["accommodation"]
    table = table[table["scoring"] == scoring].set_index("dimension")
    for name, dimension in [*zip(NAMES, studies.DIMENSIONS, strict=True), ("all", "all")]:
        value = table.loc[dimension, "value"]
        found = None if pd.isna(value) else value
        assert found == (None if case[name] is None else pytest.approx(case[name], abs=0.0005)), (
            name
        )
    assert table.loc["all", "n_dimensions"] == case["rests on"]
    return table.loc["all"]


def test_distance(case, studies, instruments):
    """Wanted: the four sums over 15, 15, 9 and 15. Given: the four ratings over 3. Accommodation is
    1 - |given - wanted| / 2, over all dimensions its mean, if all four are there.

    |    wanted   |   given    |  td   |  ei   |  po   |  ws   |  all  | rests on |
    |-------------|------------|-------|-------|-------|-------|-------|----------|
    |  15 15 9 15 |  3  3 3  3 |     1 |     1 |     1 |     1 |     1 |        4 |
    |  15 15 9 15 | -3 -3 -3 -3|     0 |     0 |     0 |     0 |     0 |        4 |
    |   0  0 0  0 |  0  0 0  0 |     1 |     1 |     1 |     1 |     1 |        4 |
    |   0  0 0  0 |  3 -3 3 -3 |   0.5 |   0.5 |   0.5 |   0.5 |   0.5 |        4 |
    |   5 -5 3  0 |  1 -1 1  3 |     1 |     1 |     1 |   0.5 | 0.875 |        4 |
    |   9 -3 3  6 |  0  0 0  0 |   0.7 |   0.9 | 0.833 |   0.8 | 0.808 |        4 |
    |   9 -3 3  6 |  0  0 0  . |   0.7 |   0.9 | 0.833 |       |       |        3 |
    |   9 -3 .  6 |  0  0 0  0 |   0.7 |   0.9 |       |   0.8 |       |        3 |
    """
    _values(case, "distance", studies, instruments)


def test_strong_met(case, studies, instruments):
    """Only strong wishes count. Given in the same strong band: met, 1. In the middle band: partly,
    .5. In the strong band of the other pole: unmet, 0. A rating is strong where the same share of
    its scale is: at -3..+3, td from 2 (8/15) or -1 (-3/15), ei from 2 (7/15) or -1 (-1/15), po from
    1 (3/9) or -1 (-3/9), ws from 1 (4/15) or -1 (-4/15). Who wants nothing strongly has no value
    and is a group of its own. Where a wish is unknown, so is whether it is strong.

    |    wanted   |   given    |  td   |  ei   |  po   |  ws   |  all  | rests on | no strong wish |
    |-------------|------------|-------|-------|-------|-------|-------|----------|----------------|
    |   8  7 3  4 |  2  2 1  1 |     1 |     1 |     1 |     1 |     1 |        4 | no             |
    |   8  7 3  4 |  1  1 0  0 |   0.5 |   0.5 |   0.5 |   0.5 |   0.5 |        4 | no             |
    |   8  7 3  4 | -1 -1 -1 -1|     0 |     0 |     0 |     0 |     0 |        4 | no             |
    |  -3 -1 -3 -4| -1 -1 -1 -1|     1 |     1 |     1 |     1 |     1 |        4 | no             |
    |  -3 -1 -3 -4|  0  0 0  0 |   0.5 |   0.5 |   0.5 |   0.5 |   0.5 |        4 | no             |
    |  -3 -1 -3 -4|  3  3 3  3 |     0 |     0 |     0 |     0 |     0 |        4 | no             |
    |   8  0 0  4 |  3  3 3  0 |     1 |       |       |   0.5 |  0.75 |        2 | no             |
    |   7  6 2  3 |  3  3 3  3 |       |       |       |       |       |        0 | yes            |
    |  -2  0 -2 -3|  3  3 3  3 |       |       |       |       |       |        0 | yes            |
    |   8  0 0  4 |  3  3 3  . |     1 |       |       |       |       |        1 | no             |
    |   8  0 0  4 |  3  . .  3 |     1 |       |       |     1 |     1 |        2 | no             |
    |   8  0 .  4 |  3  3 3  3 |     1 |       |       |     1 |       |        2 | no             |
    |   7  0 .  0 |  3  3 3  3 |       |       |       |       |       |        0 | unknown        |
    """
    row = _values(case, "strong_met", studies, instruments)
    none = row["no_strong_preference"]
    assert ("unknown" if pd.isna(none) else "yes" if none else "no") == case["no strong wish"]


def test_the_latest_wish_holds(case, studies, instruments):
    """Wishes for directiveness stated at intake and again in session 5 (. = not answered); always
    given: 3, the most directive. Wishes hold from the session in which they are stated.

    | at intake | in session 5 | in session | wish in force | distance |
    |-----------|--------------|------------|---------------|----------|
    |        15 |          -15 |          1 |            15 |        1 |
    |        15 |          -15 |          4 |            15 |        1 |
    |        15 |          -15 |          5 |           -15 |        0 |
    |        15 |          -15 |          9 |           -15 |        0 |
    |        15 |            . |          9 |            15 |        1 |
    |         . |            0 |          4 |               |          |
    |         . |            0 |          5 |             0 |      0.5 |
    """
    wishes = {0: _numbers(case["at intake"])[0], 5: _numbers(case["in session 5"])[0]}
    stated = {session: [wish, 0, 0, 0] for session, wish in wishes.items()}
    tables = _sessions(stated, {int(case["in session"]): [3, 0, 0, 0]}, studies, instruments)
    table = tables["accommodation"]
    row = table[(table["scoring"] == "distance") & (table["dimension"] == "td_cd")].iloc[0]
    value = None if pd.isna(row["value"]) else row["value"]
    assert value == case["distance"]
    wanted = tables["preferences"]
    wanted = wanted[wanted["dimension"].eq("td_cd") & wanted["from_session"].le(row["session"])]
    in_force = None if wanted.empty else wanted["preference"].iloc[-1] * 15
    assert in_force == case["wish in force"]
