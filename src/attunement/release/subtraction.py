"""The rules for what subtraction gives: groups from their total, and one table from another."""

from __future__ import annotations

import pandas as pd

from attunement.release.rules import Decision, decided, emptied, few, small
from attunement.study.config import Release
from attunement.study.files import Tables

ALL = "all"
# Tables with a line for all clients and for each arm: what a line is of, and counts that add up.
BY_ARM: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "description": (["level", "variable", "category"], ("n",)),
    "trajectories": (["outcome", "time"], ("n_clients",)),
    "dropout_rates": (["definition"], ("n_clients", "n_dropped_out")),
}
# Tables whose rows are the classes of one group: what a group is, and what belongs to it too.
CLASSES: dict[str, tuple[list[str], tuple[str, ...], tuple[str, ...]]] = {
    "description": (["level", "variable", "group"], ("n",), ("n_missing",)),
    "dropout_rates": (["definition", "group"], ("n_clients", "n_censored", "n_unknown"), ()),
    "dropout_accounting": (["definition", "part_of"], ("n_clients",), ()),
    "change_classes": (["outcome", "method", "part_of"], ("n_clients",), ()),
    "change_method_classes": (["outcome", "method", "part_of"], ("n_clients",), ()),
}


def small_groups(tables: Tables, rules: Release) -> tuple[Tables, list[Decision]]:
    """Withhold every cell of a group smaller than the smallest cell: of so few, nobody tells too.

    That nobody of three clients is a man says what each of them is.
    """
    found, decisions = {}, []
    for name, (keys, counts, once) in CLASSES.items():
        frame = tables[name]
        if frame.empty:
            continue
        people = frame[list(counts)].astype("Float64").fillna(0).sum(axis=1)
        grouped = [frame[key] for key in keys]
        size = people.groupby(grouped, dropna=False).transform("sum")
        for column in once:  # the same number in each row of the group
            beside = frame[column].astype("Float64").fillna(0)
            size = size + beside.groupby(grouped, dropna=False).transform("max")
        hit = small(size, rules) & ~frame["withheld"].fillna(False).astype(bool)
        if hit.any():
            found[name] = emptied(frame, hit, name, few(rules))
            reason = f"groups of {few(rules)}"
            decisions.append(decided(name, "small groups", "withheld", hit.sum(), reason))
    return found, decisions


def first_scores(tables: Tables, rules: Release) -> tuple[Tables, list[Decision]]:
    """Withhold where a trajectory starts if table 1 has a few clients more: they would follow.

    The first scores in table 1 are the scores at the first time and those of clients who were
    first measured later. The difference of the two is a cell like any other, whatever the size of
    the groups: so the rule asks for nothing but its size.
    """
    lines, courses = tables["description"], tables["trajectories"]
    lines = lines[(lines["level"] == "outcome") & (lines["category"] == "mean")]
    firsts = {
        (outcome, group): int(n)
        for outcome, group, n in lines[["variable", "group", "n"]].dropna().to_numpy()
    }
    hit = pd.Series(False, index=courses.index)
    for (outcome, group), rows in courses.groupby(["outcome", "group"], sort=True):
        full = rows[(rows["n_clients"] >= rules.smallest_cell).fillna(False)]
        if full.empty or (outcome, group) not in firsts:
            continue
        start = full.sort_values("time", kind="stable").iloc[0]
        apart = abs(firsts[outcome, group] - int(start["n_clients"]))
        hit |= (courses.index == start.name) & (0 < apart < rules.smallest_cell)
    if not hit.any():
        return {}, []
    reason = f"table 1 has first scores of {few(rules)} clients more"
    decision = decided("trajectories", "linked means", "withheld", hit.sum(), reason)
    return {"trajectories": emptied(courses, hit, "trajectories", reason)}, [decision]


def rests_of_arms(tables: Tables, rules: Release) -> tuple[Tables, list[Decision]]:
    """Where all clients less the arms shown are few, withhold arms until they are not.

    Those left are clients of arms that are withheld, together, and clients without an arm.
    """
    found, decisions = {}, []
    for name, (keys, counts) in BY_ARM.items():
        frame, count = tables[name].copy(), 0
        for _, rows in frame.groupby(keys, sort=True, dropna=False):
            known = rows[~rows["withheld"].astype(bool) & rows[counts[0]].notna()]
            whole = known[known["group"] == ALL]
            arms = known[(known["group"] != ALL) & (known[counts[0]] > 0)]
            if len(whole) != 1:
                continue
            arms = arms.sort_values(counts[0], ascending=False, kind="stable")
            while len(arms) and _few_left(whole.iloc[0], arms, counts, rules):
                hit = pd.Series(frame.index == arms.index[-1], index=frame.index)
                frame = emptied(frame, hit, name, "would give a small cell away")
                arms, count = arms.iloc[:-1], count + 1
        if count:
            found[name] = frame
            reason = f"all clients less the other arms would be {few(rules)}"
            decisions.append(decided(name, "rest of arms", "withheld", count, reason))
    return found, decisions


def _few_left(
    whole: pd.Series, arms: pd.DataFrame, counts: tuple[str, ...], rules: Release
) -> bool:
    left = [float(whole[column]) - float(arms[column].sum()) for column in counts]
    if len(left) > 1:
        left.append(left[0] - left[1])  # those who did not drop out
    return any(0 < number < rules.smallest_cell for number in left)


def curves_of_arms(tables: Tables, rules: Release) -> tuple[Tables, list[Decision]]:
    """Show curves of the arms of a definition together or not at all, as its rates are shown.

    A curve goes where its rate is withheld. All arms go where the rate of one is withheld, where
    one of them with dropouts has no curve left, or where the dropouts of all up to a time, less
    those of the arms told at that time, are few: what is hidden would follow from the rest. The
    halves of a landmark curve go together as well.
    """
    found, decisions = {}, []
    rates, curves = tables["dropout_rates"], tables["dropout_curves"]
    hit = pd.Series(False, index=curves.index)
    for definition, rows in curves.groupby("definition", sort=True):
        held = rates[rates["definition"] == definition]
        withheld = held["withheld"].astype(bool)
        gone = set(held.loc[withheld, "group"])
        arms = held[held["group"] != ALL]
        with_events = set(arms.loc[(arms["n_dropped_out"] > 0).fillna(False), "group"])
        apart = bool(gone - {ALL}) or bool(with_events - set(rows["group"]))
        apart = apart or _few_between(rows, rules)
        out = rows["group"].isin(gone) | (apart & (rows["group"] != ALL))
        hit.loc[rows.index[out]] = True
    reason = "withheld for an arm, whose dropouts would follow from the other curves"
    if hit.any():
        found["dropout_curves"] = curves[~hit].reset_index(drop=True)
        decisions.append(decided("dropout_curves", "linked curves", "withheld", hit.sum(), reason))
    halves = tables["landmark_curves"]
    alone = halves.groupby("definition")["group"].transform("nunique") < 2
    if alone.any():
        found["landmark_curves"] = halves[~alone].reset_index(drop=True)
        reason = "the other half has no curve, and would follow from the curve of all"
        said = decided("landmark_curves", "linked curves", "withheld", alone.sum(), reason)
        decisions.append(said)
    return found, decisions


def _few_between(rows: pd.DataFrame, rules: Release) -> bool:
    """Whether dropouts of all up to a time, less those of the arms told then, are few."""
    so_far = rows.sort_values("time").assign(
        events=lambda frame: frame.groupby("group")["n_events"].cumsum()
    )
    whole = so_far[so_far["group"] == ALL].set_index("time")["events"]
    told = so_far[so_far["group"] != ALL].groupby("time")["events"].sum()
    left = (whole - told).dropna()
    return bool(((left > 0) & (left < rules.smallest_cell)).any())
