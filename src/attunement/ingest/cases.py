"""The order of a therapist's cases and the cases open at an intake, made from days."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.study.dataset import Dataset
from attunement.study.files import Tables


def spans(tables: Tables) -> pd.DataFrame:
    """Return first and last day of each client (one row each, in the order of `clients`).

    Returns
    -------
    DataFrame
        client, first, last (days, NaN where none is known), ongoing (recorded as such).
    """
    clients = tables["clients"]["client"]
    days = pd.concat(
        [tables[name][["client", "day"]].dropna() for name in ("sessions", "responses")]
    )
    in_sessions = tables["sessions"][["client", "day"]].dropna()
    first = in_sessions.groupby("client")["day"].min()
    last = in_sessions.groupby("client")["day"].max()
    found = pd.DataFrame(index=pd.Index(clients, name="client"))
    found["first"] = first.reindex(clients).fillna(days.groupby("client")["day"].min())
    recorded_last = last.reindex(clients).fillna(days.groupby("client")["day"].max())
    endings = tables["endings"].set_index("client").reindex(clients)
    found["last"] = endings["last_day"].astype("float64").fillna(recorded_last)
    found["ongoing"] = (endings["ending"] == "ongoing").fillna(False).to_numpy(dtype=bool)
    return found.reset_index()


def derived_cases(tables: Tables, dataset: Dataset) -> pd.DataFrame:
    """Return the clients with `case_order` and `open_cases_at_intake` filled in from days.

    Declared columns win. The intake of a client is the first day among the sessions (of clients
    without a day there: among the responses). A therapist's cases are ordered by intake, then as
    the source lists them. Open at an intake are the therapist's earlier cases whose last day (that
    of the ending, else the last with a session) is this day or later, and those still ongoing.

    Missing rule: all or nothing for a therapist. Where the intake of one case is not known, none of
    that therapist's cases has an order or a count: each place would be a guess. Cases that began
    before the data do are not seen, so the first counts of a study are low.

    Returns
    -------
    DataFrame
        `clients`, with both columns as Int64.
    """
    clients = tables["clients"]
    wanted = {"case_order", "open_cases_at_intake"} - set(dataset.clients.columns)
    if not wanted or "therapist" not in dataset.clients.columns or clients.empty:
        return clients
    held = spans(tables)
    if held["first"].isna().all():
        return clients
    order = np.full(len(clients), np.nan)
    opened = np.full(len(clients), np.nan)
    for _, places in clients.groupby("therapist", sort=False).indices.items():
        first = held["first"].to_numpy(dtype=float)[places]
        if np.isnan(first).any():
            continue
        ranked = np.argsort(first, kind="stable")
        order[places[ranked]] = np.arange(1, len(places) + 1)
        last = held["last"].to_numpy(dtype=float)[places]
        last = np.where(held["ongoing"].to_numpy()[places], np.inf, last)[ranked]
        day = first[ranked]
        # Whoever left before this day has a smaller last day than it.
        opened[places[ranked]] = [int((last[:k] >= day[k]).sum()) for k in range(len(places))]
    made = {"case_order": order, "open_cases_at_intake": opened}
    return clients.assign(
        **{name: pd.Series(made[name]).astype("Int64") for name in sorted(wanted)}
    )
