"""Random binary designs: brute-force integrals, gradients, true maxima, and glmm's answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import gammaln

from attunement.mixed import FitError, LogisticFit, fit_logistic
from attunement.mixed.links import LINKS
from attunement.mixed.marginal import Marginal

SEEDS = range(48)


@dataclass
class Drawn:
    data: pd.DataFrame
    formula: str
    options: dict[str, Any] = field(default_factory=dict)


def draw(seed: int) -> Drawn:
    """A design whose sizes, spread, link, weights and covariates change with the seed."""
    generator = np.random.default_rng(9_000 + seed)
    link = ["logit", "cloglog"][seed % 2]
    largest = [3, 8, 40][seed % 3]
    sizes = generator.integers(1, largest + 1, int(generator.integers(8, 40)))
    sizes[:2] = largest
    codes = np.repeat(np.arange(len(sizes)), sizes)
    n = len(codes)
    sigma = [0.0, 0.2, 1.0, 3.0][seed // 2 % 4]
    shift = 1e5 if seed % 5 == 0 else 0.0
    x = generator.normal(size=n) * (1e-3 if seed % 7 == 0 else 1.0)
    data = pd.DataFrame(
        {"g": codes, "x": x + shift, "arm": codes % 2, "kind": generator.choice(list("abc"), n)}
    )
    options: dict[str, Any] = {"link": link}
    offset = np.zeros(n)
    if seed % 3 == 1:
        offset = generator.uniform(-1.0, 1.0, n)
        options["offset"] = "known"
    trials = np.ones(n, dtype=int)
    if seed % 4 >= 2:
        trials = generator.integers(1, 8, n)
        options["trials"] = "size"
    effect = sigma * generator.normal(size=len(sizes))[codes]
    slope = 0.6 / max(float(x.std()), 1e-9)
    share = LINKS[link].mean(-0.5 + slope * x + 0.5 * (codes % 2) + offset + effect)
    data = data.assign(y=generator.binomial(trials, share), size=trials, known=offset)
    if seed % 6 == 3:
        data = data.assign(times=generator.integers(1, 4, n))
        options["frequency"] = "times"
    ids = {0: codes, 1: [f"id {code}" for code in codes], 2: codes + 0.5}[seed % 3]
    data = data.assign(g=ids).sample(frac=1.0, random_state=seed)
    formula = "y ~ x + arm" + (" + kind" if seed % 5 == 2 and n > 100 else "")
    return Drawn(data, formula, options)


def integrated(fit: LogisticFit) -> float:
    """The log-likelihood of a fit by adaptive integration over each group."""
    beta, sigma = fit.fixed["estimate"].to_numpy(), fit.internal.sigma
    binary, design = fit.binary, fit.design
    predictor = binary.in_given_order(binary.columns @ fit.internal.coefficients)
    np.testing.assert_allclose(predictor, design.fixed @ beta, atol=1e-6)
    if len(binary.offset):
        predictor = predictor + binary.in_given_order(binary.offset)
    events, totals = (binary.in_given_order(each) for each in (binary.events, binary.totals))
    total = 0.0
    for code in range(binary.n_groups):
        rows = design.codes[fit.group] == code
        eta, d, m = predictor[rows], events[rows], totals[rows]

        def log_joint(v: float, eta: Any = eta, d: Any = d, m: Any = m) -> float:
            values = LINKS[fit.link].values(eta + sigma * v, d, m - d)[0]
            return float(values.sum()) - 0.5 * v * v

        grid = np.linspace(-12.0, 12.0, 2001)
        heights = np.array([log_joint(v) for v in grid])
        top = float(heights.max())
        near = grid[heights > top - 45.0]
        area, _ = quad(
            lambda v, top=top, f=log_joint: np.exp(f(v) - top),
            near[0] - 0.02,
            near[-1] + 0.02,
            points=[float(grid[heights.argmax()])],
            epsabs=0.0,
            epsrel=1e-11,
            limit=400,
        )
        total += top + np.log(area) - 0.5 * np.log(2.0 * np.pi)
    constant = 0.0
    if len(binary.constant):
        size = fit.design.frame.index
        repeats = np.ones(len(size)) if design.frequency is None else design.frequency
        m, d = totals / repeats, events / repeats
        choose = gammaln(m + 1.0) - gammaln(d + 1.0) - gammaln(m - d + 1.0)
        constant = float(repeats @ choose)
    return total + constant


@pytest.mark.parametrize("seed", range(0, 48, 4))
def test_the_likelihood_is_the_integral(seed: int) -> None:
    drawn = draw(seed)
    fit = fit_logistic(drawn.formula, drawn.data, "g", nodes=60, **drawn.options)
    assert fit.loglik == pytest.approx(integrated(fit), rel=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_converged_is_a_maximum_of_the_sum(seed: int) -> None:
    drawn = draw(seed)
    nodes = [25, 9, 1, 5][seed % 4]
    fit = fit_logistic(drawn.formula, drawn.data, "g", nodes=nodes, **drawn.options)
    assert fit.converged
    model = Marginal(fit.binary, fit.link, nodes)
    point = np.r_[fit.internal.coefficients, fit.internal.sigma]
    at = model.value(point, information=True)
    assert fit.loglik == pytest.approx(at.value + model.log_constant, abs=2e-8, rel=1e-12)
    errors = np.sqrt(np.diag(fit.internal.covariance))
    free = errors > 0.0
    # the gradient in standard errors: what a step could still gain is its square
    assert np.max(np.abs(at.gradient[free]) * errors[free]) < 1e-4
    if fit.singular:
        assert fit.internal.sigma < 1e-4
        assert at.information[-1, -1] > -1e-4
    elsewhere = point + 0.3 * np.where(free, errors, 0.0)
    elsewhere[-1] += 0.1
    gradient = model.value(elsewhere).gradient
    for index in range(len(point)):
        step = np.zeros(len(point))
        step[index] = 1e-4 * max(errors[index], 1e-2)
        slope = model.value(elsewhere + step).value - model.value(elsewhere - step).value
        slope /= 2.0 * step[index]
        assert gradient[index] == pytest.approx(slope, rel=1e-5, abs=1e-5)
        for side in (-1.0, 1.0):
            if free[index]:
                moved = point + side * 1e4 * step
                assert model.value(moved).value <= at.value + 1e-9


@pytest.mark.parametrize("seed", SEEDS)
def test_no_answer_of_glmm_is_better(seed: int) -> None:
    drawn = draw(seed)
    nodes = [25, 11, 7][seed % 3]
    ours = fit_logistic(drawn.formula, drawn.data, "g", nodes=nodes, **drawn.options)
    try:
        theirs = fit_logistic(
            drawn.formula, drawn.data, "g", nodes=nodes, engine="glmm", **drawn.options
        )
    except FitError:
        pytest.skip("glmm finds no estimate")
    assert ours.loglik >= theirs.loglik - 1e-7


@pytest.mark.parametrize("seed", [3, 8, 14, 27])
def test_order_ids_and_labels_change_nothing(seed: int) -> None:
    drawn = draw(seed)
    first = fit_logistic(drawn.formula, drawn.data, "g", **drawn.options)
    ids = pd.Categorical.from_codes(pd.factorize(drawn.data["g"])[0], list(range(2000, 2100)))
    for data in (
        drawn.data.sample(frac=1.0, random_state=1),
        drawn.data.assign(g=[f"T{hash(str(i)) % 10**9}-{i}" for i in drawn.data["g"]]),
        drawn.data.assign(g=ids),
        drawn.data.sort_values("g").set_index("g", drop=False),
    ):
        again = fit_logistic(drawn.formula, data, "g", **drawn.options)
        assert again.loglik == pytest.approx(first.loglik, rel=1e-11)
        np.testing.assert_allclose(again.fixed, first.fixed, rtol=1e-6, atol=1e-7)


def test_the_same_input_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attunement.mixed.marginal._ROWS_AT_ONCE", 64)
    drawn = draw(5)
    first = fit_logistic(drawn.formula, drawn.data, "g", **drawn.options)
    second = fit_logistic(drawn.formula, drawn.data, "g", **drawn.options)
    assert first.fixed.to_numpy().tobytes() == second.fixed.to_numpy().tobytes()
    draws = [fit.bootstrap(12, "g", 3).fixed.to_numpy().tobytes() for fit in (first, second)]
    assert draws[0] == draws[1]


def test_predictors_far_out_stay_finite() -> None:
    """Odds too large for running products are taken one by one, on the scale of logarithms."""
    drawn = draw(2)
    fit = fit_logistic("y ~ x + arm", drawn.data, "g", **drawn.options)
    model = Marginal(fit.binary, fit.link, 25)
    for sigma in (0.5, 60.0):
        for scale in (30.0, 100.0):
            point = np.r_[scale * np.ones(3), sigma]
            at = model.value(point)
            assert np.isfinite(at.value)
            assert np.isfinite(at.gradient).all()
