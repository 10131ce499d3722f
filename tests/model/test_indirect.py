import numpy as np
import pytest
from scipy import integrate, stats

from attunement.model.indirect import generator, indirect


def drawn(a=0.4, se_a=0.1, b=0.3, direct=0.2, se_b=0.1, draws=200_000, seed=1):
    vcov = np.array([[se_b**2, 0.0], [0.0, 0.05**2]])
    return indirect(a, se_a, b, direct, vcov, np.random.default_rng(seed), draws)


def test_limits_are_those_of_the_product_of_two_normal_variables():
    found = drawn().product

    def below(value):
        """P(a b <= value) by integrating over a."""

        def inside(a):
            return stats.norm.pdf(a, 0.4, 0.1) * stats.norm.cdf(value / a, 0.3, 0.1)

        return integrate.quad(inside, 1e-6, 1.2)[0]

    assert below(found.low) == pytest.approx(0.025, abs=0.002)
    assert below(found.high) == pytest.approx(0.975, abs=0.002)
    assert below(found.low90) == pytest.approx(0.05, abs=0.003)
    assert below(found.high90) == pytest.approx(0.95, abs=0.003)


def test_the_narrower_interval_lies_inside_the_wider():
    # Skewed: 1.645 standard errors below the estimate would lie beyond the lower 95% limit.
    found = drawn(a=0.2, b=0.15).product
    assert found.low < found.low90 < found.high90 < found.high
    assert found.estimate - 1.645 * found.se < found.low


def test_error_of_the_product_is_that_of_the_formula():
    # Goodman 1960: var(ab) = a^2 s_b^2 + b^2 s_a^2 + s_a^2 s_b^2 for independent estimates.
    expected = np.sqrt(0.16 * 0.01 + 0.09 * 0.01 + 0.0001)
    assert drawn().product.se == pytest.approx(expected, rel=0.01)
    assert drawn().product.estimate == pytest.approx(0.12)


def test_share_is_indirect_over_total():
    assert drawn().share.estimate == pytest.approx(0.12 / 0.32)


def test_p_and_interval_agree():
    clear, unclear = drawn(a=0.5), drawn(a=0.1)
    assert clear.product.p < 0.05 and clear.product.low > 0
    assert unclear.product.p > 0.05 and unclear.product.low < 0


def test_p_is_never_zero():
    assert drawn(a=5.0, b=5.0, draws=999).product.p == pytest.approx(2 / 1000)


def test_the_same_seed_and_name_give_the_same_draws_and_no_global_state_is_read():
    np.random.seed(0)  # noqa: NPY002  (to show that it does not matter)
    first = generator(7, "mediation.a").normal(size=3)
    np.random.seed(99)  # noqa: NPY002
    assert np.array_equal(first, generator(7, "mediation.a").normal(size=3))
    assert not np.array_equal(first, generator(7, "mediation.b").normal(size=3))
    assert not np.array_equal(first, generator(8, "mediation.a").normal(size=3))
