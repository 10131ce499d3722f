"""The shape of a second-order surface: lines, stationary point and principal axes, with gradients.

The polynomial is ``b0 + b1 P + b2 D + b3 P^2 + b4 PD + b5 D^2``; coefficients come as
(b1, b2, b3, b4, b5). Formulas: Edwards & Parry 1993 (doi:10.2307/256822), rewritten where theirs
divide by zero on a pure ridge.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Slope and curvature along P = D (a1, a2) and along P = -D (a3, a4); a5 = b3 - b5 is 0 where the
# axes of the surface run along these two lines.
LINES = np.array(
    [
        [1.0, 1.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 1.0, 1.0, 1.0],
        [1.0, -1.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 1.0, -1.0, 1.0],
        [0.0, 0.0, 1.0, 0.0, -1.0],
    ]
)
# Joint hypotheses, each a matrix times (b1, ..., b5) equal to zero. A difference score D - P lets
# only b1 = -b2 differ from zero; its square only b3 (P - D)^2 (Edwards 2002, "Alternatives to
# difference scores", in Drasgow & Schmitt, Measuring and analyzing behavior in organizations).
HYPOTHESES = {
    "surface": ("b1 = b2 = b3 = b4 = b5 = 0", np.eye(5)),
    "curvature": ("b3 = b4 = b5 = 0", np.eye(5)[2:]),
    "axis": ("a3 = 0, a5 = 0", LINES[[2, 4]]),
    "algebraic_difference": ("b1 = -b2, b3 = b4 = b5 = 0", np.vstack([LINES[0], np.eye(5)[2:]])),
    "squared_difference": (
        "b1 = b2 = 0, b3 = b5, b3 + b4 + b5 = 0",
        np.vstack([np.eye(5)[:2], LINES[4], LINES[1]]),
    ),
}


class Function(NamedTuple):
    """Values of functions of the five coefficients, and their gradients (functions, 5)."""

    values: Array
    gradients: Array


def hessian(b: Array) -> Array:
    """Second derivatives of the surface, shape (2, 2)."""
    return np.array([[2.0 * b[2], b[3]], [b[3], 2.0 * b[4]]])


def stationary_point(b: Array) -> Function:
    """Where the surface is level: P0 and D0.

    Returns
    -------
    Function
        Values (2,) and gradients (2, 5); NaN where the surface is a plane or a level ridge, which
        have no single such point.
    """
    matrix = hessian(b)
    nothing = Function(np.full(2, np.nan), np.full((2, 5), np.nan))
    if np.linalg.matrix_rank(matrix) < 2:
        return nothing
    inverse = np.linalg.inv(matrix)
    place = -inverse @ b[:2]
    moved = np.array(
        [
            [1.0, 0.0, 2.0 * place[0], place[1], 0.0],
            [0.0, 1.0, 0.0, place[0], 2.0 * place[1]],
        ]
    )
    return Function(place, -inverse @ moved)


def kind_of_point(b: Array) -> str:
    """Whether the stationary point is a maximum, a minimum or a saddle of the surface."""
    low, high = np.linalg.eigvalsh(hessian(b))
    return "a maximum" if high < 0 else "a minimum" if low > 0 else "a saddle"


def principal_axes(b: Array) -> Function:
    """Intercept and slope of the first and the second principal axis, D on P: p10, p11, p20, p21.

    The first axis runs where the surface bends down least (up most), the second across it. Slope:
    ``p11 = (b5 - b3 + s) / b4`` with ``s = sqrt((b3 - b5)^2 + b4^2)``, and ``p21 = -1 / p11``.
    Intercept: on the axis the slope of the surface across it is zero, so that
    ``p10 = (p11 b1 - b2) / (b3 + b5 - s)``, and p20 likewise with ``+ s``. That equals Edwards &
    Parry's ``D0 - p11 P0`` and holds, for the first axis, on a level ridge too, where their
    stationary point is none (a pure squared difference is such a ridge).

    Parameters
    ----------
    b : shape (5,)
        Of a surface whose higher values are the better ones: turn those of dropout first.

    Returns
    -------
    Function
        Values (4,) and gradients (4, 5); NaN where an axis is none (a plane, a round bowl, an axis
        parallel to that of D).
    """
    values, gradients = np.full(4, np.nan), np.full((4, 5), np.nan)
    bend, product = b[4] - b[2], b[3]
    root = float(np.hypot(bend, product))
    if root == 0.0:
        return Function(values, gradients)
    for first, sign in ((True, 1.0), (False, -1.0)):
        # Of two forms of the same quotient the one without a difference of equal numbers.
        top, bottom = bend + sign * root, product
        if sign * bend < 0.0:
            top, bottom = product, sign * root - bend
        if bottom == 0.0:
            continue
        slope = top / bottom
        by_bend, by_product = sign * slope / root, sign * (1.0 - slope**2) / (2.0 * root)
        of_slope = np.array([0.0, 0.0, -by_bend, by_product, by_bend])
        row = 0 if first else 2
        values[row + 1], gradients[row + 1] = slope, of_slope
        across = b[2] + b[4] - sign * root
        if abs(across) <= 1e-12 * (abs(b[2]) + abs(b[4]) + root):
            continue
        intercept = (slope * b[0] - b[1]) / across
        of_across = np.array(
            [0.0, 0.0, 1.0 + sign * bend / root, -sign * product / root, 1.0 - sign * bend / root]
        )
        of_top = np.array([slope, -1.0, 0.0, 0.0, 0.0]) + b[0] * of_slope
        values[row] = intercept
        gradients[row] = (of_top - intercept * of_across) / across
    return Function(values, gradients)
