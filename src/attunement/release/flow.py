"""The participant flow and the counts of conflicts, ready for the gate."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attunement.ingest.privacy.texts import shown_column, shown_places
from attunement.release.accounting import INFORMANT, scored_sessions
from attunement.release.labels import Instruments, dimension_poles, scores_of
from attunement.score.unscored import TOPIC, in_part
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset
from attunement.study.files import Tables


def _with_scores(tables: Tables, dataset: Dataset) -> pd.DataFrame:
    """The flow of `ingest` with scores of the primary outcome where it had to count answers.

    Who answered in part and has no score is in no analysis.
    """
    flow, outcome = tables["flow"].copy(), dataset.outcomes.primary
    therapist = tables["clients"].set_index("client")["therapist"]
    scored = scores_of(outcome, tables["scores"], dataset)
    scored = scored.drop_duplicates(["client", "occasion"])
    twice = scored[scored.duplicated("client", keep=False)]
    for step, label, rows in (
        ("with_outcome", f"with at least one {outcome}", scored),
        ("with_two_outcomes", f"with at least two {outcome}", twice),
    ):
        at = flow["step"] == step
        unique = rows["client"].drop_duplicates()
        flow.loc[at, "label"] = label
        flow.loc[at, "n_clients"] = len(unique)
        flow.loc[at, "n_therapists"] = int(therapist.reindex(unique).nunique())
        flow.loc[at, "n_rows"] = len(rows)
    return flow


def _scored(tables: Tables, dataset: Dataset, instruments: Instruments) -> list[dict[str, Any]]:
    """Steps that only scores can tell: all preferences there, accommodation there at least once."""
    stated = tables["preferences"]
    stated = stated[stated["preference"].notna()]
    sizes = stated.groupby(["client", "from_session"])["dimension"].nunique()
    every = sizes[sizes == len(dimension_poles(dataset, instruments))].reset_index()["client"]
    scored = scored_sessions(tables)
    therapist = tables["clients"].set_index("client")["therapist"]

    def step(name: str, label: str, clients: pd.Series, rows: int | None) -> dict[str, Any]:
        unique = clients.drop_duplicates()
        n_therapists = int(therapist.reindex(unique).nunique())
        counts = {"n_clients": len(unique), "n_therapists": n_therapists, "n_rows": rows}
        return {"step": name, "label": label, **counts}

    label = f"with accommodation scored at least once ({INFORMANT}-rated)"
    return [
        step("scored.preferences", "with all dimensions of preference scored", every, None),
        step("scored.accommodation", label, scored["client"], len(scored)),
    ]


def _unscored(tables: Tables) -> list[dict[str, Any]]:
    """One step per scale whose rule for missing items may not be used: who lost scores to it."""
    topics = tables["availability"]["topic"].astype("str")
    therapist = tables["clients"].set_index("client")["therapist"]
    steps = []
    for topic in topics[topics.str.startswith(TOPIC)]:
        scale = topic.removeprefix(TOPIC)
        lost = in_part(tables["scores"], *scale.split(".", 1))
        unique = lost["client"].drop_duplicates()
        steps.append(
            {
                "step": f"scored.{topic}",
                "label": f"answered {scale} in part and have no score there: its rule for missing "
                "items is not verified",
                "n_clients": len(unique),
                "n_therapists": int(therapist.reindex(unique).nunique()),
                "n_rows": len(lost),
            }
        )
    return steps


def _analysed(estimates: pd.DataFrame) -> list[dict[str, Any]]:
    """One step per confirmatory specification that could be fitted: who is in it."""
    rows = estimates[(estimates["role"] == "confirmatory") & estimates["n_clients"].notna()]
    return [
        {
            "step": f"analysed.{row['specification']}",
            "label": f"analysed: {row['specification']}",
            "n_clients": row["n_clients"],
            "n_therapists": row["n_therapists"],
            "n_rows": row["n_obs"],
        }
        for row in rows.drop_duplicates("specification").to_dict("records")
    ]


def participant_flow(tables: Tables, dataset: Dataset, instruments: Instruments) -> pd.DataFrame:
    """Return the participant flow (contract `participant_flow`).

    First the steps as `ingest` counted them, of the primary outcome its scores; then, where
    preferences are declared, who has them scored in full and who has accommodation scored; then
    whose scores are lost to a rule for missing items that is not verified; then who is in each
    confirmatory analysis.
    """
    further = _scored(tables, dataset, instruments) if dataset.preference is not None else []
    further += _unscored(tables)
    further += _analysed(tables["estimates"])
    flow = _with_scores(tables, dataset)
    steps = pd.concat([flow, conform(pd.DataFrame(further), "flow")], ignore_index=True)
    return conform(steps.assign(withheld=False), "participant_flow")


def conflict_counts(conflicts: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Count conflicts by source, column, kind and action; no value and no row number is kept.

    A file whose name would tell of somebody goes by the source's name in dataset.yaml.
    """
    if conflicts.empty:
        return empty("conflict_counts")
    keys = ["source", "column", "kind", "action"]
    rows = conflicts[keys].astype("str").fillna("-")
    rows["source"] = shown_places(rows["source"], dataset)
    rows["column"] = rows["column"].map({one: shown_column(one) for one in rows["column"].unique()})
    counted = rows.groupby(keys, sort=True).size().rename("n_rows").reset_index()
    return conform(counted.assign(withheld=False), "conflict_counts")
