"""What the sentences may say, and what never."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from attunement.report import words
from attunement.report.answers import answers, explained, focal, sentence
from attunement.report.pieces import Released
from attunement.study.contracts import conform

ROW = {
    "specification": "growth.phq9",
    "term": "time:accommodation_between",
    "level": "between",
    "metric": "b",
    "direction": "above 0: better outcome",
    "estimate": 0.14,
    "se": 0.05,
    "df": 100.0,
    "p": 0.004,
    "p_adjusted": 0.008,
    "ci_low": 0.04,
    "ci_high": 0.24,
    "status": "estimated",
    "reason": None,
}
RATIO = {
    "term": "accommodation_past",
    "level": "-",
    "metric": "hOR",
    "direction": "below 1: less dropout",
    "estimate": 0.75,
    "ci_low": 0.6,
    "ci_high": 0.93,
}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "showed faster improvement: b = 0.14, 95% CI [0.04, 0.24], p = .008 (Holm)."),
        (
            {"estimate": -0.14, "ci_low": -0.24, "ci_high": -0.04},
            "showed slower improvement: b = \u22120.14",
        ),
        ({"term": "accommodation_between"}, "showed better outcome"),
        (RATIO, "Clients whose wishes had been met more so far showed less dropout: hOR = 0.75"),
        (
            RATIO | {"estimate": 1.3, "ci_low": 1.1, "ci_high": 1.6},
            "showed more dropout: hOR = 1.30",
        ),
        (
            {"term": "accommodation_within", "level": "within"},
            "more than usual for that client were followed by better outcome",
        ),
        ({"term": "time", "level": "within"}, "The outcome improved over time"),
    ],
)
def test_direction_in_words(simulated: Released, changes: dict, said: str) -> None:
    assert said in sentence(ROW | changes, simulated)


def test_an_association_is_named_one(simulated: Released) -> None:
    assert "This is an association." in sentence(ROW, simulated)


@pytest.mark.parametrize("changes", [{}, RATIO])
def test_a_null_is_inconclusive(simulated: Released, changes: dict) -> None:
    text = sentence(ROW | changes | {"p_adjusted": 0.2}, simulated)
    assert text.startswith("Inconclusive: ")
    assert "no effect" not in text


def test_the_adjusted_p_decides(simulated: Released) -> None:
    assert sentence(ROW | {"p": 0.01, "p_adjusted": 0.06}, simulated).startswith("Inconclusive")


def test_no_sentence_claims_a_proof_or_a_cause(simulated: Released) -> None:
    for changes in ({}, RATIO, {"p_adjusted": 0.5}, {"estimate": -0.2}):
        text = sentence(ROW | changes, simulated).lower()
        assert not re.search(r"\b(proves?|proved|proof|causes?|because|significant)\b", text)


def test_warnings_of_the_fit_are_said(simulated: Released) -> None:
    assert "boundary" in sentence(ROW | {"status": "singular"}, simulated)
    assert "do not rely" in sentence(ROW | {"status": "not converged"}, simulated)


def test_questions_without_an_answer_stand_apart(simulated: Released) -> None:
    answered, unanswered = answers(simulated)
    assert [question for question, _ in answered] == ["Question of growth?", "Question of hazard?"]
    assert unanswered == [("Question of change?", "no event")]
    assert answered[0][1][0].startswith("PHQ-9, distance. Clients whose wishes")


def test_arms_are_compared_with_the_reference(simulated: Released) -> None:
    trial = Released(
        simulated.tables, simulated.about | {"arm": "arm", "arm_levels": ["usual", "new"]}
    )
    arm = ROW | {"term": "time:arm[T.new]", "p_adjusted": 0.3}
    text = sentence(arm, trial)
    assert "clients in new, compared with those in usual, may show faster or slower" in text
    start = sentence(ROW | {"term": "arm[T.new]"}, bounded(trial, arm))
    assert start.startswith("At the start, clients in new, compared with those in usual,")
    assert "association" not in start
    # Of a model without that interaction it is the difference over all assessments.
    all_along = sentence(ROW | {"term": "arm[T.new]"}, trial)
    assert all_along.startswith("Clients in new, compared with those in usual, showed better")


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ("time:accommodation_between", "time \u00d7 accommodation (between clients)"),
        ("preference_ws_fc", "preference, warm support vs focused challenge"),
        ("delivery_ws_fc_past", "delivery, warm support vs focused challenge (so far)"),
        ("baseline[T.2: 3 to 5]", "baseline: 3 to 5"),
        ("time:arm[T.a:b]", "time \u00d7 arm: a:b"),
        ("C(period)[T.8.0]", "period: 8"),
        ("C(dose)[T.0.5]", "dose: 0.5"),
        ("Intercept", "intercept"),
    ],
)
def test_terms_in_words(simulated: Released, term: str, said: str) -> None:
    assert words.term(term, simulated.about) == said


def test_withheld_estimates_are_not_told(simulated: Released) -> None:
    row = ROW | {"status": "withheld", "estimate": pd.NA, "reason": "withheld: fewer than 10"}
    assert sentence(row, simulated) == "Cannot be estimated: withheld: fewer than 10."


def _hazard(simulated: Released, rows: list[dict]) -> Released:
    fixed = {"dataset": "small", "specification": "hazard.therapist_judgement"} | RATIO
    fixed |= {"role": "confirmatory", "scale": "ratio", "p": 0.01, "status": "estimated"}
    held = conform(pd.DataFrame([fixed | row for row in rows]), "estimates")
    return replace(simulated, tables={**simulated.tables, "estimates": held})


def test_what_was_not_asked_for_may_be_withheld_without_a_word(simulated: Released) -> None:
    hidden = dict.fromkeys(["estimate", "ci_low", "ci_high", "p"])
    hidden |= {"status": "withheld", "reason": "withheld: fewer than 10"}
    levels = [hidden | {"term": term} for term in ("Intercept", "baseline[T.2: 2 to 3]", "age")]
    answered, unanswered = answers(_hazard(simulated, [*levels, {}]))
    assert unanswered == []
    ((_, said),) = answered
    assert len(said) == 1
    assert "hOR = 0.75" in said[0]
    # All of it withheld: said once, of what was asked for, or of the model as a whole.
    for rows in ([*levels, hidden], levels):
        answered, unanswered = answers(_hazard(simulated, rows))
        assert answered == []
        ((_, reason),) = unanswered
        assert reason == "withheld: fewer than 10"


BOUNDS = {"d": 0.14, "source": "somebody", "within": None, "hazard_odds_ratio": None}
NULL = {"estimate": 0.01, "ci_low": -0.05, "ci_high": 0.07, "p": 0.7, "p_adjusted": 0.7}
NULL |= {"ci90_low": -0.04, "ci90_high": 0.06, "bound": 0.0698}


def bounded(simulated: Released, *rows: dict, **declared: float) -> Released:
    about = simulated.about | {"bounds": BOUNDS | declared}
    made = [{"dataset": "small", "role": "confirmatory", "scale": "sd"} | row for row in rows]
    table = conform(pd.DataFrame(made), "estimates") if rows else simulated.table("estimates")
    return Released(simulated.tables | {"estimates": table}, about)


def test_no_meaningful_effect_names_the_bound_and_the_interval(simulated: Released) -> None:
    row = ROW | NULL | {"verdict": "no meaningful effect"}
    text = sentence(row, bounded(simulated))
    assert text.startswith("No meaningful effect: clients whose wishes were met more")
    assert "did not show slower or faster improvement beyond d = 0.14" in text.replace(
        "faster or slower", "slower or faster"
    )
    assert "90% CI [\u22120.040, 0.060] within [\u22120.070, 0.070]." in text
    hazard = ROW | RATIO | NULL | {"estimate": 1.01, "ci_low": 0.95, "ci_high": 1.07}
    hazard |= {"ci90_low": 0.96, "ci90_high": 1.06, "bound": 1.2, "verdict": "no meaningful effect"}
    text = sentence(hazard, bounded(simulated, hazard_odds_ratio=1.2))
    assert "beyond the declared hOR = 1.20" in text
    assert "within [0.83, 1.20]" in text
    within = row | {"term": "accommodation_within", "level": "within", "bound": 0.05}
    text = sentence(within, bounded(simulated, within=0.05))
    assert "beyond the declared b = 0.05" in text


def test_what_has_no_bound_is_not_called_inconclusive(simulated: Released) -> None:
    row = ROW | {"term": "accommodation_within", "level": "within", "p_adjusted": 0.4}
    row |= {"verdict": "no bound declared", "specification": "lagged.phq9"}
    assert sentence(row, simulated).startswith("Not shown: sessions in which the client")
    time = {"term": "time", "level": "within", "p_adjusted": 0.4, "verdict": "no bound declared"}
    assert sentence(row | time, simulated).startswith("Not shown: the outcome may have improved")


def test_the_link_of_d_to_the_bounds_is_explained(simulated: Released) -> None:
    unclear = ROW | NULL | {"verdict": "inconclusive"}
    free = ROW | {"term": "time", "p_adjusted": 0.4, "verdict": "no bound declared"}
    (text,) = explained(bounded(simulated, unclear, free))
    assert "d = 0.14 between two groups, declared in advance (somebody)" in text
    assert "r = d / \u221a(d\u00b2 + 4) = .070" in text
    assert "its bounds are b [\u22120.070, 0.070]" in text
    assert "no bound is declared" in text
    contrast = unclear | {"term": "time:arm[T.new]", "bound": 0.14}
    (text,) = explained(bounded(simulated, contrast))
    assert "\u221a" not in text


def test_a_unit_that_is_not_the_usual_one_is_told_in_the_sentence(simulated: Released) -> None:
    raw = ROW | {"scale": "raw", "outcome": "phq9.total"}
    assert "p = .008 (Holm) (points of PHQ-9)." in sentence(raw, simulated)
    (text,) = explained(bounded(simulated, raw))
    assert "standard deviations of the first score" not in text


@pytest.mark.parametrize(
    ("term", "clear", "said"),
    [
        ("age", True, "A higher value of age was associated with better outcome: b = 0.14"),
        ("age", False, "Inconclusive: a higher value of age may be associated with better or"),
        ("time:age", True, "A higher value of age was associated with faster improvement"),
        (
            "gender[T.man]",
            True,
            "Gender: man, against the reference category, was associated with better outcome",
        ),
        (
            "age:accommodation_between",
            True,
            "The product of age and accommodation (between clients) (an interaction",
        ),
    ],
)
def test_terms_of_the_reader_have_a_neutral_sentence(
    simulated: Released, term: str, clear: bool, said: str
) -> None:
    row = ROW | {"specification": "mine.phq9", "term": term, "p_adjusted": 0.01 if clear else 0.5}
    text = sentence(row, simulated)
    assert text.startswith(said)
    assert "showed" not in text


def test_a_main_effect_beside_its_interaction_is_conditional(simulated: Released) -> None:
    mine = ROW | {"specification": "mine.phq9"}
    main = mine | {"term": "accommodation_between"}
    others = [mine | {"term": f"accommodation_between:{name}"} for name in ("age", "gender[T.man]")]
    text = sentence(main, bounded(simulated, main, *others))
    assert "it holds where age is 0 and in the reference category of gender." in text
    assert "it holds" not in sentence(main, bounded(simulated, main))
    assert "it holds" not in sentence(others[0], bounded(simulated, main, *others))
    # Said already of arms: the course of the arm of reference, the difference at the start.
    arms = [mine | {"term": term} for term in ("time", "arm[T.new]", "time:arm[T.new]")]
    trial = bounded(simulated, *arms)
    trial = Released(trial.tables, trial.about | {"arm": "arm", "arm_levels": ["usual", "new"]})
    assert not any("it holds" in sentence(row, trial) for row in arms)


def test_a_verdict_in_words_is_the_sentence(simulated: Released) -> None:
    row = ROW | {"term": "congruence", "metric": "verdict", "estimate": 0.0}
    row |= {"reason": "no congruence effect shown: main effects of delivery"}
    said = "No congruence effect shown: main effects of delivery."
    assert sentence(row, simulated) == said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "hOR = odds ratio of dropout, below 1 is less dropout"),
        ({"metric": "HR"}, "HR = hazard ratio of dropout, below 1 is less dropout"),
        (
            {"metric": "OR", "direction": "above 1: better outcome"},
            "OR = odds ratio, above 1 is better",
        ),
        (
            {"metric": "OR", "direction": "above 1: more often"},
            "OR = odds ratio, above 1 is more often",
        ),
    ],
)
def test_ratios_are_of_what_the_model_explains(
    simulated: Released, changes: dict, said: str
) -> None:
    assert explained(_hazard(simulated, [changes]))[0].startswith(f"{said}; of accommodation")


def test_categories_without_a_level_are_focal_where_the_plan_names_them(
    simulated: Released,
) -> None:
    named = {"name": "mine.phq9", "focal": ["period"]}
    told = replace(simulated, about={**simulated.about, "specifications": [named]})
    one = {"specification": "mine.phq9", "level": "-", "metric": "OR"}
    rows = [one | {"term": term} for term in ("period[T.2]", "period[T.3]", "Intercept")]
    assert len(focal(pd.DataFrame(rows), told)) == 2
