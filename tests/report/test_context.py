"""In context: what stands beside published effects, what does not, and the words for it."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from attunement.report import Released, render, run
from attunement.report.beside import inside, own_effects, their_effects
from attunement.report.pieces import Grid, Missing, Picture
from attunement.report.sections.context import context, sentence
from attunement.study.contracts import conform
from attunement.study.published import load_published

PUBLISHED = Path("data/published/effects.csv")


@pytest.fixture(scope="module")
def published(repository: Path) -> pd.DataFrame:
    return load_published(repository / PUBLISHED)


def row(specification: str, term: str, **changes) -> dict[str, object]:
    """A row of `estimates` of accommodation."""
    return {
        "dataset": "small",
        "specification": specification,
        "role": "confirmatory",
        "outcome": "phq9.total",
        "scoring": "distance",
        "term": term,
        "level": "between",
        "metric": "b",
        "scale": "sd",
        "direction": "above 0: better outcome",
        "informant": "delivery: client; outcome: client (same informant)",
        "estimate": 0.14,
        "se": 0.05,
        "df": 120.4,
        "p": 0.004,
        "ci_low": 0.04,
        "ci_high": 0.24,
        "status": "estimated",
    } | changes


LANDMARK = {
    "dropout_definition": "therapist_judgement",
    "outcome": "dropout",
    "level": "-",
    "metric": "OR",
    "scale": "ratio",
    "direction": "below 1: less dropout",
    "estimate": 0.8,
    "se": 0.1,
    "df": None,
    "ci_low": 0.8 * math.exp(-0.196),
    "ci_high": 0.8 * math.exp(0.196),
}


def told(simulated: Released, published: pd.DataFrame, *rows: dict[str, object]) -> Released:
    """Released tables with these estimates only."""
    named = [
        simulated.about["specifications"][-1]
        | {"name": one["specification"], "focal": [one["term"]]}
        for one in rows
    ]
    about = simulated.about | {
        "specifications": named,
        "bounds": {"d": 0.14, "source": "somebody"},
    }
    estimates = conform(pd.DataFrame(list(rows)), "estimates")
    return Released(simulated.tables | {"estimates": estimates}, about, published)


def test_a_slope_between_clients_becomes_the_d_of_its_correlation(simulated, published) -> None:
    found = own_effects(told(simulated, published, row("change.phq9", "accommodation_between")))
    shown = found[0].shown
    assert shown.metric == "d"
    assert shown.estimate == pytest.approx(2 * 0.14 / math.sqrt(1 - 0.14**2))
    assert shown.high == pytest.approx(2 * 0.24 / math.sqrt(1 - 0.24**2))
    # t at 120.4 df: 1.658 for 90%
    assert found[0].narrow[0] == pytest.approx(2 * (0.14 - 1.6576 * 0.05), abs=1e-3)


def test_a_latent_estimate_is_a_row_of_its_own(simulated, published) -> None:
    rows = [row(name, "accommodation_between") for name in ("change.phq9", "change_latent.phq9")]
    released = told(simulated, published, *rows)
    released.about["specifications"][1]["settings"] = {"client_means": "latent"}
    section = context(released)
    assert section is not None
    grid = next(p for p in section.parts if isinstance(p, Grid) and "This study" in p.caption)
    assert not any("reliability" in head for head in grid.heads)
    how = [line[grid.heads.index("How")] for line in grid.rows]
    assert [said.startswith("b per SD of the latent level") for said in how] == [False, True]


def test_only_the_standardised_odds_ratio_stands_there(simulated, published) -> None:
    conditional = row("landmark.therapist_judgement", "accommodation_past", **LANDMARK)
    marginal = row("standardised.therapist_judgement", "high_vs_low", **LANDMARK)
    found = own_effects(told(simulated, published, conditional, marginal))
    assert [one.row["specification"] for one in found] == ["standardised.therapist_judgement"]
    assert found[0].shown.estimate == pytest.approx(0.8)
    assert found[0].narrow[0] == pytest.approx(0.8 * math.exp(-1.6449 * 0.1), rel=1e-4)


@pytest.mark.parametrize("definition", ["no_reliable_change", "below_expected"])
def test_leaving_defined_by_the_outcome_has_no_place_there(
    simulated, published, definition
) -> None:
    changes = LANDMARK | {"dropout_definition": definition}
    made = row(f"standardised.{definition}", "high_vs_low", **changes)
    assert own_effects(told(simulated, published, made)) == []


def test_a_moderator_and_an_indirect_effect_have_no_place_there(simulated, published) -> None:
    released = told(simulated, published, row("moderation.x", "accommodation_between"))
    named = [one | {"analysis": "moderation"} for one in released.about["specifications"]]
    apart = released.about | {"specifications": named}
    assert own_effects(Released(released.tables, apart, published)) == []
    assert len(own_effects(released)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"level": "within"},
        {"level": "therapist"},
        {"scale": "raw"},
        {"direction": "above 0: higher score"},
        {"outcome": "other.total"},  # not the primary one
        {"scoring": None},
        {"estimate": None},
        {"estimate": 1.2},  # no correlation
        LANDMARK | {"metric": "hOR"},
        LANDMARK | {"metric": "HR"},
    ],
)
def test_what_has_no_place_beside_published_effects(simulated, published, changes) -> None:
    made = row("change.phq9", "accommodation_between") | changes
    assert own_effects(told(simulated, published, made)) == []


@pytest.mark.parametrize(
    ("estimate", "se", "p", "said"),
    [
        (0.01, 0.02, 0.6, "no meaningful effect"),
        (0.01, 0.20, 0.9, "inconclusive"),
        (0.30, 0.05, 0.001, "association with better outcome"),
        (-0.30, 0.05, 0.001, "association with worse outcome"),
        (0.03, 0.01, 0.004, "association with better outcome, too small to matter"),
    ],
)
def test_a_null_needs_a_word(simulated, published, estimate, se, p, said) -> None:
    limits = {"ci_low": estimate - 1.96 * se, "ci_high": estimate + 1.96 * se}
    made = row("change.phq9", "accommodation_between", estimate=estimate, se=se, p=p, **limits)
    assert own_effects(told(simulated, published, made))[0].word(0.14) == said


def test_bounds_of_an_odds_ratio_are_those_of_d_on_its_logarithm(simulated, published) -> None:
    # d = .14 is an odds ratio of 1.29; the 90% interval of this one reaches from .85 to 1.18.
    near = LANDMARK | {"estimate": 1.0, "ci_low": 0.82, "ci_high": 1.22, "se": 0.10, "p": 0.99}
    found = own_effects(told(simulated, published, row("standardised.x", "high_vs_low", **near)))
    assert found[0].word(0.14) == "no meaningful effect"
    assert found[0].word(0.05) == "inconclusive"
    ratio = near | {"metric": "RR"}
    found = own_effects(told(simulated, published, row("standardised.x", "high_vs_low", **ratio)))
    assert found[0].word(0.14) == "inconclusive"  # a risk ratio has no bound without a base risk


def test_without_error_or_convergence_no_null_is_claimed(simulated, published) -> None:
    made = row("change.phq9", "accommodation_between", estimate=0.0, se=None, p=None)
    assert own_effects(told(simulated, published, made))[0].word(0.14) == "inconclusive"
    made = row("change.phq9", "accommodation_between", status="not converged")
    assert own_effects(told(simulated, published, made))[0].word(0.14) == "the fit did not converge"


def test_published_effects_stand_in_one_direction(published: pd.DataFrame) -> None:
    leaving = their_effects(published, "OR")
    assert {str(one.row["id"]) for one in leaving} == {
        "swift_2011_dropout",
        "lindhiem_2014_completion",
        "swift_2018_dropout",
        "eigenhuis_2024_adherence",
        "bennett_2025_completion",
        "johnson_2025_dropout",
    }
    assert all(one.shown.estimate < 1 for one in leaving)
    assert [str(one.row["id"]) for one in their_effects(published, "RR")] == ["windle_2020_dropout"]
    clinical = their_effects(published, "d")
    assert all(one.shown.estimate > 0 for one in clinical)
    first = next(one for one in clinical if one.row["metric"] == "r")
    assert first.converted
    assert first.shown.estimate == pytest.approx(0.3034, abs=1e-4)


def test_overlapping_reviews_are_flagged_and_nothing_is_pooled(simulated, published) -> None:
    section = context(told(simulated, published, row("change.phq9", "accommodation_between")))
    assert section is not None
    picture = next(part for part in section.parts if isinstance(part, Picture))
    assert "Swift et al. 2018\u2020" in picture.alt
    assert "Lindhiem et al. 2014\u2020" in picture.alt
    assert "Windle et al. 2020" not in picture.alt  # no risk ratio of this study beside it
    assert "not pooled" in picture.caption
    grid = next(p for p in section.parts if isinstance(p, Grid) and "Published" in p.caption)
    swift = next(line for line in grid.rows if line[0] == "Swift et al. 2018" and "OR" in line[3])
    assert swift[3] == "OR 1.79"
    assert swift[4] == "OR = 0.56, dropout"


def test_the_sentence_names_what_its_interval_holds(simulated, published) -> None:
    released = told(simulated, published, row("change.phq9", "accommodation_between"))
    own = own_effects(released)[0]
    theirs = their_effects(published, "d")
    held, others = inside(own, theirs)
    assert {str(one.row["id"]) for one in others} == {"eigenhuis_2024_outcome"}
    said = sentence(own, theirs, released)
    assert "association with better outcome" in said
    assert "declared bounds" not in said
    assert "outside its 95% interval: Eigenhuis et al. 2024 (0.06)" in said
    assert len(held) == len(theirs) - 1


def test_a_null_names_its_bounds_and_where_they_come_from(simulated, published) -> None:
    null = {"estimate": 0.01, "se": 0.02, "p": 0.6, "ci_low": -0.03, "ci_high": 0.05}
    released = told(simulated, published, row("change.phq9", "accommodation_between", **null))
    said = sentence(own_effects(released)[0], their_effects(published, "d"), released)
    assert "no meaningful effect (the 90% interval [\u22120.05, 0.09] lies inside" in said
    assert "[\u22120.14, 0.14], declared bounds; somebody)" in said


def test_labels_leave_room_for_the_numbers(simulated, published) -> None:
    long = LANDMARK | {"dropout_definition": "protocol_not_completed"}
    released = told(simulated, published, row("a_model_of_ones_own.x", "high_vs_low", **long))
    section = context(released)
    assert section is not None
    picture = next(part for part in section.parts if isinstance(part, Picture))
    assert "This study, A model of ones own: protocol not compl\u2026: 0.80" in picture.alt


def test_a_study_without_accommodation_says_why(nothing: Released, published: pd.DataFrame) -> None:
    section = context(Released(nothing.tables, nothing.about, published))
    assert section is not None
    assert isinstance(section.parts[0], Missing)
    assert not any(isinstance(part, Picture) for part in section.parts)


def test_the_page_holds_the_section_only_with_published_effects(
    simulated: Released, published: pd.DataFrame
) -> None:
    assert "In context" not in render(simulated)[0]
    made = row("change.phq9", "accommodation_between")
    page, figures = render(told(simulated, published, made))
    assert "In context" in page
    assert "context.svg" in figures
    assert render(told(simulated, published, made)) == (page, figures)


def test_the_stage_reads_the_file(folder: Path, repository: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "page", repository / PUBLISHED)
    assert "In context" in (tmp_path / "page" / "index.html").read_text("utf-8")
