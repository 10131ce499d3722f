"""The rules for models of events: odds and their errors can give counts back that were withheld."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from attunement.release.rounding import shortened
from attunement.release.rules import Decision, decided, emptied
from attunement.study.config import Release
from attunement.study.effects import RATIO_METRICS
from attunement.study.files import Tables

DIGITS = 3
RISKS, PLACES = ("probability", "RD"), 2  # shares of clients, as in curves
HALF = r"_(low|high|high_minus_low)$"  # clients with little and with much, and between them
BASELINE = re.compile(r"Intercept|1|(?:C\()?baseline\)?\[.*\]|baseline_\d")
CATEGORY = re.compile(r"(?:no|only) events among the (\d+) rows of this category.*")
SMALL, ONE_SIDED = (
    "a small category was left out",
    "a category in which nobody, or everybody, dropped out was left out",
)


def _baseline(term: str) -> bool:
    """Whether a coefficient is the intercept or a band of the baseline hazard, alone."""
    return BASELINE.fullmatch(term) is not None


def ratio_rows(tables: Tables, rules: Release) -> tuple[Tables, list[Decision]]:
    """Withhold the levels of event models; give their ratios no more digits than needed.

    An intercept gives odds = events / others and se^2 = 1 / events + 1 / others: (1 + odds) / se^2
    is the exact number of events.
    """
    found, decisions = {}, []
    frame = tables["estimates"]
    ratio = frame["metric"].isin(RATIO_METRICS)
    levels = ratio & frame["estimate"].notna() & frame["term"].map(_baseline).astype(bool)
    if levels.any():
        reason = "the level of an event model would give its number of events back"
        frame = emptied(frame, levels, "estimates", reason)
        decisions.append(decided("estimates", "event models", "withheld", levels.sum(), reason))
    found["estimates"] = _with_fewer_digits(
        frame,
        [
            *("estimate", "se", "statistic", "p", "p_adjusted", "ci_low", "ci_high"),
            *("ci90_low", "ci90_high"),
        ],
    )
    found["influence"] = _with_fewer_digits(tables["influence"], ["estimate", "lowest", "highest"])
    for name in ("estimates", "influence"):
        if count := int(found[name]["metric"].isin(RATIO_METRICS).sum()):
            reason = f"ratios to {DIGITS} digits"
            decisions.append(decided(name, "event models", "rounded", count, reason))
    frame = found["estimates"]
    if (risks := frame["metric"].isin(RISKS)).any():
        # A share to many digits of a number known to the nearest five gives the count back.
        for column in ("estimate", "se", "ci_low", "ci_high"):
            frame[column] = frame[column].where(~risks, frame[column].round(PLACES))
        reason = f"shares to {PLACES} digits after the point"
        decisions.append(decided("estimates", "risks", "rounded", int(risks.sum()), reason))
    return found, decisions


def _with_fewer_digits(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Shorten every number of an event model: what is derived from ratios tells them too."""
    frame, ratio = frame.copy(), frame["metric"].isin(RATIO_METRICS)
    ratio = frame["specification"].isin(set(frame.loc[ratio, "specification"]))
    for column in columns:
        frame[column] = frame[column].where(~ratio, shortened(frame[column], DIGITS))
    return frame


def linked_risks(tables: Tables, rules: Release) -> tuple[Tables, list[Decision]]:
    """Withhold both shares and their difference where one of the two is withheld.

    Models of the same clients tell the events of all: those of one half are the rest.
    """
    frame = tables["estimates"]
    halves = frame["term"].str.extract(HALF, expand=False)
    if not halves.notna().any():
        return {}, []
    stem = frame["term"].str.replace(HALF, "", regex=True)
    keys = frame["specification"].astype(str) + ":" + stem.astype(str)
    withheld = (frame["status"] == "withheld") & (frame["metric"] == "probability")
    hit = halves.notna() & frame["estimate"].notna() & keys.isin(keys[withheld & halves.notna()])
    if not hit.any():
        return {}, []
    reason = "one of the two shares is withheld"
    decision = decided("estimates", "linked risks", "withheld", hit.sum(), reason)
    return {"estimates": emptied(frame, hit, "estimates", reason)}, [decision]


def linked_influence(tables: Tables, rules: Release) -> tuple[Tables, list[Decision]]:
    """Withhold the range of a coefficient that is itself withheld."""
    estimates, influence = tables["estimates"], tables["influence"]
    keys = ["dataset", "specification", "term"]
    withheld = pd.MultiIndex.from_frame(estimates.loc[estimates["status"] == "withheld", keys])
    hit = pd.Series(
        pd.MultiIndex.from_frame(influence[keys]).isin(withheld), index=influence.index, dtype=bool
    )
    hit &= influence["estimate"].notna()
    if not hit.any():
        return {}, []
    reason = "the coefficient itself is withheld"
    decision = decided("influence", "linked rows", "withheld", hit.sum(), reason)
    return {"influence": emptied(influence, hit, "influence", reason)}, [decision]


def small_categories(tables: Tables, rules: Release) -> tuple[Tables, list[Decision]]:
    """Say of a category left out of an event model neither its size nor which way all of it went.

    A category with fewer rows than the smallest cell loses its name too.
    """
    frame = tables["estimates"]
    sizes = frame["reason"].str.extract(CATEGORY, expand=False).astype("Float64")
    told = sizes.notna()
    if not told.any():
        return {}, []
    few = (sizes < rules.smallest_cell).fillna(False).astype(bool)
    named = few & frame["term"].str.endswith("]")
    frame = frame.copy()
    frame["reason"] = np.select([few, told], [SMALL, ONE_SIDED], frame["reason"].astype(object))
    frame.loc[named, "term"] = frame.loc[named, "term"].str.replace(
        r"\[.*\]$", "[small category]", regex=True
    )
    frame = frame.astype(tables["estimates"].dtypes.to_dict())
    frame = frame.drop_duplicates(["dataset", "specification", "term", "metric", "scale"])
    reason = "neither size nor side of a category left out is told; a small one is not named"
    decision = decided("estimates", "small categories", "withheld", told.sum(), reason)
    return {"estimates": frame.reset_index(drop=True)}, [decision]
