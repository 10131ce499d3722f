import numpy as np
import pytest

from attunement.model.exposure import exposure
from attunement.model.outcomes import shaped_time
from attunement.model.prepare import prepare
from attunement.study.problems import NotEstimable


def test_outcome_is_turned_so_that_higher_is_better_in_sd_of_first_scores(tables, specify):
    first = tables["scores"].drop_duplicates("client")["value"]
    frame = prepare(tables, specify(improvement=-1))
    score = tables["scores"].set_index(["client", "occasion"])["value"]
    keys = list(zip(frame["client"], frame["occasion"], strict=True))
    assert np.allclose(frame["outcome"], -score.loc[keys] / first.std(ddof=1))


@pytest.mark.parametrize("shape", ["linear", "log", "square_root"])
def test_time_runs_from_0_to_1_over_the_reference_span(specify, shape):
    import pandas as pd

    time = shaped_time(pd.Series([0.0, 10.0]), specify(time_shape=shape))
    assert time.tolist() == pytest.approx([0, 1])


def test_accommodation_counts_in_sds_between_clients(tables, specify):
    # One unit for all models: the means of all sessions, whichever of them a model may count.
    found = exposure(tables, specify())
    assert found.groupby("client")["accommodation"].mean().std(ddof=1) == pytest.approx(1)
    tables["scores"] = tables["scores"].assign(session=99).astype({"session": "Int64"})
    one_row = prepare(tables, specify()).drop_duplicates("client")
    total = one_row["accommodation_between"] + one_row["accommodation_therapist"]
    assert total.std(ddof=1) == pytest.approx(1)


def test_lagged_rows_pair_a_session_with_the_next_outcome(tables, specify):
    frame = prepare(tables, specify(rows="next_session"))
    row = frame[(frame["client"] == "c04") & (frame["session"] == 2)].iloc[0]
    scores = tables["scores"].set_index(["client", "session"])["value"]
    first = tables["scores"].drop_duplicates("client")["value"].std(ddof=1)
    assert row["outcome"] == pytest.approx(scores.loc["c04", 3] / first)
    assert row["time"] == pytest.approx(0.3)
    within = frame.groupby("client")["accommodation_within"].mean()
    assert np.allclose(within, 0)


@pytest.mark.parametrize("rows", ["clients", "occasions"])
def test_only_sessions_before_the_last_score_count(tables, specify, rows):
    frame = prepare(tables, specify(rows=rows))
    last = tables["scores"].groupby("client")["session"].max()
    table = tables["accommodation"]
    at_the_end = table["session"] >= table["client"].map(last)
    tables["accommodation"] = table.assign(value=table["value"].where(~at_the_end, 0.0))
    again = prepare(tables, specify(rows=rows))
    for part in ("accommodation_between", "accommodation_therapist"):
        ratio = frame[part] / again[part]  # only the unit, one for the whole sample, may move
        assert np.allclose(ratio, ratio.iloc[0])


def test_clients_without_strong_preference_stay_as_a_group(tables, specify):
    table = tables["accommodation"]
    without = table["client"].isin(["c00", "c01"])
    tables["accommodation"] = table.assign(
        scoring="strong_met",
        value=table["value"].mask(without),
        no_strong_preference=without.astype("boolean"),
    )
    frame = prepare(tables, specify(scoring="strong_met"))
    clients = frame.drop_duplicates("client").set_index("client")
    assert len(clients) == 24
    assert clients["no_strong_preference"].sum() == 2
    assert clients.loc["c00", "accommodation_between"] == 0


@pytest.mark.parametrize("rows", ["occasions", "next_session", "clients"])
def test_missing_preferences_are_the_reason(tables, specify, rows):
    table = tables["availability"]
    table.loc[table["topic"] == "preferences", ["available", "reason"]] = [
        False,
        "no preferences recorded",
    ]
    with pytest.raises(NotEstimable, match=r"^no preferences recorded$"):
        prepare(tables, specify(rows=rows))


def test_hazard_rows_carry_only_the_past(tables, specify):
    hazard = specify(
        rows="person_periods",
        outcome="dropout",
        dropout_definition="therapist_judgement",
        link="logit",
        improvement=0,
    )
    frame = prepare(tables, hazard)
    assert (frame["session"] <= frame["period"]).all()
    assert {"accommodation_past", "delivery_td_cd_past", "preference_td_cd", "baseline"} <= set(
        frame.columns
    )
    assert frame["accommodation_past"].mean() == pytest.approx(0)


@pytest.mark.parametrize("rows", ["person_periods", "landmark"])
def test_assessments_by_month_are_not_merged_with_sessions(tables, specify, rows):
    from attunement.study.contracts import conform

    attrition = specify(
        rows=rows,
        outcome="dropout",
        dropout_definition="study_attrition",
        attrition_times=(0, 2, 4, 6),
        landmark=2,
        link="logit",
        improvement=0,
    )
    left = tables["dropout"].assign(definition="study_attrition", last_time=2.0)
    tables = tables | {"dropout": conform(left, "dropout")}
    assert len(prepare(tables, attrition))
    by_month = attrition.model_copy(update={"time_unit": "month"})
    with pytest.raises(NotEstimable, match="counts assessments by month"):
        prepare(tables, by_month)
    without = by_month.model_copy(update={"scoring": None, "formula": "event ~ 1"})
    assert len(prepare(tables, without))


def test_one_informant_of_the_outcome(tables, specify):
    scores = tables["scores"]
    other = scores.assign(rater="therapist", value=20.0)
    spec = specify(outcome_informant="client")
    alone = prepare(tables, spec)
    import pandas as pd

    both = prepare(tables | {"scores": pd.concat([scores, other], ignore_index=True)}, spec)
    pd.testing.assert_frame_equal(both, alone)


def test_scores_after_the_last_session_are_not_in_treatment(tables, specify):

    from attunement.study.contracts import conform

    last = tables["scores"].groupby("client")["session"].max().rename("last_session")
    early = (last - 1).reset_index()
    frame = prepare(tables | {"endings": conform(early, "endings")}, specify(scoring=None))
    assert (
        frame.groupby("client")["session"].max() == early.set_index("client")["last_session"]
    ).all()


def test_change_needs_a_baseline_before_the_exposure(tables, specify):
    scores = tables["scores"]
    late = scores[(scores["client"] != "c04") | (scores["session"] >= 2)]
    frame = prepare(tables | {"scores": late}, specify(rows="clients"))
    assert "c04" not in set(frame["client"]) and "c05" in set(frame["client"])


def test_a_client_with_a_missing_covariate_does_not_shift_the_centring(tables, specify):
    clients = tables["clients"]
    gone = clients["client"].isin(["c04", "c08"])
    spec = specify(formula="outcome ~ time * accommodation_between + age")
    frame = prepare(tables | {"clients": clients.assign(age=clients["age"].mask(gone))}, spec)
    means = frame.drop_duplicates("client").groupby("therapist")["accommodation_between"].mean()
    assert not set(frame["client"]) & {"c04", "c08"}
    assert np.allclose(means, 0)
