"""No index without what it is made of: what is called bare, and what is refused."""

from pathlib import Path

import pytest

from attunement.study.config import Config, PlannedModel, load_config
from attunement.study.confirmatory import is_bare, missing_main_effects, products_of
from attunement.study.dataset import Dataset, load_dataset
from attunement.study.instruments import Instrument, load_instruments
from attunement.study.plan import specifications
from attunement.study.problems import StudyError
from attunement.study.specification import Specification

WHOLE = "outcome ~ time * (accommodation_between + preference_a_between + delivery_a_between)"


def index(formula: str, **changes: object) -> Specification:
    return Specification(
        dataset="d", name="mine", question="?", estimand="!", rows="occasions", outcome="ors.total",
        scoring="distance", dimensions=("a",), formula=formula,
    ).model_copy(update=changes)  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "missing"),
    [
        (WHOLE, []),
        (WHOLE.replace("preference_a_between", "preference_a"), []),
        ("event ~ baseline + accommodation_past + preference_a + delivery_a_past", []),
        ("outcome ~ accommodation_between", ["preference_a_between", "delivery_a_between"]),
        # Main effects at another level, or without the product that the index stands in.
        (
            "outcome ~ accommodation_between + preference_a_between + delivery_a_within",
            ["delivery_a_between"],
        ),
        (
            "outcome ~ time * accommodation_between + preference_a_between + delivery_a_between",
            ["time:preference_a_between", "time:delivery_a_between"],
        ),
        ("accommodation ~ gender", []),  # the outcome, not an index
        ("outcome ~ preference_a + delivery_a", []),
    ],
)
def test_what_a_model_of_an_index_lacks(formula: str, missing: list[str]) -> None:
    assert sorted(missing_main_effects(index(formula))) == sorted(missing)


def test_the_two_sides_of_a_gap_hold_delivery_with_preference() -> None:
    gaps = "outcome ~ too_much_between + too_little_between + preference_a_between"
    assert not is_bare(index(gaps, scoring="signed_gap"))
    alone = index("outcome ~ too_much_between + preference_a_between", scoring="signed_gap")
    assert missing_main_effects(alone) == ["too_little_between"]


def test_terms_of_therapists_count_too() -> None:
    terms = {"therapist_terms": "accommodation_therapist"}
    assert missing_main_effects(index(WHOLE, **terms)) == [
        "preference_a_therapist",
        "delivery_a_therapist",
    ]


def test_without_dimensions_there_is_nothing_to_hold() -> None:
    assert not is_bare(index("outcome ~ accommodation_between", dimensions=(), scoring="rated"))
    assert is_bare(index("outcome ~ accommodation_between", dimensions=(), scoring="type_matched"))


def test_products_are_sets_of_factors() -> None:
    found = products_of("outcome ~ a * b")
    assert {frozenset({"a"}), frozenset({"b"}), frozenset({"a", "b"})} <= found
    assert products_of("outcome ~ (a") == set()


@pytest.fixture(scope="module")
def example(repository: Path) -> Dataset:
    return load_dataset(repository / "data/example/dataset.yaml")


@pytest.fixture(scope="module")
def instruments(repository: Path) -> dict[str, Instrument]:
    return load_instruments(repository / "data/instruments")


@pytest.fixture(scope="module")
def config(repository: Path) -> Config:
    return load_config(repository / "config.yaml")


def planned(config: Config, **changes: object) -> Config:
    """A plan of one model of the user's own."""
    mine = {
        "question": "?",
        "estimand": "Difference.",
        "rows": "clients",
        "outcomes": ["primary"],
        "scorings": ["distance"],
        "informants": ["client"],
        "formula": "outcome ~ outcome_first + accommodation_between",
        "levels": {"accommodation_between": "between"},
        "family": "mine",
    }
    return config.model_copy(update={"plan": {"mine": PlannedModel(**(mine | changes))}})


def test_an_exploratory_bare_index_is_called_one(
    config: Config, example: Dataset, instruments: dict[str, Instrument]
) -> None:
    (one,) = specifications(planned(config), example, instruments)
    assert one.estimand.startswith("Difference. A bare index: without preference_")
    (whole,) = specifications(
        planned(
            config,
            formula="outcome ~ accommodation_between + {preference_between} + {delivery_between}",
        ),
        example,
        instruments,
    )
    assert whole.estimand == "Difference."


def test_a_confirmatory_bare_index_is_refused_with_what_is_missing(
    config: Config, example: Dataset, instruments: dict[str, Instrument]
) -> None:
    with pytest.raises(StudyError, match=r"declared confirmatory.*without preference_\w+_between"):
        specifications(planned(config, confirmatory=True), example, instruments)


def test_a_confirmatory_model_names_what_it_is_about(
    config: Config, example: Dataset, instruments: dict[str, Instrument]
) -> None:
    with pytest.raises(StudyError, match="names no coefficient"):
        specifications(planned(config, confirmatory=True, levels={}), example, instruments)
