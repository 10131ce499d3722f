"""One effect in other words: d, r, odds ratio, its logarithm and risk ratio, with their intervals.

The closed forms are those of Borenstein, Hedges, Higgins & Rothstein (2009), Introduction to
Meta-Analysis, chapter 7. `pingouin.convert_effsize` agrees where it goes (d to r, r to d, d to OR:
tested), but cannot begin at an odds ratio, knows no risk ratio and no interval; statsmodels has no
conversions. Each conversion is increasing, so that limits are converted as the estimate is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

Metric = Literal["d", "r", "OR", "logOR", "RR"]
METRICS: tuple[Metric, ...] = ("d", "r", "OR", "logOR", "RR")
# The standard deviation of the standard logistic distribution: what a logarithm of odds is to d.
LOGISTIC_SD = math.pi / math.sqrt(3.0)
# Metrics of estimates of which 1, not 0, is no effect.
RATIO_METRICS = ("OR", "hOR", "HR", "RR")
# (n1 + n2)^2 / (n1 n2) of two equal groups.
EQUAL_GROUPS = 4.0


def d_from_log_odds(log_odds_ratio: float) -> float:
    """Return d = log OR * sqrt(3) / pi: the outcome is a cut logistic variable (Borenstein 7.1)."""
    return log_odds_ratio / LOGISTIC_SD


def log_odds_from_d(d: float) -> float:
    """Return log OR = d * pi / sqrt(3) (Borenstein 7.3)."""
    return d * LOGISTIC_SD


def d_from_r(r: float, groups: float = EQUAL_GROUPS) -> float:
    """Return d of a correlation, d = sqrt(a) r / sqrt(1 - r^2); 2 r / sqrt(1 - r^2) for a = 4.

    Parameters
    ----------
    r : float
        Between -1 and 1, limits excluded.
    groups : float
        a = (n1 + n2)^2 / (n1 n2); 4 for groups of equal size, and for a continuous exposure, which
        has no groups: d is then the difference that an equal split with this r would show.

    Raises
    ------
    ValueError
        r is no correlation that has a d.
    """
    if not -1.0 < r < 1.0:
        raise ValueError(f"a correlation of {r:g} has no d")
    return math.sqrt(groups) * r / math.sqrt(1.0 - r * r)


def r_from_d(d: float, groups: float = EQUAL_GROUPS) -> float:
    """Return r = d / sqrt(d^2 + a) (Borenstein 7.7); `groups` as in `d_from_r`."""
    return d / math.sqrt(d * d + groups)


def odds_from_risk_ratio(risk_ratio: float, base_risk: float) -> float:
    """Return the odds ratio of a risk ratio, at the risk of the group that it compares with.

    Raises
    ------
    ValueError
        The base risk is none, or the risk ratio would carry it to 1 or beyond.
    """
    _check_risk(base_risk)
    risk = risk_ratio * base_risk
    if not 0.0 < risk < 1.0:
        raise ValueError(f"a risk ratio of {risk_ratio:g} carries a base risk of {base_risk:g} out")
    return (risk / (1.0 - risk)) / (base_risk / (1.0 - base_risk))


def risk_from_odds_ratio(odds_ratio: float, base_risk: float) -> float:
    """Return RR = OR / (1 - p + p OR), p the base risk (Zhang & Yu 1998, JAMA 280:1690).

    It holds for an odds ratio of one comparison; an adjusted one is a conditional odds ratio, and
    the risk ratio then that of somebody at this base risk.
    """
    _check_risk(base_risk)
    if not odds_ratio > 0.0:
        raise ValueError(f"an odds ratio is above 0, not {odds_ratio:g}")
    return odds_ratio / (1.0 - base_risk + base_risk * odds_ratio)


def _check_risk(base_risk: float) -> None:
    if not 0.0 < base_risk < 1.0:
        raise ValueError(f"a base risk lies between 0 and 1, not at {base_risk:g}")


def variance_of_d_from_log_odds(variance: float) -> float:
    """Return the variance of d from that of the log odds ratio, 3 V / pi^2 (Borenstein 7.2)."""
    return variance / LOGISTIC_SD**2


def variance_of_d_from_r(variance: float, r: float) -> float:
    """Return the variance of d from that of r, 4 V / (1 - r^2)^3 (Borenstein 7.6)."""
    return EQUAL_GROUPS * variance / (1.0 - r * r) ** 3


def variance_of_r_from_d(variance: float, d: float, groups: float = EQUAL_GROUPS) -> float:
    """Return the variance of r from that of d, a^2 V / (d^2 + a)^3 (Borenstein 7.8)."""
    return groups**2 * variance / (d * d + groups) ** 3


@dataclass(frozen=True)
class EffectSize:
    """An estimate with its interval in one metric; limits may be missing (nan).

    `base_risk` is the risk in the group that a risk ratio compares with; it is needed where a risk
    ratio is left or reached, and taken as known: the interval does not hold its uncertainty.
    """

    metric: Metric
    estimate: float
    low: float = math.nan
    high: float = math.nan
    base_risk: float | None = None

    def to(self, metric: Metric) -> EffectSize:
        """Return the effect in another metric.

        Raises
        ------
        ValueError
            There is no such value (a correlation of 1), or a risk ratio without its base risk.
        """
        if metric == self.metric:
            return self
        values = [
            value if math.isnan(value) else self._convert(value, metric)
            for value in (self.estimate, self.low, self.high)
        ]
        return replace(self, metric=metric, estimate=values[0], low=values[1], high=values[2])

    def inverse(self) -> EffectSize:
        """Return the effect of the opposite comparison: -d, -r, -log OR, 1 / OR, 1 / RR.

        For an odds ratio this is also the effect on the opposite event (staying, not leaving); for
        a risk ratio it is not, and its base risk changes to that of the other group.
        """
        if self.metric in ("OR", "RR"):
            turned = [1.0 / value for value in (self.estimate, self.high, self.low)]
        else:
            turned = [-value for value in (self.estimate, self.high, self.low)]
        base = self.base_risk
        if base is not None and self.metric == "RR":
            base = base * self.estimate
        return replace(self, estimate=turned[0], low=turned[1], high=turned[2], base_risk=base)

    def _convert(self, value: float, metric: Metric) -> float:
        log_odds = self._log_odds(value)
        if metric == "logOR":
            return log_odds
        if metric == "OR":
            return math.exp(log_odds)
        if metric == "RR":
            return risk_from_odds_ratio(math.exp(log_odds), self._base())
        d = d_from_log_odds(log_odds)
        return d if metric == "d" else r_from_d(d)

    def _log_odds(self, value: float) -> float:
        if self.metric == "logOR":
            return value
        if self.metric == "OR":
            return math.log(value)
        if self.metric == "RR":
            return math.log(odds_from_risk_ratio(value, self._base()))
        return log_odds_from_d(d_from_r(value) if self.metric == "r" else value)

    def _base(self) -> float:
        if self.base_risk is None:
            raise ValueError("a risk ratio converts only at a stated base risk")
        return self.base_risk
