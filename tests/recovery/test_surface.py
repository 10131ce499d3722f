"""Surfaces of a large study of the example's world, whose truth (world.yaml) is known."""

from pathlib import Path

import pandas as pd
import pytest

from attunement.challenge.known_truth import Project, in_memory
from attunement.model import analyse
from attunement.simulate import World
from attunement.study.plan import specifications

ROOT = Path(__file__).parents[2]
THERAPISTS = 500
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def estimates():
    """Rows of every planned surface, by specification and term."""
    project = Project(ROOT, "example")
    world = World.load(project.folder / "world.yaml")
    tables = in_memory(project, world, 7, therapists=THERAPISTS)
    planned = specifications(project.config, project.dataset, project.instruments)
    found = [analyse(tables, s).estimates for s in planned if s.analysis == "surface"]
    return pd.concat(found).set_index(["specification", "term"])


@pytest.mark.parametrize("dimension", ["td_cd", "ei_er", "po_pr", "ws_fc"])
@pytest.mark.parametrize("entry", ["surface", "surface_within"])
def test_outcome_falls_away_with_mismatch_on_every_dimension(estimates, entry, dimension):
    row = estimates.loc[f"{entry}.ors_total.{dimension}", :].loc["a4"]
    assert row["estimate"] < 0
    if entry == "surface":
        assert row["ci_high"] < 0


def test_preferring_support_goes_with_less_improvement(estimates):
    """The world's one main effect: clients who prefer challenge do better."""
    low = estimates["ci_high"].astype(float)
    assert low["surface.ors_total.ws_fc", "preference"] < 0
    for dimension in ("td_cd", "ei_er", "po_pr"):
        name = f"surface.ors_total.{dimension}", "preference"
        assert estimates.loc[name, "ci_low"] < 0 < estimates.loc[name, "ci_high"]


def test_what_a_bare_difference_assumes_is_contradicted_everywhere(estimates):
    for dimension in ("td_cd", "ei_er", "po_pr", "ws_fc"):
        name = f"surface.ors_total.{dimension}", "algebraic_difference_joint"
        assert estimates.loc[name, "p"] < 0.01


def test_the_ridge_is_not_steeper_than_agreement(estimates):
    """Preferences are measured with error, which tilts a ridge toward the axis of preference."""
    slopes = {
        dimension: estimates.loc[(f"surface.ors_total.{dimension}", "p11")]
        for dimension in ("td_cd", "ei_er", "po_pr", "ws_fc")
    }
    assert all(row["ci_low"] < 1 for row in slopes.values())
    assert all(row["estimate"] > 0 for row in slopes.values())
