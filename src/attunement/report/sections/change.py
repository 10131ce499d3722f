"""Change by several methods: how many in each class, and how far the methods agree."""

from __future__ import annotations

import pandas as pd

from attunement.report import words
from attunement.report.counts import WITHHELD, counted
from attunement.report.figures import change_methods as figure
from attunement.report.figures.change import CLASSES
from attunement.report.numbers import DASH, bounded, missing, percent
from attunement.report.pieces import Grid, Missing, Released
from attunement.report.sections.common import marked_picture


def by_method(released: Released) -> list[object]:
    """Return figure, table, agreement and what cannot be estimated; nothing without the table."""
    classes = released.table("change_method_classes")
    if classes.empty:
        return []
    parts: list[object] = []
    if len(figure.judged(classes)):
        parts.append(
            marked_picture(
                released,
                "change_methods",
                figure.draw_methods(classes, released.about, released.simulated),
                figure.describe_methods(classes, released.about),
                "The same clients judged by several methods: share in each class, and number of "
                "clients, of those whom the method evaluates.",
            )
        )
    table = figure.by_class(classes)
    parts.append(_classes_grid(table, released))
    parts += [grid for grid in (_nhs_grid(classes, released),) if grid]
    parts.append(
        _agreement_grid(released)
        or Missing("No agreement of methods: no client is evaluated by two of them.")
    )
    parts += _not_estimable(table, released)
    return parts


def _in_order(table: pd.DataFrame, released: Released) -> pd.DataFrame:
    """Return the rows in the declared order of their outcomes, otherwise as they stand."""
    order = list(released.about.get("outcomes", {}))
    place = [order.index(name) if name in order else len(order) for name in table["outcome"]]
    return table.assign(place=place).sort_values("place", kind="stable")


def _classes_grid(table: pd.DataFrame, released: Released) -> Grid:
    lines = []
    for row in _in_order(table, released).to_dict("records"):
        nobody = row["n_analysed"] == 0
        cells = [DASH if nobody else counted(row[result], released) for result in CLASSES]
        if row["without_cutoff"]:
            cells[CLASSES.index("recovered")] = DASH
        evaluated = " of ".join(counted(row[n], released) for n in ("n_analysed", "n_available"))
        short = words.short_outcome(str(row["outcome"]), released.about)
        lines.append([short, words.sentence_case(figure.method(row["method"])), *cells, evaluated])
    heads = ["Outcome", "Method", *(words.sentence_case(name) for name in CLASSES), "Evaluated"]
    note = (
        "Evaluated: clients whom the method can judge, of those in the study. Recovered: reliably "
        "improved, from a clinical first score to a last one beyond the cut-off; improved: "
        "reliably improved without that. Edwards\u2013Nunnally compares the last score with the "
        "estimated true first score, which allows for regression to the mean; "
        "multilevel takes the change that a growth model of all "
        "clients predicts for this one, beyond 1.96 standard errors: it is drawn to the mean "
        "change, so that in a study of much improvement few deteriorate. NHS Talking Therapies "
        "and PCOMS have cut-offs of their own."
    )
    if (table["without_cutoff"] & (table["n_analysed"] > 0).fillna(False)).any():
        note += " A dash under recovered: no usable cut-off, so that nobody can be called so."
    return Grid("Classes of change by each method.", heads, lines, note=note)


def _nhs_grid(classes: pd.DataFrame, released: Released) -> Grid | None:
    """Return the classes of NHS Talking Therapies in its own words, or None where unused."""
    rows = classes[(classes["method"] == "nhs_talking_therapies")]
    # One rule over a pair of measures: it stands under both with the same numbers.
    rows = rows[rows["outcome"] == rows["outcome"].min()]
    rows = rows[(rows["n_analysed"] > 0).fillna(False) & (rows["result"] != "not evaluated")]
    if rows.empty:
        return None
    lines = [
        [
            words.sentence_case(words.plain(str(row["own_class"]))),
            WITHHELD if bool(row["withheld"]) else counted(row["n_clients"], released),
        ]
        for row in rows.to_dict("records")
    ]
    said = [str(text) for text in rows.loc[~rows["withheld"].astype(bool), "reason"].dropna()]
    return Grid(
        "NHS Talking Therapies, in its own classes.",
        ["Class", "Clients"],
        lines,
        note=words.sentence_case(said[0]) + "." if said else "",
    )


def _agreement_grid(released: Released) -> Grid | None:
    lines = []
    for row in _in_order(released.table("change_agreement"), released).to_dict("records"):
        pair = " and ".join(figure.method(str(row[f"method_{k}"])) for k in (1, 2))
        values = [WITHHELD] * 4
        if not bool(row["withheld"]):
            kappas = [
                DASH if missing(row[name]) else bounded(row[name], 2)
                for name in ("kappa", "weighted_kappa")
            ]
            values = [percent(row["agreement"]), *kappas, counted(row["n_both"], released)]
        short = words.short_outcome(str(row["outcome"]), released.about)
        lines.append([short, words.sentence_case(pair), *values])
    if not lines:
        return None
    return Grid(
        "Agreement of methods of judging change.",
        ["Outcome", "Methods", "Same class", "Kappa", "Weighted kappa", "Evaluated by both"],
        lines,
        note="Kappa: Cohen\u2019s, over the four classes. Weighted: linear weights over their "
        "order from deteriorated to recovered.",
    )


def _not_estimable(table: pd.DataFrame, released: Released) -> list[object]:
    rows = table[(table["n_analysed"] == 0).fillna(False)]
    if rows.empty:
        return []
    told = "; ".join(
        f"{figure.method(row['method'])} on "
        f"{words.short_outcome(str(row['outcome']), released.about)} "
        f"({words.with_outcomes(str(row['reason']), released.about) or 'no reason recorded'})"
        for row in rows.to_dict("records")
    )
    return [f"Methods that these data cannot support: {told}."]
