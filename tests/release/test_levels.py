"""A level that few clients have leaves neither its name nor a number that rests on it."""

from __future__ import annotations

import pandas as pd
import pytest

from attunement.release import candidates, gate
from attunement.release.levels import category_counts, small_levels
from attunement.release.stage import about
from attunement.study.config import Release
from attunement.study.contracts import conform, empty
from attunement.study.files import csv_text

LEVELS = {"common": 66, "Sorge": 15, "Zwang": 8, "Anpassung": 1}
NUMBERS = ["estimate", "se", "p", "ci_low", "ci_high", "n_clients"]
FITTED = {
    "dataset": "clinic",
    "role": "confirmatory",
    "metric": "b",
    "scale": "sd",
    "estimate": 0.3,
    "se": 0.05,
    "p": 0.01,
    "ci_low": 0.02,
    "ci_high": 0.22,
    "n_obs": 361,
    "n_clients": 88,
    "n_therapists": 20,
    "status": "estimated",
}
TERMS = (
    "Intercept",
    "time",
    "age",
    "diagnosis[T.Anpassung]",
    "diagnosis[T.Sorge]",
    "diagnosis[T.Zwang]",
    "time:diagnosis[T.Sorge]",
    "time:diagnosis[T.Zwang]",
    "insured",
    "treated[T.True]",
)
EVENTS = ("Intercept", "diagnosis[T.Sorge]", "diagnosis[T.Zwang]")


@pytest.fixture
def through(tables, dataset, instruments, disclosure):
    """Pass the study, with diagnoses of 66, 15, 8 and 1 clients, through the gate."""

    def made(reference: str = "common", declared: str = "confidential", arm: bool = False):
        diagnosis = [level for level, n in LEVELS.items() for _ in range(n)]
        clients = tables["clients"].assign(
            diagnosis=diagnosis,
            insured=[1.0] * 9 + [0.0] * 81,
            treated=[k % 2 == 0 for k in range(90)],
        )
        if arm:
            clients = clients.assign(arm=["rare arm"] * 6 + ["usual"] * 84)
        order = [reference, *sorted(set(LEVELS) - {reference})]
        covariates = dataset.clients.covariates | {
            "diagnosis": dataset.clients.covariates["gender"].model_copy(
                update={"column": "diagnosis", "meaning": "diagnosis", "levels": order}
            )
        }
        if arm:
            covariates["arm"] = covariates["arm"].model_copy(
                update={"levels": ["usual", "rare arm"]}
            )
        with_levels = dataset.model_copy(
            update={"clients": dataset.clients.model_copy(update={"covariates": covariates})}
        )
        terms = [term.replace(reference, "common") for term in TERMS if reference not in term]
        if reference != "common":
            terms.append("diagnosis[T.common]")
        rows = [FITTED | {"specification": "fall", "term": term} for term in terms]
        hazard = FITTED | {"specification": "hazard", "metric": "hOR", "scale": "ratio"}
        rows += [hazard | {"n_events": 50, "term": term} for term in EVENTS]
        absent = hazard | dict.fromkeys([*NUMBERS, "n_obs", "n_events", "n_therapists"])
        absent |= {"status": "not estimable", "term": "diagnosis[T.Anpassung]"}
        rows.append(absent | {"reason": "only events among the 1 rows of this category, left out"})
        spoken = {"specification": "spoken", "term": "-", "reason": "no client with Anpassung left"}
        rows.append(absent | spoken)
        ranges = [
            {
                "dataset": "clinic",
                "specification": "fall",
                "term": "diagnosis[T.Zwang]",
                "metric": "b",
                "estimate": 0.3,
                "lowest": 0.1,
                "highest": 0.4,
                "n_refits": 20,
                "status": "estimated",
            }
        ]
        spread = [
            {
                "dataset": "clinic",
                "specification": "fall",
                "level": "therapist",
                "term_1": term,
                "term_2": term,
                "metric": "sd",
                "estimate": 0.5,
                "status": "estimated",
            }
            for term in ("Intercept", "diagnosis[T.Zwang]")
        ]
        held = tables | {
            "clients": conform(clients, "clients"),
            "estimates": conform(pd.DataFrame(rows), "estimates"),
            "influence": conform(pd.DataFrame(ranges), "influence"),
            "variance": conform(pd.DataFrame(spread), "variance"),
        }
        found = candidates(held, with_levels, instruments)
        return (*gate(found, declared, disclosure), with_levels)

    return made


def _of(released, specification: str) -> pd.DataFrame:
    rows = released["estimates"]
    return rows[rows["specification"] == specification].set_index("term")


def test_coefficients_of_few_clients_are_withheld_and_not_named(through) -> None:
    released, decisions, _ = through()
    fall = _of(released, "fall")
    assert set(fall.index[fall["status"] == "withheld"]) == {
        "diagnosis[small category]",
        "diagnosis[small category 2]",
        "time:diagnosis[small category 2]",
        "insured",  # 9 of 90 on one side
    }
    assert fall.loc[fall["status"] == "withheld", NUMBERS].isna().all(axis=None)
    kept = ["Intercept", "time", "age", "diagnosis[T.Sorge]", "treated[T.True]"]
    assert (fall.loc[kept, "status"] == "estimated").all()
    assert "small levels" in set(decisions["rule"])


def test_the_name_is_the_same_in_every_model_and_table(through) -> None:
    released, _, _ = through()
    hazard = _of(released, "hazard")
    assert hazard.loc["diagnosis[small category 2]", "status"] == "withheld"
    assert hazard.loc["diagnosis[small category]", "reason"] == "a small category was left out"
    assert pd.notna(hazard.loc["diagnosis[T.Sorge]", "estimate"])
    influence = released["influence"].iloc[0]
    assert influence["term"] == "diagnosis[small category 2]"
    assert pd.isna(influence["estimate"])
    assert pd.isna(influence["lowest"])
    spread = released["variance"].set_index("term_1")["estimate"]
    assert pd.isna(spread["diagnosis[small category 2]"])
    assert spread["Intercept"] == 0.5


def test_table_one_and_reasons_do_not_name_it(through) -> None:
    released, decisions, _ = through()
    rows = released["description"].query("variable == 'diagnosis' and group == 'all'")
    assert list(rows["category"]) == ["common", "small category", "Sorge", "small category 2"]
    assert list(rows["withheld"]) == [False, True, False, True]
    assert rows["n"].dropna().tolist() == [65, 15]
    reasons = released["estimates"].set_index("specification")["reason"]
    assert reasons["spoken"] == "no client with small category left"
    for name, frame in {**released, "decisions": decisions}.items():
        assert "Anpassung" not in csv_text(frame), name
        assert "Zwang" not in csv_text(frame), name


def test_a_small_reference_takes_all_its_coefficients(through) -> None:
    fall = _of(through("Zwang")[0], "fall")
    rows = fall.index.str.contains("diagnosis")
    assert rows.sum() == 4
    assert (fall.loc[rows, "status"] == "withheld").all()
    # Beside the interaction these two are those of the reference itself.
    assert (fall.loc[["Intercept", "time"], "status"] == "withheld").all()
    assert fall.loc["age", "status"] == "estimated"


def test_a_small_arm_is_not_named(through, config, instruments) -> None:
    released, _, declared = through(arm=True)
    assert "small category" in set(released["description"]["group"])
    for name, frame in released.items():
        assert "rare arm" not in csv_text(frame), name
    told = about(declared, config, instruments, released, {})
    assert told["arm_levels"] == ["usual"]


def test_public_data_keep_every_level(through) -> None:
    fall = _of(through(declared="public")[0], "fall")
    assert fall.loc["diagnosis[T.Anpassung]", "estimate"] == 0.3
    assert "category_counts" not in through(declared="public")[0]


def test_counts_are_of_clients(tables, dataset) -> None:
    counted = category_counts(tables | {"accommodation": empty("accommodation")}, dataset)
    gender = counted[counted["variable"] == "gender"].set_index("category")["n"]
    assert dict(gender) == {"m": 12, "w": 75, "x": 3}
    assert set(counted["variable"]) == {"arm", "gender"}
    flags = category_counts(tables, dataset).query("variable == 'no_strong_preference'")
    assert dict(zip(flags["category"], flags["n"], strict=True)) == {"False": 89, "True": 1}


def test_a_category_of_few_therapists_is_neither_named_nor_told(
    tables, dataset, instruments
) -> None:
    place = tables["therapists"].index
    trained = ["rare" if k < 3 else "usual" for k in range(len(place))]
    therapists = tables["therapists"].assign(training=trained)
    counted = category_counts(tables | {"therapists": therapists}, dataset)
    held = counted[
        (counted["level"] == "predictor") & (counted["variable"] == "therapist_training")
    ]
    assert dict(zip(held["category"], held["n"], strict=True))["rare"] == 3
    row = {
        "dataset": "clinic",
        "specification": "therapist_outcome.phq9_total",
        "term": "time:therapist_training[T.rare]",
        "metric": "b",
        "scale": "sd",
        "estimate": 0.4,
        "status": "estimated",
    }
    candidates_of = candidates(tables, dataset, instruments)
    shown = candidates_of | {
        "category_counts": counted,
        "estimates": conform(pd.DataFrame([row]), "estimates"),
    }
    found, _ = small_levels(shown, Release())
    told = found["estimates"].iloc[0]
    assert told["term"] == "time:therapist_training[small category]"
    assert pd.isna(told["estimate"]) and told["status"] == "withheld"
