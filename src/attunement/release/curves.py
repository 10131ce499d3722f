"""Curves of dropout: cumulative incidence for all clients, by arm, and by early accommodation."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from attunement.model.clusters import clusters
from attunement.model.incidence import accommodation_groups
from attunement.model.incidence_curve import STATUSES, cumulative_incidence
from attunement.release.labels import by_group
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

LEAST_AT_RISK = 10  # a curve is cut where fewer clients are at risk


def dropout_curves(tables: Tables, dataset: Dataset) -> pd.DataFrame:
    """Return the curves of every definition under which somebody dropped out.

    Each is cut where fewer than 10 clients are at risk. Study attrition has no competing ending.
    Limits take account of therapists where ten are known among the clients of a curve.
    """
    grouped = by_group(tables["dropout"], tables["clients"], dataset.arm)
    found = []
    for key, rows in grouped.groupby(["definition", "group"], sort=True):
        definition, group = (str(part) for part in key)
        rows = rows[rows["status"].isin(STATUSES) & rows["last_time"].notna()]
        if not (rows["status"] == "dropped_out").any():
            continue
        curve = cumulative_incidence(
            rows["last_time"],
            rows["status"],
            competing=definition != "study_attrition",
            planned=rows["planned_ending"],
            cluster=clusters(rows["client"], tables["clients"]),
        )
        curve = curve[curve["n_at_risk"] >= LEAST_AT_RISK]
        if definition == "study_attrition":  # assessments end, not treatment
            curve = curve.assign(planned=None, planned_low=None, planned_high=None)
        found.append(curve.assign(definition=definition, group=group, withheld=False))
    if not any(len(curve) for curve in found):
        return empty("dropout_curves")
    return conform(pd.concat(found, ignore_index=True), "dropout_curves")


def landmark_curves(tables: Tables, planned: Sequence[Specification]) -> pd.DataFrame:
    """Return the curves after a landmark of clients with low and with high accommodation up to it.

    Parameters
    ----------
    planned : specifications
        Those of the analysis `cumulative_incidence` are drawn, one per definition of dropout; where
        one cannot be estimated there is no curve.

    Returns
    -------
    DataFrame
        Contract `landmark_curves`: as `dropout_curves`, of those still in treatment at the
        landmark, in groups that nothing after it has formed. Cut like those.
    """
    found = []
    for specification in planned:
        if specification.analysis != "cumulative_incidence":
            continue
        try:
            clients = accommodation_groups(tables, specification)
        except NotEstimable:
            continue  # its reason stands among the estimates
        for group, rows in clients.groupby("group", sort=True):
            curve = cumulative_incidence(
                rows["last"],
                rows["status"],
                planned=rows["planned"],
                cluster=clusters(rows["client"], tables["clients"]),
            )
            curve = curve[curve["n_at_risk"] >= LEAST_AT_RISK].assign(
                definition=specification.dropout_definition,
                group=group,
                landmark=float(specification.landmark or 0),
                n_clients=len(rows),
                withheld=False,
            )
            found.append(curve)
    if not any(len(curve) for curve in found):
        return empty("landmark_curves")
    return conform(pd.concat(found, ignore_index=True), "landmark_curves")
