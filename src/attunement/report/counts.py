"""Counts of clients as grids of text: who dropped out, and who is in which analysis."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attunement.report import words
from attunement.report.figures.flow import FURTHER
from attunement.report.numbers import DASH, count, missing, percent, share
from attunement.report.pieces import Grid, Released
from attunement.report.sections.common import model_name

WITHHELD = "withheld"

BY_SCORES = ("no_reliable_change", "below_expected")


def counted(value: Any, released: Released) -> str:
    """Return a count that there always is: where the gate emptied it, it is withheld."""
    return WITHHELD if missing(value) and released.confidential else count(value)


def therapists_absent(released: Released) -> str:
    """Return what stands for an empty count of therapists: withheld, or a dash without any."""
    known = released.reason("therapists", otherwise="") == ""
    return WITHHELD if known and released.confidential else DASH


def analysed_grid(released: Released) -> Grid | None:
    """Return who is in which analysis, and who left before it; None without any."""
    flow = released.table("participant_flow")
    of_models = released.table("estimates").groupby("specification")
    events, early = of_models["n_events"].max(), of_models["n_before_risk"].max()
    lines = []
    for row in flow[flow["step"].str.startswith(FURTHER)].to_dict("records"):
        kind, _, name = str(row["step"]).partition(".")
        label = words.sentence_case(str(row["label"]))
        if kind == "analysed":
            label = model_name(name, released.specifications.get(name, {}), released)
        counts = [count(row[column]) for column in ("n_clients", "n_therapists", "n_rows")]
        if bool(row["withheld"]):
            counts = [WITHHELD] * 3
        elif missing(row["n_therapists"]):
            counts[1] = therapists_absent(released)
        happened = events.get(name) if kind == "analysed" else None
        before = DASH if missing(happened) else counted(early.get(name), released)
        lines.append([label, *counts, count(happened), before])
    if not lines:
        return None
    heads = "Clients scored, then confirmatory models;Clients;Therapists;Rows;Dropouts;Left before"
    return Grid(
        "Who is in which analysis.",
        heads.split(";"),
        lines,
        note="Rows: occasions, sessions, clients or periods at risk, as the model has them. "
        "Dropouts: among those rows, in models of dropout. Left before: dropped out before they "
        "were at risk in the model, and so in none of its rows.",
    )


def accounting_grid(released: Released) -> Grid | None:
    """Return what became of every dropout in models of accommodation, or None without any."""
    table = released.table("dropout_accounting")
    if table.empty:
        return None
    steps = "classified dropped_out before_accommodation never_scored at_risk after_landmark"
    shown = [step for step in steps.split() if step in set(table["step"])]
    cells = {
        (row["definition"], row["step"]): WITHHELD
        if bool(row["withheld"])
        else count(row["n_clients"])
        for row in table.to_dict("records")
    }
    landmarks = [one["landmark"] for one in released.specifications.values() if one["landmark"]]
    session = f"session {landmarks[0]:g}" if landmarks else "the landmark"
    heads = {
        "classified": "Classified",
        "dropped_out": "Dropped out",
        "before_accommodation": "Before accommodation",
        "never_scored": "Never scored",
        "at_risk": "At risk",
        "after_landmark": f"From {session} on",
    }
    lines = [
        [
            words.sentence_case(words.definition(name, released.about)),
            *(cells.get((name, step), DASH) for step in shown),
        ]
        for name in table["definition"].drop_duplicates()
    ]
    note = (
        "Dropped out = before accommodation (before the first session with delivery rated for "
        "anybody, or with no session on record) + never scored (later, but without accommodation "
        "scored before leaving) + at risk (the dropouts that models of the hazard can see). "
    )
    if "after_landmark" in shown:
        note += f"From {session} on: those at risk whom the landmark models can see. "
    note += (
        "Accommodation as rated by the client, scored by distance. A client with a missing "
        "covariate is in no model."
    )
    if released.confidential:
        note += " Counts are rounded and need not add up."
    return Grid(
        "Every dropout accounted for.",
        ["Definition", *(heads[step] for step in shown)],
        lines,
        note=note,
    )


def _kind(rates: pd.DataFrame) -> str:
    """Return how the intervals were made."""
    if rates["design_effect"].notna().any():
        return "Wilson, allowing for clients of the same therapist"
    return "Wilson"


def life_grid(released: Released) -> Grid | None:
    """Return the life table of each definition, all clients together, or None without any."""
    table = released.shown("dropout_curves")
    table = table[table["group"] == "all"]
    if table.empty:
        return None
    known = list(words.DEFINITIONS)
    table = table.sort_values("definition", key=lambda names: names.map(known.index), kind="stable")
    lines = []
    for row in table.to_dict("records"):
        name = words.sentence_case(words.definition(row["definition"], released.about))
        columns = "n_at_risk n_events n_planned n_competing n_censored".split()
        cells = [counted(row[column], released) for column in columns]
        hazard = row["n_events"] / row["n_at_risk"] if row["n_at_risk"] else None
        lines.append(
            [
                name,
                f"{row['time']:g}",
                *cells,
                percent(hazard, 1),
                share(row["dropped_out"], row["ci_low"], row["ci_high"]),
                share(row["planned"], row["planned_low"], row["planned_high"]),
            ]
        )
    heads = "Definition;After;At risk;Dropped out;Planned;All other endings;Open;Hazard;By then;"
    heads += "Planned by then"
    return Grid(
        "Life tables: who was at risk, and what became of them.",
        heads.split(";"),
        lines,
        folded="Life tables by definition",
        note="All other endings: those that the definition does not call dropout, planned ones "
        "among them. Open: last seen here, still in treatment, no longer at risk. Hazard: dropouts "
        "of those at risk. By then: dropped out so far, ended as planned so far (cumulative "
        "incidence). Who left before the first session is in the row of session 0, or where "
        "no session is on record only in the table of rates (before risk).",
    )


def rates_grid(released: Released) -> Grid:
    """Return the dropout rates that there are, with all their counts."""
    lines = []
    rates = released.table("dropout_rates")
    # Where a definition has the count anywhere, or an accounting, an empty one is withheld.
    with_risk = set(rates.loc[rates["n_before_risk"].notna(), "definition"])
    with_risk |= set(released.table("dropout_accounting")["definition"])
    for row in rates.to_dict("records"):
        name = words.sentence_case(words.definition(row["definition"], released.about))
        name += "" if row["group"] == "all" else f" \u2013 {row['group']}"
        if bool(row["withheld"]):
            lines.append([name, *[WITHHELD] * 8])
        elif not missing(row["rate"]):
            counts = "n_dropped_out n_clients n_planned n_other n_censored n_unknown".split()
            rate = share(row["rate"], row["ci_low"], row["ci_high"])
            cells = [counted(row[column], released) for column in counts]
            if row["definition"] == "study_attrition":
                cells[2:4] = [DASH, DASH]  # assessments end, not treatment
            early = row["definition"] in with_risk
            cells.append(counted(row["n_before_risk"], released) if early else DASH)
            lines.append([name, rate, *cells])
    heads = "Definition;Dropped out;n;of;Planned ending;Other;Still open;Not classified;Before risk"
    note = (
        "Planned ending, other: how those who did not drop out ended, which competes with dropout "
        "(other: another ending, none recorded, or can no longer drop out). Still open: in "
        "treatment, and may yet become a dropout under this definition."
    )
    delivery = released.table("profiles")["role"].eq("delivery").any()
    if delivery:
        note += (
            " Before risk: dropped out before the first session with delivery rated for anybody, "
            "or with no session (or assessment) on record."
        )
    else:
        note += " Before risk: dropped out with no session (or assessment) on record."
    if rates.loc[rates["definition"].isin(BY_SCORES), "rate"].notna().any():
        note += (
            " Definitions by change or trajectory need a second score: who left before it is not "
            "classified."
        )
    return Grid(
        f"Dropout under each definition, with 95% intervals ({_kind(rates)}).",
        heads.split(";"),
        lines,
        note=note,
    )


def overlap_grid(released: Released) -> Grid | None:
    """Return how far the definitions agree on who dropped out, or None where there are not two."""
    lines = []
    for row in released.table("dropout_overlap").to_dict("records"):
        if not bool(row["withheld"]) and (missing(row["n_either"]) or int(row["n_either"]) == 0):
            continue
        pair = [words.definition(row[f"definition_{k}"], released.about) for k in (1, 2)]
        values = [WITHHELD] * 5
        if not bool(row["withheld"]):
            counts = ("n_both", "n_either", "n_only_1", "n_only_2")
            values = [percent(row["agreement"]), *(count(row[name]) for name in counts)]
        lines.append([words.sentence_case(" and ".join(pair)), *values])
    if not lines:
        return None
    return Grid(
        "Agreement of definitions: dropouts under both, of those under either.",
        ["Definitions", "Agreement", "Both", "Either", "Only the first", "Only the second"],
        lines,
        # The picture above holds the same shares; a single pair has none.
        folded="Agreement of definitions as a table" if len(lines) > 2 else "",
    )
