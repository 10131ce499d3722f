"""The rules that round: counts, shares made of counts, and other numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.release.cells import CELLS
from attunement.release.clustered import wilson
from attunement.release.rules import Decision, decided
from attunement.study.config import Release
from attunement.study.files import Tables

DIGITS, DECIMALS = 4, 3
FLAG_COUNTS, TWENTY = ("clients", "flagged", "events", "both", "neither"), 20


def rounded_counts(tables: Tables, rules: Release) -> tuple[Tables, list[Decision]]:
    """Round every count, recompute shares from rounded counts, shorten all other numbers."""
    found, decisions = {}, []
    for name, cells in CELLS.items():
        frame = tables[name].copy()
        if frame.empty:
            continue
        for column in cells.counts:
            frame[column] = rounded(frame[column], rules)
        for column in frame.select_dtypes("float").columns:
            if column not in cells.as_declared:
                frame[column] = shortened(frame[column])
        if "df" in frame.columns:
            # Residual degrees of freedom would tell the number of rows.
            # Those that round to 0 are few, not none: they are not told.
            frame["df"] = rounded(frame["df"], rules).astype("float64").replace(0.0, np.nan)
        found[name] = _shares_of_rounded(frame, name)
        reason = f"counts to {rules.rounding}, other numbers to {DIGITS} digits"
        decisions.append(decided(name, "rounding", "rounded", len(frame), reason))
    return found, decisions


def rounded_effects(tables: Tables, rules: Release) -> tuple[Tables, list[Decision]]:
    """Shorten therapists' effects to three digits after the point."""
    effects = tables["therapist_effects"].copy()
    if effects.empty:
        return {}, []
    columns = ["effect", "ci_low", "ci_high"]
    effects[columns] = effects[columns].round(DECIMALS)
    reason = f"effects to {DECIMALS} digits after the point"
    decision = decided("therapist_effects", "rounding", "rounded", len(effects), reason)
    return {"therapist_effects": effects}, [decision]


def rounded(values: pd.Series, rules: Release) -> pd.Series:
    """Round to the nearest multiple; halves go up, so that no two machines differ."""
    base = rules.rounding
    halves = values.astype("Float64") / base + 0.5
    return pd.Series(np.floor(halves) * base, index=values.index).astype("Int64")


def shortened(values: pd.Series, digits: int = DIGITS) -> pd.Series:
    """Round to a number of significant digits."""
    return values.map(lambda value: float(f"{value:.{digits}g}"), na_action="ignore")


def _shares_of_rounded(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    for share, part, whole in CELLS[name].shares:
        present = frame[whole].notna() & (frame[whole] > 0).fillna(False)
        if part:
            frame.loc[present, share] = (frame[part] / frame[whole])[present].astype("float64")
        else:
            frame[share] = frame[share].round(2)
    if name == "dropout_rates":
        limits = [
            wilson(
                0 if pd.isna(events) else int(events), 0 if pd.isna(n) else int(n), float(effect)
            )
            for events, n, effect in zip(
                frame["n_dropped_out"],
                frame["n_clients"],
                frame["design_effect"].round(1).fillna(1.0),
                strict=True,
            )
        ]
        frame["ci_low"], frame["ci_high"] = zip(*limits, strict=True)
        frame["design_effect"] = frame["design_effect"].round(1)
    if name == "flag_validity":
        frame = _flags_of_rounded(frame)
    return frame


def _flags_of_rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Shares of flags made of rounded counts, their limits and the area wide enough to tell none.

    Two digits of a share beside a rounded count give the exact count back: limits go outwards to
    the next twentieth, and the area under the curve to two digits.
    """
    frame = frame.copy()
    n = {name: frame[f"n_{name}"].astype("Float64") for name in FLAG_COUNTS}
    shares = {
        "base_rate": n["events"] / n["clients"],
        "sensitivity": n["both"] / n["events"],
        "specificity": n["neither"] / (n["clients"] - n["events"]),
        "ppv": n["both"] / n["flagged"],
        "npv": n["neither"] / (n["clients"] - n["flagged"]),
    }
    for name, share in shares.items():
        held = frame[name].notna().to_numpy()
        told = share.to_numpy(dtype="float64", na_value=np.nan)
        told = np.where(held & np.isfinite(told), np.clip(told, 0, 1), np.nan)
        frame[name] = told
        if f"{name}_low" in frame.columns:
            low = frame[f"{name}_low"].to_numpy(dtype="float64", na_value=np.nan)
            high = frame[f"{name}_high"].to_numpy(dtype="float64", na_value=np.nan)
            frame[f"{name}_low"] = np.floor(np.minimum(low, told) * TWENTY) / TWENTY
            frame[f"{name}_high"] = np.ceil(np.maximum(high, told) * TWENTY) / TWENTY
    area = ["auc", "auc_low", "auc_high"]
    frame[area] = frame[area].round(2)
    return frame
