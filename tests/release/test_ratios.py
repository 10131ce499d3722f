"""Models of events give no count back that another table withholds."""

from __future__ import annotations

import pandas as pd
import pytest

from attunement.release import candidates, gate
from attunement.study.contracts import conform

HAZARD = {
    "dataset": "clinic",
    "specification": "hazard.therapist_judgement.distance",
    "role": "confirmatory",
    "metric": "hOR",
    "scale": "ratio",
    "estimate": 0.123456,
    "se": 0.234567,
    "statistic": -2.34567,
    "p": 0.0123456,
    "ci_low": 0.0456789,
    "ci_high": 0.987654,
    "n_obs": 400,
    "n_events": 60,
    "n_clients": 90,
    "n_therapists": 12,
    "status": "estimated",
}
NUMBERS = ["estimate", "se", "statistic", "p", "ci_low", "ci_high", "n_obs", "n_events"]
TERMS = ("Intercept", "baseline[T.2: 3 to 5]", "C(baseline)[T.3: 6]", "accommodation_past", "age")


def passed(tables, dataset, instruments, disclosure, rows, declared="confidential", influence=()):
    """Released tables and decisions with these estimates among the others."""
    found = candidates(tables, dataset, instruments)
    both = pd.concat([found["estimates"], conform(pd.DataFrame(rows), "estimates")])
    held = found | {"estimates": conform(both, "estimates")}
    if influence:
        held["influence"] = conform(pd.DataFrame(list(influence)), "influence")
    return gate(held, declared, disclosure)


@pytest.fixture
def through(tables, dataset, instruments, disclosure):
    """The gate with further estimates."""

    def run(rows, declared="confidential", influence=()):
        return passed(tables, dataset, instruments, disclosure, rows, declared, influence)

    return run


def of_hazard(released) -> pd.DataFrame:
    """The released rows of the hazard model, by term."""
    frame = released["estimates"]
    return frame[frame["specification"] == HAZARD["specification"]].set_index("term")


@pytest.mark.parametrize(("n_obs", "n_events"), [(400, 9), (400, 391)], ids=["few", "all but few"])
def test_a_model_of_few_events_is_withheld(through, n_obs: int, n_events: int) -> None:
    counts = {"n_obs": n_obs, "n_events": n_events}
    range_of = {name: HAZARD[name] for name in ("dataset", "specification", "metric", "estimate")}
    range_of |= {"term": "age", "lowest": 0.1, "highest": 0.2, "n_refits": 12}
    range_of |= {"status": "estimated"}
    released, decisions = through(
        [HAZARD | counts | {"term": term} for term in TERMS], influence=[range_of]
    )
    rows = of_hazard(released)
    assert set(rows["status"]) == {"withheld"}
    assert rows[NUMBERS].isna().all(axis=None)
    assert released["influence"]["status"].tolist() == ["withheld"]
    assert released["influence"][["estimate", "lowest", "highest"]].isna().all(axis=None)
    assert "linked rows" in set(decisions["rule"])


def test_levels_of_event_models_never_leave(through) -> None:
    rows = of_hazard(through([HAZARD | {"term": term} for term in TERMS])[0])
    assert set(rows.index[rows["status"] == "withheld"]) == set(TERMS[:3])
    assert rows.loc[list(TERMS[:3]), NUMBERS].isna().all(axis=None)
    assert rows.loc["age", "n_events"] == 60
    reasons = rows.loc[list(TERMS[:3]), "reason"]
    assert reasons.str.contains("number of events").all()


def test_an_intercept_of_a_linear_model_stays(through) -> None:
    linear = HAZARD | {"term": "Intercept", "metric": "b", "scale": "sd", "n_events": None}
    row = of_hazard(through([linear])[0]).loc["Intercept"]
    assert (row["status"], row["estimate"]) == ("estimated", 0.1235)


def test_ratios_have_three_digits(through) -> None:
    row = of_hazard(through([HAZARD | {"term": "age"}])[0]).loc["age"]
    shown = row[["estimate", "se", "statistic", "ci_low", "ci_high"]]
    assert shown.tolist() == [0.123, 0.235, -2.35, 0.0457, 0.988]


def test_open_data_keep_their_levels(through) -> None:
    rows = of_hazard(through([HAZARD | {"term": term} for term in TERMS], "simulated")[0])
    assert rows["estimate"].tolist() == [0.123456] * len(TERMS)


def test_a_small_category_is_neither_counted_nor_named(through) -> None:
    absent = HAZARD | dict.fromkeys([*NUMBERS, "n_clients"]) | {"status": "not estimable"}
    said = "events among the {} rows of this category, left out"
    rows = [
        absent | {"term": "gender[T.rare one]", "reason": f"only {said.format(7)}"},
        absent | {"term": "gender[T.rarest]", "reason": f"no {said.format(3)}"},
        absent | {"term": "gender[T.known]", "reason": f"only {said.format(40)}"},
        absent | {"term": "no_strong_preference", "reason": f"no {said.format(9)}"},
    ]
    released, decisions = through(rows)
    found = of_hazard(released)["reason"]
    assert dict(found) == {
        "gender[small category]": "a small category was left out",
        "gender[T.known]": "a category in which nobody, or everybody, dropped out was left out",
        "no_strong_preference": "a small category was left out",
    }
    assert "rare" not in released["estimates"].to_csv() + decisions.to_csv()
    kept = of_hazard(through(rows, "public")[0])["reason"]
    assert kept["gender[T.rare one]"].startswith("only events among the 7 rows")


def test_decisions_count_no_small_number_of_rows(through) -> None:
    decisions = through([HAZARD | {"term": term} for term in TERMS])[1]
    counts = decisions["n_rows"].dropna()
    assert not counts.between(1, 9).any()
    assert (counts % 5 == 0).all()
    assert decisions["n_rows"].isna().any()
    open_counts = through([HAZARD | {"term": "age"}], "public")[1]["n_rows"]
    assert (open_counts % 5 != 0).any()


def test_effects_of_therapists_are_shortened(tables, dataset, instruments, disclosure) -> None:
    effects = pd.DataFrame({"outcome": "phq9.total", "rank": range(1, 13), "caseload": "12"})
    effects = effects.assign(effect=0.123456, ci_low=-0.654321, ci_high=0.9)
    held = tables | {"therapist_effects": conform(effects, "therapist_effects")}
    found = candidates(held, dataset, instruments)
    shown = gate(found, "confidential", disclosure)[0]["therapist_effects"]
    assert set(shown["effect"]) == {0.123}
    assert set(shown["ci_low"]) == {-0.654}
    exact = gate(found, "simulated", disclosure)[0]["therapist_effects"]
    assert set(exact["effect"]) == {0.123456}


def test_what_is_derived_from_ratios_is_told_with_as_few_digits(through) -> None:
    axis = {"term": "p11", "metric": "slope", "scale": "raw"}
    released, _ = through([HAZARD | {"term": "age"}, HAZARD | axis])
    row = of_hazard(released).loc["p11"]
    assert row["estimate"] == 0.123
    assert row["se"] == 0.235
    other = {"specification": "surface.ors_total", "n_events": None}
    released, _ = through([HAZARD | axis | other, HAZARD | other | {"term": "age", "metric": "b"}])
    rows = released["estimates"].set_index(["specification", "term"])
    assert rows.loc[("surface.ors_total", "p11"), "estimate"] == 0.1235
