"""The rule for means of observed groups: told no more exactly than keeps one client's score hidden.

Four digits of a mean and a standard deviation of whole numbers give the exact number, sum and sum
of squares of a small group back; the difference of two such groups is then a client's score.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from attunement.release.rules import Decision, decided
from attunement.study.config import Release
from attunement.study.files import Tables

# Table: count of people, spread between them, and the numbers that share its unit.
OBSERVED: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "description": ("n", "sd", ("mean", "sd")),
    "trajectories": ("n_clients", "sd", ("mean", "sd")),
    "profiles": ("n_clients", "sd", ("mean", "sd")),
    "accommodation_summary": (
        "n_clients",
        "sd_between",
        ("mean", "sd_between", "sd_within", "too_much", "too_little"),
    ),
    "expected_trajectory": (
        "n_clients",
        "sd",
        ("intake", "mean", "sd", "p10", "p25", "p50", "p75", "p90", "limit"),
    ),
}
# Coefficients of a group with limits, which follow from the coefficient and the exact number.
COEFFICIENTS = {
    "reliability": "value",
    "accommodation_reliability": "value",
    "scoring_correlations": "correlation",
    "item_checks": "item_rest",
}
RATIOS = ("per_client", "per_therapist")  # of counts: one digit after the point
SHOWN = {"description": 0.1}  # table 1 of the report has one digit after the point
CHANGES = ("change_classes", "change_method_classes")
OF_SAMPLE = "at intake in this sample"
MOMENTS = re.compile(rf"(?:M (-?\d+(?:\.\d+)?), )?SD (\d+(?:\.\d+)?)(?= {OF_SAMPLE})")
COMPUTED = re.compile(r"cut-off [abc]: ")


def unit(spread: pd.Series, n: pd.Series) -> pd.Series:
    """Return the step that numbers of a group are rounded to: 1, 2 or 5 times a power of ten.

    The next such number from 2 SD / n on. A sum of n values is then known to within two standard
    deviations only, so that a single client's part of it stays open in groups of any size, while
    the mean moves by less than a third of its standard error from ten clients on. Missing where
    the spread is missing or 0.
    """
    return _next(2 * spread.astype("float64") / n.astype("float64"))


def _next(least: pd.Series) -> pd.Series:
    """The next 1, 2 or 5 times a power of ten from a number on."""
    least = least.where((least > 0) & np.isfinite(least))
    power = 10.0 ** np.floor(np.log10(least))
    lead = least / power
    return power * np.select([lead <= 1, lead <= 2, lead <= 5], [1.0, 2.0, 5.0], 10.0)


def to_unit(values: pd.Series, step: pd.Series) -> pd.Series:
    """Round to multiples of a step, halves up; values without a step stay."""
    numbers = values.astype("float64")
    told = np.floor(numbers / step + 0.5) * step
    # Multiples of 0.1 in binary: 12.3, not 12.300000000000001.
    told = told.map(lambda value: float(f"{value:.10g}"), na_action="ignore")
    return numbers.where(step.isna(), told)


def coarser_means(tables: Tables, rules: Release) -> tuple[Tables, list[Decision]]:
    """Round what describes observed groups to units from which no exact number follows."""
    found, decisions = {}, []
    reason = "means and spreads of groups to a unit of at least 2 SD / n"
    for name, (count, spread, columns) in OBSERVED.items():
        frame = tables[name].copy()
        if frame.empty:
            continue
        step = unit(frame[spread], frame[count])
        step = step.clip(lower=SHOWN.get(name, 0.0))
        for column in columns:
            frame[column] = to_unit(frame[column], step).astype(frame[column].dtype)
        found[name] = frame
        decisions.append(decided(name, "coarser means", "rounded", int(step.notna().sum()), reason))
    for name, value in COEFFICIENTS.items():
        frame = tables[name].copy()
        if frame.empty:
            continue
        # Limits narrow with the root of n: a tenth of their distance leaves a fifth of n open.
        step = _next((frame["ci_high"] - frame["ci_low"]).astype("float64") / 10)
        for column in (value, "ci_low", "ci_high"):
            frame[column] = to_unit(frame[column], step).astype(frame[column].dtype)
        for column in set(RATIOS) & set(frame.columns):
            frame[column] = frame[column].round(1)
        if "lowest_item_rest" in frame.columns:
            frame["lowest_item_rest"] = frame["lowest_item_rest"].round(2)
        found[name] = frame
        said = "coefficients and limits to a unit of at least a tenth of their interval"
        decisions.append(decided(name, "coarser means", "rounded", int(step.notna().sum()), said))
    for name in CHANGES:
        changed = _criteria(tables[name])
        if changed is not None:
            found[name] = changed
            decisions.append(decided(name, "coarser means", "rounded", len(changed), reason))
    return found, decisions


def _criteria(frame: pd.DataFrame) -> pd.DataFrame | None:
    """Criteria, cut-offs and words that rest on the mean and SD of the sample, as coarse."""
    told = frame["reason"].str.contains(OF_SAMPLE, regex=False).fillna(False).astype(bool)
    moments = frame["reason"].str.extract(MOMENTS.pattern)[1].astype("float64")
    if not (told & moments.notna()).any():
        return None
    frame = frame.copy()
    of = frame["n_analysed"].where(frame["n_analysed"] > 0, frame["n_available"])
    step = unit(moments, of).where(told)
    frame["criterion"] = to_unit(frame["criterion"], step).astype(frame["criterion"].dtype)
    computed = frame["reason"].str.contains(COMPUTED).fillna(False).astype(bool)
    cut = to_unit(frame["cutoff"], step.where(computed))
    frame["cutoff"] = cut.astype(frame["cutoff"].dtype)

    def said(text: str, to: float) -> str:
        def one(match: re.Match[str]) -> str:
            mean, sd = (
                None if part is None else to_unit(pd.Series([float(part)]), pd.Series([to]))[0]
                for part in match.groups()
            )
            return f"SD {sd:g}" if mean is None else f"M {mean:g}, SD {sd:g}"

        return MOMENTS.sub(one, text)

    new = [
        said(text, to) if pd.notna(to) else text
        for text, to in zip(frame["reason"], step, strict=True)
    ]
    frame["reason"] = pd.Series(new, frame.index, dtype=frame["reason"].dtype)
    return frame
