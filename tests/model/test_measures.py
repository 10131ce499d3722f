import pandas as pd
import pytest

from attunement.model.measures import early_mean, measure, preference_strength, told_by
from attunement.study.contracts import conform
from attunement.study.problems import NotEstimable


def test_a_measure_counts_in_standard_deviations_of_clients_means(rated, tables):
    found = measure(rated(tables), "srs.total")
    means = found.rows.groupby("client")["srs_total"].mean()
    assert means.mean() == pytest.approx(0, abs=1e-12)
    assert means.std(ddof=1) == pytest.approx(1)
    assert (found.column, found.rater) == ("srs_total", "client")


def test_a_single_item_stands_in_where_no_scale_has_that_name(rated, tables):
    scores = rated(tables)["scores"]
    rows = scores[scores["instrument"] == "srs"].assign(item="2")
    answers = rows[["client", "occasion", "time", "day", "session", "rater", "instrument", "item"]]
    answers = conform(answers.assign(value=rows["value"]), "responses")
    found = measure(tables | {"responses": answers}, "srs.2")
    assert found.column == "srs_2" and len(found.rows) == len(rows)


def test_one_rater_is_chosen_and_named(rated, tables):
    both = rated(rated(tables), rater="observer", seed=4)
    assert measure(both, "srs.total", "observer").rater == "observer"
    assert measure(both, "srs.total").rater == "client"
    with pytest.raises(NotEstimable, match=r"no ratings of srs\.total by the therapist"):
        measure(both, "srs.total", "therapist")


def test_what_is_not_recorded_says_so(tables):
    with pytest.raises(NotEstimable, match=r"no ratings of empathy\.rating"):
        measure(tables, "empathy.rating")
    with pytest.raises(NotEstimable, match="names no measures"):
        measure(tables, "")


def test_ratings_after_the_end_of_treatment_do_not_count(rated, tables):
    ends = pd.DataFrame({"client": ["c00"], "last_session": [1]})
    held = rated(tables) | {"endings": conform(ends, "endings")}
    rows = measure(held, "srs.total").rows
    assert rows.loc[rows["client"] == "c00", "session"].tolist() == [1]


def test_the_early_mean_takes_the_first_sessions_only(rated, tables):
    held = rated(tables)
    rows = measure(held, "srs.total").rows
    mine = rows[(rows["client"] == "c07") & (rows["session"] <= 2)]
    assert early_mean(held, "srs.total", 2)["c07"] == pytest.approx(mine["srs_total"].mean())


def test_preference_strength_is_the_mean_size_of_the_first_statement(tables, specify):
    stated = pd.DataFrame(
        {
            "client": ["c00"] * 4,
            "from_session": [0, 0, 5, 5],
            "dimension": ["td_cd", "ei_er"] * 2,
            "preference": [-0.5, 0.1, 1.0, 1.0],
        }
    )
    held = tables | {"preferences": conform(stated, "preferences")}
    assert preference_strength(held, specify())["c00"] == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("informant", "rater", "outcome", "expected"),
    [
        (
            "client",
            "client",
            "client",
            "delivery: client; m: client; outcome: client (same informant)",
        ),
        ("observer", "client", "client", "delivery: observer; m: client; outcome: client"),
        ("client", "", "", "delivery: client"),
    ],
)
def test_informants_are_told(specify, informant, rater, outcome, expected):
    spec = specify(informant=informant, outcome_informant=outcome)
    assert told_by(spec, "m", rater) == expected
