"""Profile limits of intraclass correlations, beside a likelihood written out in full."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import chi2

from attunement.mixed import NotAvailable, fit_linear, fit_logistic


def draw(spread: float, seed: int = 1) -> pd.DataFrame:
    """Outcomes of 24 clients of eight therapists, four sessions each, one client with fewer."""
    random = np.random.default_rng(seed)
    data = pd.DataFrame({"therapist": np.repeat(np.arange(8), 12)})
    data["client"] = np.repeat(np.arange(24), 4)
    data["x"] = random.normal(size=96)
    data["y"] = 0.5 * data["x"] + random.normal(size=96)
    data["y"] += spread * random.normal(size=8)[data["therapist"]]
    data["y"] += random.normal(size=24)[data["client"]]
    return data.drop(index=[4, 5, 6]).reset_index(drop=True)


def deviance(data: pd.DataFrame, ratios: dict[str, float], reml: bool) -> float:
    """Minus twice the (restricted) log-likelihood at variances relative to the residual's."""
    covariance = np.eye(len(data))
    for level, ratio in ratios.items():
        ids = data[level].to_numpy()
        covariance += ratio * (ids[:, None] == ids[None, :])
    design = np.column_stack([np.ones(len(data)), data["x"]])
    inverse = np.linalg.inv(covariance)
    gram = design.T @ inverse @ design
    residual = data["y"] - design @ np.linalg.solve(gram, design.T @ inverse @ data["y"])
    degrees = len(data) - (2 if reml else 0)
    value = np.linalg.slogdet(covariance)[1] + degrees * np.log(residual @ inverse @ residual)
    return float(value + (np.linalg.slogdet(gram)[1] if reml else 0.0))


def held(data: pd.DataFrame, level: str, other: str, share: float, reml: bool) -> float:
    """The least deviance at a share of one of two levels."""

    def at(root: float) -> float:
        ratio = share / (1 - share) * (1 + root**2)
        return deviance(data, {level: ratio, other: root**2}, reml)

    return float(minimize_scalar(at, bounds=(0, 5), method="bounded").fun)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_two_levels(spread: float, reml: bool) -> None:
    data = draw(spread)
    fit = fit_linear("y ~ x", data, {"therapist": "1", "client": "1"}, reml=reml)
    found = fit.profile_icc()
    assert found["share"].to_numpy() == pytest.approx(fit.icc()["share"].to_numpy())
    for level, other in (("therapist", "client"), ("client", "therapist")):
        row = found.loc[level]
        least = held(data, level, other, row["share"], reml)
        assert row["status"] == ""
        for end in ("share_ci_low", "share_ci_high"):
            rise = held(data, level, other, row[end], reml) - least
            if row[end] == 0.0:
                assert rise < chi2.ppf(0.95, 1)
            else:
                assert rise == pytest.approx(chi2.ppf(0.95, 1), abs=0.01)


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_one_level(spread: float) -> None:
    data = draw(spread)
    row = fit_linear("y ~ x", data, {"therapist": "1"}).profile_icc().loc["therapist"]
    at = {share: share / (1 - share) for share in row[["share", "share_ci_low", "share_ci_high"]]}
    rises = [deviance(data, {"therapist": ratio}, True) for ratio in at.values()]
    assert rises[-1] - rises[0] == pytest.approx(chi2.ppf(0.95, 1), abs=0.01)
    assert row["share_ci_low"] <= row["share"] < row["share_ci_high"] < 0.9


def test_a_binary_outcome_has_the_limits_of_its_standard_deviation() -> None:
    data = draw(1.0).assign(event=lambda d: (d["y"] > 0).astype(float))
    for link, within in (("logit", np.pi**2 / 3), ("cloglog", np.pi**2 / 6)):
        fit = fit_logistic("event ~ x", data, "therapist", link)
        sd = fit.profile("therapist: Intercept, Intercept").iloc[0]
        row = fit.profile_icc().loc["therapist"]
        for share, end in (("share_ci_low", "ci_low"), ("share_ci_high", "ci_high")):
            assert row[share] == pytest.approx(sd[end] ** 2 / (sd[end] ** 2 + within))
        assert row["share"] == pytest.approx(fit.icc()["share"].iloc[0])


def test_what_has_no_profile_says_so() -> None:
    data = draw(1.0).assign(weight=1.0)
    with pytest.raises(NotAvailable, match="random slopes"):
        fit_linear("y ~ x", data, {"client": "1 + x"}).profile_icc()
    with pytest.raises(NotAvailable, match="precisions"):
        fit_linear("y ~ x", data, {"client": "1"}, precision="weight").profile_icc()
    with pytest.raises(NotAvailable, match="needs a level"):
        fit_linear("y ~ x", data).profile_icc()
