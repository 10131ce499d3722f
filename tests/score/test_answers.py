"""The matrix of answers keeps who answered what, in the order of the source."""

import numpy as np
import pandas as pd
import pytest

from attunement.score.answers import gather, places
from attunement.study.contracts import ContractError


def test_rows_follow_the_source_not_the_pseudonym(studies):
    tables = studies.tables(
        [
            studies.answers("A", 1, "ors", {"1": 4}),
            studies.answers("Z", 3, "ors", {"1": 2, "2": 5}),
            studies.answers("Z", 0, "ors", {"2": 1, "1": 3}),
        ],
        clients=["Z", "A"],
    )
    found = gather(tables["responses"], tables["clients"])
    assert list(found.occasions["client"]) == ["Z", "Z", "A"]
    assert list(found.occasions["occasion"]) == [0, 3, 1]
    np.testing.assert_array_equal(found.column("1"), [3, 2, 4])
    np.testing.assert_array_equal(found.column("2"), [1, 5, np.nan])
    assert np.isnan(found.column("3")).all()


def test_first_occasions_are_told_by_rater(studies):
    tables = studies.tables(
        [
            studies.answers("A", 0, "ors", {"1": 1}, rater="therapist"),
            studies.answers("A", 2, "ors", {"1": 2}),
            studies.answers("A", 5, "ors", {"1": 3}),
        ]
    )
    found = gather(tables["responses"], tables["clients"])
    assert list(found.column("1")[found.first_occasions("client")]) == [2]
    assert list(found.column("1")[found.first_occasions("therapist")]) == [1]


def test_a_stranger_breaks_the_contract():
    with pytest.raises(ContractError, match="not among the clients"):
        places(pd.Series(["A", "B"]), pd.Series(["A"]))


def test_nobody_at_all():
    assert len(places(pd.Series([], dtype="str"), pd.Series(["A"]))) == 0
