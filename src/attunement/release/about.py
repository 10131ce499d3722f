"""`about.json`: what the released tables are about, for a reader who has nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from attunement.release.change import only
from attunement.release.labels import (
    Instruments,
    dimension_poles,
    outcome_direction,
    outcome_label,
    outcome_names,
    outcome_short,
)
from attunement.score.facts import informant
from attunement.study.change_rules import ChangeRule
from attunement.study.config import Config
from attunement.study.confirmatory import is_bare
from attunement.study.contracts import TABLES, conform, empty
from attunement.study.dataset import Dataset
from attunement.study.facts import fact_of, named_facts
from attunement.study.files import Tables
from attunement.study.plan import specifications
from attunement.study.problems import StudyError
from attunement.study.strict import read_yaml


def read_truth(dataset: Dataset, dataset_file: Path) -> dict[str, Any]:
    """Return the content of the dataset's truth file; nothing where it names none."""
    if dataset.truth is None:
        return {}
    path = Path(dataset_file).parent / dataset.truth
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise StudyError("The known truth must be a mapping with a section 'targets'", file=path)
    return content


def targets(truth: dict[str, Any]) -> pd.DataFrame | None:
    """Return what each planned specification targets (contract `targets`), or None."""
    listed = truth.get("targets")
    if not listed:
        return None
    return conform(pd.DataFrame(listed).reindex(columns=TABLES["targets"].names), "targets")


def accepted_facts(config: Config, instruments: Instruments) -> list[dict[str, Any]]:
    """Return the unverified facts that config accepts, with the value and where it comes from."""
    known = {k: v for held in instruments.values() for k, v in named_facts(held).items()}
    return [
        {"fact": entry, "value": known[entry].value, "source": known[entry].source}
        if entry in known
        else {"fact": entry}
        for entry in config.accept_unverified
    ]


def _cutoff(outcome: str, released: Tables, instruments: Instruments) -> tuple[Any, Any]:
    """Return the cut-off that classes of change were judged by, and whether it is verified.

    One that was computed (a, b or c) is neither verified nor not.
    """
    used = released.get("change_classes", empty("change_classes"))
    value = only(used.loc[used["outcome"] == outcome, "cutoff"])
    name, _, scale = outcome.partition(".")
    fact = fact_of(instruments[name], scale, "cutoff")[1] if name in instruments else None
    if value is None or fact is None or fact.value != value:
        return value, None
    return value, fact.verified is True


def _outcomes(
    dataset: Dataset, instruments: Instruments, released: Tables
) -> dict[str, dict[str, Any]]:
    found = {}
    for outcome in outcome_names(dataset):
        cutoff, verified = _cutoff(outcome, released, instruments)
        found[outcome] = {
            "label": outcome_label(outcome, dataset, instruments),
            "short": outcome_short(outcome, dataset, instruments),
            "role": "primary" if outcome == dataset.outcomes.primary else "secondary",
            "direction": outcome_direction(outcome, dataset, instruments),
            "informant": informant(outcome.partition(".")[0], dataset),
            "cutoff": cutoff,
            "cutoff_from": dataset.change.get(outcome, ChangeRule()).cutoff,
            "cutoff_verified": verified,
        }
    return found


def _arm_levels(dataset: Dataset, released: Tables) -> list[str]:
    """Return the declared arms, those that the gate took the name of without it."""
    declared = list(dataset.clients.covariates[dataset.arm].levels or []) if dataset.arm else []
    if dataset.disclosure in ("public", "simulated") or "description" not in released:
        return declared
    groups = set(released["description"]["group"].astype(str))
    return [level for level in declared if level in groups]


def _used(dataset: Dataset, instruments: Instruments) -> list[dict[str, Any]]:
    names = sorted({response.instrument for response in dataset.responses} & set(instruments))
    return [
        {
            "id": name,
            "name": instruments[name].name,
            "citation": list(instruments[name].citation),
            "verified": instruments[name].verified is True,
        }
        for name in names
    ]


def about(
    dataset: Dataset,
    config: Config,
    instruments: Instruments,
    released: Tables,
    truth: dict[str, Any],
) -> dict[str, Any]:
    """Return the content of `about.json`. Its counts are the released ones, never others."""
    flow = released["participant_flow"]
    poles = dimension_poles(dataset, instruments)
    simulated = dataset.disclosure == "simulated"
    return {
        "dataset": dataset.name,
        "title": dataset.title,
        "about": dataset.about.strip(),
        "is_not": dataset.is_not.strip(),
        "disclosure": dataset.disclosure,
        "simulated": simulated,
        "licence": dataset.licence,
        "blinded": bool(released["estimates"]["blinded"].fillna(False).any()),
        "citation": list(dataset.citation),
        "time": dataset.time.model_dump(),
        "arm": dataset.arm,
        "arm_levels": _arm_levels(dataset, released),
        "outcomes": _outcomes(dataset, instruments, released),
        "dimensions": {
            name: {"first_pole": first, "other_pole": other}
            for name, (first, other) in poles.items()
        },
        "instruments": _used(dataset, instruments),
        "accepted_unverified": accepted_facts(config, instruments),
        "multiplicity": config.multiplicity,
        "bounds": config.bounds.model_dump(),
        "rules": config.release.model_dump(),
        "pcoms": dataset.pcoms.model_dump(),
        "fewer_than_n_sessions": dataset.dropout.fewer_than_n_sessions,
        "engine": sorted(released["estimates"]["engine"].dropna().unique().tolist()),
        "counts": {
            row["step"]: None if pd.isna(row["n_clients"]) else int(row["n_clients"])
            for row in flow.to_dict("records")
        },
        "specifications": [
            {
                "name": planned.name,
                "question": planned.question,
                "role": planned.role,
                "family": planned.family,
                "rows": planned.rows,
                "analysis": planned.analysis,
                "settings": dict(planned.settings),
                "informant": planned.informant,
                "outcome": planned.outcome,
                "scoring": planned.scoring,
                "dimension": planned.dimension,
                "dropout_definition": planned.dropout_definition,
                "landmark": planned.landmark,
                "formula": planned.formula,
                "therapist_terms": planned.therapist_terms,
                "random": dict(planned.random),
                "link": planned.link,
                "df": planned.df,
                "residual": planned.residual,
                "reml": planned.reml,
                "focal": list(planned.focal),
                "bare": is_bare(planned),
            }
            for planned in specifications(config, dataset, instruments)
        ],
        "truth": {key: value for key, value in truth.items() if key != "targets"}
        if simulated
        else {},
    }
