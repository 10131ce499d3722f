"""Clients most worth learning from: for the therapist and the clinic, never released."""

from __future__ import annotations

import pandas as pd

from attunement.model.responsiveness import sessions_with_preference
from attunement.study.contracts import conform, empty
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

GAINED = ("recovered", "improved")


def learning_clients(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return the clients who were not on track, then got more of what they wanted, and improved.

    One row per client (contract `learning_clients`), the largest move first. Not on track: flagged
    at a session with delivery rated before it and from it on. Moved: mean |D - P|, with the
    preference stated first, is smaller from the flagged session on (scores open a session, so that
    the therapist could see the flag) than before it. Improved: reliable change at the last score.
    The time order is what makes them worth a look; that the move brought the change is not shown.
    Empty where flags, change, preferences or delivery are not there.

    Parameters
    ----------
    specification : Specification
        The planned `best_teacher`: its outcome, informant of delivery, dimensions.
    """
    flags = tables.get("flags", empty("flags"))
    flags = flags[(flags["flag"] == "not_on_track") & flags["flagged"].fillna(False).astype(bool)]
    flags = flags[(flags["outcome"] == specification.outcome) & flags["session"].notna()]
    change = tables.get("change", empty("change"))
    change = change[(change["outcome"] == specification.outcome) & change["result"].isin(GAINED)]
    if flags.empty or change.empty:
        return empty("learning_clients")
    try:
        rows = sessions_with_preference(tables, specification)
    except NotEstimable:
        return empty("learning_clients")
    gap = (rows["delivery"] - rows["preference"]).abs()
    by_session = gap.groupby([rows["client"], rows["session"]]).mean().rename("gap").reset_index()
    begins = by_session.groupby("client")["session"].min()
    flags = flags.assign(flagged_at=flags["session"].astype(float))
    # A flag before delivery was ever rated leaves nothing to compare the later sessions with.
    flags = flags[flags["flagged_at"] > flags["client"].map(begins)]
    first = flags.groupby("client")["flagged_at"].min().reset_index()
    rated = by_session.merge(first, on="client")
    later = rated["session"] >= rated["flagged_at"]
    found = first.set_index("client")
    found["gap_before"] = rated[~later].groupby("client")["gap"].mean()
    found["gap_after"] = rated[later].groupby("client")["gap"].mean()
    found["moved"] = found["gap_before"] - found["gap_after"]
    found = found[found["moved"] > 0].reset_index()
    found = found.merge(change[["client", "first", "last", "result"]], on="client")
    found = found.merge(tables["clients"][["client", "therapist"]], on="client")
    found = found.sort_values(["moved", "client"], ascending=[False, True], kind="stable")
    return conform(found.reset_index(drop=True), "learning_clients")
