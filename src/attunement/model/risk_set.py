"""Who left before the risk set of a model begins: counted beside every estimate of dropout."""

from __future__ import annotations

import pandas as pd

from attunement.model.outcomes import complete_clients
from attunement.model.periods import classified
from attunement.model.result import Result
from attunement.study.files import Tables
from attunement.study.specification import Specification


def left_before(tables: Tables, frame: pd.DataFrame, specification: Specification) -> int:
    """Return how many clients had the event but are in no row of a frame.

    A hazard begins where there is exposure, a landmark model after the landmark: whoever dropped
    out before cannot be seen by it, and the earlier people leave the more they are. Clients without
    a covariate of the model are in no sample and are not counted; nor are those whom the definition
    cannot classify.

    Parameters
    ----------
    frame : DataFrame
        What `prepare` returned for this specification.
    """
    clients = complete_clients(tables, specification)["client"]
    rows = tables["dropout"]
    rows = rows[rows["client"].isin(clients)]
    # Without a session or assessment on record there is no last time, and no row either.
    never = rows[
        rows["last_time"].isna() & (rows["definition"] == specification.dropout_definition)
    ]
    known = classified(tables, specification)
    gone = set(known.loc[known["event"] & known["client"].isin(clients), "client"])
    if specification.setting("cause", "dropout") == "dropout":
        gone |= set(never.loc[never["status"] == "dropped_out", "client"])
    return len(gone - set(frame["client"]))


def with_left_before(
    result: Result, tables: Tables, frame: pd.DataFrame, specification: Specification
) -> Result:
    """Return a result of a model of events with the number who left before; others as they are."""
    if specification.dropout_definition is None:
        return result
    count = left_before(tables, frame, specification)
    return result._replace(estimates=result.estimates.assign(n_before_risk=count))
