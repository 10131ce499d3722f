import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from attunement.mixed import fit_linear
from attunement.model import analyse
from attunement.model.moderation import contrast

FORMULA = "outcome ~ outcome_first + accommodation_between * {}"


@pytest.fixture
def moderated(specify):
    def make(moderator, **changes):
        column = moderator.replace(".", "_")
        return specify(
            name=f"moderation.{column}",
            rows="clients",
            analysis="moderation",
            settings=(("moderator", moderator),),
            formula=FORMULA.format(column),
            random=(),
            levels=(),
            smallest_group=2,
            dimensions=("td_cd", "ei_er"),
            **changes,
        )

    return make


def with_gender(tables, sizes=(10, 8, 6)):
    names = np.repeat(["woman", "man", "other"], sizes)
    gender = pd.Categorical(names, categories=["woman", "man", "other"])
    return tables | {"clients": tables["clients"].assign(gender=gender)}


def test_a_contrast_is_what_statsmodels_says():
    random = np.random.default_rng(2)
    frame = pd.DataFrame({"x": random.normal(size=60), "m": random.normal(size=60)})
    frame["y"] = frame["x"] * (1 + frame["m"]) + random.normal(size=60)
    fitted = fit_linear("y ~ x * m", frame, df="residual")
    found = contrast(fitted, {"x": 1.0, "x:m": -1.0})
    expected = smf.ols("y ~ x * m", frame).fit().t_test("x - x:m = 0")
    low, high = expected.conf_int()[0]
    assert found["estimate"] == pytest.approx(float(np.squeeze(expected.effect)))
    assert found["se"] == pytest.approx(float(np.squeeze(expected.sd)))
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((low, high))
    assert found["p"] == pytest.approx(float(np.squeeze(expected.pvalue)))
    assert found["df"] == 56


def test_slopes_at_named_values_are_slope_and_difference(rated, tables, moderated):
    rows = analyse(tables, moderated("age")).estimates.set_index(["term", "metric"])["estimate"]
    difference = rows["accommodation_between:age", "b"]
    low, middle, high = (
        rows[f"accommodation_between:age[{at}]", "slope"] for at in ("-1 SD", "mean", "+1 SD")
    )
    assert (middle - low, high - middle) == pytest.approx((difference, difference))


def test_a_small_category_is_left_out_by_name_and_without_its_size(rated, tables, moderated):
    rows = analyse(
        with_gender(tables),
        moderated(
            "gender",
        ),
    ).estimates
    by_term = rows.set_index("term")
    assert by_term.loc["accommodation_between:gender[T.other]", "status"] == "not estimable"
    assert by_term.loc["accommodation_between:gender[T.man]", "status"] == "estimated"
    assert set(rows.loc[rows["metric"] == "slope", "term"]) == {
        "accommodation_between:gender[woman]",
        "accommodation_between:gender[man]",
    }
    assert not rows["reason"].dropna().str.contains(r"\d").any()


def test_several_differences_have_a_joint_test(rated, tables, moderated):
    spec = moderated("gender").model_copy(update={"smallest_group": 1, "dimensions": ("td_cd",)})
    rows = analyse(with_gender(tables, (8, 8, 8)), spec).estimates
    joint = rows[rows["metric"] == "F"]
    assert joint["term"].tolist() == ["accommodation_between:gender"]
    assert joint["p"].between(0, 1).all()


@pytest.mark.parametrize("moderator", ["preference_strength", "outcome_first", "srs.total"])
def test_moderators_that_are_computed(rated, tables, moderated, moderator):
    rows = analyse(rated(tables), moderated(moderator)).estimates
    assert rows["status"].isin(["estimated"]).all()
    assert len(rows) == 4
    told = rows["informant"].iloc[0]
    assert ("moderator: client" in told) == (moderator == "srs.total")


def test_a_dataset_without_moderators_says_so(rated, tables, moderated):
    spec = moderated("age").model_copy(update={"settings": ()})
    assert "names no moderators" in analyse(tables, spec).estimates["reason"].iloc[0]
    rows = analyse(tables, moderated("wealth")).estimates
    assert rows["reason"].tolist() == ["the clients have no covariate 'wealth'"]
