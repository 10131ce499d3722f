"""The disclosure rules: each takes all tables, changes what it must, and says what it decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from attunement.release.cells import CELLS, CURVE_SHARES
from attunement.study.config import Release
from attunement.study.files import Tables

Decision = dict[str, Any]
Rule = Callable[[Tables, Release], tuple[Tables, list[Decision]]]


def few(rules: Release) -> str:
    """Return the words for a small cell."""
    return f"fewer than {rules.smallest_cell}"


def decided(table: str, rule: str, decision: str, n_rows: int, reason: str) -> Decision:
    """Return one row of the table of decisions."""
    return {
        "table": table,
        "rule": rule,
        "decision": decision,
        "n_rows": int(n_rows),
        "reason": reason,
    }


def small(values: pd.Series, rules: Release) -> pd.Series:
    """Return whether each count is above 0 and below the smallest cell."""
    numbers = values.astype("Float64")
    return ((numbers > 0) & (numbers < rules.smallest_cell)).fillna(False).astype(bool)


def emptied(frame: pd.DataFrame, rows: pd.Series, name: str, reason: str) -> pd.DataFrame:
    """Empty the numbers of some rows and mark them as withheld."""
    frame = frame.copy()
    frame.loc[rows, list(CELLS[name].numbers)] = pd.NA
    if "withheld" in frame.columns:
        frame.loc[rows, "withheld"] = True
    if "status" in frame.columns:
        frame.loc[rows, "status"] = "withheld"
    if "reason" in frame.columns:
        frame.loc[rows, "reason"] = f"withheld: {reason}"
    return frame


def therapists_shown(tables: Tables, rules: Release) -> tuple[Tables, list[Decision]]:
    """Show therapists' effects only where enough therapists have enough clients; band caseloads."""
    effects = tables["therapist_effects"]
    if effects.empty:
        return {}, []
    least = rules.clients_per_therapist_to_show
    caseload = pd.to_numeric(effects["caseload"], errors="coerce").fillna(0).astype(int)
    shown = effects[caseload >= least].copy()
    name, rule = "therapist_effects", "therapists with enough clients"
    if len(shown) < rules.therapists_to_show:
        reason = (
            f"fewer than {rules.therapists_to_show} therapists with at least {least} clients each"
        )
        return {name: effects.iloc[:0]}, [decided(name, rule, "withheld", len(effects), reason)]
    edges = [least, 2 * least, 3 * least]
    bands = [
        f"{edges[0]} to {edges[1] - 1}",
        f"{edges[1]} to {edges[2] - 1}",
        f"{edges[2]} or more",
    ]
    band = np.searchsorted(edges, caseload[caseload >= least], side="right") - 1
    filled = np.bincount(band)
    if filled[filled > 0].min() < rules.therapists_to_show:
        # A band of few therapists would tell who has the largest caseload.
        shown["caseload"] = f"{least} or more"
    else:
        shown["caseload"] = [bands[place] for place in band]
    shown["rank"] = shown.groupby("outcome").cumcount() + 1
    decisions = [decided(name, rule, "pass", len(shown), "no names; caseload in bands")]
    if left := len(effects) - len(shown):
        reason = f"therapists with fewer than {least} clients are left out"
        decisions.append(decided(name, rule, "withheld", left, reason))
    return {name: shown}, decisions


def coarser_curves(tables: Tables, rules: Release) -> tuple[Tables, list[Decision]]:
    """Join steps of a curve until each holds full cells; an unfinished step is cut.

    A step ends where it holds a full cell of dropouts, nobody or a full cell of other endings, and
    where nobody or a full cell is left.
    """
    found, decisions = {}, []
    for name in ("dropout_curves", "landmark_curves"):
        curves = tables[name]
        if curves.empty:
            continue
        kept = [
            step
            for _, rows in curves.groupby(["definition", "group"], sort=True)
            for step in _joined_steps(rows, rules)
        ]
        joined = pd.DataFrame(kept, columns=curves.columns).astype(curves.dtypes.to_dict())
        joined[list(CURVE_SHARES)] = joined[list(CURVE_SHARES)].round(2)
        found[name] = joined
        reason = f"steps joined until each holds at least {rules.smallest_cell} dropouts"
        count = len(curves) - len(joined)
        decisions.append(decided(name, "coarser steps", "rounded", count, reason))
    return found, decisions


def _joined_steps(rows: pd.DataFrame, rules: Release) -> list[dict[Any, Any]]:
    """The steps of one curve, joined."""
    kept = []
    events, others, at_risk = 0, 0, None
    beside = dict.fromkeys(("n_planned", "n_censored"), 0)
    for row in rows.sort_values("time").to_dict("records"):
        at_risk = row["n_at_risk"] if at_risk is None else at_risk
        events, others = events + int(row["n_events"]), others + int(row["n_competing"])
        beside = {name: count + int(row[name]) for name, count in beside.items()}
        left = int(row["n_at_risk"]) - int(row["n_events"]) - int(row["n_competing"])
        rests = all(rest == 0 or rest >= rules.smallest_cell for rest in (others, left))
        if events >= rules.smallest_cell and rests:
            joined_counts = {"n_at_risk": at_risk, "n_events": events, "n_competing": others}
            kept.append(row | joined_counts | beside)
            events, others, at_risk = 0, 0, None
            beside = dict.fromkeys(beside, 0)
    return kept


def small_cells(tables: Tables, rules: Release) -> tuple[Tables, list[Decision]]:
    """Empty every row that rests on a small cell, the rest of a whole and the part of a share."""
    found, decisions = {}, []
    for name, cells in CELLS.items():
        frame = tables[name]
        hit = pd.Series(False, index=frame.index)
        for column in cells.people:
            hit |= small(frame[column], rules)
        for whole, part in cells.rests:
            hit |= small(frame[whole] - frame[part], rules)
        for share, part, whole in cells.shares:
            if not part:
                count = frame[share].astype("Float64") * frame[whole].astype("Float64")
                hit |= small(count, rules) & (count >= 0.5).fillna(False).astype(bool)
        if hit.any():
            reason = few(rules)
            found[name] = emptied(frame, hit, name, reason)
            decisions.append(decided(name, "smallest cell", "withheld", hit.sum(), reason))
    return found, decisions


def second_cells(tables: Tables, rules: Release) -> tuple[Tables, list[Decision]]:
    """Where one cell of a known total was emptied, empty a second one, the smallest left."""
    found, decisions = {}, []
    for name, cells in CELLS.items():
        frame, count = tables[name].copy(), 0
        if not cells.sums or frame.empty:
            continue
        alone = True
        while alone:  # a second cell of one group may be the only one of another
            alone = False
            for keys in cells.sums:
                for _, rows in frame.groupby(list(keys), sort=True, dropna=False):
                    withheld = rows["withheld"].astype(bool)
                    shown = rows[~withheld & rows[cells.people[0]].notna()]
                    if withheld.sum() == 1 and len(shown):
                        sizes = shown[cells.people[0]].astype(float)
                        # A cell of nobody hides nothing, unless there is no other.
                        row = sizes.where(sizes > 0, np.inf).idxmin()
                        hit = pd.Series(frame.index == row, index=frame.index)
                        frame = emptied(frame, hit, name, "would give a small cell away")
                        count, alone = count + 1, True
        if count:
            found[name] = frame
            reason = "the only emptied cell of a total would follow by subtraction"
            decisions.append(decided(name, "second cell", "withheld", count, reason))
    return found, decisions


def linked_counts(tables: Tables, rules: Release) -> tuple[Tables, list[Decision]]:
    """Empty a count that another table withholds: dropouts before accommodation, by definition."""
    accounting, rates = tables["dropout_accounting"], tables["dropout_rates"]
    withheld = accounting["withheld"].astype(bool) & (accounting["step"] == "before_accommodation")
    hit = rates["definition"].isin(accounting.loc[withheld, "definition"])
    hit &= rates["n_before_risk"].notna()
    if not hit.any():
        return {}, []
    frame = rates.copy()
    frame.loc[hit, "n_before_risk"] = pd.NA
    reason = "the same count is withheld in dropout_accounting"
    decision = decided("dropout_rates", "linked counts", "withheld", hit.sum(), reason)
    return {"dropout_rates": frame}, [decision]


def small_counts(tables: Tables, rules: Release) -> tuple[Tables, list[Decision]]:
    """Empty a small count that stands beside a number that does not rest on it."""
    found, decisions = {}, []
    for name, cells in CELLS.items():
        frame = tables[name].copy()
        hits = 0
        for column in cells.counts:
            hit = small(frame[column], rules)
            frame.loc[hit, column] = pd.NA
            hits += int(hit.sum())
        if hits:
            found[name] = frame
            reason = f"single counts of {few(rules)} emptied"
            decisions.append(decided(name, "small counts", "withheld", hits, reason))
    return found, decisions
