"""The stage: scores in; preferences in force, delivery and accommodation per session out."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd

from attunement.accommodate.blinding import EXCHANGED, exchange, marked
from attunement.accommodate.correlations import scoring_correlations
from attunement.accommodate.delivery import Rated, delivery_table, rated_delivery
from attunement.accommodate.direct import rated_accommodation, type_matched
from attunement.accommodate.index import Index, accommodation_table, index_of
from attunement.accommodate.poles import against, directions, noted
from attunement.accommodate.preferences import Dimension, dimensions, in_force, preferences
from attunement.accommodate.profiles import (
    TOO_FEW,
    distinctive,
    normative,
    profile,
    sample_profile,
)
from attunement.accommodate.reliability import accommodation_reliability
from attunement.accommodate.scorings import (
    Scored,
    distance,
    signed_gap,
    strong_met,
    strong_sign,
    weighted_distance,
)
from attunement.score.stage import with_availability
from attunement.study.config import load_config
from attunement.study.contracts import empty
from attunement.study.dataset import Dataset, load_dataset
from attunement.study.files import Tables, read_tables, write_table
from attunement.study.instruments import Instrument, load_instruments
from attunement.study.layout import outputs
from attunement.study.problems import StudyError
from attunement.study.source_order import SourceOrder

NO_PREFERENCES = "no preferences recorded"
NO_DELIVERY = "no delivery recorded"
UNVERIFIED_BANDS = (
    "the bands of strong preference are unverified; name them under accept_unverified to use them"
)
NO_BANDS = "the file of the preference inventory gives no bands of strong preference"
NO_COMMON_SCALE = (
    "preference and delivery do not share a scale by design: congruence is not interpretable"
)
NO_OVERLAP = "no session has both a preference in force and delivery recorded"


def accommodate(
    tables: Tables,
    dataset: Dataset,
    instruments: dict[str, Instrument],
    accept_unverified: Collection[str] = (),
    *,
    by_dimension: bool = True,
    reliability: bool = True,
) -> Tables:
    """Compare what each client wanted with what each session gave, under every scoring.

    Parameters
    ----------
    tables : `clients`, `scores`, `availability` of the earlier stages; `type_preferences` and
        `reliability` where they were made.
    dataset, instruments : what was declared of preference and delivery; scales and bands.
    accept_unverified : names of facts to use although unverified, as `cnip.TD_CD.bands`.
    by_dimension : False keeps only the values over all dimensions (many large studies in memory).
    reliability : False leaves `accommodation_reliability` and `scoring_correlations` empty.

    Returns
    -------
    Tables
        `preferences`, `delivery`, `accommodation` (a row per session that was rated, rater, scoring
        and dimension; a session whose value is undefined keeps its row), their reliability and
        correlations, and `availability` with the topic `accommodation` (and `poles`, where wishes
        and delivery go against each other). Where preference and
        delivery do not share a scale, both are returned and accommodation holds only what needs no
        common scale: the client's own rating, and types received as preferred.

    Raises
    ------
    StudyError
        The preference inventory is unknown, or delivery is rated on other dimensions.
    """
    clients, scores = tables["clients"], tables["scores"]
    dims: list[Dimension] = []
    lacking = UNVERIFIED_BANDS
    if dataset.preference is not None:
        if dataset.preference.instrument not in instruments:
            raise StudyError(
                f"The preference inventory '{dataset.preference.instrument}' of dataset "
                f"'{dataset.name}' is not known",
                advice=f"Known: {', '.join(instruments)}.",
            )
        inventory = instruments[dataset.preference.instrument]
        dims = dimensions(inventory, accept_unverified)
        if all(scale.bands is None for scale in inventory.scales.values()):
            lacking = NO_BANDS
    # First of all the preferences: whatever later stages learn of them, they learn from this table.
    stated = preferences(scores, clients, dims, dataset)
    rated = rated_delivery(scores, clients, dims, dataset)
    indexes: list[Index] = []
    reasons, wanted = {"accommodation": ""}, None
    if stated.empty:
        reasons["accommodation"] = NO_PREFERENCES
    elif rated is None:
        reasons["accommodation"] = NO_DELIVERY
    elif dataset.delivery is None or not dataset.delivery.commensurable:
        reasons["accommodation"] = NO_COMMON_SCALE
    else:
        wanted, band = in_force(stated, clients, dims, rated.place, rated.session)
        if np.isnan(rated.value - wanted).all():
            reasons["accommodation"] = NO_OVERLAP
        else:
            scored, missing = _compared(wanted, band, rated, stated, dims, lacking)
            reasons |= missing
            indexes = [
                index_of(name, rated, one, dims, by_dimension) for name, one in scored.items()
            ]
    asked = tables.get("type_preferences", empty("type_preferences"))
    for direct in (
        rated_accommodation(scores, clients, dataset),
        type_matched(asked, clients, dataset, by_aspect=by_dimension),
    ):
        indexes += [direct] if direct is not None else []
    given = delivery_table(rated, dims)
    turned = against(directions(stated, given)) if wanted is not None else []
    known = tables.get("reliability", empty("reliability"))
    told = indexes if reliability else []
    return {
        "preferences": stated,
        "delivery": given,
        "accommodation": accommodation_table(indexes),
        "accommodation_reliability": accommodation_reliability(
            told, wanted if told else None, rated, dims, clients, known, dataset
        ),
        "scoring_correlations": scoring_correlations(told, clients),
        "availability": noted(with_availability(tables["availability"], reasons), turned),
    }


def _compared(
    wanted: np.ndarray,
    band: np.ndarray,
    rated: Rated,
    stated: pd.DataFrame,
    dims: list[Dimension],
    lacking: str,
) -> tuple[dict[str, Scored], dict[str, str]]:
    """Return every scoring of preference against delivery, and why any is not to be had."""
    given = rated.value
    reasons: dict[str, str] = {}
    scored = {
        "distance": distance(wanted, given),
        "weighted_distance": weighted_distance(wanted, given),
        "signed_gap": signed_gap(wanted, given),
    }
    if all(not np.isnan(dimension.strong_first) for dimension in dims):
        scored["strong_met"] = strong_met(band, rated.band)
        scored["strong_sign"] = strong_sign(band, given)
    else:
        reasons |= dict.fromkeys(("accommodation.strong_met", "accommodation.strong_sign"), lacking)
    scored["profile"] = profile(wanted, given)
    sample = sample_profile(stated, rated, dims)
    if np.isnan(sample.wanted).any():
        reasons |= dict.fromkeys(("accommodation.normative", "accommodation.distinctive"), TOO_FEW)
    else:
        scored["normative"] = normative(wanted, given, sample)
        scored["distinctive"] = distinctive(wanted, given, rated.rater, sample)
    return scored, reasons


def run(
    config_file: Path,
    dataset_file: Path,
    instruments_folder: Path,
    folders: list[Path],
    out: Path,
    blinded: bool = False,
) -> None:
    """Read the tables of the earlier stages, compare preference with delivery, write the files.

    In the blinded mode preferences are exchanged before anything else, and the tables that hold
    them are written again: later stages read these and no others.
    """
    config, dataset = load_config(config_file), load_dataset(dataset_file)
    tables = read_tables(*folders)
    order = SourceOrder.of(tables, dataset)
    placed = order.placed(tables)
    if blinded:
        placed = order.placed(exchange(placed, dataset, config.seed))
    result = accommodate(
        placed,
        dataset,
        load_instruments(instruments_folder, dataset_file),
        config.accept_unverified,
    )
    if blinded:
        result |= {name: placed[name] for name in EXCHANGED}
        result["availability"] = marked(result["availability"])
    result = order.restored(result)
    for name in outputs("accommodate", blinded):
        write_table(result[Path(name).stem], Path(out) / name)
