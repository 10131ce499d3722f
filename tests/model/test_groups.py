import numpy as np
import pandas as pd
import pytest

from attunement.model.groups import compared
from attunement.study.problems import NotEstimable


def clients(**columns):
    return pd.DataFrame({"client": [f"c{i}" for i in range(30)], **columns})


def test_a_category_keeps_its_order_and_loses_its_small_levels():
    gender = pd.Categorical(
        ["woman"] * 15 + ["man"] * 12 + ["non-binary"] * 3,
        categories=["woman", "man", "non-binary"],
    )
    found = compared(clients(gender=gender), "gender", 10)
    assert list(found.values) == ["woman", "man"]
    assert found.values["man"] == {"gender[T.man]": 1.0} and found.values["woman"] == {}
    assert found.few == ("non-binary",) and len(found.clients) == 27
    assert "3" not in found.left_out[0][1]


def test_a_small_reference_gives_way_to_the_next_level():
    group = pd.Categorical(["a"] * 3 + ["b"] * 15 + ["c"] * 12, categories=["a", "b", "c"])
    assert list(compared(clients(group=group), "group", 10).values) == ["b", "c"]


def test_a_flag_is_no_and_yes_and_stays_so():
    flags = pd.array([True] * 12 + [False] * 17 + [None], dtype="boolean")
    found = compared(clients(trauma=flags), "trauma", 10)
    assert found.values == {"no": {}, "yes": {"trauma[T.yes]": 1.0}}
    assert len(found.clients) == 29
    assert compared(found.clients, "trauma", 10).values == found.values
    ones = np.where(np.arange(30) < 12, 1.0, 0.0)
    assert compared(clients(trauma=ones), "trauma", 10).values == found.values


def test_a_number_is_told_at_its_mean_and_one_standard_deviation_off():
    found = compared(clients(age=np.arange(30.0)), "age", 10)
    assert found.values == {"-1 SD": {"age": -1.0}, "mean": {"age": 0.0}, "+1 SD": {"age": 1.0}}
    assert found.clients["age"].mean() == pytest.approx(0)
    assert found.clients["age"].std(ddof=1) == pytest.approx(1)


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ("absent", "no covariate 'absent'"),
        ("one", "fewer than two categories"),
        ("rare", "fewer than two categories"),
        ("same", "do not differ in same"),
    ],
)
def test_what_cannot_be_compared_says_why(column, reason):
    frame = clients(
        one=["a"] * 30, rare=pd.array([True] * 2 + [False] * 28, dtype="boolean"), same=[1.5] * 30
    )
    with pytest.raises(NotEstimable, match=reason):
        compared(frame, column, 10)
