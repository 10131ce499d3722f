"""Tests of a fitted surface, and the checklist by which it is called a congruence effect or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from attunement.model.surface_shape import HYPOTHESES, LINES, Array, principal_axes

ALPHA = 0.05


class Estimated(NamedTuple):
    """A number with its error: p is two-sided for `null`, limits are those of 95%."""

    estimate: float
    se: float
    df: float
    null: float
    statistic: float
    p: float
    low: float
    high: float

    def differs(self, sign: int = 0) -> bool:
        """Whether it differs from its null value (in one direction, where a sign is given)."""
        return bool(self.p < ALPHA and (sign == 0 or sign * self.statistic > 0))


class Joint(NamedTuple):
    """A Wald F test of several constraints (infinite `df`: chi-squared divided by `n`)."""

    statistic: float
    n: int
    df: float
    p: float


@dataclass(frozen=True)
class Polynomial:
    """The five coefficients of a surface, with what is needed to test functions of them.

    Attributes
    ----------
    coefficients, covariance : (5,) and (5, 5), in the order of `surface_rows.TERMS`.
    df_of : denominator degrees of freedom of one linear combination (5,) of them.
    joint : Wald test that a matrix (r, 5) times the coefficients is zero.
    """

    coefficients: Array
    covariance: Array
    df_of: Callable[[Array], float]
    joint: Callable[[Array], Joint]

    @classmethod
    def of_fit(cls, fitted: Any, terms: list[str]) -> Polynomial:
        """Take the surface out of a fit of `attunement.mixed`, whose five columns are `terms`."""
        places = [list(fitted.fixed.index).index(term) for term in terms]

        def tested(matrix: Array) -> Any:
            whole = np.zeros((len(np.atleast_2d(matrix)), len(fitted.fixed)))
            whole[:, places] = matrix
            return fitted.test(whole).iloc[0]

        def joint(matrix: Array) -> Joint:
            row = tested(matrix)
            return Joint(float(row["F"]), int(row["df_num"]), float(row["df_den"]), float(row["p"]))

        return cls(
            fitted.fixed["estimate"].to_numpy()[places],
            fitted.vcov.loc[terms, terms].to_numpy(),
            lambda weights: float(tested(weights)["df_den"]),
            joint,
        )

    def at(self, value: float, gradient: Array, null: float = 0.0) -> Estimated:
        """Test a smooth function of the coefficients by the delta method.

        Degrees of freedom are those of the linear combination that the gradient is, as the fit
        gives them (Satterthwaite where it has any).
        """
        variance = float(gradient @ self.covariance @ gradient)
        if not (np.isfinite(value) and np.isfinite(variance) and variance > 0.0):
            none = float("nan")
            return Estimated(value, none, none, null, none, none, none, none)
        error = float(np.sqrt(variance))
        df = self.df_of(gradient / error)
        statistic, normal = (value - null) / error, not np.isfinite(df)
        half = ndtri(1.0 - ALPHA / 2) if normal else stdtrit(df, 1.0 - ALPHA / 2)
        p = 2.0 * float(ndtr(-abs(statistic)) if normal else stdtr(df, -abs(statistic)))
        width = float(half) * error
        return Estimated(value, error, df, null, statistic, p, value - width, value + width)

    def combination(self, weights: Array) -> Estimated:
        """Test a linear combination of the coefficients against zero."""
        return self.at(float(weights @ self.coefficients), weights)


class Shape(NamedTuple):
    """What is tested of a surface, all on the scale of the fit (log odds of dropout for events)."""

    lines: dict[str, Estimated]
    axes: dict[str, Estimated]
    first_order: dict[str, Estimated]
    product: Estimated
    joint: dict[str, Joint]


def shape(surface: Polynomial, toward: int) -> Shape:
    """Test a surface.

    Parameters
    ----------
    surface : Polynomial
    toward : 1 where higher values are better, -1 for dropout, whose axes are those of staying.
    """
    axes = principal_axes(toward * surface.coefficients)
    gradients = toward * axes.gradients
    nulls = {"p10": 0.0, "p11": 1.0, "p20": 0.0, "p21": -1.0}
    unit = np.eye(5)
    return Shape(
        {f"a{k}": surface.combination(row) for k, row in enumerate(LINES, 1)},
        {
            name: surface.at(float(axes.values[k]), gradients[k], null)
            for k, (name, null) in enumerate(nulls.items())
        },
        {"b1": surface.combination(unit[0]), "b2": surface.combination(unit[1])},
        surface.combination(unit[3]),
        {name: surface.joint(matrix) for name, (_, matrix) in HYPOTHESES.items()},
    )


def checklist(found: Shape, toward: int) -> dict[str, tuple[str, bool]]:
    """Return what a congruence effect asks of each number, in words, and whether it is met.

    The six conditions of Humberg, Nestler & Back (2019, doi:10.1177/1948550618757600): p10 not
    different from 0, p11 not from 1, a4 below 0 and a3 not different from 0 (broad congruence);
    a2 and a1 not different from 0 (strict). For dropout a4 must be above 0: least where preference
    and delivery agree. Five of the six can be met by large errors alone, so two conditions are
    added. The terms of second order differ from 0 together (on a plane nothing agrees). And their
    product differs from 0 on the side of agreement (b4): else a surface curved over preference
    alone, or over preference and delivery side by side, may pass where p11 excludes no value.
    """
    a, axes = found.lines, found.axes
    side, other = ("below", "above") if toward > 0 else ("above", "below")
    same = {
        "p10": (axes["p10"], "not different from 0"),
        "p11": (axes["p11"], "not different from 1"),
        "a3": (a["a3"], "not different from 0"),
        "a2": (a["a2"], "not different from 0 (strict)"),
        "a1": (a["a1"], "not different from 0 (strict)"),
    }
    listed = {
        name: (asked, not np.isnan(tested.p) and not tested.differs())
        for name, (tested, asked) in same.items()
    }
    listed["a4"] = (f"{side} 0", a["a4"].differs(-toward))
    listed["curvature"] = ("different from 0 together", found.joint["curvature"].p < ALPHA)
    listed["b4"] = (f"{other} 0", found.product.differs(toward))
    return listed


BROAD = ("curvature", "p10", "p11", "a4", "a3", "b4")
STRICT = ("a1", "a2")
UNSAID = "RSA cannot tell whether too much is worse than too little"


def verdict(found: Shape, toward: int) -> tuple[int, str]:
    """Return 2 (strict), 1 (broad) or 0 (no congruence effect shown) and the verdict in words.

    Never from one coefficient: a congruence effect needs all conditions of `checklist` at once,
    and a main effect needs second-order terms that do not differ from zero together.
    """
    met = {name: passed for name, (_, passed) in checklist(found, toward).items()}
    best = "best" if toward > 0 else "least dropout"
    if all(met[name] for name in BROAD):
        if all(met[name] for name in STRICT):
            return 2, (
                f"strict congruence: {best} where delivery agrees with preference, with no effect "
                f"of their common level shown; {UNSAID}"
            )
        return 1, (
            f"broad congruence: {best} where delivery agrees with preference, and the common "
            f"level of both matters as well; {UNSAID}"
        )
    failed = [name for name in BROAD if not met[name]]
    joint, b1, b2 = found.joint, found.first_order["b1"], found.first_order["b2"]
    if joint["surface"].p >= ALPHA:
        return 0, (
            "no congruence effect shown: the five terms together do not differ from 0; "
            "inconclusive, not evidence of none"
        )
    if joint["curvature"].p >= ALPHA:
        apart = b1.differs() and b2.differs() and b1.statistic * b2.statistic < 0
        if apart and not found.lines["a1"].differs():
            return 0, "no congruence effect shown: only the direction of mismatch matters"
        names = [name for name, one in (("preference", b1), ("delivery", b2)) if one.differs()]
        if names:
            effects = "a main effect" if len(names) == 1 else "main effects"
            return 0, f"no congruence effect shown: {effects} of {' and '.join(names)}"
        return 0, "no congruence effect shown: preference and delivery matter only taken together"
    if found.lines["a4"].differs(toward):
        return 0, "no congruence effect: curved the other way across mismatch"
    if met["a4"]:
        return 0, f"no congruence effect: curved across mismatch, but not met: {', '.join(failed)}"
    return 0, f"no congruence effect shown: a curved surface, but not met: {', '.join(failed)}"
