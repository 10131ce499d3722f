"""How the estimates of many studies lie to what is true, as a table and as a page."""

from __future__ import annotations

import numpy as np
import pandas as pd

SMALLEST_BIAS = 0.02  # standard deviations of the outcome at intake
LOG_ODDS = np.pi / np.sqrt(3)  # of a standard deviation
RATIOS = ("OR", "hOR", "HR")
COVERED = 0.95
ERRORS = 3.5  # Monte Carlo errors that a share may lie from what it should be


def _signed(table: pd.DataFrame, name: str) -> pd.Series:
    """Numbers of a column, logarithms of ratios."""
    values = table[name].astype(float)
    ratio = table["metric"].isin(RATIOS)
    return values.mask(ratio, np.log(values.where(ratio, 1.0)))


def is_null(rows: pd.DataFrame, nulls: dict[str, tuple[str, ...]]) -> pd.Series:
    """Whether nothing is there to be found: the truth of the coefficient is 0."""

    def null(world: str, specification: str, term: str) -> bool:
        named = nulls[world]
        return not specification or specification in named or f"{specification}/{term}" in named

    keys = zip(rows["world"], rows["specification"], rows["term"], strict=True)
    return pd.Series([null(*key) for key in keys], index=rows.index)


def naive(rows: pd.DataFrame) -> pd.Series:
    """Whether a coefficient is shown for comparison only: a form that finds what is not there."""
    return rows["term"].str.endswith("_uncorrected") | rows["specification"].str.startswith("gaps.")


def summary(
    estimates: pd.DataFrame, targets: pd.DataFrame, nulls: dict[str, tuple[str, ...]]
) -> pd.DataFrame:
    """By world and coefficient: truth, bias, coverage and how often something is found.

    Returns
    -------
    DataFrame
        world, specification, term, metric, truth (0 where there is nothing, else the target; a
        study's bias and coverage are those of the target in its own standard deviations),
        studies (those with an estimate), without (those without), bias and bias_error (its Monte
        Carlo error, the target's included), sd, mean_se, coverage, found (share of studies with
        p < .05, or a verdict), singular, `naive` (a form that is known to find what is not there)
        and `kept`: what should be kept is, or the form is naive.
    """
    keys = ["world", "specification", "term"]
    rows = estimates.assign(specification=estimates["specification"].fillna(""))
    rows = rows.merge(
        targets.rename(columns={"estimate": "target", "se": "target_se", "unit": "target_unit"})[
            [*keys, "target", "target_se", "target_unit"]
        ],
        on=keys,
        how="left",
    )
    null = is_null(rows, nulls)
    none = rows["metric"].isin(RATIOS).astype(float)  # 1 is no effect as a ratio, 0 else
    rows["truth"] = rows["target"].mask(null, none)
    rows["target_se"] = rows["target_se"].mask(null, 0.0)
    # A study tells its coefficients in its own standard deviations, and so is its truth.
    own = _signed(rows, "truth") * (rows["unit"] / rows["target_unit"]).mask(null, 1.0)
    rows["error"] = _signed(rows, "estimate") - own
    held = (_signed(rows, "ci_low") <= own) & (own <= _signed(rows, "ci_high"))
    rows["held"] = held.astype(float).where(rows["ci_low"].notna())
    found = (rows["p"] < 0.05).astype(float).where(rows["p"].notna())
    rows["found"] = found.mask(rows["metric"] == "verdict", (rows["estimate"] > 0).astype(float))
    rows["singular"] = (rows["status"] == "singular").astype(float)
    rows["null"] = null
    table = rows.groupby(keys, sort=False, as_index=False).agg(
        metric=("metric", "first"),
        null=("null", "first"),
        truth=("truth", "first"),
        target_se=("target_se", "first"),
        studies=("estimate", "count"),
        without=("estimate", lambda values: int(values.isna().sum())),
        bias=("error", "mean"),
        sd=("error", "std"),
        mean_se=("se", "mean"),
        coverage=("held", "mean"),
        found=("found", "mean"),
        singular=("singular", "mean"),
    )
    table["bias_error"] = np.hypot(table["sd"] / np.sqrt(table["studies"]), table["target_se"])
    table["naive"] = naive(table)
    table["kept"] = kept(table) | table["naive"]
    return table.drop(columns="target_se")


def kept(table: pd.DataFrame) -> pd.Series:
    """Whether bias, coverage and false findings lie within what chance allows.

    Bias: the larger of .02 standard deviations and three Monte Carlo errors. Coverage and, where
    there is nothing, findings: .95 and .05 within 3.5 Monte Carlo errors; intervals of singular
    fits may hold the truth more often, and fewer than .05 verdicts are no fault.
    """
    verdict = table["metric"] == "verdict"
    unit = np.where(table["metric"].isin(RATIOS), LOG_ODDS, 1.0)
    unbiased = table["bias"].abs() <= np.maximum(SMALLEST_BIAS * unit, 3 * table["bias_error"])
    room = ERRORS * np.sqrt(COVERED * (1 - COVERED) / table["studies"])
    singular = table["singular"] > 0.05
    covers = (table["coverage"] >= COVERED - room) & (
        (table["coverage"] <= COVERED + room) | singular
    )
    covers |= table["coverage"].isna()
    few = table["found"] <= 1 - COVERED + room
    return (unbiased | verdict) & (covers | verdict) & (few | ~table["null"])


HEAD = """# Worlds of known truth

{studies} simulated studies of each of several worlds, analysed by the planned models. A study has
60 therapists with about 10 clients each (30 where responsiveness is asked), as the example has,
whose world these change. Truth is 0 where there is nothing to find. Else it is what the same model
estimates on 100,000 clients of that world, measurement error and all, told in the standard
deviations of each study, as estimates are; or, where everything is *exactly measured*, the value
that the world was made with: d = .28 is a correlation of d / sqrt(d^2 + 4) = .14 per standard
deviation of clients' latent accommodation. Ratios are on the logarithm. Found: share of studies
with p < .05 (of surfaces: with a verdict of congruence), a false finding where truth is 0, power
elsewhere. Singular: share of fits with a variance at zero or a correlation at 1, whose intervals
may hold the truth more often.

Naive: forms that find what is not there, shown beside those that do not and counted nowhere. The
change of delivery on the gap before, and the outcome on earlier clients not on track, as they stand
(regression to the mean). The two sides of a signed gap: delivery is in both, one way and the other,
and where wishes are measured with error it stands for part of the wish; accommodation on the
dimension (`dimensions_growth`), with delivery beside it, does not.

Where everything is exactly measured the level that acts is the mean of all 24 sessions that a
client might have had, which those attended are a part of: estimates lie a little above it.

Within limits: bias below the larger of .02 standard deviations and three of its Monte Carlo errors;
coverage .95, and false findings .05, within 3.5 Monte Carlo errors ({room:.3f}). Mean coverage over
all coefficients: {mean:.3f}.

Command, from the root of the project: `python tests/recovery/worlds.py --studies {studies}`. It
goes on where it was stopped; `--targets` makes the targets. Checksum of the code `{code}`.
"""

COLUMNS = (
    "| coefficient | truth | bias (its error) | SD | mean SE | coverage | found | singular | |\n"
    "|---|---:|---:|---:|---:|---:|---:|---:|---|"
)


def page(table: pd.DataFrame, studies: int, code: str) -> str:
    """The table as a page, a section for each world."""
    room = ERRORS * float(np.sqrt(COVERED * (1 - COVERED) / studies))
    mean = float(table.loc[~table["naive"], "coverage"].mean())
    lines = [HEAD.format(studies=studies, room=room, mean=mean, code=code)]
    for world, rows in table.groupby("world", sort=False):
        lines += [f"## {world}", "", COLUMNS]
        lines += [_line(row) for row in rows.to_dict("records")]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _line(row: dict[str, object]) -> str:
    def number(name: str, digits: int = 3) -> str:
        value = float(str(row[name]))
        return "" if np.isnan(value) else f"{value:.{digits}f}"

    name = f"{row['specification']}: {row['term']}" if row["specification"] else str(row["term"])
    truth = number("truth")
    if row["metric"] in RATIOS:
        truth = f"{np.log(float(str(row['truth']))):.3f}"
    note = "naive" if row["naive"] else "" if row["kept"] else "outside"
    bias = f"{number('bias', 4)} ({number('bias_error', 4)})"
    rest = " | ".join(number(n) for n in ("sd", "mean_se", "coverage", "found"))
    return f"| {name} | {truth} | {bias} | {rest} | {number('singular', 2)} | {note} |"
