"""Worlds: typed, sourced, changed by name; derived constants follow from the parameters."""

from pathlib import Path

import pytest

from attunement.simulate import derive, load_world, write_section
from attunement.study.problems import StudyError
from attunement.study.strict import read_yaml


def test_every_source_is_a_citation_or_assumed(world) -> None:
    for name, source in world.sources.items():
        known = source == "assumed" or "verified" in source or source.startswith("computed: ")
        assert known, f"{name}: {source}"


def test_derived_constants_are_those_of_the_world(world) -> None:
    assert derive(world) == world.derived


def test_a_parameter_is_changed_by_its_name(world) -> None:
    other = world.with_(therapists=12, accommodation_d=0.0, seed=3)
    assert (other.sizes.therapists, other.accommodation_effect, other.seed) == (12, 0.0, 3)
    assert other.derived == world.derived
    assert world.sizes.therapists == 60, "the first world is as it was"


def test_what_shapes_accommodation_makes_its_constants_anew(world) -> None:
    other = world.with_(responsiveness_mean=0.9)
    assert other.derived.accommodation_mean > world.derived.accommodation_mean + 0.02


def test_names_of_parameters_are_unique(world) -> None:
    names = [name.split(".")[1] for name in world.sources]
    assert len(names) == len(set(names))


def test_an_unknown_parameter_is_named(world) -> None:
    with pytest.raises(StudyError, match="no parameter 'therapist'"):
        world.with_(therapist=3)


def test_a_parameter_without_source_is_refused(example: Path, tmp_path: Path) -> None:
    text = (example / "world.yaml").read_text("utf-8")
    path = tmp_path / "world.yaml"
    path.write_text(text.replace("{value: 60, source: assumed}", "60"), "utf-8")
    with pytest.raises(StudyError, match=r"sizes\.therapists"):
        load_world(path)


def test_variances_add_up(world) -> None:
    outcome = world.outcome
    at_intake = (
        world.client_intercept_variance
        + world.covariate_variance
        + outcome.residual_variance
        + outcome.therapist_intercept_variance
    )
    assert at_intake == pytest.approx(1)
    of_therapists = outcome.therapist_intercept_variance + world.therapist_slope_variance
    assert of_therapists / world.equal_accommodation_variance == pytest.approx(0.05)
    direct, through = world.within_direct, world.deviation_to_alliance * outcome.alliance_effect
    assert direct == pytest.approx(through)
    assert direct + through == pytest.approx(outcome.within_total)
    assert outcome.within_total < world.accommodation_effect


def test_a_section_of_the_truth_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "truth.yaml"
    write_section(path, "targets", [{"term": "x", "target": 0.1}])
    write_section(path, "generating", {"seed": 1})
    assert read_yaml(path) == {"generating": {"seed": 1}, "targets": [{"term": "x", "target": 0.1}]}
    assert list(read_yaml(path)) == ["generating", "targets"]
