"""Covariates of therapists beside those of clients, in their own unit."""

import numpy as np
import pandas as pd
import pytest

from attunement.model import analyse
from attunement.model.therapist_covariates import with_therapists
from attunement.study.problems import NotEstimable

NAMES = ("therapist_experience", "therapist_training")


@pytest.fixture
def known(tables):
    therapists = pd.DataFrame(
        {
            "therapist": ["t0", "t1", "t2", "t3", "t9"],
            "experience": [2.0, 4.0, 6.0, 8.0, 90.0],
            "training": ["a", "a", "b", "b", "b"],
        }
    )
    return tables | {"therapists": therapists}


@pytest.fixture
def planned(specify):
    return specify(
        name="therapist_outcome.ors_total",
        analysis="therapist_covariates",
        scoring=None,
        formula="outcome ~ time",
        therapist_covariates=NAMES,
        therapist_terms="time * (therapist_experience + therapist_training)",
        random=(("client", "1"),),
        levels=tuple((f"time:{name}", "therapist") for name in NAMES),
    )


def test_numbers_count_in_standard_deviations_of_therapists_with_clients(known):
    clients = with_therapists(known, NAMES)["clients"]
    assert clients["client"].tolist() == known["clients"]["client"].tolist()
    by_therapist = clients.drop_duplicates("therapist").set_index("therapist")
    z = (np.array([2.0, 4.0, 6.0, 8.0]) - 5) / np.std([2, 4, 6, 8], ddof=1)
    assert by_therapist["therapist_experience"].sort_index().tolist() == pytest.approx(z.tolist())
    assert by_therapist.loc["t3", "therapist_training"] == "b"


def test_a_therapist_with_a_gap_is_left_out_with_the_clients(known):
    known["therapists"].loc[0, "experience"] = np.nan
    clients = with_therapists(known, NAMES)["clients"]
    assert set(clients["therapist"]) == {"t1", "t2", "t3"}


def test_each_level_of_a_category_is_of_the_therapist_level(known, planned):
    scores, place = known["scores"], known["clients"].set_index("client")["therapist"].str[1:]
    gain = scores["client"].map(place).astype(float) * scores["time"]
    known["scores"] = scores.assign(value=scores["value"] + 2 * gain)
    rows = analyse(known, planned).estimates.set_index("term")
    assert rows.loc["time:therapist_training[T.b]", "level"] == "therapist"
    row = rows.loc["time:therapist_experience"]
    unit = scores[scores["session"] == 0]["value"].std(ddof=1)
    # 2 points a session more with each step of experience: ten sessions, 1.29 steps to an SD.
    assert row["ci_low"] < 20 * np.std([0, 1, 2, 3], ddof=1) / unit < row["ci_high"]


def test_too_few_therapists_and_none_declared_are_said(known, planned):
    few = planned.model_copy(update={"minimum_therapists": 30})
    rows = analyse(known, few).estimates
    focal = rows[rows["level"] == "therapist"]
    assert focal["term"].tolist() == [f"time:{name}" for name in NAMES]
    assert focal["reason"].str.contains("need at least 30").all()
    none = planned.model_copy(update={"therapist_covariates": ()})
    assert set(analyse(known, none).estimates["reason"]) == {
        "no covariates of therapists are declared"
    }


def test_what_does_not_vary_is_said(known):
    known["therapists"]["experience"] = 3.0
    with pytest.raises(NotEstimable, match="does not vary"):
        with_therapists(known, NAMES)
