import numpy as np
import pandas as pd
import pytest

from attunement.model import analyse, estimate, model, prepare, supported
from attunement.model.rows import with_few_degrees
from attunement.study.contracts import TABLES
from attunement.study.problems import NotEstimable


def test_every_column_of_the_contract_is_there(tables, specify):
    result = analyse(tables, specify())
    assert list(result.estimates.columns) == TABLES["estimates"].names
    assert list(result.variance.columns) == TABLES["variance"].names


def test_a_row_says_what_a_reader_must_know(tables, specify):
    rows = analyse(tables, specify()).estimates.set_index("term")
    row = rows.loc["time:accommodation_between"]
    assert (row["level"], row["metric"], row["scale"]) == ("between", "b", "sd")
    assert (row["n_clients"], row["n_therapists"]) == (24, 4)
    assert row["direction"] == "above 0: better outcome"
    assert row["df_method"] == "satterthwaite"
    assert rows.loc["time", "level"] == "-"


def test_one_informant_throughout_is_marked(tables, specify):
    rows = analyse(tables, specify(outcome_informant="client")).estimates
    assert rows["informant"].unique().tolist() == [
        "delivery: client; outcome: client (same informant)"
    ]


def test_therapist_terms_need_therapists(tables, specify):
    spec = specify(
        therapist_terms="time * accommodation_therapist",
        levels=(("time:accommodation_therapist", "therapist"),),
        minimum_therapists=30,
    )
    rows = analyse(tables, spec).estimates.set_index("term")
    row = rows.loc["time:accommodation_therapist"]
    assert row["status"] == "not estimable" and np.isnan(row["estimate"])
    assert row["reason"] == ("4 therapists; differences between therapists need at least 30")


def test_what_is_not_estimable_is_a_row_with_its_reason(tables, specify):
    result = analyse(tables, specify(informant="observer"))
    assert result.estimates["status"].tolist() == ["not estimable"]
    assert result.estimates["reason"].tolist() == ["no delivery rated by the observer"]
    assert result.variance["status"].tolist() == ["not estimable"]


def test_rows_with_missing_covariates_are_left_out_and_counted(tables, specify):
    clients = tables["clients"]
    tables["clients"] = clients.assign(age=clients["age"].where(clients["client"] != "c05"))
    spec = specify(formula="outcome ~ time * accommodation_between + age")
    rows = analyse(tables, spec).estimates
    assert rows["n_clients"].unique().tolist() == [23]


def hazard_frame(seed=3, rows=400):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame({"x": random.normal(size=rows)})
    frame["event"] = (random.random(rows) < 1 / (1 + np.exp(1.5 - 0.8 * frame["x"]))).astype(float)
    frame["client"] = [f"c{i}" for i in range(rows)]
    frame["therapist"] = [f"t{i % 10}" for i in range(rows)]
    frame["group"] = np.where(np.arange(rows) < 12, "rare", np.where(frame["x"] > 0, "b", "a"))
    return frame


@pytest.fixture
def landmark(specify):
    return specify(
        rows="landmark",
        link="logit",
        outcome="dropout",
        improvement=0,
        formula="event ~ x + group",
        random=(("therapist", "1"),),
        levels=(("x", "-"),),
    )


def test_ratios_are_ratios_and_their_error_is_that_of_the_log(landmark):
    row = estimate(hazard_frame(), landmark).estimates.set_index("term").loc["x"]
    assert row["metric"] == "OR" and row["scale"] == "ratio"
    low = np.exp(np.log(row["estimate"]) - 1.959964 * row["se"])
    assert row["ci_low"] == pytest.approx(low, rel=1e-5)
    assert row["direction"] == "below 1: less dropout"
    assert row["n_events"] == hazard_frame()["event"].sum()


def test_category_without_events_is_left_out_and_changes_no_other_estimate(landmark):
    frame = hazard_frame()
    frame.loc[frame["group"] == "rare", "event"] = 0.0
    rows = estimate(frame, landmark).estimates.set_index("term")
    alone = estimate(frame[frame["group"] != "rare"], landmark).estimates.set_index("term")
    assert rows.loc["x", "estimate"] == pytest.approx(alone.loc["x", "estimate"], rel=1e-9)
    assert rows.loc["group[T.rare]", "status"] == "not estimable"
    assert rows.loc["group[T.rare]", "reason"] == (
        "no events among the 12 rows of this category, left out"
    )


def test_too_few_events_are_not_estimable(landmark):
    frame = hazard_frame()
    frame["event"] = 0.0
    frame.loc[100, "event"] = 1.0
    only_x = landmark.model_copy(update={"formula": "event ~ x", "events_for_a_predictor": 2})
    with pytest.raises(NotEstimable, match="1 events for 1 predictor are too few"):
        supported(frame, only_x)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("events", "said"), [(4, "refused"), (5, "told"), (9, "told"), (10, "")])
def test_events_for_each_predictor(landmark, events, said, turned):
    frame = hazard_frame()
    rare = frame.index < events
    frame["event"] = (rare ^ turned).astype(float)
    planned = landmark.model_copy(
        update={"formula": "event ~ x + twice", "events_for_a_predictor": 5.0}
    )
    frame["twice"] = 2 * frame["x"]  # no coefficient of its own: one in all
    rows = estimate(frame, planned).estimates.set_index("term")
    kind = "rows without the event" if turned else "events"
    reason = rows["reason"].iloc[0]
    if said == "refused":
        assert reason == f"{events} {kind} for 1 predictor are too few: fewer than 5 for each"
        assert rows["status"].eq("not estimable").all()
    elif said == "told":
        assert f"few events: {events} {kind} for 1 predictor, fewer than 10" in reason
        assert np.isfinite(rows.loc["x", "estimate"])
    else:
        assert "few events" not in reason


def test_tables_survive_the_way_through_a_file(tables, specify, tmp_path):
    from attunement.study.files import read_tables, write_table

    made = model(tables, [specify(), specify(name="other", informant="observer")], "holm")
    for name, table in made.items():
        write_table(table, tmp_path / f"{name}.csv")
    for name, table in read_tables(tmp_path).items():
        pd.testing.assert_frame_equal(table, made[name])


def test_intraclass_correlation_is_a_share_of_variance(tables, specify):
    spec = specify(formula="outcome ~ time", scoring=None, levels=(), random=(("client", "1"),))
    whole = estimate(prepare(tables, spec), spec).variance.set_index(["level", "metric"])
    rows = whole["estimate"]
    share = rows["client", "variance"] / (rows["client", "variance"] + rows["residual", "variance"])
    assert rows["client", "icc"] == pytest.approx(share)
    limits = whole[["ci_low", "ci_high"]].astype(float)
    assert (limits["ci_low"] < rows).all()
    assert (limits["ci_high"] > rows).all()
    variance, sd = limits.loc[("residual", "variance")], limits.loc[("residual", "sd")]
    assert list(sd**2) == pytest.approx(list(variance))


def test_a_share_without_a_profile_has_no_limits_and_the_reason(tables, specify, monkeypatch):
    from attunement.mixed import LinearFit, NotAvailable

    def refuse(self, confidence=0.95):
        raise NotAvailable("not with structured residuals")

    monkeypatch.setattr(LinearFit, "profile_icc", refuse)
    spec = specify(formula="outcome ~ time", scoring=None, levels=(), random=(("client", "1"),))
    rows = estimate(prepare(tables, spec), spec).variance.set_index("metric")
    assert rows.loc["icc", ["ci_low", "ci_high"]].isna().all()
    assert rows.loc["icc", "reason"] == "no limits of this share: not with structured residuals"


def test_indicator_without_events_is_left_out_like_a_category(landmark):
    frame = hazard_frame().assign(flag=0.0)
    frame.loc[:11, ["flag", "event"]] = [1.0, 0.0]
    rows = estimate(
        frame, landmark.model_copy(update={"formula": "event ~ x + flag"})
    ).estimates.set_index("term")
    assert np.isfinite(rows.loc["x", "estimate"])
    assert rows.loc["flag", "status"] == "not estimable"
    assert rows.loc["flag", "reason"].startswith("no events among the 12 rows")


def test_a_misspelt_column_is_told_with_the_nearest_one(tables, specify):
    rows = analyse(tables, specify(formula="outcome ~ time + agee", scoring=None)).estimates
    assert rows["reason"].unique().tolist() == [
        "the data have no column 'agee'; the nearest is 'age'"
    ]


def test_an_intercept_has_no_better_side(tables, specify):
    spec = specify(formula="outcome ~ time", scoring=None, levels=(), random=(("client", "1"),))
    rows = estimate(prepare(tables, spec), spec).estimates.set_index("term")
    assert rows.loc["Intercept", "direction"] == "outcome at predictors of 0"
    assert rows.loc["time", "direction"] == "above 0: better outcome"


def test_an_interval_of_hardly_any_degrees_of_freedom_says_so():
    rows = pd.DataFrame(
        {
            "estimate": [0.3, 0.3, 0.3, np.nan],
            "df": [0.4, 2.0, np.nan, 0.4],
            "ci_high": [78290.0, 4.3, 2.0, np.nan],
            "reason": [None, None, None, "collinear"],
        }
    )
    told = with_few_degrees(rows)["reason"]
    assert told[0].startswith("too few groups: fewer than two degrees of freedom")
    assert told[1:2].isna().all() and told[2:3].isna().all() and told[3] == "collinear"
    said = with_few_degrees(rows.assign(reason="singular: a variance"))["reason"]
    assert said[0].startswith("singular: a variance; too few groups")
