"""Classes of change by each method as one stacked bar a method, a panel an outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from attunement.report.figures.change import CLASSES
from attunement.report.figures.style import BLACK, lines, picture
from attunement.report.numbers import count, percent
from attunement.report.words import outcome, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# From dark to pale and back, with a hatch each, so that grey print tells them apart.
LOOKS: dict[str, dict[str, Any]] = {
    "recovered": {"facecolor": "#0072B2", "hatch": ""},
    "improved": {"facecolor": "#9fcbe6", "hatch": "//"},
    "unchanged": {"facecolor": "white", "hatch": ""},
    "deteriorated": {"facecolor": "#f0c39b", "hatch": "xx"},
    "withheld": {"facecolor": "#d9d9d9", "hatch": ".."},
}
INKS = {"recovered": "white"}
WITHHELD = "withheld"
METHODS = {
    "published": "published criterion",
    "jacobson_truax": "Jacobson\u2013Truax",
    "edwards_nunnally": "Edwards\u2013Nunnally",
    "multilevel": "multilevel",
    "nhs_talking_therapies": "NHS Talking Therapies",
    "pcoms": "PCOMS",
}
LEAST = 0.045  # a narrower part of a bar has no room for its number


def method(name: str) -> str:
    """Return a method of judging change in words."""
    return METHODS.get(name, plain(name))


def by_class(classes: pd.DataFrame) -> pd.DataFrame:
    """Return a line per outcome and method: counts of the four classes, evaluated, available.

    A count is missing where the gate emptied it, or one of the classes that it is made of. Without
    a cut-off (`without_cutoff`) nobody can be called recovered.
    """
    found = []
    for (name, one), rows in classes.groupby(["outcome", "method"], sort=False):
        line: dict[str, Any] = {"outcome": name, "method": one}
        for result in CLASSES:
            held = rows.loc[rows["result"] == result, "n_clients"]
            line[result] = None if held.isna().any() else int(held.sum())
        for column in ("n_analysed", "n_available"):
            known = rows[column].dropna()
            line[column] = int(known.iloc[0]) if len(known) else None
        line["without_cutoff"] = bool(rows["cutoff"].isna().all())
        said = rows.loc[~rows["withheld"].astype(bool), "reason"].dropna()
        line["reason"] = str(said.iloc[0]) if len(said) else ""
        found.append(line)
    columns = ["outcome", "method", *CLASSES, "n_analysed", "n_available"]
    columns += ["without_cutoff", "reason"]
    table = pd.DataFrame(found, columns=columns)
    order = {name: place for place, name in enumerate(METHODS)}
    return table.sort_values("method", key=lambda names: names.map(order), kind="stable")


def judged(classes: pd.DataFrame) -> pd.DataFrame:
    """Return the lines of `by_class` of methods that evaluate somebody."""
    table = by_class(classes)
    return table[table["n_analysed"].fillna(0).astype(float) > 0]


def draw_methods(classes: pd.DataFrame, about: dict[str, Any], simulated: bool) -> bytes:
    """Draw shares of those evaluated by each method; what was withheld is one grey part."""
    table = judged(classes)
    hidden = table[list(CLASSES)].isna().to_numpy().any()
    keys = [*CLASSES, *([WITHHELD] if hidden else [])]
    named = [name for name in about.get("outcomes", {}) if name in set(table["outcome"])]
    named += sorted(set(table["outcome"]) - set(named))
    panels = [(name, table[table["outcome"] == name]) for name in named]
    heights = [len(rows) + 1.1 for _, rows in panels]

    def draw(figure: Figure) -> None:
        from matplotlib.patches import Patch

        drawn = figure.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=heights)[
            :, 0
        ]
        for axes, (name, rows) in zip(drawn, panels, strict=True):
            for height, row in enumerate(rows.to_dict("records")):
                _bar(axes, -height, row)
            labels = [f"{method(row)}" for row in rows["method"]]
            axes.set_yticks([-height for height in range(len(rows))], labels)
            axes.set_ylim(-len(rows) + 0.5, 0.5)
            axes.tick_params(left=False)
            axes.set_xlim(0, 1)
            axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
            axes.set_title(lines(outcome(str(name), about)), fontsize=8.5)
        drawn[-1].set_xlabel("share of clients evaluated")
        figure.legend(
            handles=[Patch(label=name, edgecolor=BLACK, **LOOKS[name]) for name in keys],
            loc="outside upper center",
            ncols=len(keys),
            frameon=False,
            fontsize=8,
            handlelength=1.4,
            columnspacing=0.9,
        )

    return picture(draw, 0.34 * sum(heights) + 0.9, simulated)


def parts(row: dict[str, Any]) -> list[tuple[str, int]]:
    """Return the parts of a bar in order; what was withheld is one part, where its first class is.

    Its size is what the classes shown leave of those evaluated; nothing, if rounding left nothing.
    """
    known = {name: int(row[name]) for name in CLASSES if not pd.isna(row[name])}
    rest = max(0, int(row["n_analysed"]) - sum(known.values()))
    found: list[tuple[str, int]] = []
    for name in CLASSES:
        if name in known:
            found.append((name, known[name]))
        elif (WITHHELD, rest) not in found:
            found.append((WITHHELD, rest))
    return found


def _bar(axes: Any, height: float, row: dict[str, Any]) -> None:
    shown = parts(row)
    whole, left = float(sum(value for _, value in shown)), 0.0
    for name, value in shown:
        width = float(value) / whole if whole else 0.0
        axes.barh(
            height, width, left=left, height=0.74, edgecolor=BLACK, linewidth=0.8, **LOOKS[name]
        )
        if width > LEAST and name != WITHHELD:
            axes.text(
                left + width / 2,
                height,
                count(value),
                ha="center",
                va="center",
                fontsize=8,
                color=INKS.get(name, BLACK),
                **({"bbox": _plate(name)} if LOOKS[name]["hatch"] else {}),
            )
        left += width


def _plate(result: str) -> dict[str, Any]:
    """A plain ground for a number on a hatched one."""
    return {"facecolor": LOOKS[result]["facecolor"], "edgecolor": "none", "pad": 1.0}


def describe_methods(classes: pd.DataFrame, about: dict[str, Any]) -> str:
    """Return the figure in words."""
    said = []
    for row in judged(classes).to_dict("records"):
        known = [
            f"{result} {percent(row[result] / row['n_analysed'])}"
            if not pd.isna(row[result])
            else f"{result} withheld"
            for result in CLASSES
        ]
        name = outcome(str(row["outcome"]), about)
        said.append(f"{name}, {method(str(row['method']))}: {', '.join(known)}")
    return "Classes of change by method. " + ". ".join(said) + "."
