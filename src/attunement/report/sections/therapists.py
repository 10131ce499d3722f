"""What therapists differ in, and whether they move towards their clients or learn from them."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd

from attunement.report import words
from attunement.report.numbers import Effect, bounded, count, interval, missing, p_cell
from attunement.report.pieces import Grid, Missing, Released
from attunement.report.sections.common import model_name

SHOWN = ("estimated", "singular")


class Table(NamedTuple):
    """One table of the section: the entries of the plan that it tells, caption and note."""

    entries: tuple[str, ...]
    caption: str
    note: str


TABLES = (
    Table(
        ("therapist_differences", "therapist_accommodation", "therapist_dropout"),
        "How far therapists differ: standard deviations between them.",
        "Limits by profile likelihood: 0 means that the data fit therapists who do not differ. "
        "p by likelihood ratio at the boundary. Of outcomes in standard deviations of the first "
        "score, of dropout in log odds; share: of all variance. Below 50 therapists such variances "
        "are known only roughly.",
    ),
    Table(
        ("therapist_outcome", "therapist_leaving"),
        "Therapists\u2019 training, practice, experience and wellbeing.",
        "Each at equal others; numbers per standard deviation between therapists. b: more "
        "improvement over the reference span. hOR: odds of leaving before the next session.",
    ),
    Table(
        ("caseload",),
        "Growth with the number of cases.",
        "Improvement over the reference span with the case number, by the unit chosen in advance "
        "(a doubling, or ten cases), at equal first score. What else changed over those years "
        "cannot be told from it.",
    ),
    Table(
        ("responsiveness",),
        "Responsiveness: does delivery move towards what the client wants?",
        "Session \u00d7 preference: how much closer delivery goes with this client\u2019s first "
        "stated preference at the reference session than at the first (1: fully); only this is "
        "convergence. The form \u2018change on the gap before\u2019 is above zero by regression to "
        "the mean: it stands beside what exchanged preferences give. Beyond chance it shows that "
        "delivery goes with this client\u2019s wishes, from the start or later.",
    ),
    Table(
        ("best_teacher",),
        "\u201cThe client is the best teacher\u201d: a new client after earlier ones not on track.",
        "Exploratory. Outcome at the last score, against what is expected, on the share of the "
        "therapist\u2019s earlier clients, closed before this intake, who were not on track. As it "
        "stands such a slope is above zero where nobody learns; the order of cases by chance tells "
        "how far.",
    ),
)


def _cells(row: dict[Any, Any], released: Released) -> list[str]:
    effect = Effect.of(row)
    value, limits = effect.value, effect.interval
    if row["metric"] == "icc":
        value = bounded(row["estimate"])
        limits = interval(row["ci_low"], row["ci_high"], below_one=True)
    return [
        model_name(
            str(row["specification"]),
            released.specifications.get(str(row["specification"]), {}),
            released,
        ),
        words.sentence_case(words.term(str(row["term"]), released.about)),
        f"{'share' if row['metric'] == 'icc' else effect.metric.replace('sd', 'SD')} = {value}",
        limits,
        p_cell(row["p"]),
        count(row["n_clients"]),
        count(row["n_therapists"]),
        "" if row["status"] == "estimated" else str(row["status"]),
    ]


def _asked(rows: pd.DataFrame, entries: tuple[str, ...]) -> pd.DataFrame:
    """The rows of a table: those of the question, and what must stand beside them."""
    beside = rows["term"].str.endswith(("_uncorrected", "_by_chance"))
    beside |= rows["term"].str.startswith(("gap_before", "therapist_share"))
    beside |= (rows["term"] == "preference_between") & ("responsiveness" in entries)
    return rows[(rows["level"].fillna("-") != "-") | beside]


def tables(released: Released) -> list[Grid | Missing]:
    """Return the tables of the therapists' section; a sentence where one has nothing to show."""
    estimates = released.table("estimates")
    entry = estimates["specification"].map(lambda name: str(name).partition(".")[0])
    found: list[Grid | Missing] = []
    for table in TABLES:
        held = estimates[entry.isin(table.entries)]
        if held.empty:
            continue
        rows = _asked(held[held["estimate"].notna() & held["status"].isin(SHOWN)], table.entries)
        if rows.empty:
            reasons = [str(one) for one in held["reason"].dropna().unique() if not missing(one)]
            why = reasons[0] if reasons else "nothing could be estimated"
            found.append(Missing(f"{table.caption.rstrip('.:?')}: not shown, {why}."))
            continue
        heads = "Model;Coefficient;Estimate;95% interval;p;Clients;Therapists;Note".split(";")
        lines = [_cells(row, released) for row in rows.to_dict("records")]
        found.append(Grid(table.caption, heads, lines, note=table.note))
    return found
