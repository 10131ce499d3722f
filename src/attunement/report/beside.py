"""This study's estimates and the published ones in one metric and one direction, never pooled.

A published effect compares two groups; accommodation is a matter of degree. What both share is the
correlation: an equal split of clients lies two standard deviations apart (r = d / sqrt(d^2 + 4)),
so that a slope b per standard deviation stands beside d = 2 b / sqrt(1 - b^2). Odds ratios of
trials are marginal: only the one of standardised risks, of clients one standard deviation above and
below the mean, stands beside them; the conditional one of a model is further from 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from attunement.report.answers import focal
from attunement.report.numbers import missing
from attunement.report.pieces import Released
from attunement.report.words import OUTCOME_DEFINED
from attunement.study.effects import EffectSize, log_odds_from_d
from attunement.study.published import RATIOS, aligned, event_of, overlap

PANELS = ("d", "OR", "RR")
CONTRAST = "high_vs_low"  # one standard deviation above against one below: two groups already
BETTER, LESS = "above 0: better outcome", "below 1: less dropout"
CLINICAL = "clinical outcome"
LEAVING = ("dropout", "completion", "adherence")


@dataclass(frozen=True)
class Own:
    """One estimate of this study, set beside: what it was, what it became, and what it says.

    `shown` is in the panel's metric; `narrow` its 90% interval (nan where no error is known).
    """

    row: Mapping[Any, Any]
    shown: EffectSize
    narrow: tuple[float, float]
    became: str

    @property
    def clear(self) -> bool:
        """The p value that counts is below .05."""
        p = self.row["p"] if missing(self.row["p_adjusted"]) else self.row["p_adjusted"]
        return not missing(p) and float(p) < 0.05

    @property
    def usable(self) -> bool:
        """The fit converged: another estimate stands in the table and is called nothing."""
        return self.row["status"] in ("estimated", "singular")

    def within(self, smallest_d: float) -> bool | None:
        """Whether the 90% interval lies inside the bounds; None where it has none to lie in.

        The bounds of d are -smallest_d..smallest_d, those of an odds ratio the same on its
        logarithm (d * pi / sqrt(3)). A risk ratio would need a base risk.
        """
        if self.shown.metric == "RR" or any(math.isnan(limit) for limit in self.narrow):
            return None
        bound = smallest_d
        low, high = self.narrow
        if self.shown.metric == "OR":
            bound, low, high = log_odds_from_d(smallest_d), math.log(low), math.log(high)
        return -bound < low and high < bound

    def word(self, smallest_d: float) -> str:
        """Return what the estimate says: an association, none that matters, or inconclusive."""
        if not self.usable:
            return "the fit did not converge"
        inside = self.within(smallest_d)
        if self.clear:
            ratio = self.shown.metric in RATIOS
            helps = self.shown.estimate < 1 if ratio else self.shown.estimate > 0
            side = (
                ("less dropout" if ratio else "better outcome")
                if helps
                else ("more dropout" if ratio else "worse outcome")
            )
            small = ", too small to matter" if inside else ""
            return f"association with {side}{small}"
        return "no meaningful effect" if inside else "inconclusive"


WHOLE = ("model", "standardised")


@dataclass(frozen=True)
class Theirs:
    """One published effect, turned the house's way and in the panel's metric."""

    row: Mapping[Any, Any]
    shown: EffectSize
    known: tuple[str, ...]
    possible: tuple[str, ...]

    @property
    def event(self) -> str:
        """What a ratio is of."""
        return event_of(str(self.row["outcome"]))

    @property
    def converted(self) -> bool:
        """The panel's metric is not the printed one (g is d with a correction for few clients)."""
        return str(self.row["metric"]) not in (self.shown.metric, "g")


def _limits(row: Mapping[Any, Any], level: float) -> tuple[float, float]:
    """Limits at a level on the scale of the standard error."""
    from scipy import stats

    if missing(row["se"]):
        return math.nan, math.nan
    centre = math.log(row["estimate"]) if row["metric"] in RATIOS else float(row["estimate"])
    tail = 0.5 + level / 2
    quantile = stats.norm.ppf(tail) if missing(row["df"]) else stats.t.ppf(tail, row["df"])
    half = float(quantile) * float(row["se"])
    return centre - half, centre + half


def _slope(row: Mapping[Any, Any]) -> Own | None:
    """A slope between clients, in standard deviations of the first score per SD of accommodation.

    Taken as the correlation that it would be were it alone: it is partial (preference, delivery
    and covariates stand beside it). Manifest: of observed client means; where the model is one of
    latent means, of the levels that these stand for.
    """
    low, high = _limits(row, 0.90)
    try:
        shown, narrow = (
            EffectSize("r", row["estimate"], *limits).to("d")
            for limits in ((row["ci_low"], row["ci_high"]), (low, high))
        )
    except ValueError:
        return None
    unit = "b per SD of the latent level" if row.get("latent") else "b"
    became = f"{unit} taken as r, d = 2r / \u221a(1 \u2212 r\u00b2)"
    return Own(row, shown, (narrow.low, narrow.high), became)


def _ratio(row: Mapping[Any, Any]) -> Own:
    low, high = _limits(row, 0.90)
    shown = EffectSize(row["metric"], *(float(row[n]) for n in ("estimate", "ci_low", "ci_high")))
    became = "one SD above against one SD below the mean"
    return Own(row, shown, (math.exp(low), math.exp(high)), became)


def _plain(row: Mapping[Any, Any]) -> Own | None:
    low, high = _limits(row, 0.90)
    try:
        shown, narrow = (
            EffectSize(row["metric"], row["estimate"], *limits).to("d")
            for limits in ((row["ci_low"], row["ci_high"]), (low, high))
        )
    except ValueError:
        return None
    return Own(row, shown, (narrow.low, narrow.high), "as estimated")


def _own(row: Mapping[Any, Any]) -> Own | None:
    """One row of `estimates` set beside, or None where it has no place."""
    metric, term, direction = row["metric"], str(row["term"]), row["direction"]
    if metric in ("OR", "RR") and direction == LESS and term == CONTRAST:
        return _ratio(row)
    if row["level"] != "between" or direction != BETTER or "accommodation" not in term:
        return None
    if metric == "b" and row["scale"] == "sd":
        return _slope(row)
    return _plain(row) if metric in ("d", "r") else None


def own_effects(released: Released) -> list[Own]:
    """Return the estimates that can stand beside published ones, confirmatory ones first.

    Between clients only, of the primary outcome and of leaving after the landmark, as standardised
    risks compare it. A hazard odds ratio is of leaving before the next session and has no place
    beside odds ratios of trials; a within-client effect none beside a difference between clients;
    leaving that is defined by the outcome none beside dropout.
    """
    table = released.table("estimates")
    known = table[table["estimate"].notna() & table["scoring"].notna()]
    asked = focal(known, released).index.union(known.index[known["term"] == CONTRAST])
    rows = known.loc[asked]
    primary = [
        name for name, said in released.about["outcomes"].items() if said.get("role") == "primary"
    ]
    leaving = rows["dropout_definition"].notna()
    rows = rows[leaving | rows["outcome"].isin(primary)]
    rows = rows[~rows["dropout_definition"].isin(OUTCOME_DEFINED)]
    # An indirect effect or a moderator's is no effect of accommodation as reviews mean it.
    named = released.specifications
    whole = [
        named.get(str(name), {}).get("analysis", "model") in WHOLE for name in rows["specification"]
    ]
    rows = rows[pd.Series(whole, index=rows.index, dtype=bool)]
    rows["latent"] = [
        named.get(str(name), {}).get("settings", {}).get("client_means") == "latent"
        for name in rows["specification"]
    ]
    found = [one for row in rows.to_dict("records") if (one := _own(row)) is not None]
    return sorted(found, key=lambda one: one.row["role"] != "confirmatory")


def their_effects(published: pd.DataFrame, panel: str) -> list[Theirs]:
    """Return the published effects of accommodation that a panel shows, by year.

    d: the clinical outcome (r converted). OR and RR: leaving, as odds or risks of the bad event.
    """
    rows = published[(published["topic"] == "accommodation") & published["estimate"].notna()]
    outcomes = (CLINICAL,) if panel == "d" else LEAVING
    metrics = ("d", "g", "r") if panel == "d" else (panel,)
    rows = rows[rows["outcome"].isin(outcomes) & rows["metric"].isin(metrics)]
    found = []
    for row in rows.sort_values(["year", "id"], kind="stable").to_dict("records"):
        known, possible = overlap(rows, str(row["id"]))
        target = aligned(row).to("d") if panel == "d" else aligned(row)
        found.append(Theirs(row, target, tuple(known), tuple(possible)))
    return found


def inside(own: Own, theirs: list[Theirs]) -> tuple[list[Theirs], list[Theirs]]:
    """Split published estimates into those inside this study's 95% interval and the others."""
    low, high = own.shown.low, own.shown.high
    held = [one for one in theirs if low <= one.shown.estimate <= high]
    return held, [one for one in theirs if one not in held]
