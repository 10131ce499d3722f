"""A plan whose formulas cannot be read is told so before anything runs."""

import pytest

from attunement.study.problems import StudyError
from attunement.study.readable import check_readable, filled
from attunement.study.specification import Specification


def model(**changes) -> Specification:
    choices = {
        "dataset": "small",
        "name": "own",
        "question": "?",
        "estimand": "e",
        "rows": "occasions",
        "outcome": "ors.total",
        "formula": "outcome ~ time",
        "outcome_scale": "raw",
    }
    return Specification(**(choices | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"formula": "outcome ~ 0 + C(time) + C(time):arm", "random": (("client", "1 || time"),)},
        {"formula": "np.log2(outcome + 5/60) ~ poly(time, 2) + bs(x, df=4)"},
        {"formula": "event ~ arm", "link": "logit"},
        {"formula": "event ~ arm", "link": "cloglog", "rows": "landmark"},
        {"formula": "delivery ~ session", "analysis": "responsiveness"},
    ],
)
def test_what_can_be_read_passes(changes):
    check_readable(model(**changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"formula": "time + arm"}, "without an outcome"),
        ({"formula": "~ time"}, "without an outcome"),
        ({"formula": "outcome ~ time + (1 | client)"}, "random effects in its formula.*`random`"),
        ({"formula": "outcome ~ time +"}, "has a formula that cannot be read, time"),
        ({"random": (("client", "1 + (time"),)}, "random of client that cannot be read"),
        ({"therapist_terms": "a *"}, "therapist_terms that cannot be read"),
        ({"formula": "event ~ time"}, "no link.*link: logit"),
        ({"rows": "person_periods"}, "no link.*link: logit"),
        ({"link": "logit"}, "explains 'outcome'.*Write `event"),
        ({"formula": "log(outcome) ~ x", "outcome_scale": "sd"}, "outcome_scale: raw"),
    ],
)
def test_what_cannot_is_refused_with_the_way_out(changes, said):
    with pytest.raises(StudyError, match=said) as told:
        check_readable(model(**changes))
    assert "config.yaml" in str(told.value) and "own" in str(told.value)


def test_an_unknown_name_in_braces_is_told_with_those_known():
    assert filled("event ~ {covariates}", {"covariates": "age"}) == "event ~ age"
    with pytest.raises(StudyError, match=r"{covariate}.*'covariate'.*Known: {covariates}"):
        filled("event ~ {covariate}", {"covariates": "age"})
