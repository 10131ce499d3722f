"""The shape of a surface: by hand, against the textbook's formulas, gradients by differences."""

import numpy as np
import pytest

from attunement.model.surface_shape import (
    HYPOTHESES,
    LINES,
    hessian,
    kind_of_point,
    principal_axes,
    stationary_point,
)

RANDOM = np.random.default_rng(5)
SURFACES = RANDOM.normal(size=(40, 5))


def height(b, preference, delivery):
    linear = b[0] * preference + b[1] * delivery
    return linear + b[2] * preference**2 + b[3] * preference * delivery + b[4] * delivery**2


def by_differences(function, b, step=1e-6):
    """The gradient of each value of a function, by central differences."""
    moves = np.eye(5) * step
    return np.array(
        [(function(b + move).values - function(b - move).values) / (2 * step) for move in moves]
    ).T


@pytest.mark.parametrize("function", [stationary_point, principal_axes])
@pytest.mark.parametrize("b", SURFACES)
def test_gradients_are_those_found_by_differences(function, b):
    found = function(b)
    numeric = by_differences(function, b)
    size = np.maximum(np.abs(numeric), 1.0)
    assert (np.abs(found.gradients - numeric) / size).max() < 1e-4


@pytest.mark.parametrize("b", SURFACES)
def test_axes_equal_those_of_edwards_and_parry(b):
    root = np.hypot(b[2] - b[4], b[3])
    below = 4 * b[2] * b[4] - b[3] ** 2
    place = (b[1] * b[3] - 2 * b[0] * b[4]) / below, (b[0] * b[3] - 2 * b[1] * b[2]) / below
    slopes = (b[4] - b[2] + root) / b[3], (b[4] - b[2] - root) / b[3]
    textbook = [v for slope in slopes for v in (place[1] - slope * place[0], slope)]
    assert principal_axes(b).values == pytest.approx(textbook, rel=1e-7)
    assert stationary_point(b).values == pytest.approx(place, rel=1e-9)


@pytest.mark.parametrize("b", SURFACES)
def test_the_first_axis_runs_where_the_surface_bends_down_least(b):
    slope = principal_axes(b).values[1]
    bends = [hessian(b) @ [np.cos(a), np.sin(a)] @ [np.cos(a), np.sin(a)] for a in
             np.linspace(0, np.pi, 2000)]  # fmt: skip
    along = np.array([1, slope]) / np.hypot(1, slope)
    assert along @ hessian(b) @ along == pytest.approx(max(bends), abs=1e-4)


@pytest.mark.parametrize("b", SURFACES)
def test_lines_are_slope_and_curvature_along_agreement_and_mismatch(b):
    a = LINES @ b
    for value in (-0.7, 0.4):
        assert height(b, value, value) == pytest.approx(a[0] * value + a[1] * value**2)
        assert height(b, value, -value) == pytest.approx(a[2] * value + a[3] * value**2)


def test_a_squared_difference_has_its_ridge_on_the_line_of_agreement():
    b = np.array([0.0, 0.0, -1.0, 2.0, -1.0])
    axes = principal_axes(b)
    assert axes.values[:2] == pytest.approx([0.0, 1.0])
    # Where the stationary points are a whole line the intercept has an error all the same.
    assert np.isfinite(axes.gradients[:2]).all()
    assert axes.gradients[0] == pytest.approx([-0.25, 0.25, 0, 0, 0])
    assert np.isnan(stationary_point(b).values).all()
    assert np.isnan(axes.values[2])


def test_a_ridge_beside_the_line_of_agreement_is_found_there():
    # -(D - P - 0.5)^2: best where half a point more is given than was wanted.
    b = np.array([-1.0, 1.0, -1.0, 2.0, -1.0])
    assert principal_axes(b).values[:2] == pytest.approx([0.5, 1.0])


def test_surfaces_without_axes_say_so():
    assert np.isnan(principal_axes(np.array([0.3, 0.1, 0, 0, 0])).values).all()
    assert np.isnan(principal_axes(np.array([0.0, 0.0, -1, 0, -1])).values).all()
    # curved over preference alone: the first axis is parallel to that of delivery
    assert np.isnan(principal_axes(np.array([0.2, 0.0, -1, 0, 0])).values[:2]).all()


@pytest.mark.parametrize(
    ("b", "said"),
    [
        ([0, 0, -1, 0.5, -1], "a maximum"),
        ([0, 0, 1, 0.5, 1], "a minimum"),
        ([0, 0, -1, 0.5, 1], "a saddle"),
    ],
)
def test_the_kind_of_stationary_point(b, said):
    assert kind_of_point(np.array(b, dtype=float)) == said


def test_hypotheses_hold_on_the_surfaces_they_describe():
    algebraic = np.array([-0.4, 0.4, 0, 0, 0])
    squared = np.array([0, 0, -0.7, 1.4, -0.7])
    assert HYPOTHESES["algebraic_difference"][1] @ algebraic == pytest.approx(0)
    assert HYPOTHESES["squared_difference"][1] @ squared == pytest.approx(0)
    for name, b in (("algebraic_difference", squared), ("squared_difference", algebraic)):
        assert np.abs(HYPOTHESES[name][1] @ b).max() > 0.1
    for _, matrix in HYPOTHESES.values():
        assert np.linalg.matrix_rank(matrix) == len(matrix)
