"""`data/published/effects.csv`: published effects, read, checked and turned one way."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from attunement.study.contracts.schema import Column, ContractError, Table, conform
from attunement.study.effects import EffectSize, Metric
from attunement.study.problems import StudyError

# As effects.EffectSize names them; g is d corrected for small samples.
CONVERTED: dict[str, Metric] = {"d": "d", "g": "d", "r": "r", "OR": "OR", "RR": "RR"}
RATIOS = ("OR", "RR")
# Events that count for the client, and what the opposite event is called.
STAYING = {"completion": "not completing", "adherence": "not adhering"}

PUBLISHED_EFFECTS = Table(
    "published_effects",
    "one published effect",
    ("id",),
    (
        Column("id", "id", "name of the row", required=True),
        Column("study", "text", "authors and year", required=True),
        Column("year", "integer", "year of print", low=1900, high=2100, required=True),
        Column("kind", "text", "meta-analysis, individual data, primary study", required=True),
        Column("series", "id", "reviews of one line of work", required=True),
        Column("topic", "text", "accommodation, feedback, alliance", required=True),
        Column("outcome", "text", "what was measured", required=True),
        Column("contrast", "text", "what was compared with what", required=True),
        Column(
            "metric",
            "category",
            "metric of the estimate",
            categories=("d", "g", "r", "OR", "RR", "prop", "pct"),
        ),
        Column("estimate", "number", "as printed"),
        Column("ci_low", "number", "lower limit as printed"),
        Column("ci_high", "number", "upper limit as printed"),
        Column("limits", "category", "what the limits are", categories=("95% interval", "range")),
        Column(
            "favours",
            "category",
            "side of no effect on which the exposure helps or protects",
            categories=("above", "below", "none"),
            required=True,
        ),
        Column("k", "integer", "studies", low=1),
        Column(
            "k_of",
            "category",
            "studies behind this effect, or of the whole review",
            categories=("effect", "review"),
        ),
        Column("n_participants", "text", "clients, as printed"),
        Column("p", "text", "as printed"),
        Column("heterogeneity", "text", "as printed"),
        Column("psychotherapy", "flag", "false: another treatment", required=True),
        Column("note", "text", "what a reader needs to know"),
        Column("verified", "category", "seen in the source?", categories=("yes", "partly", "no")),
        Column("source", "text", "where it was seen", required=True),
        Column("citation", "text", "where it was printed", required=True),
    ),
)


def load_published(path: Path) -> pd.DataFrame:
    """Read and check published effects.

    Returns
    -------
    DataFrame
        The columns of `PUBLISHED_EFFECTS`; text that is absent is missing.

    Raises
    ------
    StudyError
        The file is absent, breaks its contract, or an effect cannot be what it says: an estimate
        without metric, outside its limits or its range, or without a direction.
    """
    path = Path(path)
    if not path.is_file():
        raise StudyError("The published effects are not there", file=path)
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8")
    try:
        table = conform(frame, PUBLISHED_EFFECTS)
    except ContractError as error:
        raise StudyError(str(error), file=path) from None
    for fault, rows in _faults(table).items():
        if rows.any():
            raise StudyError(
                fault, file=path, rows=int(rows.sum()), first=table.loc[rows, "id"].tolist()
            )
    return table


def _faults(table: pd.DataFrame) -> dict[str, pd.Series]:
    """What a row must not be, each with the rows that are."""
    known = table["estimate"].notna()
    low, high = table["ci_low"], table["ci_high"]
    ratio = table["metric"].isin(RATIOS)
    sided = table["metric"].isin(CONVERTED)
    outside = (low > table["estimate"]) | (high < table["estimate"])
    impossible = (ratio & (table["estimate"] <= 0)) | (
        table["metric"].eq("r") & (table["estimate"].abs() >= 1)
    )
    return {
        "An estimate has no metric": known & table["metric"].isna(),
        "An estimate lies outside its limits": known & outside,
        "Limits stand without an estimate": ~known & (low.notna() | high.notna()),
        "One limit stands alone": low.notna() != high.notna(),
        "Limits do not say what they are": low.notna() & table["limits"].isna(),
        "An effect has no direction (favours)": known & sided & table["favours"].eq("none"),
        "A value is impossible in its metric": known & impossible,
        "k does not say whether it is of the effect or of the whole review": (
            table["k"].notna() != table["k_of"].notna()
        ),
        "An effect does not say whether it was verified": table["verified"].isna(),
    }


def event_of(outcome: str) -> str:
    """Return the event that an aligned ratio is of: the bad one (not completing, dropout)."""
    return STAYING.get(outcome, outcome)


def aligned(row: Mapping[Any, Any], base_risk: float | None = None) -> EffectSize:
    """Return a published effect turned the house's way: d, r above 0 help; ratios below 1 protect.

    The odds ratio of an event and of its opposite are each other's inverse, so that an odds ratio
    of completion becomes that of not completing. A risk ratio has no such inverse: only the
    comparison of its groups can be turned.

    Parameters
    ----------
    row : mapping
        A row of `load_published` with an estimate.
    base_risk : float, optional
        Carried along (see `EffectSize`).

    Raises
    ------
    ValueError
        The metric has no direction (a share), or a risk ratio of staying would have to be turned.
    """
    metric = CONVERTED.get(str(row["metric"]))
    if metric is None or row["favours"] == "none":
        raise ValueError(f"{row['id']}: {row['metric']} has no side that helps")
    low, high = (
        float(str(row[name])) if pd.notna(row[name]) and row["limits"] == "95% interval" else _NAN
        for name in ("ci_low", "ci_high")
    )
    effect = EffectSize(metric, float(str(row["estimate"])), low, high, base_risk)
    if metric == "RR" and row["outcome"] in STAYING:
        raise ValueError(f"{row['id']}: a risk ratio of {row['outcome']} is none of its opposite")
    wanted = "below" if metric in RATIOS else "above"
    return effect if row["favours"] == wanted else effect.inverse()


def overlap(table: pd.DataFrame, name: str) -> tuple[list[str], list[str]]:
    """Return the studies of the table that share primary studies with the one named.

    Parameters
    ----------
    table : DataFrame
        Published effects that stand side by side.
    name : str
        The id of one of them.

    Returns
    -------
    known : list of str
        Reviews of the same series: a later one holds studies of the earlier.
    possible : list of str
        Other reviews of the topic: how far they overlap was not counted. A primary study has
        reviews of a later year here, which may hold it.
    """
    row = table.set_index("id").loc[name]
    others = table[(table["topic"] == row["topic"]) & (table["study"] != row["study"])]
    same = others["series"] == row["series"]
    reviews = others["kind"] != "primary study"
    if row["kind"] == "primary study":
        may = reviews & (others["year"] >= row["year"])
    else:
        may = reviews | (others["year"] <= row["year"])
    known, possible = (
        list(dict.fromkeys(others.loc[rows, "study"].astype(str)))
        for rows in (same & reviews, ~same & may)
    )
    return known, possible


_NAN = float("nan")
