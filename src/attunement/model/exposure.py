"""What a client was exposed to: accommodation, preference and delivery, session by session."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.accommodate.preferences import preference_in_force
from attunement.model.centring import between_sd
from attunement.model.formulas import columns_of
from attunement.model.remembered import once
from attunement.study.contracts import WITHOUT_COMMON_SCALE
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

# The two sides of a signed gap, in its unit: more of the first pole than wanted, and less.
GAPS = ("too_much", "too_little")
NOTHING = {
    "rated": "no rating of how far wishes were met by the {}",
    "type_matched": "no preferences for a type of therapy told by the {}",
}
# Further measures of the session (client, session, columns) that a question sets beside exposure.
BESIDE = "measured_beside"
# What accommodation, and preference and delivery beside it, are made of.
MADE_OF = ("accommodation", "delivery", "preferences")


def require(tables: Tables, topic: str) -> None:
    """Raise `NotEstimable` with the recorded reason where a topic is not available."""
    known = tables["availability"]
    known = known[known["topic"] == topic]
    if len(known) and not bool(known["available"].iloc[0]):
        raise NotEstimable(str(known["reason"].iloc[0]))


def topics(specification: Specification) -> tuple[str, ...]:
    """Return what a scoring rests on, as topics of availability, the most fundamental one first."""
    own = f"accommodation.{specification.scoring}"
    if specification.scoring in WITHOUT_COMMON_SCALE:
        return (own,)
    return ("preferences", "delivery", "commensurable", "accommodation", own)


def predictors(specification: Specification) -> list[str]:
    """Return what is split into parts: accommodation, and preference and delivery by dimension."""
    gaps = GAPS if specification.scoring == "signed_gap" else ()
    return [
        "accommodation",
        *gaps,
        *names("preference", specification),
        *names("delivery", specification),
    ]


def _refuse_identity(specification: Specification) -> None:
    """A signed gap is delivery minus preference: no model can hold all three."""
    if specification.scoring != "signed_gap":
        return
    held = {name.partition("_")[0] for name in columns_of(specification.formula)}
    if {"accommodation", "preference", "delivery"} <= held:
        raise NotEstimable(
            "a signed gap is delivery minus preference: a model of it holds one of the two, or "
            "too_much and too_little with preference"
        )


def _wide(table: pd.DataFrame, value: str, specification: Specification) -> pd.DataFrame:
    wide = table.pivot(index=["client", "session"], columns="dimension", values=value)
    wide = wide.reindex(columns=list(specification.dimensions))
    return wide.add_prefix(f"{value}_").reset_index()


def exposure(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return one row per session with delivery as the specification's informant rated it.

    Returns
    -------
    DataFrame
        client, session, accommodation (in standard deviations between clients: one unit for all
        models of a scoring and informant; missing where undefined), no_strong_preference,
        preference_<dimension> and delivery_<dimension> (-1..1); of signed gaps also too_much and
        too_little, in the gap's unit. A client's own rating needs no common scale; types received
        as preferred lie on no dimension, and a row stands for an occasion on which they were told.

    Raises
    ------
    NotEstimable
        Preferences or delivery are not recorded, do not share a scale, or nobody has both.
    """
    for topic in topics(specification):
        require(tables, topic)
    _refuse_identity(specification)
    asked = (
        specification.scoring,
        specification.dimension,
        specification.informant,
        specification.dimensions,
    )
    used = [tables.get(name) for name in MADE_OF]
    # A plan asks for that of one scoring and informant in dozens of models.
    return once(used, asked, lambda: _rated(tables, specification))


def _rated(tables: Tables, specification: Specification) -> pd.DataFrame:
    scored = tables["accommodation"]
    scored = scored[
        (scored["scoring"] == specification.scoring)
        & (scored["dimension"] == specification.dimension)
        & (scored["rater"] == specification.informant)
    ]
    if scored.empty:
        nothing = NOTHING.get(str(specification.scoring), "no delivery rated by the {}")
        raise NotEstimable(nothing.format(specification.informant))
    table = scored[["client", "session", "value", "no_strong_preference"]]
    table = table.rename(columns={"value": "accommodation"})
    if specification.dimensions:
        given = tables["delivery"]
        given = _wide(given[given["rater"] == specification.informant], "delivery", specification)
        wanted = _wide(
            preference_in_force(tables["preferences"], scored), "preference", specification
        )
        table = table.merge(wanted, on=["client", "session"], how="left")
        table = table.merge(given, on=["client", "session"], how="left")
    table["no_strong_preference"] = table["no_strong_preference"].fillna(False).astype(float)
    table["session"] = table["session"].astype("int64")
    complete = table[names("preference", specification) + names("delivery", specification)]
    defined = table["accommodation"].notna() | (table["no_strong_preference"] == 1)
    kept = table[complete.notna().all(axis=1) & defined]
    if kept.empty:
        raise NotEstimable("nobody has both a preference and a rating of delivery")
    kept = kept.sort_values(["client", "session"], kind="stable").reset_index(drop=True)
    kept["accommodation"] = kept["accommodation"] / between_sd(kept, "accommodation")
    if specification.scoring == "signed_gap":
        kept[GAPS[0]] = kept["accommodation"].clip(lower=0)
        kept[GAPS[1]] = (-kept["accommodation"]).clip(lower=0)
    return kept


def exposed(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return `exposure`, of sessions with the further measures of the session if there are any."""
    found = exposure(tables, specification)
    if BESIDE in tables:
        found = found.merge(tables[BESIDE], on=["client", "session"])
        if found.empty:
            raise NotEstimable("no session has both delivery and the measure of the session rated")
    return found


def names(part: str, specification: Specification, suffix: str = "") -> list[str]:
    """Return the column names of a part (preference, delivery), one per dimension."""
    return [f"{part}_{dimension}{suffix}" for dimension in specification.dimensions]


def past(exposures: pd.DataFrame, specification: Specification) -> pd.DataFrame:
    """Return exposures with `accommodation_past` and `delivery_<dimension>_past` (and of gaps).

    Each is the mean of the sessions so far, the row's own included: what the client knew when the
    decision to come again was due. Later sessions cannot change it. A client whose sessions so far
    held no strong preference has `accommodation_past` missing and `no_strong_preference` 1.

    Raises
    ------
    NotEstimable
        Leaving is told by assessments that are not counted in sessions (study attrition): which
        sessions came before an assessment is then not known.
    """
    unit = specification.time_unit
    if specification.dropout_definition == "study_attrition" and unit != "session":
        raise NotEstimable(
            f"study attrition counts assessments by {unit}, accommodation is known by session: "
            "which sessions came before an assessment is not known"
        )
    table = exposures.sort_values(["client", "session"], kind="stable").reset_index(drop=True)
    columns = [n for n in predictors(specification) if not n.startswith("preference_")]
    client = table["client"]
    counted = table[columns].notna()
    sums = table[columns].fillna(0.0).groupby(client, sort=False).cumsum()
    counts = counted.astype(float).groupby(client, sort=False).cumsum()
    so_far = (sums / counts.replace(0.0, np.nan)).add_suffix("_past")
    table = table.drop(columns=columns).join(so_far)
    table["no_strong_preference"] = table["accommodation_past"].isna().astype(float)
    return table
