"""The blinded mode: whole preference records exchanged between clients, before anything is scored.

A plan can then be tried, repaired and frozen on the study's own data, with every number but those
that the question is about as it will be (MacCoun & Perlmutter 2015, doi:10.1038/526187a).
"""

from __future__ import annotations

import zlib

import numpy as np
import pandas as pd

from attunement.study.contracts import conform
from attunement.study.dataset import Dataset
from attunement.study.files import Tables

TOPIC = "blinded"
EXCHANGED = ("scores", "responses", "type_preferences")
REASON = "whole preference records are exchanged between clients: no estimate is a result"


def preference_sources(dataset: Dataset) -> set[str]:
    """Return the instruments and ratings in which clients say what they want."""
    found = {dataset.preference.instrument} if dataset.preference is not None else set()
    rated = dataset.rated_accommodation
    return found | ({rated.rating} if rated is not None else set())


def _stating(tables: Tables, sources: set[str]) -> np.ndarray:
    """The clients with any record of a preference, in the order of `clients`."""
    scores, types = tables["scores"], tables["type_preferences"]
    who = {*scores.loc[scores["instrument"].isin(sources), "client"], *types["client"]}
    clients = tables["clients"]["client"]
    return clients[clients.isin(who)].to_numpy(dtype=object)


def exchange(tables: Tables, dataset: Dataset, seed: int) -> Tables:
    """Give every client's whole preference record to another client.

    The records go round in one random circle, so that nobody keeps the own one: scores of the
    preference inventory and the answers they came from, and what type of therapy was preferred.
    What was received and delivered stays where it was.

    Parameters
    ----------
    tables : dict of DataFrame
        `clients` in source order, `scores`, `responses`, `type_preferences`.
    dataset, seed
        The circle follows from both, and from nothing else.

    Returns
    -------
    dict of DataFrame
        The same tables, `scores`, `responses` and `type_preferences` exchanged.
    """
    sources = preference_sources(dataset)
    stating = _stating(tables, sources)
    draw = np.random.default_rng([seed, zlib.crc32(dataset.name.encode())])
    circle = draw.permutation(len(stating))
    next_one = dict(zip(stating[circle], stating[np.roll(circle, 1)], strict=True))
    found = dict(tables)
    for name in ("scores", "responses"):
        table = tables[name]
        stated = table["instrument"].isin(sources)
        client = table["client"].where(~stated, table["client"].map(next_one))
        found[name] = table.assign(client=client.astype(table["client"].dtype))
    # Received types are the client's own, so this table is put together anew.
    found["type_preferences"] = _exchanged_types(tables["type_preferences"], next_one)
    return found


def _exchanged_types(types: pd.DataFrame, next_one: dict[object, object]) -> pd.DataFrame:
    """Preferred types from another client; received types stay.

    Where the other stated nothing of an aspect on that occasion, nothing is known.
    """
    keys = ["client", "occasion", "aspect", "rater"]
    keys = [name for name in keys if name in types.columns]
    given = types[[*keys, "preferred"]].assign(client=types["client"].map(next_one))
    merged = types.drop(columns="preferred").merge(given, on=keys, how="left")
    return merged[list(types.columns)].astype(types.dtypes.to_dict())


def marked(availability: pd.DataFrame) -> pd.DataFrame:
    """Return the table `availability` with the mark that later stages pass on."""
    row = pd.DataFrame([{"topic": TOPIC, "available": True, "reason": REASON}])
    both = pd.concat([availability, conform(row, "availability")], ignore_index=True)
    return conform(both, "availability")


def is_blinded(tables: Tables) -> bool:
    """Return whether the tables that `accommodate` passed on are blinded."""
    availability = tables.get("availability")
    if availability is None:
        return False
    return bool(((availability["topic"] == TOPIC) & availability["available"]).any())
