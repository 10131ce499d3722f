"""Variances between therapists: limits that hold at zero, tests at the boundary."""

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import fit_linear
from attunement.model import analyse
from attunement.model.result import Model
from attunement.model.therapist_variance import (
    WARNING,
    boundary_test,
    ladder,
    random_columns,
    term_of,
)

LEVELS = (("therapist_sd_level", "therapist"), ("therapist_sd_growth", "therapist"))


@pytest.fixture
def planned(specify):
    return specify(
        name="therapist_differences.ors_total",
        analysis="therapist_variance",
        scoring=None,
        formula="outcome ~ time",
        random=(("therapist", "1 + time"), ("client", "1")),
        levels=LEVELS,
    )


@pytest.fixture
def eight(tables):
    """The same clients, three to each of eight therapists."""
    clients = tables["clients"].assign(therapist=[f"t{k % 8}" for k in range(24)])
    return tables | {"clients": clients}


def test_each_step_adds_one_random_column(specify):
    model = Model("y ~ x", {"therapist": "1 + time", "client": "1"}, pd.DataFrame(), ())
    assert [step.random for step in ladder(model)] == [
        {"client": "1"},
        {"therapist": "1", "client": "1"},
        {"therapist": "1 + time", "client": "1"},
    ]
    with pytest.raises(ValueError, match="begins with 1"):
        random_columns("0 + time")
    assert term_of("accommodation_between") == "therapist_sd_accommodation"


def test_no_difference_has_zero_within_its_limits(eight, planned):
    rows = analyse(eight, planned).estimates.set_index("term")
    assert rows.index.tolist() == ["therapist_sd_level", "therapist_sd_growth"]
    assert (rows["ci_low"] == 0).all() and (rows["ci_high"] > 0).all()
    assert (rows["p"] > 0.05).all()
    assert rows["reason"].str.startswith(WARNING).all()
    assert set(rows["metric"]) == {"sd"} and set(rows["level"]) == {"therapist"}


def test_differences_are_found_and_held_by_the_limits(eight, planned):
    scores, place = eight["scores"], eight["clients"].set_index("client")["therapist"].str[1:]
    levels = np.array([-9.0, -6.0, -3.0, -1.0, 1.0, 3.0, 6.0, 9.0])
    shift = levels[scores["client"].map(place).astype(int)]
    eight["scores"] = scores.assign(value=scores["value"] + shift)
    result = analyse(eight, planned)
    row = result.estimates.set_index("term").loc["therapist_sd_level"]
    unit = eight["scores"].query("session == 0")["value"].std(ddof=1)
    assert row["ci_low"] < levels.std(ddof=1) / unit < row["ci_high"]
    assert row["ci_low"] > 0 and row["p"] < 0.01
    held = result.variance.query("level == 'therapist' and term_1 == 'Intercept'")
    sds = held[(held["metric"] == "sd") & (held["term_2"] == "Intercept")].iloc[0]
    assert (sds["ci_low"], sds["ci_high"]) == (row["ci_low"], row["ci_high"])


def test_limits_are_those_of_the_profile(eight, planned):
    rows = analyse(eight, planned.model_copy(update={"random": (("therapist", "1"),)})).estimates
    share = rows.set_index("term").loc["therapist_share"]
    level = rows.set_index("term").loc["therapist_sd_level"]
    assert share["metric"] == "icc" and 0 <= share["estimate"] < 1
    assert share["ci_low"] <= share["estimate"] <= share["ci_high"] < 1
    assert (share["ci_low"] == 0) == (level["ci_low"] == 0)


@pytest.mark.parametrize("link", ["identity", "logit"])
def test_one_share_has_one_interval(eight, planned, link):
    changes = {"random": (("therapist", "1"),)}
    if link == "logit":
        changes |= {"rows": "landmark", "landmark": 1, "link": "logit", "df": "normal"}
        changes |= {"formula": "event ~ 1", "dropout_definition": "therapist_judgement"}
        changes |= {"outcome": "dropout", "improvement": 0}
    result = analyse(eight, planned.model_copy(update=changes))
    share = result.estimates.set_index("term").loc["therapist_share"]
    shown = result.variance[result.variance["metric"] == "icc"].iloc[0]
    for name in ("estimate", "ci_low", "ci_high"):
        assert share[name] == shown[name]
    sd = result.variance[result.variance["metric"] == "sd"].iloc[0]
    level = result.estimates.set_index("term").loc["therapist_sd_level"]
    assert (sd["ci_low"], sd["ci_high"]) == (level["ci_low"], level["ci_high"])
    assert 0 <= shown["ci_low"] <= shown["ci_high"] < 1


def test_where_the_mixture_does_not_hold_the_null_is_simulated(specify):
    random = np.random.default_rng(3)
    frame = pd.DataFrame({"therapist": np.repeat(np.arange(12), 10)})
    frame["x"] = random.normal(size=120)
    # No level of therapists at all: that variance is zero, and the mixture does not hold.
    frame["y"] = random.normal(size=120)
    frame["y"] -= frame.groupby("therapist")["y"].transform("mean")
    frame["y"] += random.normal(0, 1, 12)[frame["therapist"]] * frame["x"]
    small = fit_linear("y ~ x", frame, {"therapist": "1"})
    large = fit_linear("y ~ x", frame, {"therapist": "1 + x"})
    assert small.singular
    p, how = boundary_test(small, large, specify(settings=(("draws", "99"), ("seed", "4"))))
    assert how == "likelihood ratio, simulated"
    assert p == pytest.approx(0.01)


def test_four_therapists_are_too_few(tables, planned):
    found = analyse(tables, planned).estimates
    assert found["status"].tolist() == ["not estimable"] * 2
    assert found["reason"].str.contains("4 therapists").all()
