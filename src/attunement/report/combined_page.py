"""The page of several datasets together, from their released tables only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from attunement.report import words
from attunement.report.combined import candidates, combine, members, read_released
from attunement.report.figures.forest import Mark, describe_forest, draw_forest
from attunement.report.numbers import DASH, interval, number, p_cell, percent
from attunement.report.page import templates
from attunement.report.pieces import Grid, Missing, Picture, Released, Section
from attunement.study.effects import RATIO_METRICS
from attunement.study.files import sha256, write_json, write_table, write_text

METHOD = (
    "Random-effects meta-analysis of the datasets of one run: variance between studies by Paule "
    "and Mandel, interval by Hartung and Knapp on k \u2212 1 degrees of freedom with a factor not "
    "below 1, I\u00b2 from Q, ratios as logarithms. Combined are estimates of the same planned "
    "model, coefficient, scoring, metric, scale, informants and family; on the scale of standard "
    "deviations, of each dataset\u2019s primary outcome. Covariates may differ between datasets. "
    "Simulated and real data are never combined, and no one must be a client in two datasets."
)


def run(folders: list[Path], out: Path) -> None:
    """Combine the released folders of a run; write `estimates.csv`, the page and its sources.

    Parameters
    ----------
    folders : list of Path
        Released folders, each with `estimates.csv` and `about.json`.
    out : Path
        `sources.json` there names the datasets, each with the checksum of its estimates.
    """
    released = [read_released(Path(folder)) for folder in folders]
    table = combine(released)
    write_table(table, Path(out) / "estimates.csv")
    write_text(Path(out) / "index.html", page(released, table))
    sources = {
        str(one.about["dataset"]): sha256(Path(folder) / "estimates.csv")
        for one, folder in zip(released, folders, strict=True)
    }
    write_json(Path(out) / "sources.json", sources)


def page(released: list[Released], table: pd.DataFrame) -> str:
    """Return the page: HTML that stands alone."""
    names = [str(one.about["title"]) for one in released]
    return (
        templates()
        .get_template("combined.html.j2")
        .render(
            titles=names,
            simulated=bool(released) and all(one.simulated for one in released),
            method=METHOD,
            sections=[combined(released, table), alone(table)],
        )
    )


def combined(released: list[Released], table: pd.DataFrame) -> Section:
    """What was combined: figure and table, or a sentence that nothing could be."""
    rows = table[table["status"] == "combined"]
    parts: list[object] = []
    if rows.empty:
        why = "no two datasets of this run share an estimate of the same thing"
        if len(released) < 2:
            why = "the run had one dataset"
        parts.append(Missing(f"Nothing to combine: {why}."))
        return Section("combined", "What the datasets say together", "report", parts)
    every = pd.concat([candidates(one) for one in released], ignore_index=True)
    about = released[0].about
    marks: list[Mark] = []
    for line in rows.to_dict("records"):
        marks += _marks(line, members(every, line), about)
    simulated = all(one.simulated for one in released)
    alt = f"Combined estimates with 95% intervals. {describe_forest(marks)}"
    parts.append(
        Picture(
            "combined",
            draw_forest(
                marks,
                "difference in SD of the first score (right of 0: better)",
                "odds or hazard ratio (left of 1: less dropout)",
                simulated,
            ),
            f"Simulated data. {alt}" if simulated else alt,
            "Each dataset (open) and both or all together (filled), with 95% intervals."
            + (" Simulated data." if simulated else ""),
        )
    )
    parts.append(_grid(rows, about))
    return Section("combined", "What the datasets say together", "report", parts)


def _name(line: dict[Any, Any], about: dict[str, Any]) -> str:
    definition = line["dropout_definition"]
    told = [
        "" if pd.isna(definition) else words.definition(str(definition), {}),
        "" if pd.isna(line["scoring"]) else words.scoring(str(line["scoring"])),
        words.term(str(line["term"]), about),
        "" if pd.isna(line["settings"]) else words.plain(str(line["settings"])),
    ]
    entry = words.sentence_case(words.plain(str(line["entry"])))
    return f"{entry}: {', '.join(part for part in told if part)}"


def _marks(line: dict[Any, Any], held: pd.DataFrame, about: dict[str, Any]) -> list[Mark]:
    ratio = line["metric"] in RATIO_METRICS
    marks = [
        Mark(
            str(row["sample"]),
            f"{number(row['estimate'])} {interval(row['ci_low'], row['ci_high'])}",
            row["estimate"],
            row["ci_low"],
            row["ci_high"],
            ratio,
            filled=False,
            heading=_name(line, about) if place == 0 else "",
        )
        for place, row in enumerate(held.to_dict("records"))
    ]
    value = f"{number(line['estimate'])} {interval(line['ci_low'], line['ci_high'])}"
    together = f"together, k = {int(line['k'])}"
    limits = (line["estimate"], line["ci_low"], line["ci_high"])
    return [*marks, Mark(together, value, *limits, ratio)]


def _grid(rows: pd.DataFrame, about: dict[str, Any]) -> Grid:
    lines = [
        [
            _name(line, about),
            str(line["datasets"]),
            str(line["informant"] or DASH),
            f"{line['metric']} = {number(line['estimate'])}",
            interval(line["ci_low"], line["ci_high"]),
            p_cell(line["p"]),
            number(line["tau2"], 3),
            percent(line["i2"]),
            f"{number(line['q'])} ({p_cell(line['q_p'])})",
            interval(line["prediction_low"], line["prediction_high"]),
            f"{number(line['common_estimate'])} "
            f"{interval(line['common_low'], line['common_high'])}",
            DASH if pd.isna(line["reason"]) else words.sentence_case(str(line["reason"])),
        ]
        for line in rows.to_dict("records")
    ]
    heads = "Coefficient;Datasets;Informant;Together;95% interval;p;\u03c4\u00b2;I\u00b2;Q (p);"
    heads += "A further study, 95%;If all shared one effect;Note"
    return Grid(
        "Random-effects means.",
        heads.split(";"),
        lines,
        note="p is not adjusted for multiplicity. \u03c4\u00b2 of ratios: of their logarithm.",
    )


def alone(table: pd.DataFrame) -> Section:
    """What stands alone, each with the reason."""
    rows = table[table["status"] == "alone"]
    if rows.empty:
        none = Missing("No estimate stands alone.")
        return Section("alone", "What stands alone", "report", [none])
    lines = [
        [
            words.sentence_case(words.plain(str(line["entry"]))),
            str(line["term"]),
            *(
                DASH if pd.isna(line[name]) else words.plain(str(line[name]))
                for name in ("scoring", "dropout_definition", "outcome")
            ),
            DASH if pd.isna(line["informant"]) else str(line["informant"]),
            str(line["datasets"]),
            str(line["reason"]),
        ]
        for line in rows.to_dict("records")
    ]
    heads = "Planned model;Coefficient;Scoring;Definition;Outcome;Informant;Dataset;"
    heads += "Why it stands alone"
    grid = Grid(
        "Estimates that no other dataset shares.",
        heads.split(";"),
        lines,
        folded=f"{len(lines)} estimate{'' if len(lines) == 1 else 's'} of one dataset only",
    )
    return Section("alone", "What stands alone", "report", [grid])
