"""Which dropouts a model of accommodation can see, and which it cannot."""

from __future__ import annotations

import pandas as pd

from attunement.release.dropout import assessed_in_sessions, before_risk, first_exposure
from attunement.study.contracts import DROPOUT_DEFINITIONS, conform, empty
from attunement.study.dataset import Dataset
from attunement.study.files import Tables

INFORMANT, SCORING = "client", "distance"

STEPS = {
    "classified": ("-", "dropped out or stayed"),
    "stayed": ("classified", "stayed"),
    "dropped_out": ("classified", "dropped out"),
    "before_accommodation": (
        "dropped_out",
        "before the first session with delivery rated for anybody, or with no session on record",
    ),
    "never_scored": ("dropped_out", "later, without accommodation scored before leaving"),
    "at_risk": ("dropped_out", "with accommodation scored before leaving (hazard)"),
    "by_landmark": ("at_risk", "by session {landmark}, or first scored after it"),
    "after_landmark": ("at_risk", "after session {landmark}, scored by then (landmark)"),
}


def scored_sessions(tables: Tables) -> pd.DataFrame:
    """Return the sessions with accommodation scored on all dimensions (client, distance)."""
    scored = tables["accommodation"]
    chosen = (
        (scored["rater"] == INFORMANT)
        & (scored["scoring"] == SCORING)
        & (scored["dimension"] == "all")
        & scored["value"].notna()
    )
    return scored.loc[chosen, ["client", "session"]]


def dropout_accounting(
    tables: Tables, dataset: Dataset, landmark: float | None = None
) -> pd.DataFrame:
    """Return, per definition, the dropouts by what was known of their accommodation.

    Parameters
    ----------
    tables : dict of DataFrame
        `dropout` and `accommodation`.
    dataset : Dataset
        Says whether assessments are sessions; where not, study attrition cannot be compared.
    landmark : float, optional
        The session of the landmark models; without one their two steps are left out.

    Returns
    -------
    DataFrame
        Contract `dropout_accounting`. The steps that share `part_of` add up to that step. Empty
        where no accommodation was scored at all.
    """
    scored = scored_sessions(tables).groupby("client")["session"].min().astype(float)
    start = first_exposure(tables)
    if scored.empty:
        return empty("dropout_accounting")
    lines = []
    for definition in DROPOUT_DEFINITIONS:
        rows = tables["dropout"][tables["dropout"]["definition"] == definition]
        if rows.empty or (definition == "study_attrition" and not assessed_in_sessions(dataset)):
            continue
        last, first = rows["last_time"].astype(float), rows["client"].map(scored).astype(float)
        gone, early = rows["status"] == "dropped_out", before_risk(rows, start)
        at_risk = gone & ~early & (first <= last)
        found = {
            "stayed": rows["status"] == "stayed",
            "dropped_out": gone,
            "before_accommodation": early,
            "never_scored": gone & ~early & ~at_risk,
            "at_risk": at_risk,
        }
        found["classified"] = found["stayed"] | gone
        if landmark is not None:
            later = at_risk & (last >= landmark) & (first <= landmark)
            found |= {"by_landmark": at_risk & ~later, "after_landmark": later}
        lines += [
            {
                "definition": definition,
                "step": step,
                "part_of": part_of,
                "label": label.format(landmark=f"{landmark or 0:g}"),
                "n_clients": int(found[step].sum()),
                "withheld": False,
            }
            for step, (part_of, label) in STEPS.items()
            if step in found
        ]
    if not lines:
        return empty("dropout_accounting")
    return conform(pd.DataFrame(lines), "dropout_accounting")
