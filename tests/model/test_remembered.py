import pandas as pd
import pytest

from attunement.model.remembered import MOST, once, remembering


class Made:
    """Makes a frame, and counts how often it was asked to."""

    def __init__(self, value: int = 1) -> None:
        self.value = value
        self.times = 0

    def __call__(self) -> pd.DataFrame:
        self.times += 1
        return pd.DataFrame({"value": [self.value]})


@pytest.fixture
def rated():
    return pd.DataFrame({"value": [1, 2]})


def test_the_same_tables_are_asked_once(rated):
    made = Made()
    with remembering():
        for _ in range(2):
            assert once([rated, None], ("client",), made)["value"].tolist() == [1]
    assert made.times == 1


def test_outside_the_block_nothing_is_remembered(rated):
    made = Made()
    for _ in range(2):
        with remembering():
            once([rated], (), made)
        once([rated], (), made)
    assert made.times == 4


def test_other_tables_and_other_questions_are_told_apart(rated):
    with remembering():
        assert once([rated], ("client",), Made(1))["value"].tolist() == [1]
        assert once([rated.copy()], ("client",), Made(2))["value"].tolist() == [2]
        assert once([rated], ("observer",), Made(3))["value"].tolist() == [3]


def test_changing_what_was_given_out_changes_nothing_else(rated):
    made = Made()
    with remembering():
        first = once([rated], (), made)
        first["value"] = 9
        again = once([rated], (), made)
        again.loc[0, "value"] = 7
        assert once([rated], (), made)["value"].tolist() == [1]


def test_only_the_last_few_are_held(rated):
    first = Made()
    with remembering():
        once([rated], ("first",), first)
        for number in range(MOST):
            once([rated], (number,), Made())
        once([rated], ("first",), first)
    assert first.times == 2
