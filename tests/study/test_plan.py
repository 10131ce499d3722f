"""From the plan to specifications: one per outcome, scoring, definition and informant."""

from pathlib import Path

import pytest

from attunement.study.config import Config, load_config
from attunement.study.contracts import DROPOUT_DEFINITIONS
from attunement.study.dataset import Dataset, load_dataset
from attunement.study.instruments import Instrument, load_instruments
from attunement.study.plan import dimensions, improvement, specifications
from attunement.study.problems import StudyError


@pytest.fixture(scope="module")
def config(repository: Path) -> Config:
    return load_config(repository / "config.yaml")


@pytest.fixture(scope="module")
def instruments(repository: Path) -> dict[str, Instrument]:
    return load_instruments(repository / "data/instruments")


@pytest.fixture(scope="module", params=["example", "beat_the_blues", "reframed"])
def dataset(request: pytest.FixtureRequest, repository: Path) -> Dataset:
    return load_dataset(repository / "data" / request.param / "dataset.yaml")


@pytest.fixture(scope="module")
def example(repository: Path) -> Dataset:
    return load_dataset(repository / "data/example/dataset.yaml")


def test_names_are_unique_and_every_formula_is_filled_in(
    config: Config, dataset: Dataset, instruments: dict[str, Instrument]
) -> None:
    planned = specifications(config, dataset, instruments)
    names = [specification.name for specification in planned]
    assert len(set(names)) == len(names)
    for specification in planned:
        assert "{" not in specification.formula + specification.therapist_terms
        assert specification.dataset == dataset.name
        assert specification.metric in ("b", "OR", "hOR", "HR")


def test_each_planned_model_becomes_the_product_of_its_choices(
    config: Config, example: Dataset, instruments: dict[str, Instrument]
) -> None:
    planned = specifications(config, example, instruments)
    outcomes = 1 + len(example.outcomes.secondary)
    growth = [one for one in planned if one.name.startswith("growth.")]
    assert len(growth) == outcomes * 2 * len(config.plan["growth"].informants)
    hazards = {one.dropout_definition for one in planned if one.name.startswith("hazard.")}
    # Left below the expected trajectory rests on an estimated model: no hazard of it is planned.
    assert hazards == set(DROPOUT_DEFINITIONS) - {"below_expected"}


def test_all_definitions_of_dropout_are_all(
    config: Config, example: Dataset, instruments: dict[str, Instrument]
) -> None:
    every = config.plan["hazard"].model_copy(update={"dropout_definitions": ["all"]})
    planned = specifications(
        config.model_copy(update={"plan": {"hazard": every}}), example, instruments
    )
    assert {one.dropout_definition for one in planned} == set(DROPOUT_DEFINITIONS)


def test_what_is_confirmatory_was_chosen(
    config: Config, example: Dataset, instruments: dict[str, Instrument]
) -> None:
    growth = [s for s in specifications(config, example, instruments) if "growth." in s.name]
    chosen = [one for one in growth if one.role == "confirmatory"]
    assert [(one.outcome, one.scoring, one.informant) for one in chosen] == [
        (example.outcomes.primary, "distance", "client")
    ]
    assert chosen[0].name == f"growth.{example.outcomes.primary.replace('.', '_')}.distance"


def test_a_model_of_accommodation_holds_both_main_effects(
    config: Config, example: Dataset, instruments: dict[str, Instrument]
) -> None:
    dims = dimensions(example, instruments)
    assert len(dims) == 4
    planned = specifications(config, example, instruments)
    # Curves by accommodation fit nothing: a description, called unadjusted wherever it is shown.
    described = [s for s in planned if s.analysis == "cumulative_incidence"]
    assert {s.family for s in described} == {"description"}
    # Where groups are compared in accommodation itself it is the outcome, not an index.
    with_scoring = [
        s for s in planned if s.scoring and s not in described and s.analysis != "equity"
    ]
    assert with_scoring
    for specification in with_scoring:
        assert specification.needs_accommodation
        if specification.scoring == "type_matched":
            # Types lie on no dimension: the bare index, and the estimand must say so.
            assert "bare index" in specification.estimand
            assert specification.dimensions == ()
            continue
        assert specification.dimensions == (dims if specification.dimension == "all" else (
            specification.dimension,
        ))  # fmt: skip
        for dim in specification.dimensions:
            if specification.scoring == "signed_gap":
                # Delivery is preference plus the two sides of the gap: the three hold it.
                assert "too_much" in specification.formula
                assert "too_little" in specification.formula
            else:
                assert f"delivery_{dim}" in specification.formula, specification.name
            if specification.rows != "next_session" or "between" in specification.formula:
                assert f"preference_{dim}" in specification.formula, specification.name


def test_settings_over_what_a_dataset_declares_make_a_specification_each(
    config: Config, example: Dataset, instruments: dict[str, Instrument]
) -> None:
    planned = specifications(config, example, instruments)
    mediators = [
        s.setting("mediator")
        for s in planned
        if s.name.startswith("mediation_within.") and s.informant == "client"
    ]
    assert mediators == example.process
    moderated = {
        s.setting("moderator"): s for s in planned if s.analysis == "moderation" and s.scoring
    }
    assert set(moderated) == {
        "preference_strength",
        "outcome_first",
        *example.moderators,
        *example.groups,
        *example.process,
    }
    assert "* srs_total" in moderated["srs.total"].formula
    assert {s.seed for s in planned} == {config.seed}
    assert {s.smallest_group for s in planned} == {config.limits.clients_for_a_group}
    assert {s.events_for_a_predictor for s in planned} == {2}


def test_what_a_dataset_does_not_declare_keeps_one_entry_that_says_so(
    config: Config, repository: Path, instruments: dict[str, Instrument]
) -> None:
    blues = load_dataset(repository / "data/beat_the_blues/dataset.yaml")
    planned = specifications(config, blues, instruments)
    mediations = [s for s in planned if s.name.startswith("mediation_within.")]
    assert [s.setting("mediator") for s in mediations] == [""] * len(
        config.plan["mediation_within"].informants
    )


def test_a_dataset_without_preferences_has_no_dimension(
    repository: Path, instruments: dict[str, Instrument]
) -> None:
    blues = load_dataset(repository / "data/beat_the_blues/dataset.yaml")
    assert dimensions(blues, instruments) == ()


def test_direction_comes_from_the_instrument_or_the_rating(
    example: Dataset, instruments: dict[str, Instrument]
) -> None:
    assert improvement("ors.total", example, instruments) == 1
    assert improvement("phq9.total", example, instruments) == -1
    with pytest.raises(StudyError, match=r"'mood\.total' of dataset 'example' belongs to no known"):
        improvement("mood.total", example, instruments)


def test_scorings_bring_what_their_models_hold(
    config: Config, example: Dataset, instruments: dict[str, Instrument]
) -> None:
    """The third group where there is one; types lie on no dimension; delivery only if rated."""
    planned = {s.name: s for s in specifications(config, example, instruments)}
    hazard = "scorings_hazard.therapist_judgement"
    assert "no_strong_preference" in planned[f"{hazard}.strong_sign"].formula
    assert "no_strong_preference" not in planned[f"{hazard}.rated"].formula
    assert "delivery_td_cd_past" in planned[f"{hazard}.rated"].formula
    types = planned["types_hazard.therapist_judgement.type_matched"]
    assert types.dimensions == ()
    assert "no_strong_preference" in types.formula
    gaps = [s for name, s in planned.items() if name.startswith("gaps.")]
    assert [s.dimensions for s in gaps] == [("td_cd",), ("ei_er",), ("po_pr",), ("ws_fc",)]
    assert "preference_td_cd_between" in gaps[0].formula
    assert all(s.role == "exploratory" for s in [types, *gaps])
    bare = example.model_copy(update={"delivery": None})
    alone = {s.name: s for s in specifications(config, bare, instruments)}[f"{hazard}.rated"]
    assert alone.dimensions == ()
    assert "delivery_" not in alone.formula
    from formulaic import Formula

    for name, one in {s.name: s for s in specifications(config, bare, instruments)}.items():
        if one.scoring in ("rated", "type_matched"):
            assert Formula(one.formula).required_variables, name
            assert Formula(f"outcome ~ {one.therapist_terms or 1}").required_variables, name


def test_covariates_of_therapists_are_filled_in_and_focal(
    config: Config, dataset: Dataset, instruments: dict[str, Instrument]
) -> None:
    planned = specifications(config, dataset, instruments)
    one = next(s for s in planned if s.analysis == "therapist_covariates" and s.rows == "occasions")
    declared = list(dataset.therapists.covariates) if dataset.therapists else []
    named = tuple(f"therapist_{name}" for name in declared)
    assert one.therapist_covariates == named
    if not declared:
        assert list(one.focal) == ["time:therapist_covariates"]
        return
    assert list(one.focal) == [f"time:{name}" for name in named]
    assert one.therapist_terms == f"time * ({' + '.join(named)})"
    assert one.level_of(f"time:{named[0]}[T.other]") == "therapist"
    assert one.level_of(named[0]) == "-"


def test_what_is_random_in_an_analysis_has_the_seed_of_the_run(
    config: Config, example: Dataset, instruments: dict[str, Instrument]
) -> None:
    planned = specifications(config, example, instruments)
    one = next(s for s in planned if s.analysis == "responsiveness")
    assert one.setting("seed") == str(config.seed)
    assert one.outcome == "delivery"
    assert not any(s.setting("seed") for s in planned if s.analysis == "model")
