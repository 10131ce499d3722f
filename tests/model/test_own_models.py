"""Models that users write themselves: other scores as predictors, events of clients, slips."""

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import fit_linear, fit_logistic
from attunement.model import analyse, prepare
from attunement.model.formulas import n_predictors
from attunement.study.problems import NotEstimable


@pytest.fixture
def own(specify):
    """Return the maker of models without accommodation."""
    bare = {
        "scoring": None,
        "informant": "",
        "dimensions": (),
        "levels": (),
        "outcome_scale": "raw",
    }

    def make(**changes):
        return specify(**(bare | {"random": (("client", "1"),)} | changes))

    return make


# other scores of the same occasion


def test_another_score_of_the_occasion_is_a_predictor(tables, own, rated):
    both = rated(tables)
    frame = prepare(both, own(formula="outcome ~ time + srs_total"))
    scores = both["scores"].set_index(["instrument", "client", "occasion"])["value"]
    keys = list(zip(frame["client"], frame["occasion"], strict=True))
    assert frame["srs_total"].tolist() == [scores["srs", *key] for key in keys]
    # The intake has no such rating: it is left out.
    assert frame["session"].min() == 1
    rows = analyse(both, own(formula="outcome ~ time + srs_total")).estimates.set_index("term")
    fitted = fit_linear("outcome ~ time + srs_total", frame, {"client": "1"})
    assert rows.loc["srs_total", "estimate"] == pytest.approx(fitted.fixed.loc["srs_total"].iloc[0])


def test_it_splits_into_levels_on_the_rows_analysed(tables, own, rated):
    frame = prepare(rated(tables), own(formula="outcome ~ srs_total_within + srs_total_between"))
    means = frame.groupby("client")["srs_total"].transform("mean")
    assert np.allclose(frame["srs_total_within"], frame["srs_total"] - means)
    assert np.allclose(frame.groupby("therapist")["srs_total_within"].sum(), 0.0)


def test_a_category_goes_by_its_name_however_it_is_coded(tables, own):
    tables = tables | {"clients": tables["clients"].assign(
        site=["abc"[n % 3] for n in range(len(tables["clients"]))]
    )}  # fmt: skip
    asked = own(
        formula="outcome ~ time * C(site, contr.treatment('b'))",
        levels=(("site", "between"), ("time:site", "within")),
    )
    rows = analyse(tables, asked).estimates.set_index("term")
    assert not (rows["status"] == "not estimable").any()
    assert (rows.loc[["C(site, contr.treatment('b'))[T.a]"], "level"] == "between").all()
    assert (rows.loc[["time:C(site, contr.treatment('b'))[T.c]"], "level"] == "within").all()


def test_a_score_may_precede_the_outcome_of_the_next_session(tables, own, rated):
    both = rated(tables)
    asked = own(rows="next_session", formula="outcome ~ outcome_now + srs_total_within")
    frame = prepare(both, asked)
    scores = both["scores"]
    value = scores.set_index(["instrument", "client", "session"])["value"]
    outcome = {key[1:]: one for key, one in value.items() if key[0] == asked.outcome.split(".")[0]}
    for row in frame.to_dict("records"):
        assert row["outcome"] == outcome[row["client"], row["session"] + 1]
        assert row["outcome_now"] == outcome[row["client"], row["session"]]
        assert row["srs_total"] == value["srs", row["client"], row["session"]]
    means = frame.groupby("client")["srs_total"].transform("mean")
    assert np.allclose(frame["srs_total_within"], frame["srs_total"] - means)
    rows = analyse(both, asked).estimates.set_index("term")
    assert np.isfinite(rows.loc["srs_total_within", "estimate"])
    alone = tables | {"scores": scores[scores["session"].isna() | (scores["session"] == 0)]}
    with pytest.raises(NotEstimable, match="no session is followed by an outcome"):
        prepare(alone, own(rows="next_session", formula="outcome ~ outcome_now"))


def test_a_random_slope_may_need_it_too(tables, own, rated):
    slope = own(formula="outcome ~ time", random=(("client", "1 || srs_total_within"),))
    assert "srs_total_within" in prepare(rated(tables), slope)


def test_whose_rating_counts_must_be_said(tables, own, rated):
    both = rated(rated(tables), rater="therapist", seed=4)
    with pytest.raises(NotEstimable, match=r"rated by client and therapist.*settings: {rater"):
        prepare(both, own(formula="outcome ~ srs_total"))
    said = own(formula="outcome ~ srs_total", settings=(("rater", "therapist"),))
    scores = both["scores"]
    expected = scores[(scores["rater"] == "therapist") & (scores["instrument"] == "srs")]["value"]
    assert sorted(prepare(both, said)["srs_total"]) == sorted(expected)


def test_a_covariate_of_that_name_comes_first(tables, own, rated):
    both = rated(tables)
    both["clients"] = both["clients"].assign(srs_total=1.0)
    assert (prepare(both, own(formula="outcome ~ srs_total"))["srs_total"] == 1.0).all()


# events


@pytest.fixture
def events(tables):
    scores = tables["scores"]
    value = (scores["value"] > scores["value"].median()).astype(float)
    return tables | {"scores": scores.assign(value=value)}


def test_events_that_recur_within_clients_have_random_intercepts_of_clients(events, own):
    asked = own(formula="event ~ time", link="logit", df="normal")
    found = analyse(events, asked)
    fitted = fit_logistic("event ~ time", prepare(events, asked), group="client")
    row = found.estimates.set_index("term").loc["time"]
    assert row["estimate"] == pytest.approx(np.exp(fitted.fixed.loc["time", "estimate"]))
    assert row["metric"] == "OR"
    assert "client" in set(found.variance["level"])


def test_a_complementary_log_log_link_has_ratios_of_hazards(events, own):
    rows = analyse(events, own(formula="event ~ time", link="cloglog", random=())).estimates
    assert rows["metric"].tolist() == ["HR", "HR"]
    assert (rows["status"] == "estimated").all()


@pytest.mark.parametrize(
    ("random", "said"),
    [
        ((("client", "1 + time"),), "client: 1 \\+ time"),
        ((("therapist", "1"), ("client", "1")), "therapist: 1, client: 1"),
    ],
)
def test_a_random_part_that_no_model_of_events_has_is_not_left_out_in_silence(
    events, own, random, said
):
    asked = own(formula="event ~ time", link="logit", random=random, levels=(("time", "within"),))
    rows = analyse(events, asked).estimates
    assert rows["status"].tolist() == ["not estimable"]
    assert rows["reason"].str.contains(said).all()


def test_nor_is_a_structure_of_residuals(events, own):
    asked = own(formula="event ~ time", link="logit", residual="ar1:session")
    assert analyse(events, asked).estimates["reason"].str.contains("no residuals").all()


def test_a_number_taken_as_categories_loses_those_without_events(tables, own):
    dropout = tables["dropout"]
    late = (dropout["last_time"] == 3) & (dropout["status"] == "dropped_out")
    tables["dropout"] = dropout.assign(status=dropout["status"].mask(late, "censored"))
    asked = own(
        rows="person_periods",
        outcome="dropout",
        dropout_definition="therapist_judgement",
        improvement=0,
        formula="event ~ C(period) + age",
        random=(),
        link="logit",
        levels=(("age", "-"),),
    )
    tables["availability"] = pd.concat(
        [
            tables["availability"],
            pd.DataFrame({"topic": ["dropout.therapist_judgement"], "available": [True]}),
        ]
    )
    rows = analyse(tables, asked).estimates.set_index("term")
    assert rows.loc["age", "status"] == "estimated"
    gone = rows[rows["status"] == "not estimable"]
    assert {"C(period)[T.1.0]", "C(period)[T.2.0]"} <= set(gone.index)
    assert gone["reason"].str.contains("no events among the").all()


def test_the_last_outcome_may_be_an_event(events, own):
    asked = own(rows="clients", formula="event ~ age", link="logit", random=())
    frame = prepare(events, asked)
    assert frame["event"].tolist() == frame["outcome"].tolist()
    rows = analyse(events, asked).estimates
    slopes = rows[rows["term"] != "Intercept"]
    assert slopes["direction"].unique().tolist() == ["above 1: better outcome"]
    assert (rows["metric"] == "OR").all() and (rows["n_clients"] == 24).all()


# slips, and what was not possible


def test_a_focal_coefficient_that_the_model_does_not_have_is_told(tables, own):
    asked = own(formula="outcome ~ time * age", levels=(("age:time", "between"), ("time", "-")))
    rows = analyse(tables, asked).estimates.set_index("term")
    assert rows.loc["age:time", "status"] == "not estimable"
    assert rows.loc["age:time", "level"] == "between"
    assert rows.loc["age:time", "reason"].endswith("it has Intercept, time, age, time:age")
    assert rows.loc["time", "status"] == "estimated"


def test_categories_answer_for_the_whole_factor(tables, own):
    tables["clients"]["arm"] = pd.Categorical(np.where(np.arange(24) % 2, "new", "usual"))
    asked = own(formula="outcome ~ time * arm", levels=(("time:arm", "between"),))
    assert (analyse(tables, asked).estimates["status"] == "estimated").all()


def test_an_outcome_may_be_an_expression(tables, own):
    asked = own(formula="np.log(outcome + 40) ~ time")
    rows = analyse(tables, asked).estimates.set_index("term")
    frame = prepare(tables, asked)
    fitted = fit_linear("np.log(outcome + 40) ~ time", frame, {"client": "1"})
    assert rows.loc["time", "estimate"] == pytest.approx(fitted.fixed.loc["time", "estimate"])


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("outcome ~ factor(age)", "no column 'factor'. Write C"),
        ("outcome ~ offset(age)", "no column 'offset'.*I\\(y - x\\)"),
        ("outcome ~ agee", "no column 'agee'; the nearest is 'age'"),
    ],
)
def test_what_users_of_r_write_is_told_as_it_is_written_here(tables, own, formula, said):
    assert analyse(tables, own(formula=formula)).estimates["reason"].str.contains(said).all()


def test_maximum_likelihood_on_request(tables, own):
    asked = own(formula="outcome ~ time", reml=False)
    found = analyse(tables, asked)
    fitted = fit_linear(
        "outcome ~ time", prepare(tables, asked), {"client": "1"}, reml=False, df="satterthwaite"
    )
    variance = found.variance.set_index(["level", "metric"])["estimate"]
    expected = fitted.variance.set_index("level")["covariance"]
    for level in ("client", "residual"):
        assert variance[level, "variance"] == pytest.approx(expected[level])
    restricted = analyse(tables, own(formula="outcome ~ time")).variance
    assert restricted["estimate"].iloc[0] > variance["client", "variance"]


@pytest.mark.parametrize(
    ("formula", "predictors"),
    [
        ("event ~ baseline + age", 1),
        ("event ~ C(period) + age", 1),
        ("event ~ bs(period, df=3) + age", 1),
        ("event ~ 0 + C(period) + age", 1),
        ("event ~ period * age", 2),
        ("event ~ np.log(period) + periodic + age", 2),
    ],
)
def test_a_baseline_of_ones_own_is_no_predictor(formula, predictors):
    random = np.random.default_rng(1)
    frame = pd.DataFrame({"period": np.arange(40) % 4 + 1.0, "age": random.normal(size=40)})
    frame["baseline"] = pd.Categorical(np.where(frame["period"] > 2, "2: 3 to 4", "1: 1 to 2"))
    frame = frame.assign(event=np.arange(40) % 3 == 0, periodic=random.normal(size=40))
    assert n_predictors(formula, frame) == predictors


def test_levels_may_be_named_in_any_order(tables, own):
    outer = own(formula="outcome ~ time", random=(("therapist", "1"), ("client", "1")))
    inner = own(formula="outcome ~ time", random=(("client", "1"), ("therapist", "1")))
    pd.testing.assert_frame_equal(
        analyse(tables, inner).estimates, analyse(tables, outer).estimates
    )
