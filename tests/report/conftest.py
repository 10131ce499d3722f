"""Released tables made by hand: a simulated dataset with everything, one with nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from attunement.report import Released
from attunement.study.contracts import conform, empty
from attunement.study.files import Tables, write_json, write_table
from attunement.study.layout import OUTPUTS

NAMES = [name.removesuffix(".csv") for name in OUTPUTS["release"] if name.endswith(".csv")]
OUTCOME = "phq9.total"


def specification(name: str, focal: list[str], **changes: Any) -> dict[str, Any]:
    """What `about.json` says of one specification."""
    return {
        "name": name,
        "question": f"Question of {name.partition('.')[0]}?",
        "role": "confirmatory",
        "family": "outcome",
        "rows": "occasions",
        "outcome": OUTCOME,
        "scoring": None,
        "dropout_definition": None,
        "landmark": None,
        "formula": "outcome ~ time",
        "random": {"client": "1"},
        "link": "identity",
        "df": "satterthwaite",
        "focal": focal,
    } | changes


def about(**changes: Any) -> dict[str, Any]:
    """`about.json` of a simulated dataset."""
    dropout = {"outcome": "dropout", "scoring": "distance", "rows": "person_periods"}
    return {
        "dataset": "small",
        "title": "Small <study>",
        "about": "A study made by `hand`.",
        "is_not": "Evidence & truth.",
        "disclosure": "simulated",
        "simulated": True,
        "licence": "MIT",
        "citation": [],
        "time": {"unit": "session", "per": 10.0, "shape": "log"},
        "arm": None,
        "arm_levels": [],
        "outcomes": {
            OUTCOME: {
                "label": "Patient Health Questionnaire-9 (PHQ-9)",
                "short": "PHQ-9",
                "role": "primary",
                "direction": "lower is better",
                "cutoff": None,
                "cutoff_verified": None,
            }
        },
        "dimensions": {"ws_fc": {"first_pole": "warm support", "other_pole": "focused challenge"}},
        "instruments": [],
        "accepted_unverified": [],
        "multiplicity": "holm",
        "rules": {"smallest_cell": 10, "rounding": 5},
        "fewer_than_n_sessions": None,
        "engine": ["test 1.0"],
        "counts": {},
        "specifications": [
            specification("growth.phq9", ["time:accommodation_between"], scoring="distance"),
            specification(
                "hazard.therapist_judgement",
                ["accommodation_past"],
                dropout_definition="therapist_judgement",
                **dropout,
            ),
            specification("change.phq9", ["accommodation_between"], scoring="distance"),
        ],
        "truth": {},
    } | changes


def estimate(name: str, term: str, **changes: Any) -> dict[str, Any]:
    """One row of `estimates`."""
    return {
        "dataset": "small",
        "specification": name,
        "role": "confirmatory",
        "term": term,
        "level": "between",
        "metric": "b",
        "scale": "sd",
        "direction": "above 0: better outcome",
        "estimate": 0.14,
        "se": 0.05,
        "df": 120.4,
        "p": 0.004,
        "p_adjusted": 0.008,
        "ci_low": 0.04,
        "ci_high": 0.24,
        "n_obs": 500,
        "n_clients": 100,
        "n_therapists": 12,
        "status": "estimated",
    } | changes


def _estimates() -> pd.DataFrame:
    unknown = dict.fromkeys(("estimate", "se", "df", "p", "p_adjusted", "ci_low", "ci_high"))
    ratio = {"level": "-", "metric": "hOR", "scale": "ratio", "direction": "below 1: less dropout"}
    ratio |= {
        "estimate": 0.9,
        "ci_low": 0.7,
        "ci_high": 1.16,
        "p": 0.4,
        "p_adjusted": 0.4,
        "n_events": 17,
        "n_before_risk": 9,
    }
    return pd.DataFrame(
        [
            estimate("growth.phq9", "time:accommodation_between"),
            estimate("growth.phq9", "time", level="-", p_adjusted=None),
            estimate("hazard.therapist_judgement", "accommodation_past", **ratio),
            estimate("change.phq9", "accommodation_between", **unknown)
            | {"status": "not estimable", "reason": "no event"},
        ]
    )


def full() -> Tables:
    """Released tables with something in each that a figure needs."""
    sessions = range(8)
    made: dict[str, pd.DataFrame] = {
        "participant_flow": pd.DataFrame(
            {
                "step": [
                    "rows",
                    "clients",
                    "outcome",
                    "scored.preferences",
                    "analysed.growth.phq9",
                    "analysed.hazard.therapist_judgement",
                ],
                "label": [
                    "rows read",
                    "clients listed",
                    f"with at least two {OUTCOME}",
                    "with all dimensions of preference scored",
                    "analysed: a",
                    "analysed: b",
                ],
                "n_clients": [None, 120, 100, 97, 91, 83],
                "n_rows": [900, None, 800, None, 655, 544],
            }
        ).assign(withheld=False),
        "description": pd.DataFrame(
            {
                "level": "client",
                "variable": ["gender", "gender", "age"],
                "label": ["gender", "gender", "age (years)"],
                "category": ["woman", "man", "mean"],
                "group": "all",
                "n": [70, 50, 118],
                "n_missing": [0, 0, 2],
                "mean": [None, None, 41.26],
                "sd": [None, None, 12.0],
            }
        ).assign(withheld=False),
        "profiles": pd.DataFrame(
            {
                "dimension": "ws_fc",
                "label": "warm support to focused challenge",
                "role": ["preference", "delivery"],
                "rater": "client",
                "mean": [0.31, -0.12],
                "sd": 0.3,
                "n_clients": 100,
            }
        ).assign(withheld=False),
        "accommodation_summary": pd.DataFrame(
            {"scoring": ["distance"], "rater": ["client"], "n_clients": [100], "mean": [0.8]}
        ).assign(withheld=False),
        "trajectories": pd.DataFrame(
            {
                "outcome": OUTCOME,
                "group": "all",
                "time": [float(s) for s in sessions],
                "n_clients": [100 - 12 * s for s in sessions],
                "mean": [15.0 - s / 2 for s in sessions],
                "sd": 5.0,
            }
        ).assign(withheld=False),
        "change_classes": pd.DataFrame(
            {
                "outcome": OUTCOME,
                "method": "jacobson_truax",
                "result": ["recovered", "improved", "unchanged", "deteriorated", "not evaluated"],
                "n_clients": [20, 30, 40, 10, 20],
                "n_analysed": 100,
                "n_available": 120,
                "criterion": 5.2,
                "reason": "known reliability",
            }
        ).assign(withheld=False),
        "dropout_rates": pd.DataFrame(
            {
                "definition": ["therapist_judgement", "study_attrition"],
                "group": "all",
                "n_clients": [100, None],
                "n_dropped_out": [21, None],
                "n_censored": [5, None],
                "n_unknown": [15, None],
                "n_before_risk": [4, 3],
                "rate": [0.21, None],
                "ci_low": [0.142, None],
                "ci_high": [0.3, None],
                "reason": [None, "no schedule of assessments declared"],
            }
        ).assign(withheld=False),
        "dropout_curves": pd.DataFrame(
            {
                "definition": "therapist_judgement",
                "group": "all",
                "time": [1.0, 3.0, 5.0],
                "n_at_risk": [100, 60, 4],
                "n_events": [10, 8, 3],
                "n_competing": [20, 30, 1],
                "dropped_out": [0.1, 0.22, 0.8],
                "ci_low": [0.05, 0.15, 0.5],
                "ci_high": [0.2, 0.3, 0.9],
            }
        ).assign(withheld=False),
        "dropout_accounting": pd.DataFrame(
            {
                "definition": "therapist_judgement",
                "step": [
                    "classified",
                    "dropped_out",
                    "before_accommodation",
                    "never_scored",
                    "at_risk",
                    "after_landmark",
                ],
                "part_of": ["-", "classified", *["dropped_out"] * 3, "at_risk"],
                "label": "in words",
                "n_clients": [100, 21, 4, None, 14, 11],
                "withheld": [False, False, False, True, False, False],
            }
        ),
        "estimates": _estimates(),
        "variance": pd.DataFrame(
            {
                "dataset": "small",
                "specification": "growth.phq9",
                "level": ["client", "therapist"],
                "term_1": "1",
                "term_2": "1",
                "metric": ["sd", "icc"],
                "estimate": [0.5, 0.047],
                "n_clients": 100,
                "status": "estimated",
            }
        ),
        "influence": pd.DataFrame(
            {
                "dataset": "small",
                "specification": ["growth.phq9"],
                "term": ["time:accommodation_between"],
                "metric": "b",
                "estimate": 0.14,
                "lowest": 0.11,
                "highest": 0.16,
                "n_refits": 12,
                "status": "estimated",
            }
        ),
        "therapist_effects": pd.DataFrame(
            {
                "outcome": OUTCOME,
                "rank": range(1, 13),
                "effect": [k / 10 - 0.6 for k in range(12)],
                "ci_low": [k / 10 - 1 for k in range(12)],
                "ci_high": [k / 10 - 0.2 for k in range(12)],
                "caseload": "10 or more",
            }
        ),
        "targets": pd.DataFrame(
            {
                "specification": ["growth.phq9"],
                "term": ["time:accommodation_between"],
                "metric": "b",
                "target": 0.12,
                "coverage": 0.95,
                "n_studies": 200,
            }
        ),
    }
    return {name: conform(made[name], name) if name in made else empty(name) for name in NAMES}


def bare() -> Tables:
    """Released tables of a dataset that holds next to nothing."""
    tables = {name: empty(name) for name in NAMES}
    topics = {"preferences": "no preferences recorded", "therapists": "no therapists recorded"}
    tables["availability"] = conform(
        pd.DataFrame({"topic": list(topics), "reason": list(topics.values())}).assign(
            available=False
        ),
        "availability",
    )
    return tables


@pytest.fixture(scope="session")
def simulated() -> Released:
    """Everything released, simulated."""
    return Released(full(), about())


@pytest.fixture(scope="session")
def nothing() -> Released:
    """Nothing released, and public."""
    return Released(bare(), about(simulated=False, disclosure="public", specifications=[]))


@pytest.fixture
def folder(tmp_path: Path, simulated: Released) -> Path:
    """A released folder on disk."""
    for name, table in simulated.tables.items():
        write_table(table, tmp_path / "release" / f"{name}.csv")
    write_json(tmp_path / "release" / "about.json", simulated.about)
    return tmp_path / "release"
