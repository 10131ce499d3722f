"""Other scorings of accommodation: weighted, signed, by side, by profile, rated, by type."""

import numpy as np
import pandas as pd
import pytest

from attunement.accommodate import accommodate
from attunement.accommodate.profiles import SampleProfile, distinctive, normative
from attunement.score import score
from attunement.study.contracts import conform

SCALES = ("TD_CD", "EI_ER", "PO_PR", "WS_FC")
NAMES = ("td", "ei", "po", "ws")


def _numbers(text):
    return [np.nan if cell == "." else float(cell) for cell in str(text).split()]


def _near(found, expected):
    found = None if pd.isna(found) else float(found)
    return found == (None if expected is None else pytest.approx(expected, abs=0.0005))


def _scored(case, scoring, studies, instruments):
    """The rows of one scoring of one session, by dimension."""
    wanted = dict(zip(SCALES, _numbers(case["wanted"]), strict=True))
    given = dict(zip(studies.DIMENSIONS, _numbers(case["given"]), strict=True))
    rows = [
        studies.answers("A", 0, "cnip", {k: None if np.isnan(v) else v for k, v in wanted.items()}),
        studies.answers(
            "A", 1, "delivered", {k: None if np.isnan(v) else v for k, v in given.items()}
        ),
    ]
    dataset, tables = studies.dataset(), studies.tables(rows)
    out = accommodate(tables | score(tables, dataset, instruments), dataset, instruments)
    table = out["accommodation"]
    return table[table["scoring"] == scoring].set_index("dimension")


def test_weighted_distance(case, studies, instruments):
    """Wanted: the four sums over 15, 15, 9 and 15. Given: the four ratings over 3. As distance, but
    each dimension counts by how strongly something is wanted on it, whichever way. Who wants
    nothing in particular has no value.

    |    wanted   |   given    |  all  | distance would be |
    |-------------|------------|-------|-------------------|
    |  15 15 9 15 |  3  3 3  3 |     1 |                 1 |
    |  15 15 9 15 | -3 -3 -3 -3|     0 |                 0 |
    |  15  0 0  0 |  3 -3 3 -3 |     1 |             0.625 |
    |   0  0 0 -15|  3 -3 3  3 |     0 |             0.375 |
    |  15 -3 0  0 |  3  3 0  0 |   0.9 |              0.85 |
    |   9 -3 3  6 |  0  0 0  0 | 0.781 |             0.808 |
    |   0  0 0  0 |  3  3 3  3 |       |               0.5 |
    |  15 15 9  . |  3  3 3  3 |       |                   |
    |  15 15 9 15 |  3  3 3  . |       |                   |
    """
    table = _scored(case, "weighted_distance", studies, instruments)
    assert list(table.index) == ["all"]
    assert _near(table.loc["all", "value"], case["all"])
    plain = _scored(case, "distance", studies, instruments)
    assert _near(plain.loc["all", "value"], case["distance would be"])


def test_signed_gap(case, studies, instruments):
    """Given minus wanted: above 0 more of the pole named first than wanted, below 0 less. Over all
    dimensions there is none.

    |    wanted   |   given    |  td   |  ei   |  po    |  ws   |
    |-------------|------------|-------|-------|--------|-------|
    |  15 -15 9 0 |  3  3 -3 0 |     0 |     2 |     -2 |     0 |
    |   9 -3  3 6 |  0  0  0 0 |  -0.6 |   0.2 | -0.333 |  -0.4 |
    |   0  0  0 0 |  3 -3  1 . |     1 |    -1 |  0.333 |       |
    |  15  .  9 0 |  0  3  0 0 |    -1 |       |     -1 |     0 |
    """
    table = _scored(case, "signed_gap", studies, instruments)
    assert list(table.index) == studies.DIMENSIONS
    for name, dimension in zip(NAMES, studies.DIMENSIONS, strict=True):
        assert _near(table.loc[dimension, "value"], case[name]), name


def test_strong_sign(case, studies, instruments):
    """Only strong wishes count. Given on their side of the middle, however little: 1. On the other
    side: 0. In the very middle: .5. Who wants nothing strongly is a group of its own.

    |    wanted   |   given    |  all  | rests on | no strong wish |
    |-------------|------------|-------|----------|----------------|
    |   8  7 3  4 |  1  1 1  1 |     1 |        4 | no             |
    |   8  7 3  4 |  0  0 0  0 |   0.5 |        4 | no             |
    |   8  7 3  4 | -1 -1 -1 -1|     0 |        4 | no             |
    |  -3 -1 -3 -4| -1 -1 -1 -1|     1 |        4 | no             |
    |   8  0 0  4 |  1  3 3 -3 |   0.5 |        2 | no             |
    |   8  0 0  4 |  1  3 3  0 |  0.75 |        2 | no             |
    |   7  6 2  3 |  3  3 3  3 |       |        0 | yes            |
    |   8  0 0  4 |  3  3 3  . |       |        1 | no             |
    |   8  0 .  4 |  3  3 3  3 |       |        2 | no             |
    |   7  0 .  0 |  3  3 3  3 |       |        0 | unknown        |
    """
    row = _scored(case, "strong_sign", studies, instruments).loc["all"]
    assert _near(row["value"], case["all"])
    assert row["n_dimensions"] == case["rests on"]
    none = row["no_strong_preference"]
    assert ("unknown" if pd.isna(none) else "yes" if none else "no") == case["no strong wish"]


def test_profile(case, studies, instruments):
    """The cosine of what was wanted and what was given, about the middle of every scale: 1 in the
    same direction, however much; -1 in the opposite one. Who wants, or is given, the very middle
    throughout has no direction.

    |    wanted   |   given    |  all  |
    |-------------|------------|-------|
    |  15 15 9 15 |  3  3 3  3 |     1 |
    |  15 15 9 15 |  1  1 1  1 |     1 |
    |  15 15 9 15 | -1 -1 -1 -1|    -1 |
    |  15  0 0  0 |  0  3 0  0 |     0 |
    |  15 15 0  0 |  3  0 0  0 | 0.707 |
    | -15 15 0  0 | -3  0 0  0 | 0.707 |
    |   9 -3 3  6 |  3 -3 0  0 | 0.691 |
    |   0  0 0  0 |  3  3 3  3 |       |
    |  15 15 9 15 |  0  0 0  0 |       |
    |  15 15 9  . |  3  3 3  3 |       |
    """
    table = _scored(case, "profile", studies, instruments)
    assert list(table.index) == ["all"]
    assert _near(table.loc["all", "value"], case["all"])


def test_normative_and_distinctive(case):
    """All on -1 to 1. Normative: 1 - |given - wanted on average| / 2, averaged. Distinctive: the
    cosine of (wanted - wanted on average) and (given - given on average). Who wants just what all
    want has no distinctive part.

    | all want  | all are given | wanted    | given     | normative | distinctive |
    |-----------|---------------|-----------|-----------|-----------|-------------|
    | .5 .5 0 0 | 0 0 0 0       | 1 .5 0 0  | .5 .5 0 0 |         1 |       0.707 |
    | .5 .5 0 0 | 0 0 0 0       | .5 .5 0 0 | 1 .5 0 0  |    0.9375 |             |
    | .5 .5 0 0 | .2 0 0 0      | 1 .5 0 0  | 1 0 0 0   |     0.875 |           1 |
    | .5 .5 0 0 | .2 0 0 0      | 0 .5 0 0  | 1 0 0 0   |     0.875 |          -1 |
    | .5 .5 0 0 | .2 0 0 0      | 1 .5 0 0  | .2 0 0 .5 |    0.8375 |           0 |
    | .5 .5 0 0 | .2 0 0 0      | 1 .5 0 0  | .2 0 0 0  |       0.9 |             |
    | .5 .5 0 0 | .2 0 0 0      | 1 .5 0 0  | . 0 0 0   |           |             |
    | .5 .5 0 0 | .2 0 0 0      | . .5 0 0  | 1 0 0 0   |           |             |
    """
    given = {"client": np.array(_numbers(case["all are given"]))}
    sample = SampleProfile(np.array(_numbers(case["all want"])), given)
    wanted, received = (np.array([_numbers(case[name])]) for name in ("wanted", "given"))
    assert _near(normative(wanted, received, sample).all_value[0], case["normative"])
    found = distinctive(wanted, received, pd.Series(["client"]), sample)
    assert _near(found.all_value[0], case["distinctive"])


def test_the_clients_own_rating(case, studies, instruments):
    """A rating of how far wishes were met, from its lowest to its highest possible answer; turned
    where a higher answer means less. It needs neither a stated preference nor a rated delivery.

    | lowest | highest | higher is | rated | value |
    |--------|---------|-----------|-------|-------|
    |      0 |      10 | better    |     7 |   0.7 |
    |      0 |      10 | better    |     0 |     0 |
    |      0 |      10 | better    |    10 |     1 |
    |      1 |       5 | better    |     2 |  0.25 |
    |      1 |       5 | worse     |     2 |  0.75 |
    |      1 |       5 | worse     |     5 |     0 |
    """
    rating = {"meaning": "wishes met", "low": case["lowest"], "high": case["highest"]}
    dataset = studies.dataset(
        ratings={"goals": rating | {"direction": f"higher_{case['higher is']}"}},
        rated_accommodation={"rating": "goals"},
        preference=None,
        delivery=None,
    )
    tables = studies.tables([studies.answers("A", 2, "goals", {"rating": case["rated"]})])
    out = accommodate(tables | score(tables, dataset, instruments), dataset, instruments)
    row = out["accommodation"].iloc[0]
    assert (row["scoring"], row["session"], row["dimension"]) == ("rated", 2, "all")
    assert _near(row["value"], case["value"])
    assert len(out["accommodation"]) == 1


def test_types(case, studies, instruments):
    """A type that was preferred (of therapist; of activity) and what was received. Received as
    preferred: 1; otherwise 0. `none`: asked, no preference. Over both their mean; unknown if it is
    not known what was preferred, or whether it was received. Who prefers nothing is a group.

    | person wished | got   | homework wished | given | person | homework | all | none wished |
    |---------------|-------|-----------------|-------|--------|----------|-----|-------------|
    | woman         | woman | yes             | yes   |      1 |        1 |   1 | no          |
    | woman         | man   | yes             | yes   |      0 |        1 | 0.5 | no          |
    | woman         | man   | none            | yes   |      0 |          |   0 | no          |
    | none          | man   | none            | yes   |        |          |     | yes         |
    | woman         | .     | yes             | yes   |        |        1 |     | no          |
    | .             | woman | yes             | yes   |        |        1 |     | no          |
    | .             | woman | none            | yes   |        |          |     | unknown     |
    | none          | .     | yes             | no    |        |        0 |   0 | no          |
    """
    words = {".": None, "none": "no preference"}
    cells = [words.get(cell, cell) for cell in list(case.values())[:4]]
    asked = pd.DataFrame(
        {
            "client": "A",
            "occasion": 0,
            "aspect": ["person", "homework"],
            "kind": ["therapist", "activity"],
            "preferred": cells[::2],
            "received": cells[1::2],
            "rater": "client",
        }
    )
    dataset = studies.dataset()
    tables = studies.tables([studies.answers("A", 0, "goals", {"rating": 5})])
    tables["type_preferences"] = conform(asked, "type_preferences")
    out = accommodate(tables | score(tables, dataset, instruments), dataset, instruments)
    table = out["accommodation"].set_index("dimension")
    assert set(table["scoring"]) == {"type_matched"}
    for name in ("person", "homework", "all"):
        assert _near(table.loc[name, "value"], case[name]), name
    none = table.loc["all", "no_strong_preference"]
    assert ("unknown" if pd.isna(none) else "yes" if none else "no") == case["none wished"]


def test_types_hold_until_asked_again(case, studies, instruments):
    """Homework wished for at intake; a woman wished for in session 4, where homework is not asked
    again. What is told at an occasion counts from that session on, with what was told before.

    | homework received | woman received | at intake | in session 4 |
    |-------------------|----------------|-----------|--------------|
    | yes               | yes            |         1 |            1 |
    | no                | yes            |         0 |          0.5 |
    | yes               | no             |         1 |          0.5 |
    """
    asked = pd.DataFrame(
        {
            "client": "A",
            "occasion": [0, 4],
            "aspect": ["homework", "woman"],
            "kind": ["activity", "therapist"],
            "preferred": "yes",
            "received": [case["homework received"], case["woman received"]],
            "rater": "client",
        }
    )
    dataset = studies.dataset()
    tables = studies.tables([studies.answers("A", 0, "goals", {"rating": 5})])
    tables["type_preferences"] = conform(asked, "type_preferences")
    out = accommodate(tables | score(tables, dataset, instruments), dataset, instruments)
    table = out["accommodation"]
    whole = table[table["dimension"] == "all"].set_index("session")["value"]
    assert whole.to_dict() == {0: case["at intake"], 4: case["in session 4"]}
