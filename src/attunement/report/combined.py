"""Several datasets of one run together: which estimates are alike, and what they say in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attunement.report.answers import focal
from attunement.report.pieces import Released
from attunement.report.pooled import pool
from attunement.study.contracts.combined import COMBINED
from attunement.study.contracts.schema import conform, empty
from attunement.study.effects import RATIO_METRICS
from attunement.study.files import read_json, read_tables

# What two estimates must share to be estimates of one thing.
ALIKE = (
    "entry",
    "settings",
    "hypothesis_family",
    "estimand",
    "outcome",
    "scoring",
    "dimension",
    "centring",
    "dropout_definition",
    "term",
    "level",
    "metric",
    "scale",
    "direction",
    "informant",
    "time",
    "arm",
    "simulated",
)
TWO = (
    "two studies cannot tell how far studies differ: the interval, on 1 degree of freedom, says "
    "so; the common effect assumes that they do not differ"
)


def read_released(folder: Path) -> Released:
    """Read what combining needs of one dataset: its released estimates and `about.json`."""
    tables = read_tables(folder)
    kept = {name: tables[name] for name in ("estimates",) if name in tables}
    return Released(kept, read_json(Path(folder) / "about.json"))


def candidates(released: Released) -> pd.DataFrame:
    """Return the estimates of one dataset that a planned question is about, with what they are.

    On the scale of standard deviations the outcome is the dataset's primary one, whatever its
    instrument (one for each dataset: two outcomes of the same clients are not independent); other
    outcomes, and raw points, are alike only by name.
    """
    about = released.about
    rows = focal(released.table("estimates"), released).copy()
    rows["entry"] = rows["specification"].str.split(".").str[0]
    rows["settings"] = [_settings(released, str(name)) for name in rows["specification"]]
    rows["sample"] = str(about["dataset"])
    primary = [name for name, one in about["outcomes"].items() if one.get("role") == "primary"]
    in_sd = rows["outcome"].isin(primary) & (rows["scale"] == "sd")
    rows["outcome"] = rows["outcome"].mask(in_sd, "primary")
    time = about["time"]
    span = f"{time['unit']}, {float(time['per']):g}, {time['shape']}"
    over_time = rows["term"].str.split(":").str[0].eq("time") | rows["term"].str.startswith("time[")
    rows["time"] = np.where(over_time, span, "")
    arms = ", ".join(str(arm) for arm in about.get("arm_levels") or []) or "no arms"
    rows["arm"] = np.where(rows["term"].str.contains("accommodation"), "", arms)
    rows["simulated"] = bool(about.get("simulated"))
    return rows


def _settings(released: Released, name: str) -> str:
    """What one specification of a planned model asks of another measure, moderator or group."""
    told = released.specifications.get(name, {}).get("settings", {})
    return "; ".join(f"{key}: {told[key]}" for key in sorted(told) if key != "seed")


def combine(released: list[Released]) -> pd.DataFrame:
    """Return what several datasets say together (contract `combined`).

    Parameters
    ----------
    released : list of Released
        One for each dataset of the run, in its order. Their clients must be different persons.

    Returns
    -------
    DataFrame
        A row for each estimate that some dataset has: combined where two datasets or more share
        all of `ALIKE`, else alone, with the reason. Fits that did not converge, and estimates
        without a standard error, are not combined. Ratios are combined as logarithms and told as
        ratios; their standard error and `tau2` stay those of the logarithm.
    """
    every = [candidates(one) for one in released]
    found = [rows[rows["estimate"].notna()] for rows in every]
    found = [rows for rows in found if len(rows)]
    if not found:
        return empty(COMBINED)
    rows = pd.concat(found, ignore_index=True)
    sound = rows["status"].isin(("estimated", "singular")) & (rows["se"] > 0)
    lines = []
    for number, (_, held) in enumerate(_groups(rows), 1):
        usable = held[sound[held.index]]
        line: dict[str, Any] = {"group": number} | held.iloc[0][list(ALIKE)].to_dict()
        if len(usable) > 1 and usable["sample"].is_unique:
            line |= _together(usable)
        else:
            line |= _alone(held, usable, rows)
        lines.append(line)
    return conform(pd.DataFrame(lines), COMBINED)


def _groups(rows: pd.DataFrame) -> Any:
    keys = rows[list(ALIKE)].astype("str").fillna("")
    return rows.groupby([keys[name] for name in ALIKE], sort=False)


def members(rows: pd.DataFrame, line: dict[Any, Any]) -> pd.DataFrame:
    """Return the estimates that stand behind a line of `combine`, in the order of the run.

    `rows` are those of `candidates` of all datasets, one below the other.
    """
    same = pd.Series(True, index=rows.index)
    for name in ALIKE:
        value = line[name]
        wanted = "" if pd.isna(value) else str(value)
        same &= rows[name].astype("str").fillna("") == wanted
    kept = rows[same & rows["estimate"].notna() & (rows["se"] > 0)]
    return kept[kept["status"].isin(("estimated", "singular"))]


def _together(usable: pd.DataFrame) -> dict[str, Any]:
    ratio = usable["metric"].iloc[0] in RATIO_METRICS
    estimates = usable["estimate"].to_numpy(float)
    pooled = pool(np.log(estimates) if ratio else estimates, usable["se"].to_numpy(float))
    shown = np.exp if ratio else float
    return {
        "datasets": ", ".join(usable["sample"]),
        "k": pooled.k,
        "estimate": shown(pooled.estimate),
        "se": pooled.se,
        "df": pooled.df,
        "ci_low": shown(pooled.low),
        "ci_high": shown(pooled.high),
        "p": pooled.p,
        "tau2": pooled.tau2,
        "q": pooled.q,
        "q_p": pooled.q_p,
        "i2": pooled.i2,
        "common_estimate": shown(pooled.common),
        "common_low": shown(pooled.common_low),
        "common_high": shown(pooled.common_high),
        "prediction_low": shown(pooled.prediction_low),
        "prediction_high": shown(pooled.prediction_high),
        "status": "combined",
        "reason": TWO if pooled.k == 2 else None,
    }


def _alone(held: pd.DataFrame, usable: pd.DataFrame, rows: pd.DataFrame) -> dict[str, Any]:
    names = list(dict.fromkeys(held["sample"]))
    line = {"datasets": ", ".join(names), "k": 1, "status": "alone"}
    if not held["sample"].is_unique:
        return line | {"reason": "one dataset has several such estimates, of the same clients"}
    if len(held) > 1:
        unsound = [name for name in names if name not in set(usable["sample"])]
        told = f"not converged, or without a standard error, in {', '.join(unsound)}"
        return line | {"k": max(1, len(usable)), "reason": told}
    return line | {"reason": _nearest(held.iloc[0], rows)}


def _nearest(row: Any, rows: pd.DataFrame) -> str:
    """Why no other dataset has this: what its nearest estimate does not share."""
    others = rows[(rows["sample"] != row["sample"]) & (rows["entry"] == row["entry"])]
    others = others[others["term"] == row["term"]]
    if others.empty:
        return "no other dataset of this run has this coefficient of this planned model"
    apart = pd.DataFrame(
        {
            name: others[name].astype("str").fillna("")
            != ("" if pd.isna(row[name]) else str(row[name]))
            for name in ALIKE
        }
    )
    least = int(apart.sum(axis=1).to_numpy().argmin())
    differs = [name.replace("_", " ") for name in ALIKE if apart.iloc[least][name]]
    return f"the nearest, of {others['sample'].iloc[least]}, differs in: {', '.join(differs)}"
