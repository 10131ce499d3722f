import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from attunement.model import analyse
from attunement.model.type_matched import matches, pooled_sd, wishes
from attunement.study.contracts import conform


def stated(rows):
    columns = ["client", "occasion", "aspect", "preferred", "received"]
    table = pd.DataFrame(rows, columns=columns).assign(kind="activity", rater="client")
    return conform(table, "type_preferences")


@pytest.fixture
def with_types(tables):
    """Eight clients matched, eight not, eight without a preference, on one aspect."""
    wish = ["yes", "no", "no preference"]
    given = ["yes", "no"]
    rows = [
        (client, 0, "homework", wish[i % 3], given[(i // 3) % 2])
        for i, client in enumerate(tables["clients"]["client"])
    ]
    return tables | {"type_preferences": stated(rows)}


@pytest.fixture
def by_type(specify):
    return specify(
        name="type_outcome.ors_total",
        rows="clients",
        analysis="type_matched",
        scoring=None,
        informant="",
        formula="outcome ~ outcome_first",
        random=(),
        levels=(),
        smallest_group=5,
    )


def test_no_preference_is_a_third_group_and_the_first_statement_counts():
    rows = stated(
        [
            ("c0", 0, "homework", "yes", "yes"),
            ("c0", 5, "homework", "no", "yes"),
            ("c1", 0, "homework", "no", "yes"),
            ("c2", 0, "homework", "no preference", "yes"),
            ("c3", 0, "homework", None, "yes"),
            ("c4", 0, "homework", "yes", None),
            ("c0", 0, "modality", "video", "in_person"),
        ]
    )
    found = matches(rows, "homework").set_index("client")["type_match"]
    assert found.to_dict() == {"c0": "matched", "c1": "not matched", "c2": "no preference"}
    assert matches(rows, "modality")["type_match"].tolist() == ["not matched"]


def test_d_is_the_adjusted_difference_over_the_spread_within_groups(with_types, by_type):
    from attunement.model import prepare

    rows = analyse(with_types, by_type).estimates.set_index("term")
    row = rows.loc["type_match_homework[T.matched]"]
    assert (row["metric"], row["level"]) == ("d", "between")
    groups = matches(with_types["type_preferences"], "homework")
    frame = prepare(with_types, by_type).merge(groups, on="client")
    # One of two wishes for those without any moves no contrast of matched with not matched.
    frame["wanted"] = frame["wanted"].fillna("no")
    model = smf.ols("outcome ~ outcome_first + type_match + wanted + received", frame).fit()
    expected = model.params["type_match[T.matched]"] / pooled_sd(frame)
    assert row["estimate"] == pytest.approx(expected)
    assert row["se"] == pytest.approx(model.bse["type_match[T.matched]"] / pooled_sd(frame))
    assert rows.loc["type_match_homework[T.no preference]", "status"] == "estimated"


def test_what_the_wishes_are_called_changes_nothing(tables, by_type):
    wish, given = ["a", "b", "b", "none at all", "no preference"], ["a", "b", "none at all"]
    rows = [
        (client, 0, "homework", wish[i % 5], given[(i * 7 + i // 5) % 3])
        for i, client in enumerate(tables["clients"]["client"])
    ]
    names = {"a": "z", "b": "a", "none at all": "m"}
    again = [(*row[:3], *(names.get(word, word) for word in row[3:])) for row in rows]
    spec = by_type.model_copy(update={"smallest_group": 3})
    one, two = (
        analyse(tables | {"type_preferences": stated(said)}, spec).estimates.set_index("term")
        for said in (rows, again)
    )
    assert one["status"].tolist() == ["estimated"] * 2
    for column in ("estimate", "se", "p"):
        assert np.allclose(one[column], two[column])


def test_no_preference_stands_beside_the_average_of_the_wishes_observed():
    frame = pd.DataFrame({"wanted": pd.Categorical(["a", "a", "a", "b", "c", None])})
    coded = wishes(frame["wanted"])
    assert np.allclose(coded.sum(), 0)
    assert coded.iloc[5].tolist() == [0, 0]
    # Each wish at its mean: an intercept beside the columns is the mean of all who have a wish.
    outcome = pd.Series([1.0, 2.0, 3.0, 10.0, 4.0])
    model = smf.ols("outcome ~ wanted_1 + wanted_2", coded.iloc[:5].assign(outcome=outcome)).fit()
    assert model.params["Intercept"] == pytest.approx(outcome.mean())


def test_spread_within_groups_is_pooled_over_matched_and_not_matched_alone():
    frame = pd.DataFrame(
        {
            "type_match": ["matched"] * 3 + ["not matched"] * 2 + ["no preference"] * 2,
            "outcome": [1.0, 2.0, 3.0, 5.0, 7.0, 0.0, 100.0],
        }
    )
    assert pooled_sd(frame) == pytest.approx(np.sqrt((2 * 1 + 1 * 2) / 3))


def test_a_treatment_that_is_better_for_all_is_not_matching(with_types, by_type):
    scores = with_types["scores"]
    given = with_types["type_preferences"].set_index("client")["received"]
    last = scores.groupby("client")["occasion"].transform("max")
    better = (scores["client"].map(given) == "yes") & (scores["occasion"] == last)
    lifted = scores.assign(value=scores["value"] + np.where(better, 20.0, 0.0))
    before = analyse(with_types, by_type).estimates.set_index("term")["statistic"]
    after = analyse(with_types | {"scores": lifted}, by_type).estimates.set_index("term")
    term = "type_match_homework[T.matched]"
    # The same contrast but for its unit: twenty points for all who received it change nothing.
    assert after.loc[term, "statistic"] == pytest.approx(before[term])


def test_few_matched_are_not_told_of(with_types, by_type):
    spec = by_type.model_copy(update={"smallest_group": 20})
    rows = analyse(with_types, spec).estimates
    assert rows["status"].tolist() == ["not estimable"]
    assert rows["reason"].iloc[0].startswith("too few clients are")
    assert rows["metric"].tolist() == ["d"]


def test_without_type_preferences_the_reason_stands(tables, by_type):
    assert analyse(tables, by_type).estimates["reason"].tolist() == ["no type preferences recorded"]


def test_dropout_is_an_odds_ratio(with_types, by_type):
    spec = by_type.model_copy(
        update={
            "rows": "landmark",
            "landmark": 1,
            "link": "logit",
            "df": "normal",
            "formula": "event ~ 1",
            "dropout_definition": "therapist_judgement",
            "outcome": "dropout",
            "improvement": 0,
        }
    )
    dropout = with_types["dropout"].copy()
    dropout["status"] = np.where(np.arange(24) % 5 < 2, "dropped_out", "stayed")
    held = with_types | {"dropout": conform(dropout, "dropout")}
    rows = analyse(held, spec).estimates.set_index("term")
    row = rows.loc["type_match_homework[T.matched]"]
    assert (row["metric"], row["direction"]) == ("OR", "below 1: less dropout")
    low = np.exp(np.log(row["estimate"]) - 1.959964 * row["se"])
    assert row["ci_low"] == pytest.approx(low, rel=1e-5)
