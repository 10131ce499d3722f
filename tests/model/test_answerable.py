"""What `check` asks: the analyses themselves, up to their first fit."""

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import FitError, fit_linear, fit_logistic
from attunement.mixed.fittable import linear_columns, logistic_columns
from attunement.model import analyse
from attunement.model.answerable import answerable
from attunement.model.asking import is_asked
from attunement.study.problems import NotEstimable

ONE_A_CLIENT = {"rows": "clients", "scoring": None, "informant": "", "random": (), "levels": ()}
QUESTIONS = {
    "growth": {},
    "dropout": {
        "rows": "person_periods", "dropout_definition": "therapist_judgement", "link": "logit",
        "formula": "event ~ accommodation_past", "df": "normal",
        "random": (("therapist", "1"),), "levels": (("accommodation_past", "-"),),
    },
    "few events": {
        "rows": "person_periods", "dropout_definition": "therapist_judgement", "link": "logit",
        "formula": "event ~ accommodation_past", "df": "normal", "random": (),
        "levels": (("accommodation_past", "-"),), "events_for_a_predictor": 100,
    },
    "nothing of types": ONE_A_CLIENT | {
        "analysis": "type_matched", "formula": "outcome ~ outcome_first",
    },
    "no mediator": {
        "analysis": "mediation", "rows": "clients", "settings": (("mediator", "srs.total"),),
        "formula": "outcome ~ outcome_first + accommodation_between",
        "levels": (("indirect", "between"),),
    },
    "few therapists": {
        "analysis": "therapist_variance", "scoring": None, "informant": "",
        "formula": "outcome ~ time", "levels": (("therapist_sd_level", "therapist"),),
    },
    "too many slopes": {
        "rows": "clients", "formula": "outcome ~ outcome_first + accommodation_between",
        "random": (("client", "1"),), "levels": (("accommodation_between", "between"),),
    },
    "twice the same": {
        "formula": "outcome ~ time + age + accommodation_between + I(2 * accommodation_between)",
        "levels": (("I(2 * accommodation_between)", "between"),),
    },
}  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_is_refused_before_a_fit_is_refused_in_the_same_words(question, tables, specify):
    asked = specify(**QUESTIONS[question])
    focal = dict(asked.levels)
    rows = analyse(tables, asked).estimates
    rows = rows[rows["term"].isin(focal)] if focal and rows["term"].isin(focal).any() else rows
    if (rows["status"] == "not estimable").all():
        with pytest.raises(NotEstimable) as refused:
            answerable(tables, asked)
        assert str(refused.value) == rows["reason"].iloc[0]
    else:
        found = answerable(tables, asked)
        assert (found.rows, found.clients) == (rows["n_obs"].iloc[0], rows["n_clients"].iloc[0])


def test_most_of_the_questions_above_are_refused_and_some_are_not(tables, specify):
    told = []
    for choices in QUESTIONS.values():
        try:
            told.append(answerable(tables, specify(**choices)).clients)
        except NotEstimable:
            told.append(0)
    assert [one > 0 for one in told] == [True, True, *[False] * 6]


def test_a_coefficient_that_is_left_out_is_named_where_others_are_told(tables, specify):
    asked = specify(
        therapist_terms="accommodation_therapist",
        levels=(
            ("time:accommodation_between", "between"),
            ("accommodation_therapist", "therapist"),
        ),
        minimum_therapists=30,
    )
    ((term, reason),) = answerable(tables, asked).lost
    assert term == "accommodation_therapist"
    assert reason == "4 therapists; differences between therapists need at least 30"


def test_asking_leaves_no_trace(tables, specify):
    answerable(tables, specify())
    assert not is_asked()
    with pytest.raises(NotEstimable):
        answerable(tables, specify(**QUESTIONS["no mediator"]))
    assert not is_asked()
    assert (analyse(tables, specify()).estimates["status"] != "not estimable").all()


def test_columns_are_those_of_the_fit():
    random = np.random.default_rng(3)
    rows = pd.DataFrame({"x": random.normal(size=60), "g": np.repeat(range(10), 6)})
    rows["twice"] = 2 * rows["x"]
    rows["y"] = rows["x"] + random.normal(size=60)
    rows["event"] = (rows["y"] > 0).astype(float)
    fitted = fit_linear("y ~ x + twice", rows, random={"g": "1"}).fixed["estimate"].notna()
    assert linear_columns("y ~ x + twice", rows, {"g": "1"}) == fitted.to_dict()
    fitted = fit_logistic("event ~ x + twice", rows, group="g").fixed["estimate"].notna()
    assert logistic_columns("event ~ x + twice", rows, "g") == fitted.to_dict()


@pytest.mark.parametrize("slopes", ["1 + x", "1 + x + z"])
def test_rows_that_do_not_carry_slopes_are_refused_alike(slopes):
    random = np.random.default_rng(4)
    rows = pd.DataFrame(random.normal(size=(20, 3)), columns=["x", "z", "y"])
    rows["g"] = np.repeat(range(10), 2)
    with pytest.raises(FitError) as fitting:
        fit_linear("y ~ x", rows, random={"g": slopes})
    with pytest.raises(FitError) as looking:
        linear_columns("y ~ x", rows, {"g": slopes})
    assert str(looking.value) == str(fitting.value)


def test_few_therapists_have_no_mean_over_dimensions(tables, specify):
    asked = specify(
        name="responsiveness",
        analysis="responsiveness",
        formula="delivery ~ session * (preference_between + preference_therapist)",
        random=(),
        levels=(("session:preference_between", "between"),),
    )
    with pytest.raises(NotEstimable, match="the mean over dimensions needs 10 therapists"):
        answerable(tables, asked)
