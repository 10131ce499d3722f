"""Client-centred process as a predictor: a measure of one session and the outcome at the next."""

from __future__ import annotations

import pandas as pd

from attunement.mixed import FitError
from attunement.model.centring import parts
from attunement.model.estimate import fit, supported
from attunement.model.exposure import require
from attunement.model.formulas import columns_of
from attunement.model.measures import measure, told_by
from attunement.model.outcomes import outcome_scores, shaped_time
from attunement.model.result import Result
from attunement.model.rows import estimate_rows, not_estimable, variance_rows
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification


def followed(rows: pd.DataFrame, tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return one row per session with the measure rated and an outcome at the next session.

    Parameters
    ----------
    rows : DataFrame
        client, session, `measure`.

    Returns
    -------
    DataFrame
        client, therapist, session, time, outcome, `measure_within` (session minus client mean),
        `measure_between` (client mean minus therapist mean), `measure_therapist`, and the columns
        of the clients. Clients without a covariate of the model are left out before centring.
    """
    clients = tables["clients"]
    used = sorted((set(columns_of(specification.formula)) & set(clients.columns)) - {"therapist"})
    clients = clients.dropna(subset=used)
    scores = outcome_scores(tables, specification).dropna(subset="session")
    scores["session"] = scores["session"].astype("int64") - 1
    found = rows.merge(scores, on=["client", "session"]).merge(
        clients, on="client", validate="many_to_one"
    )
    if found.empty:
        raise NotEstimable("no rated session is followed by an outcome at the next session")
    found = found.join(parts(found, ["measure"]))
    found["time"] = shaped_time(found["time"], specification)
    return found.sort_values(["client", "session"], kind="stable").reset_index(drop=True)


def process(tables: Tables, specification: Specification) -> Result:
    """Answer whether a session experienced as better than usual is followed by a better outcome.

    Settings: `measure` (instrument.scale or instrument.item), `rater`. The measure counts in
    standard deviations of clients' means.
    """
    require(tables, f"outcome.{specification.outcome}")
    found = measure(tables, specification.setting("measure"), specification.setting("rater"))
    frame = followed(found.rows.rename(columns={found.column: "measure"}), tables, specification)
    try:
        model = supported(frame, specification)
        fitted = fit(model, specification)
    except FitError as problem:
        return not_estimable(specification, str(problem))
    estimates = estimate_rows(fitted, model, specification)
    return Result(
        estimates.assign(informant=told_by(specification, "measure", found.rater)),
        variance_rows(fitted, model, specification),
    )
