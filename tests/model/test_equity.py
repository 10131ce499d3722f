import numpy as np
import pandas as pd
import pytest

from attunement.model import analyse
from attunement.model.equity import client_level


@pytest.fixture
def fair(specify):
    return specify(
        name="equity.gender",
        rows="clients",
        analysis="equity",
        settings=(("group", "gender"),),
        outcome="dropout",
        improvement=0,
        formula="accommodation ~ gender",
        random=(),
        levels=(),
        smallest_group=4,
    )


@pytest.fixture
def grouped(tables):
    names = np.where(np.arange(24) < 10, "woman", np.where(np.arange(24) < 21, "man", "other"))
    gender = pd.Categorical(names, categories=["woman", "man", "other"])
    return tables | {"clients": tables["clients"].assign(gender=gender)}


def test_the_difference_is_that_of_the_groups_means(grouped, fair):
    rows = analyse(grouped, fair).estimates.set_index("term")
    means = client_level(grouped, fair).groupby("gender", observed=True)["accommodation"].mean()
    row = rows.loc["gender[T.man]"]
    assert row["estimate"] == pytest.approx(means["man"] - means["woman"])
    assert (row["outcome"], row["direction"]) == ("accommodation", "above 0: wishes met more")
    assert row["informant"] == "delivery: client"


def test_a_small_group_is_not_told_of(grouped, fair):
    rows = analyse(grouped, fair).estimates.set_index("term")
    assert rows.loc["gender[T.other]", "status"] == "not estimable"
    assert rows["n_clients"].unique().tolist() == [21]


def test_preferences_can_be_held(grouped, fair):
    formula = "accommodation ~ gender + preference_td_cd + preference_ei_er + preference_strength"
    adjusted = analyse(grouped, fair.model_copy(update={"formula": formula})).estimates
    plain = analyse(grouped, fair).estimates
    assert adjusted["estimate"].iloc[0] != plain["estimate"].iloc[0]
    assert adjusted["term"].tolist() == plain["term"].tolist()


def test_what_is_absent_is_the_reason_and_accommodation_stays_the_outcome(tables, fair):
    rows = analyse(tables, fair).estimates
    assert rows["reason"].tolist() == ["the clients have no covariate 'gender'"]
    assert rows["outcome"].tolist() == ["accommodation"]
    unnamed = analyse(tables, fair.model_copy(update={"settings": ()})).estimates
    assert "names no groups" in unnamed["reason"].iloc[0]
