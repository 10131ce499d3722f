"""A confidential study of 90 clients, made by hand, with cells that give somebody away."""

from __future__ import annotations

from itertools import product

import pandas as pd
import pytest

from attunement.study.config import Config, Release
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset
from attunement.study.files import Tables
from attunement.study.instruments import Instrument

CLIENTS = 90


def _instrument(name: str, kind: str, scales: dict[str, dict], direction: str) -> Instrument:
    one = next(iter(scales.values()))  # of one item: its range is that of the answers
    return Instrument.model_validate(
        {
            "id": name,
            "name": {"phq9": "Patient Health Questionnaire-9"}.get(name, name.upper()),
            "kind": kind,
            "citation": [],
            "response": {"low": one["low"], "high": one["high"], "step": 1},
            "direction": direction,
            "scales": scales,
            "licence": "free",
            "verified": False,
            "source": ["made for tests"],
        }
    )


@pytest.fixture(scope="session")
def instruments() -> dict[str, Instrument]:
    """An outcome and a preference inventory with two dimensions."""
    poles = {
        "TD_CD": ("Therapist Directiveness", "Client Directiveness"),
        "WS_FC": ("Warm Support", "Focused Challenge"),
    }
    scales = {
        name: {
            "name": f"{one} vs {two}",
            "items": [1],
            "low": -3,
            "high": 3,
            "first_pole": one,
            "other_pole": two,
        }
        for name, (one, two) in poles.items()
    }
    total = {"total": {"name": "PHQ-9 total", "items": [1], "low": 0, "high": 27}}
    return {
        "phq9": _instrument("phq9", "outcome", total, "higher_worse"),
        "cnip": _instrument("cnip", "preference", scales, "bipolar"),
    }


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    """A confidential trial with two arms."""
    return Dataset.model_validate(
        {
            "name": "clinic",
            "title": "A clinic",
            "about": "Made by hand.",
            "is_not": "Nothing else.",
            "licence": "none",
            "sources": {"clients": {"path": "clients.csv"}},
            "time": {"unit": "session", "per": 10},
            "clients": {
                "source": "clients",
                "columns": {"client": "client"},
                "covariates": {
                    "arm": {"column": "arm", "kind": "category", "meaning": "arm"}
                    | {"levels": ["usual", "new"]},
                    "gender": {"column": "gender", "kind": "category", "meaning": "gender"},
                    "age": {"column": "age", "kind": "number", "meaning": "age", "unit": "years"},
                },
            },
            "responses": [
                {"source": "clients", "instrument": "phq9", "rater": "client", "client": "client"}
                | {"at_session": 0, "items": {"total": "phq9"}}
            ],
            "ratings": {"given": {"meaning": "style", "low": -3, "high": 3}},
            "outcomes": {"primary": "phq9.total"},
            "preference": {"instrument": "cnip", "coding": "left_positive"},
            "delivery": {"rating": "given", "raters": ["client"], "commensurable": True},
            "arm": "arm",
        }
    )


@pytest.fixture(scope="session")
def config() -> Config:
    """The smallest configuration."""
    planned = {
        "question": "Does it fall?",
        "estimand": "fall",
        "rows": "occasions",
        "formula": "outcome ~ time",
        "family": "fall",
        "outcomes": ["primary"],
        "levels": {"time": "within"},
        "confirmatory": True,
    }
    return Config.model_validate({"datasets": ["clinic"], "seed": 1, "plan": {"fall": planned}})


@pytest.fixture(scope="session")
def disclosure() -> Release:
    """The rules as shipped: cells of 10, counts to 5."""
    return Release()


def _clients() -> pd.DataFrame:
    number = range(CLIENTS)
    return pd.DataFrame(
        {
            "client": [f"secret-{k:03d}" for k in number],
            "therapist": [f"healer-{k % 9}" for k in number],
            "arm": ["usual" if k % 2 else "new" for k in number],
            # 3 of 90: a cell that must not be seen; 12 and 75 beside it.
            "gender": ["x" if k < 3 else "m" if k < 15 else "w" for k in number],
            "age": [20.0 + k % 30 for k in number],
        }
    )


def _scores(clients: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {"client": client, "occasion": time, "time": float(time), "session": time}
        | {"value": 15.0 - time + k % 5}
        for k, client in enumerate(clients["client"])
        for time in range(2 + k % 7)
    ]
    return pd.DataFrame(rows).assign(
        rater="client", instrument="phq9", scale="total", n_items=9, n_answered=9
    )


def _dropout(clients: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for k, client in enumerate(clients["client"]):
        last = float(k % 7)
        rows.append(
            (client, "therapist_judgement", "dropped_out" if k % 3 == 0 else "stayed", last)
        )
        status = "dropped_out" if k < 4 else "censored" if k < 8 else "stayed"
        rows.append((client, "missed_last_appointment", status, last))
    return pd.DataFrame(rows, columns=["client", "definition", "status", "last_time"])


@pytest.fixture(scope="session")
def tables() -> Tables:
    """Everything that the earlier stages hand over."""
    clients = _clients()
    sessions = pd.DataFrame(
        [{"client": c, "session": s} for c, s in product(clients["client"], range(4))]
    ).assign(attended=True)
    dims = ("td_cd", "ws_fc")
    preferences = pd.DataFrame(
        [
            {"client": c, "from_session": 0, "dimension": d, "preference": (k % 7 - 3) / 3}
            | {"band": 1 if k % 7 == 6 else -1 if k < 5 else 0}
            for k, c in enumerate(clients["client"])
            for d in dims
        ]
    )
    delivery = pd.DataFrame(
        [
            {"client": c, "session": s, "rater": "client", "dimension": d}
            | {"delivery": ((k + s) % 7 - 3) / 3, "band": 0}
            for k, c in enumerate(clients["client"])
            for s in (1, 2)
            for d in dims
        ]
    )
    accommodation = delivery[["client", "session", "rater"]].drop_duplicates()
    accommodation = accommodation.assign(
        scoring="distance", dimension="all", value=0.5, n_dimensions=2, no_strong_preference=False
    )
    accommodation.loc[accommodation["client"] == "secret-001", "no_strong_preference"] = True
    change = pd.DataFrame(
        {
            "client": clients["client"],
            "outcome": "phq9.total",
            "method": "jacobson_truax",
            "criterion": 5.0,
            "result": [
                "recovered" if k < 2 else "improved" if k < 40 else "unchanged" for k in range(90)
            ],
            "reason": "known reliability",
        }
    )
    flow = pd.DataFrame(
        {
            "step": ["clients", "rated"],
            "label": ["clients listed", "with ratings"],
            "n_clients": [90, 7],
            "n_therapists": [9, 3],
            "n_rows": [361, 14],
        }
    )
    conflicts = pd.DataFrame(
        {
            "source": "clients.csv",
            "column": "age",
            "row": [4, 5],
            "kind": "out of range",
            "value": ["secret-004", "999"],
            "action": "set missing",
        }
    )
    estimate = {
        "dataset": "clinic",
        "specification": "fall.phq9_total",
        "role": "confirmatory",
        "term": "time",
        "metric": "b",
        "scale": "sd",
        "estimate": 0.123456789,
        "se": 0.05,
        "df": 87.0,
        "p": 0.0123456,
        "ci_low": 0.02,
        "ci_high": 0.22,
        "n_obs": 361,
        "n_clients": 88,
        "n_therapists": 9,
        "status": "estimated",
    }
    few = estimate | {"term": "few", "n_clients": 8, "n_obs": 20}
    absent = estimate | {"term": "absent", "status": "not estimable"}
    absent |= {"reason": "7 therapists; differences between therapists need at least 30"}
    for name in ("estimate", "se", "df", "p", "ci_low", "ci_high", "n_obs", "n_clients"):
        absent[name] = None
    effects = pd.DataFrame(
        {"outcome": "phq9.total", "rank": range(1, 10), "effect": 0.1, "caseload": "10"}
    )
    made = {
        "clients": clients,
        "therapists": pd.DataFrame({"therapist": [f"healer-{k}" for k in range(9)]}),
        "sessions": sessions,
        "scores": _scores(clients),
        "dropout": _dropout(clients),
        "preferences": preferences,
        "delivery": delivery,
        "accommodation": accommodation,
        "change": change,
        "flow": flow,
        "conflicts": conflicts,
        "estimates": pd.DataFrame([estimate, few, absent]),
        "therapist_effects": effects,
        "availability": pd.DataFrame({"topic": ["alliance"], "available": [False]}).assign(
            reason="only 4 clients with ratings"
        ),
    }
    rest = ("variance", "influence", "reliability", "endings", "responses", "type_preferences")
    return {name: conform(frame, name) for name, frame in made.items()} | {
        name: empty(name) for name in rest
    }
