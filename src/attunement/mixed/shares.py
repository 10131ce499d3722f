"""Profile likelihood limits of intraclass correlations of models with random intercepts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.optimize import brentq, minimize_scalar
from scipy.special import ndtri

from attunement.mixed.errors import NotAvailable
from attunement.mixed.kernel import Array
from attunement.mixed.objective import Objective
from attunement.mixed.tables import require_confidence

if TYPE_CHECKING:
    from attunement.mixed.linear_results import LinearFit

# shares between which limits are looked for, and how closely
_LEAST, _MOST, _CLOSE = 1e-7, 1.0 - 1e-6, 1e-5
# the largest standard deviation of another level, in units of the residual's, that is tried
_WIDEST = 30.0
NO_UPPER = "no upper limit: the likelihood falls too little"


class Shares:
    """The deviance with one level's share of the variance held, least over the other level's.

    Relative to the residual variance each level is one number, its squared ratio; coefficients and
    residual variance are profiled by the objective itself. So with one level nothing is left to
    search, and with two a single ratio.
    """

    def __init__(self, fit: LinearFit) -> None:
        prepared, levels = fit._prepared, [term.level for term in fit.design.terms]
        self.objective = Objective(prepared.blocks, prepared.layout, fit.reml)
        self.units = np.array([abs(float(prepared.recode[level][0, 0])) for level in levels])
        starts = (0, prepared.layout.sizes[0])  # parameters: of the outer level, then the inner one
        self.places = [starts[prepared.positions[level]] for level in levels]
        self.ratios = (fit._parameters[self.places] * self.units) ** 2
        self.least = float(fit._point.deviance)

    @property
    def estimates(self) -> Array:
        """The share of each level at the estimate."""
        return np.asarray(self.ratios / (1.0 + self.ratios.sum()))

    def _at(self, ratios: Array) -> float:
        parameters = np.zeros(len(self.ratios))
        parameters[self.places] = np.sqrt(ratios) / self.units
        try:
            return float(self.objective.at(parameters).deviance)
        except np.linalg.LinAlgError:
            return float("inf")

    def deviance(self, level: int, share: float) -> float:
        """The least deviance at a share of one level."""
        odds = share / (1.0 - share)
        others = [place for place in range(len(self.ratios)) if place != level]

        def given(root: float) -> float:
            ratios = np.zeros(len(self.ratios))
            ratios[others] = root**2
            ratios[level] = odds * (1.0 + ratios[others].sum())
            return self._at(ratios)

        if not others:
            return given(0.0)
        near = float(np.sqrt(self.ratios[others[0]]))
        found = minimize_scalar(
            given, bounds=(0.0, 3.0 * near + 1.0), method="bounded", options={"xatol": 1e-4}
        )
        if found.x > 3.0 * near + 0.9:
            found = minimize_scalar(given, bounds=(0.0, _WIDEST), method="bounded")
        return min(float(found.fun), given(0.0))

    def limits(self, level: int, quantile: float) -> tuple[float, float, str]:
        """Return both limits of a level's share, and why one of them is none."""
        estimate = float(self.estimates[level])

        def excess(share: float) -> float:
            rise = max(self.deviance(level, share) - self.least, 0.0)
            return float(np.sqrt(rise)) - quantile

        low = 0.0
        if estimate > _LEAST and excess(0.0) > 0.0:
            low = float(brentq(excess, 0.0, estimate, xtol=_CLOSE * estimate))
        if excess(_MOST) < 0.0:
            return low, float("nan"), NO_UPPER
        return low, float(brentq(excess, estimate, _MOST, xtol=_CLOSE)), ""


def profile_shares(fit: LinearFit, confidence: float) -> pd.DataFrame:
    """Shares by level with profile limits; see `LinearFit.profile_icc`."""
    require_confidence(confidence)
    if not fit.random:
        raise NotAvailable("an intraclass correlation needs a level")
    if any(fit.design.random[term.level].shape[1] != 1 for term in fit.design.terms) or any(
        fit.design.random_names[term.level] != ["Intercept"] for term in fit.design.terms
    ):
        raise NotAvailable("with random slopes the share of a level is not one number to profile")
    if fit._structured is not None or fit._prepared.precision is not None:
        raise NotAvailable("no profile limits of shares with precisions or structured residuals")
    shares, quantile = Shares(fit), float(ndtri(0.5 + confidence / 2.0))
    rows = [
        (shares.estimates[place], *shares.limits(place, quantile))
        for place in range(len(fit.design.terms))
    ]
    return pd.DataFrame(
        rows,
        columns=["share", "share_ci_low", "share_ci_high", "status"],
        index=pd.Index([term.level for term in fit.design.terms], name="level"),
    )
