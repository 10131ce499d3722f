"""Standardised risks: by hand where they can be, and what must hold between them."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from attunement.mixed import errors, fit_logistic
from attunement.model import analyse
from attunement.model.standardised import CONTRAST, HIGH, LOW, standardised_rows


@pytest.fixture(scope="module")
def frame():
    random = np.random.default_rng(5)
    n = 400
    rows = pd.DataFrame({"therapist": np.arange(n) % 20, "age": random.normal(size=n)})
    rows["accommodation_past"] = random.normal(0.2, 1.4, n)
    level = 0.9 * random.standard_normal(20)[rows["therapist"]]
    chance = expit(-0.5 - 0.4 * rows["accommodation_past"] + 0.7 * rows["age"] + level)
    return rows.assign(event=(random.random(n) < chance) * 1.0)


def by_name(rows):
    return rows.set_index(["term", "metric"])


FORMULA = "event ~ accommodation_past + age"


def test_without_therapists_it_is_the_mean_of_plain_predictions(frame):
    fitted = fit_logistic(FORMULA, frame)
    rows = by_name(standardised_rows(fitted, frame))
    b = fitted.fixed["estimate"]
    x = frame["accommodation_past"]
    low, high = (
        expit(b["Intercept"] + b["accommodation_past"] * value + b["age"] * frame["age"]).mean()
        for value in (x.mean() - x.std(), x.mean() + x.std())
    )
    assert rows.loc[(LOW, "probability"), "estimate"] == pytest.approx(low)
    assert rows.loc[(HIGH, "probability"), "estimate"] == pytest.approx(high)
    assert rows.loc[(CONTRAST, "RD"), "estimate"] == pytest.approx(high - low)
    assert rows.loc[(CONTRAST, "RR"), "estimate"] == pytest.approx(high / low)
    odds = high / (1 - high) / (low / (1 - low))
    assert rows.loc[(CONTRAST, "OR"), "estimate"] == pytest.approx(odds)
    conditional = rows.loc[(f"{CONTRAST}_conditional", "OR"), "estimate"]
    assert conditional == pytest.approx(np.exp(2 * x.std() * b["accommodation_past"]))


def test_without_covariates_and_therapists_both_odds_ratios_are_one_number(frame):
    rows = by_name(standardised_rows(fit_logistic("event ~ accommodation_past", frame), frame))
    marginal, conditional = rows.loc[(CONTRAST, "OR")], rows.loc[(f"{CONTRAST}_conditional", "OR")]
    for column in ("estimate", "se", "ci_low", "ci_high", "p"):
        assert marginal[column] == pytest.approx(conditional[column]), column


def test_the_conditional_odds_ratio_is_further_from_one(frame):
    """Odds ratios do not collapse: averaging over clients and therapists draws them towards 1."""
    rows = by_name(standardised_rows(fit_logistic(FORMULA, frame, "therapist"), frame))
    marginal = rows.loc[(CONTRAST, "OR"), "estimate"]
    conditional = rows.loc[(f"{CONTRAST}_conditional", "OR"), "estimate"]
    assert conditional < 0.95 * marginal < marginal < 1


def test_errors_are_those_of_refitted_draws(frame):
    """Delta method against a parametric bootstrap, therapists drawn anew: within a fifth."""
    fitted = fit_logistic(FORMULA, frame, "therapist")
    rows = by_name(standardised_rows(fitted, frame))
    random = np.random.default_rng(2)
    b, sigma = fitted.fixed["estimate"], fitted.variance["sd_or_correlation"].iloc[0]
    fixed = b["Intercept"] + b["accommodation_past"] * frame["accommodation_past"]
    fixed = fixed + b["age"] * frame["age"]
    drawn = []
    for _ in range(150):
        level = sigma * random.standard_normal(20)[frame["therapist"]]
        again = frame.assign(event=(random.random(len(frame)) < expit(fixed + level)) * 1.0)
        found = by_name(standardised_rows(fit_logistic(FORMULA, again, "therapist"), again))
        drawn.append(found["estimate"])
    table = pd.concat(drawn, axis=1).T
    for term, metric in ((LOW, "probability"), (HIGH, "probability"), (CONTRAST, "RD")):
        se = rows.loc[(term, metric), "se"]
        assert se == pytest.approx(table[term, metric].std(), rel=0.2), (term, metric)
    ratio = np.log(table[CONTRAST, "OR"]).std()
    assert rows.loc[(CONTRAST, "OR"), "se"] == pytest.approx(ratio, rel=0.2)


def test_limits_keep_inside_and_hold_the_estimate(frame):
    rows = standardised_rows(fit_logistic(FORMULA, frame, "therapist"), frame)
    assert (rows["ci_low"] < rows["estimate"]).all()
    assert (rows["estimate"] < rows["ci_high"]).all()
    shares = rows[rows["metric"] == "probability"]
    assert shares["ci_low"].gt(0).all() and shares["ci_high"].lt(1).all()
    assert shares["p"].isna().all()  # a share is held against nothing
    planned = standardised_rows(fit_logistic(FORMULA, frame), frame, "fewer planned endings")
    assert list(planned["direction"][2:4]) == [
        "below 0: fewer planned endings",
        "below 1: fewer planned endings",
    ]


def test_who_has_no_strong_preference_is_averaged_over_by_nobody(frame):
    third = frame.assign(no_strong_preference=(np.arange(len(frame)) % 4 == 0) * 1.0)
    formula = FORMULA + " + no_strong_preference"
    fitted = fit_logistic(formula, third)
    held = third[third["no_strong_preference"] == 0]
    rows = by_name(standardised_rows(fitted, third))
    pd.testing.assert_frame_equal(rows, by_name(standardised_rows(fitted, held)))


def test_averages_refuse_what_they_cannot_say(frame):
    fitted = fit_logistic(FORMULA, frame)
    with pytest.raises(errors.InvalidSpecification, match="none of them empty"):
        fitted.averages([frame.iloc[:0]])
    with pytest.raises(errors.InvalidSpecification, match="lacks a predictor"):
        fitted.averages([frame.assign(age=frame["age"].where(frame.index != 3))])
    assert fitted.averages([frame]).estimates[0] == pytest.approx(frame["event"].mean())


def analysis(specify, **changes):
    choices = {
        "analysis": "standardised",
        "rows": "landmark",
        "landmark": 3,
        "dropout_definition": "therapist_judgement",
        "outcome": "dropout",
        "link": "logit",
        "df": "normal",
        "formula": "event ~ accommodation_past",
        "random": (),
        "levels": (),
    }
    return specify(**(choices | changes))


def test_the_analysis_gives_rows_with_numbers_and_who_left_before(tables, specify):
    rows = analyse(tables, analysis(specify)).estimates
    assert list(rows["metric"]) == ["probability", "probability", "RD", "RR", "OR", "OR"]
    assert (rows["status"] == "estimated").all()
    assert (rows["n_clients"] == 16).all()  # eight of 24 cases are still open
    assert (rows["n_before_risk"] == 0).all()
    assert set(rows["direction"]) == {
        "a share", "below 0: less dropout", "below 1: less dropout",
    }  # fmt: skip


def test_what_cannot_be_estimated_is_said(tables, specify):
    rows = analyse(tables, analysis(specify, landmark=9)).estimates
    assert list(rows["status"]) == ["not estimable"]
    assert "nobody dropped out after session 9" in rows["reason"].iloc[0]
