"""Predictions of binary models: offsets of new rows, and errors on the scale of the estimate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from attunement.mixed import errors, fit_logistic
from attunement.simulate.sessions import sessions


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return sessions(60, 10, seed=1)


@pytest.mark.parametrize("level", ["population", "marginal", "therapist"])
@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_an_offset_given_as_a_column_is_that_of_new_rows(
    data: pd.DataFrame, link: str, level: str
) -> None:
    fit = fit_logistic("dropout ~ base", data, "therapist", link, offset="log_session")
    own = fit.predict(level=level)
    pd.testing.assert_frame_equal(fit.predict(data, level=level), own)
    given = fit.predict(data, level=level, offset=data["log_session"].to_numpy())
    pd.testing.assert_frame_equal(given, own)
    none = fit.predict(data, scale="predictor", offset=0)["estimate"]
    shift = fit.predict(data, scale="predictor")["estimate"] - none
    np.testing.assert_allclose(shift, data["log_session"], atol=1e-12)


def test_an_offset_that_is_not_known_is_refused_or_missing(data: pd.DataFrame) -> None:
    fit = fit_logistic("dropout ~ base", data, offset="log_session")
    with pytest.raises(errors.InvalidSpecification, match="log_session"):
        fit.predict(data.drop(columns="log_session"))
    holed = data.assign(log_session=data["log_session"].where(data.index != data.index[3]))
    table = fit.predict(holed, interval="confidence")
    assert list(np.flatnonzero(table.isna().all(axis=1))) == [3]
    assert table.notna().all(axis=1).sum() == len(data) - 1
    numbers = fit_logistic("dropout ~ base", data, offset=data["log_session"].to_numpy())
    with pytest.raises(errors.InvalidSpecification, match="give offset="):
        numbers.predict(data)
    pd.testing.assert_frame_equal(numbers.predict(data, offset="log_session"), fit.predict(data))
    with pytest.raises(errors.InvalidSpecification, match="rows of the fit"):
        numbers.predict(offset=0)
    with pytest.raises(errors.InvalidSpecification, match="values for"):
        numbers.predict(data, offset=[1.0, 2.0])
    with pytest.raises(errors.InvalidSpecification, match="has none"):
        fit_logistic("dropout ~ base", data).predict(data, offset=1.0)


@pytest.mark.parametrize("level", ["population", "marginal", "therapist"])
@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_the_error_is_on_the_scale_of_the_estimate(
    data: pd.DataFrame, link: str, level: str
) -> None:
    fit = fit_logistic("dropout ~ base + arm", data, "therapist", link)
    new = data.head(50)
    share = fit.predict(new, level, "confidence", confidence=1e-4)
    predictor = fit.predict(new, level, "confidence", confidence=1e-4, scale="predictor")
    # a narrow interval is as wide as the error makes it, on either scale
    width = 2.0 * norm.ppf(0.5 + 0.5e-4)
    for table in (share, predictor):
        found = (table["ci_high"] - table["ci_low"]) / table["se"]
        np.testing.assert_allclose(found, width, rtol=1e-5)
    assert (share["se"] < predictor["se"]).all()
