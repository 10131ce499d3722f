import pytest

from attunement.study.specification import Specification


def specification(**changes):
    choices = {
        "dataset": "trial",
        "name": "trajectory",
        "question": "?",
        "estimand": "e",
        "rows": "occasions",
        "outcome": "phq9.total",
        "formula": "outcome ~ time * arm",
        "arm": "arm",
        "levels": (("time", "within"),),
    }
    return Specification(**(choices | changes))


@pytest.mark.parametrize(
    ("rows", "term", "level"),
    [
        ("occasions", "time", "within"),
        ("occasions", "time:arm[T.new]", "between"),
        ("occasions", "arm[T.new]", "-"),  # a difference at the start is chance
        ("person_periods", "arm[T.new]", "between"),
        ("occasions", "armchair[T.new]", "-"),
        ("occasions", "Intercept", "-"),
    ],
)
def test_level_of_a_coefficient(rows, term, level):
    assert specification(rows=rows).level_of(term) == level


def test_a_description_asks_nothing_of_the_arm():
    assert specification(family="description").level_of("time:arm[T.new]") == "-"


@pytest.mark.parametrize(
    ("rows", "link", "metric"),
    [
        ("occasions", "identity", "b"),
        ("occasions", "logit", "OR"),
        ("occasions", "cloglog", "HR"),
        ("next_session", "logit", "OR"),
        ("clients", "cloglog", "HR"),
        ("person_periods", "logit", "hOR"),
        ("person_periods", "cloglog", "HR"),
        ("landmark", "logit", "OR"),
        ("landmark", "cloglog", "HR"),
    ],
)
def test_metric_follows_from_rows_and_link(rows, link, metric):
    assert specification(rows=rows, link=link).metric == metric


def test_a_category_answers_for_its_factor_whatever_its_level():
    asked = specification(levels=(("period", "-"), ("time:arm", "between")))
    assert asked.named_as("period[T.2]") == "period"
    assert asked.named_as("time:arm[T.new]") == "time:arm"
    assert asked.named_as("time:period[T.2]") is None
    assert asked.named_as("Intercept") is None
