"""The stage: scores in; preferences in force, delivery and accommodation per session out."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd

from attunement.accommodate.blinding import EXCHANGED, exchange, marked
from attunement.accommodate.delivery import Rated, delivery_table, rated_delivery
from attunement.accommodate.preferences import Dimension, dimensions, in_force, preferences
from attunement.accommodate.scorings import Scored, distance, strong_met
from attunement.score.stage import with_availability
from attunement.study.config import load_config
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset, load_dataset
from attunement.study.files import Tables, read_tables, write_table
from attunement.study.instruments import Instrument, load_instruments
from attunement.study.layout import outputs
from attunement.study.problems import StudyError
from attunement.study.source_order import SourceOrder

NO_PREFERENCES = "no preferences recorded"
NO_DELIVERY = "no delivery recorded"
NO_COMMON_SCALE = (
    "preference and delivery do not share a scale by design: congruence is not interpretable"
)
NO_OVERLAP = "no session has both a preference in force and delivery recorded"


def _flat(columns: np.ndarray, over_all: np.ndarray, by_dimension: bool) -> np.ndarray:
    """Return values session by session: those over all dimensions first, then each dimension."""
    if not by_dimension:
        return over_all
    return np.column_stack([over_all, columns]).ravel()


def _rows(
    rated: Rated, scored: dict[str, Scored], dims: list[Dimension], by_dimension: bool
) -> pd.DataFrame:
    """Return the table `accommodation` from scorings of the rated sessions, session by session."""
    names = ["all", *(dimension.name for dimension in dims)] if by_dimension else ["all"]
    n, width = len(rated.session), len(names)
    row, column = np.divmod(np.arange(n * width), width)
    dimension = pd.Series(names, dtype="str").take(column).reset_index(drop=True)
    client = rated.client.take(row).reset_index(drop=True)
    rater = rated.rater.take(row).reset_index(drop=True)
    parts = []
    for scoring, one in scored.items():
        none_strong = _flat(one.none_strong, one.all_none_strong, by_dimension)
        parts.append(
            pd.DataFrame(
                {
                    "client": client,
                    "session": rated.session[row],
                    "rater": rater,
                    "scoring": scoring,
                    "dimension": dimension,
                    "value": _flat(one.value, one.all_value, by_dimension),
                    "n_dimensions": _flat(~np.isnan(one.value), one.n_dimensions, by_dimension),
                    "no_strong_preference": pd.array(none_strong, dtype="Float64"),
                }
            )
        )
    table = pd.concat(parts, ignore_index=True)
    table["no_strong_preference"] = (table["no_strong_preference"] == 1).mask(
        table["no_strong_preference"].isna()
    )
    return conform(table, "accommodation")


def accommodate(
    tables: Tables,
    dataset: Dataset,
    instruments: dict[str, Instrument],
    accept_unverified: Collection[str] = (),
    *,
    by_dimension: bool = True,
) -> Tables:
    """Compare what each client wanted with what each session gave, under every scoring.

    Parameters
    ----------
    tables : `clients`, `scores`, `availability` of the earlier stages.
    dataset, instruments : what was declared of preference and delivery; scales and bands.
    accept_unverified : names of facts to use although unverified, as `cnip.TD_CD.bands`.
    by_dimension : False keeps only the values over all dimensions (many large studies in memory).

    Returns
    -------
    Tables
        `preferences`, `delivery`, `accommodation` (a row per session that was rated, rater, scoring
        and dimension; a session whose value is undefined keeps its row) and `availability` with the
        topic `accommodation`. Where preference and delivery do not share a scale, both are
        returned and accommodation is empty.

    Raises
    ------
    StudyError
        The preference inventory is unknown, or delivery is rated on other dimensions.
    """
    clients, scores = tables["clients"], tables["scores"]
    dims: list[Dimension] = []
    if dataset.preference is not None:
        if dataset.preference.instrument not in instruments:
            raise StudyError(
                f"The preference inventory '{dataset.preference.instrument}' of dataset "
                f"'{dataset.name}' is not known",
                advice=f"Known: {', '.join(instruments)}.",
            )
        dims = dimensions(instruments[dataset.preference.instrument], accept_unverified)
    # First of all the preferences: whatever later stages learn of them, they learn from this table.
    stated = preferences(scores, clients, dims, dataset)
    rated = rated_delivery(scores, clients, dims, dataset)
    accommodation, reasons = empty("accommodation"), {"accommodation": ""}
    if stated.empty:
        reasons["accommodation"] = NO_PREFERENCES
    elif rated is None:
        reasons["accommodation"] = NO_DELIVERY
    elif dataset.delivery is None or not dataset.delivery.commensurable:
        reasons["accommodation"] = NO_COMMON_SCALE
    else:
        wanted, band = in_force(stated, clients, dims, rated.place, rated.session)
        scored = {"distance": distance(wanted, rated.value)}
        if all(not np.isnan(dimension.strong_first) for dimension in dims):
            scored["strong_met"] = strong_met(band, rated.band)
        else:
            reasons["accommodation.strong_met"] = (
                "the bands of strong preference are unverified; "
                "name them under accept_unverified to use them"
            )
        if np.isnan(scored["distance"].value).all():
            reasons["accommodation"] = NO_OVERLAP
        else:
            accommodation = _rows(rated, scored, dims, by_dimension)
    return {
        "preferences": stated,
        "delivery": delivery_table(rated, dims),
        "accommodation": accommodation,
        "availability": with_availability(tables["availability"], reasons),
    }


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
