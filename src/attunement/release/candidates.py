"""Every table that might leave the building, exact, before the gate has seen any of them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from attunement.release.accommodation import accommodation_summary
from attunement.release.accounting import dropout_accounting
from attunement.release.change import change_classes
from attunement.release.change_methods import change_agreement, change_method_classes
from attunement.release.curves import dropout_curves, landmark_curves
from attunement.release.description import description
from attunement.release.dropout import dropout_overlap, dropout_rates
from attunement.release.dropout_patterns import dropout_patterns
from attunement.release.flag_validity import flag_validity
from attunement.release.flags import flag_counts
from attunement.release.flow import conflict_counts, participant_flow
from attunement.release.labels import Instruments
from attunement.release.levels import category_counts
from attunement.release.profiles import profiles
from attunement.release.trajectories import trajectories
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset
from attunement.study.files import Tables
from attunement.study.specification import Specification

CARRIED = (
    "estimates",
    "variance",
    "influence",
    "therapist_effects",
    "reliability",
    "accommodation_reliability",
    "scoring_correlations",
    "item_checks",
    "floor_ceiling",
    "privacy",
    "anonymity",
    "codebook",
    "availability",
    "expected_trajectory",
)


def candidates(
    tables: Tables,
    dataset: Dataset,
    instruments: Instruments,
    targets: pd.DataFrame | None = None,
    landmark: float | None = None,
    planned: Sequence[Specification] = (),
) -> Tables:
    """Aggregate all earlier tables to what might be released.

    Parameters
    ----------
    tables : dict of DataFrame
        The tables of every earlier stage; one that a stage did not make counts as empty.
    dataset : Dataset
        The dataset, for its outcomes, covariates, arms and poles.
    instruments : dict of Instrument
        The instruments by id, for their names.
    targets : DataFrame, optional
        What each specification targets, for a simulated study (contract `targets`).
    landmark : float, optional
        The session of the landmark models, where the plan has any.
    planned : specifications
        The plan: what it says of curves by accommodation.

    Returns
    -------
    dict of DataFrame
        The released tables by contract name, with exact counts. They hold sums and means over
        clients, never a client; they are private until `gate` has passed them. With them
        `category_counts`, which the gate reads and keeps.
    """
    names = (
        "therapists clients sessions conflicts flow availability scores change dropout preferences "
        "delivery accommodation change_methods endings flags validity_flags"
    ).split()
    held = {name: tables.get(name, empty(name)) for name in names}
    found = {name: conform(tables.get(name, empty(name)), name) for name in CARRIED}
    return found | {
        "category_counts": category_counts(held, dataset),
        "participant_flow": participant_flow(held | found, dataset, instruments),
        "conflict_counts": conflict_counts(held["conflicts"], dataset),
        "description": description(held, dataset, instruments),
        "profiles": profiles(held, dataset, instruments),
        "trajectories": trajectories(held, dataset, instruments),
        "dropout_rates": dropout_rates(held, dataset),
        "dropout_overlap": dropout_overlap(held),
        "dropout_curves": dropout_curves(held, dataset),
        "landmark_curves": landmark_curves(held, planned),
        "dropout_patterns": dropout_patterns(held),
        "flag_counts": flag_counts(held),
        "flag_validity": flag_validity(held, dataset),
        "dropout_accounting": dropout_accounting(held, dataset, landmark),
        "change_classes": change_classes(held),
        "change_method_classes": change_method_classes(held),
        "change_agreement": change_agreement(held),
        "accommodation_summary": accommodation_summary(held),
        "targets": conform(targets, "targets") if targets is not None else empty("targets"),
    }
