"""Planned specifications on the shipped data, fitted again by statsmodels and by glmm."""

from pathlib import Path

import numpy as np
import pytest

from attunement.accommodate import accommodate
from attunement.challenge.known_truth import Project
from attunement.ingest import ingest, obtain
from attunement.model import fit, prepare, supported
from attunement.score import score

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def studies():
    """The tables and the plan of a dataset, made once for each."""
    made = {}

    def of(name):
        if name not in made:
            project = Project(ROOT, name)
            sources = obtain(project.dataset, project.folder)
            tables = ingest(project.dataset, sources, project.instruments)
            tables |= score(tables, project.dataset, project.instruments, (), reliability=False)
            tables |= accommodate(tables, project.dataset, project.instruments)
            made[name] = tables, {s.name: s for s in project.planned}
        return made[name]

    return of


def plain(frame):
    """Numbers and flags as floats: patsy knows no pandas dtypes."""
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    numbers = [c for c in frame if is_bool_dtype(frame[c]) or is_numeric_dtype(frame[c])]
    return frame.astype(dict.fromkeys(numbers, float))


@pytest.fixture
def specified(studies):
    """The supported model and the specification of one name."""

    def of(dataset, name):
        tables, planned = studies(dataset)
        return supported(prepare(tables, planned[name]), planned[name]), planned[name]

    return of


@pytest.mark.parametrize(
    ("dataset", "name"),
    [
        ("beat_the_blues", "unconditional.bdi2_total"),
        ("example", "change.ors_total.distance"),
        ("example", "change.phq9_total.strong_met"),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore:.*boundary.*", "ignore:.*Hessian.*")
def test_statsmodels_agrees(specified, dataset, name):
    # Random intercepts only: with slopes statsmodels takes errors from a joint numerical Hessian,
    # a few per cent off X'V^-1 X; those models are compared with glmm below.
    import statsmodels.formula.api as models

    model, spec = specified(dataset, name)
    ours = fit(model, spec).fixed
    group, terms = next(iter(model.random.items()))
    theirs = models.mixedlm(
        model.formula, plain(model.frame), groups=model.frame[group], re_formula=f"~ {terms}"
    ).fit(method="cg", maxiter=5000)
    assert set(theirs.fe_params.index) == set(ours.index)
    assert np.allclose(ours["estimate"], theirs.fe_params[ours.index], rtol=1e-3, atol=1e-4)
    assert np.allclose(ours["se"], theirs.bse_fe[ours.index], rtol=1e-2)


def test_statsmodels_agrees_on_attrition_without_therapists(specified):
    import statsmodels.api as sm
    import statsmodels.formula.api as models

    model, spec = specified("beat_the_blues", "attrition.study_attrition")
    ours = fit(model, spec).fixed
    theirs = models.glm(model.formula, plain(model.frame), family=sm.families.Binomial()).fit()
    assert np.allclose(ours["estimate"], theirs.params[ours.index], atol=1e-5)
    assert np.allclose(ours["se"], theirs.bse[ours.index], rtol=1e-4)


@pytest.mark.parametrize(
    ("dataset", "name"),
    [
        ("beat_the_blues", "trajectory.bdi2_total"),
        ("example", "trajectory.ors_total"),
        ("example", "growth.ors_total.distance"),
        ("example", "growth.phq9_total.strong_met"),
    ],
)
def test_glmm_agrees_on_random_slopes(specified, dataset, name):
    model, spec = specified(dataset, name)
    ours, theirs = fit(model, spec), fit(model, spec, engine="glmm")
    assert ours.deviance <= theirs.deviance + 1e-6
    assert ours.deviance == pytest.approx(theirs.deviance, rel=1e-8)
    # Where the likelihood is flat at a boundary the engines may part by a trifle of an error.
    gap = (ours.fixed["estimate"] - theirs.fixed["estimate"]).abs() / ours.fixed["se"]
    assert gap.max() < 1e-2
    assert np.allclose(ours.fixed["se"], theirs.fixed["se"], rtol=1e-2)


@pytest.mark.parametrize(
    "name",
    ["hazard.missed_last_appointment.distance", "landmark.protocol_not_completed.strong_met"],
)
def test_glmm_agrees_on_leaving(specified, name):
    model, spec = specified("example", name)
    ours, theirs = fit(model, spec), fit(model, spec, engine="glmm")
    gap = (ours.fixed["estimate"] - theirs.fixed["estimate"]).abs() / ours.fixed["se"]
    assert gap.max() < 1e-3
    assert np.allclose(ours.fixed["se"], theirs.fixed["se"], rtol=1e-3)
