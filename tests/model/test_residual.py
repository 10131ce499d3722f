"""A planned model may ask for a structure of its residuals."""

import pytest

from attunement.model.estimate import analyse


def test_autocorrelated_residuals_are_those_of_the_engine(tables, specify):
    from attunement.mixed import fit_linear
    from attunement.model.prepare import prepare

    changes = {"rows": "next_session", "formula": "outcome ~ time", "random": (("client", "1"),)}
    planned = specify(**changes, residual="ar1:session", df="satterthwaite")
    found = analyse(tables, planned).estimates.set_index("term")
    frame = prepare(tables, planned)
    fitted = fit_linear(
        "outcome ~ time", frame, {"client": "1"}, residual="ar1:session", df="satterthwaite"
    )
    assert found.loc["time", "estimate"] == fitted.fixed.loc["time", "estimate"]
    assert found.loc["time", "se"] == fitted.fixed.loc["time", "se"]
    plain = analyse(tables, specify(**changes)).estimates.set_index("term")
    assert plain.loc["time", "se"] != found.loc["time", "se"]


@pytest.mark.parametrize(
    ("residual", "metric"), [("ar1:session", "correlation"), ("exponential:session", "range")]
)
def test_dependence_of_residuals_is_told_once_with_its_limits(tables, specify, residual, metric):
    changes = {"rows": "next_session", "formula": "outcome ~ time", "random": (("client", "1"),)}
    rows = analyse(tables, specify(**changes, residual=residual)).variance
    (line,) = rows[rows["level"] == "residual correlation"].to_dict("records")
    assert line["metric"] == metric
    assert not rows["metric"].isin(["covariance"]).any()


def test_a_column_that_is_not_there_is_a_reason(tables, specify):
    planned = specify(formula="outcome ~ time", random=(("client", "1"),), residual="ar1:week")
    found = analyse(tables, planned).estimates
    assert (found["status"] == "not estimable").all()
    assert found["reason"].str.contains("week").all()
