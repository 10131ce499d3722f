"""Measures of the session beside accommodation: alliance, empathy, whatever a dataset names."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from attunement.model.exposure import require
from attunement.score.change import in_treatment
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification


class Measure(NamedTuple):
    """A measure of the session: its column, who rated it, and client, session, <column>."""

    column: str
    rater: str
    rows: pd.DataFrame


def _ratings(tables: Tables, name: str) -> pd.DataFrame:
    """The rows of a scale, or of a single item where no scale has that name."""
    instrument, _, part = name.partition(".")
    scores = tables["scores"]
    rows = scores[(scores["instrument"] == instrument) & (scores["scale"] == part)]
    if rows.empty and "responses" in tables:
        answers = tables["responses"]
        rows = answers[(answers["instrument"] == instrument) & (answers["item"] == part)]
    columns = ["client", "session", "day", "rater", "value"]
    return rows[rows["value"].notna() & rows["session"].notna()][columns]


def measure(tables: Tables, name: str, rater: str = "") -> Measure:
    """Return a measure of the session in standard deviations of clients' means.

    Parameters
    ----------
    tables : dict of DataFrame
        Canonical and scored tables.
    name : str
        `instrument.scale`, or `instrument.item` with the number of an item (`srs.2`).
    rater : str
        Who rated it; without a word whoever rated most often.

    Returns
    -------
    Measure
        Higher is what the instrument calls higher. Ratings of one session are averaged; those
        given after the end of treatment are left out. The origin is the mean of clients' means.

    Raises
    ------
    NotEstimable
        Nobody rated it at a session, or clients do not differ in it.
    """
    if not name:
        raise NotEstimable("the dataset names no measures of the session (`process`)")
    rows = _ratings(tables, name)
    counted = rows["rater"].astype(str).value_counts(sort=False).sort_index()
    if rater:
        counted = counted[counted.index == rater]
    if counted.empty or not counted.max():
        raise NotEstimable(f"no ratings of {name}" + (f" by the {rater}" if rater else ""))
    chosen = str(counted.idxmax())
    rows = in_treatment(rows[rows["rater"].astype(str) == chosen], tables)
    rows = rows[rows["client"].isin(tables["clients"]["client"])]
    column = name.replace(".", "_")
    means = rows.groupby("client")["value"].mean()
    if len(means) < 3 or not means.std(ddof=1) > 1e-12:
        raise NotEstimable(f"clients do not differ in {name}")
    values = (rows["value"] - means.mean()) / means.std(ddof=1)
    table = pd.DataFrame(
        {"client": rows["client"], "session": rows["session"].astype("int64"), column: values}
    )
    table = table.groupby(["client", "session"], sort=True)[[column]].mean().reset_index()
    return Measure(column, chosen, table)


def early_mean(tables: Tables, name: str, sessions: int) -> pd.Series:
    """Return each client's mean of a measure over the first sessions, by client."""
    found = measure(tables, name)
    early = found.rows[found.rows["session"].between(1, sessions)]
    return early.groupby("client")[found.column].mean()


def preference_strength(tables: Tables, specification: Specification) -> pd.Series:
    """Return how strong each client's first stated preferences were: the mean of |P| (0 to 1)."""
    require(tables, "preferences")
    stated = tables["preferences"]
    stated = stated[stated["dimension"].isin(specification.dimensions)]
    stated = stated.sort_values(["client", "dimension", "from_session"], kind="stable")
    first = stated.drop_duplicates(["client", "dimension"], keep="first")
    return first["preference"].abs().groupby(first["client"]).mean()


def told_by(specification: Specification, part: str, rater: str) -> str:
    """Return who rated delivery, a further part and the outcome; one informant is marked.

    Estimates that one person's view makes up throughout may agree because it is one person's.
    """
    raters = {
        "delivery": specification.informant if specification.scoring else "",
        part: rater,
        "outcome": specification.outcome_informant,
    }
    known = {name: who for name, who in raters.items() if who}
    same = " (same informant)" if len(known) > 1 and len(set(known.values())) == 1 else ""
    return "; ".join(f"{name}: {who}" for name, who in known.items()) + same
