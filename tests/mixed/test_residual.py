"""Residual structures: what is refused, the whole covariance matrix, and what results say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from attunement.mixed import LinearFit, NotAvailable, fit_linear
from attunement.mixed.errors import EmptyData, InvalidSpecification, InvalidValues, NotComparable
from attunement.mixed.prepare import Prepared, prepare
from attunement.mixed.solve import Problem
from attunement.mixed.whitened import Whitened

Array = NDArray[np.float64]
FORMULA = "y ~ session * arm + x"
CLIENT = {"client": "1"}
BOTH = "by:arm + ar1:session"
KINDS = ["ar1:session", "exponential:day", "by:arm", BOTH, "exponential:day + by:arm"]


def draw_sessions(
    seed: int,
    clients: int = 24,
    longest: int = 9,
    rho: float = 0.4,
    spread: float = 0.7,
    ratio: float = 2.0,
    missed: float = 0.15,
) -> pd.DataFrame:
    """Clients in therapists with AR(1) residuals, missed sessions, arms of unequal variance."""
    generator = np.random.default_rng(seed)
    records = []
    for client in range(clients):
        arm, therapist = client % 2, client // 4
        effect = spread * generator.normal() + 0.3 * np.sin(3.0 * therapist)
        noise, day = 0.0, 0
        for session in range(int(generator.integers(longest - 3, longest + 1))):
            fresh = np.sqrt(1.0 - rho**2) if session else 1.0
            noise = rho * noise + fresh * generator.normal()
            day += int(generator.integers(3, 12))
            x = generator.normal()
            if generator.random() < missed:
                continue
            mean = 2.0 - 0.1 * session + 0.4 * arm + 0.3 * x
            y = mean + effect + noise * (ratio if arm else 1.0) ** 0.5
            records.append((f"t{therapist}", f"c{client}", arm, session, day, x, y))
    names = ["therapist", "client", "arm", "session", "day", "x", "y"]
    data = pd.DataFrame(records, columns=names)
    return data.sample(frac=1.0, random_state=seed).reset_index(drop=True)


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return draw_sessions(1)


REFUSED = {
    "unknown kind": (InvalidSpecification, "ar2:session", {}),
    "no column named": (InvalidSpecification, "ar1", {}),
    "empty": (InvalidSpecification, "", {}),
    "two correlations": (InvalidSpecification, "ar1:session + exponential:day", {}),
    "two groupings": (InvalidSpecification, "by:arm + by:client", {}),
    "no text": (InvalidSpecification, 1, {}),
    "unknown column": (InvalidSpecification, "ar1:visit", {}),
    "unknown grouping": (InvalidSpecification, "by:sex", {}),
    "words for sessions": (InvalidValues, "ar1:client", {}),
    "endless day": (InvalidValues, "exponential:day", {"day": np.inf}),
    "one value": (InvalidSpecification, "by:arm", {"arm": 1}),
    "sessions at the same place": (InvalidSpecification, "ar1:session", {"session": 1}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_has_its_name(case: str, data: pd.DataFrame) -> None:
    expected, residual, changes = REFUSED[case]
    with pytest.raises(expected, match="residual"):
        fit_linear("y ~ x", data.assign(**changes), CLIENT, residual=residual)


def test_a_refusal_says_how_many_and_which(data: pd.DataFrame) -> None:
    halves = data.assign(session=data["session"] / 2.0)
    odd = int((data["session"] % 2).sum())
    with pytest.raises(InvalidSpecification, match=f"holds {odd} others.*exponential:session"):
        fit_linear("y ~ x", halves, CLIENT, residual="ar1:session")
    again = pd.concat([data, data.query("client == 'c0' and session == 2").assign(x=0.0)])
    with pytest.raises(InvalidSpecification, match=r"1 rows stand .* 'client' .*'c0' at 2\)"):
        fit_linear("y ~ x", again, CLIENT, residual="ar1:session")
    with pytest.raises(InvalidSpecification, match=r"'rare' in 2 rows"):
        rare = data.assign(site=["rare"] * 2 + ["usual"] * (len(data) - 2))
        fit_linear("y ~ x", rare, CLIENT, residual="by:site")
    with pytest.raises(InvalidSpecification, match="needs a level"):
        fit_linear("y ~ x", data, residual="ar1:session")
    twice = data.assign(copies=2)
    for options in ({"engine": "statsmodels"}, {"frequency": "copies"}):
        with pytest.raises(NotAvailable, match="residual='ar1:session' with"):
            fit_linear("y ~ x", twice, CLIENT, residual="ar1:session", **options)
    fit = fit_linear("y ~ x", data, CLIENT, residual="ar1:session", df="kenward-roger")
    assert fit.df_method == "satterthwaite"
    assert any("no Kenward-Roger adjustment" in message for message in fit.messages)


def test_rows_without_the_column_are_dropped_and_counted(data: pd.DataFrame) -> None:
    holes = data.assign(
        session=data["session"].where(data.index % 10 != 3),
        arm=data["arm"].where(data.index % 10 != 5),
    )
    fit = fit_linear("y ~ x", holes, CLIENT, residual=BOTH)
    missing = int(holes[["session", "arm"]].isna().any(axis=1).sum())
    assert fit.n_dropped == missing
    assert f"{missing} of {len(data)} rows dropped for missing values" in fit.messages
    complete = fit_linear("y ~ x", holes.dropna(), CLIENT, residual=BOTH)
    assert fit.deviance == complete.deviance


def residual_covariance(table: pd.DataFrame, rows: pd.DataFrame) -> Array:
    """The residual covariance matrix of rows, from a table of variances."""
    shown = table[table["level"] == "residual"]
    if shown["term_1"].iloc[0]:
        of_rows = ("arm = " + rows["arm"].astype(str)).map(shown.set_index("term_1")["covariance"])
    else:
        of_rows = pd.Series(shown["covariance"].iloc[0], index=rows.index)
    if "precision" in rows:
        of_rows = of_rows / rows["precision"]
    correlation, last = np.eye(len(rows)), table.iloc[-1]
    if last["level"] == "residual correlation" and last["covariance"] != 0.0:
        client, position = rows["client"].to_numpy(), rows[last["term_2"]].to_numpy()
        distance = np.abs(position[:, None] - position[None, :])
        parameter = float(last["covariance"])
        ar1 = last["term_1"] == "ar1"
        correlation = parameter**distance if ar1 else np.exp(-distance / parameter)
        correlation = np.where(client[:, None] == client[None, :], correlation, 0.0)
    spread = np.sqrt(of_rows.to_numpy())
    return np.asarray(np.outer(spread, spread) * correlation)


def dense(
    fit: LinearFit, covariances: dict[str, Array], residual: Array
) -> tuple[float, Array, Array, Array]:
    """Deviance, coefficients, their covariance and V^-1 from the whole matrix at variances."""
    design, v = fit.design, residual.copy()
    for level, covariance in covariances.items():
        codes, z = design.codes[level], design.random[level]
        same = (codes[:, None] == codes[None, :]) & (codes >= 0)[:, None]
        v += np.where(same, z @ covariance @ z.T, 0.0)
    x, inverse = design.fixed, np.linalg.inv(v)
    information = x.T @ inverse @ x
    estimates = np.linalg.solve(information, x.T @ inverse @ design.outcome)
    left = design.outcome - x @ estimates
    value = np.linalg.slogdet(v)[1] + left @ inverse @ left
    value += np.log(2 * np.pi) * (len(v) - (x.shape[1] if fit.reml else 0))
    value += np.linalg.slogdet(information)[1] if fit.reml else 0.0
    return float(value), estimates, np.linalg.inv(information), inverse


RANDOM = [
    {"client": "1"},
    {"client": "1 + session"},
    {"client": "1 || session"},
    {"therapist": "1", "client": "1"},
    {"therapist": "1 + x", "client": "1"},
]


@pytest.mark.parametrize("seed", range(30))
def test_fits_equal_those_of_the_whole_matrix(seed: int) -> None:
    generator = np.random.default_rng(seed)
    data = draw_sessions(seed, rho=float(generator.choice([-0.4, 0.2, 0.6])))
    kind, random = KINDS[seed % 5], RANDOM[seed // 5 % 5]
    if generator.random() < 0.3:
        data["precision"] = generator.uniform(0.5, 2.0, len(data))
    if "therapist" in random and generator.random() < 0.5:
        data.loc[data["therapist"] == "t2", "therapist"] = None
    precision = "precision" if "precision" in data else None
    reml = bool(seed % 2)
    fit = fit_linear(FORMULA, data, random, reml, residual=kind, precision=precision)
    residual = residual_covariance(fit.variance, data.iloc[fit.design.rows])
    value, estimates, covariance, inverse = dense(fit, fit.level_covariances, residual)
    assert fit.deviance == pytest.approx(value, rel=1e-8)
    np.testing.assert_allclose(fit.fixed["estimate"], estimates, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(fit.fixed["se"], np.sqrt(np.diag(covariance)), rtol=1e-6)
    left = fit.design.outcome - fit.design.fixed @ estimates
    for level in random:
        z, codes = fit.design.random[level], fit.design.codes[level]
        effects = fit.random_effects(level)["estimate"].to_numpy().reshape(-1, z.shape[1])
        for code in range(len(effects)):
            expected = fit.level_covariances[level] @ (z * (codes == code)[:, None]).T
            np.testing.assert_allclose(effects[code], expected @ inverse @ left, atol=1e-7)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_estimates_are_stationary_and_df_are_those_of_the_whole_hessian(
    kind: str, reml: bool
) -> None:
    data = draw_sessions(4, clients=24)
    fit = fit_linear(FORMULA, data, {"therapist": "1", "client": "1"}, reml, residual=kind)
    assert fit.converged and not fit.singular
    table = fit.variance
    is_ar1 = table["term_1"].to_numpy() == "ar1"

    def at(parameters: Array) -> tuple[float, Array]:
        values = np.where(is_ar1, np.tanh(parameters), np.exp(parameters))
        covariances = {level: values[[place]][None] for place, level in enumerate(fit.random)}
        residual = residual_covariance(table.assign(covariance=values), data)
        value, _, covariance, _ = dense(fit, covariances, residual)
        return value, np.diag(covariance)

    values = table["covariance"].to_numpy()
    start = np.where(is_ar1, np.arctanh(np.where(is_ar1, values, 0.0)), np.log(values))
    size, step = len(start), 1e-3
    steps = step * np.eye(size)
    centre, variances = at(start)
    up, down = [at(start + each) for each in steps], [at(start - each) for each in steps]
    slope = [at(start + each / 10)[0] - at(start - each / 10)[0] for each in steps]
    slope = np.array(slope) / (0.2 * step)
    hessian = np.diag([u[0] + d[0] - 2 * centre for u, d in zip(up, down, strict=True)])
    for i in range(size):
        for j in range(i):
            alike = at(start + steps[i] + steps[j])[0] + at(start - steps[i] - steps[j])[0]
            apart = at(start + steps[i] - steps[j])[0] + at(start - steps[i] + steps[j])[0]
            hessian[i, j] = hessian[j, i] = (alike - apart) / 4.0
    sampling = 2.0 * np.linalg.inv(hessian / step**2)
    # four times the fall of the deviance still to be had
    assert slope @ sampling @ slope < 1e-9
    gradient = np.array([(u[1] - d[1]) / (2 * step) for u, d in zip(up, down, strict=True)])
    expected = 2.0 * variances**2 / np.einsum("ip,ij,jp->p", gradient, sampling, gradient)
    np.testing.assert_allclose(fit.fixed["df"], expected, rtol=1e-4)


def test_two_variances_without_groups_are_those_of_welch() -> None:
    data = draw_sessions(4).query("session == 0 or session == 3")
    fit = fit_linear("y ~ arm", data, residual="by:arm")
    arms = [data.loc[data["arm"] == arm, "y"] for arm in (0, 1)]
    expected = stats.ttest_ind(*arms, equal_var=False)
    row = fit.fixed.loc["arm"]
    assert row["t"] == pytest.approx(-expected.statistic, rel=1e-6)
    assert row["df"] == pytest.approx(expected.df, rel=1e-5)
    found = fit.variance["covariance"]
    np.testing.assert_allclose(found, [arm.var() for arm in arms], rtol=1e-5)
    alone = fit_linear("y ~ arm", data, residual="by:arm", df="residual")
    assert (alone.fixed["df"] == len(data) - 2).all()


@pytest.mark.parametrize("kind", KINDS)
def test_row_order_and_units_change_nothing(kind: str, data: pd.DataFrame) -> None:
    fit = fit_linear(FORMULA, data, CLIENT, residual=kind)
    turned = fit_linear(FORMULA, data.iloc[::-1], CLIENT, residual=kind)
    assert turned.deviance == pytest.approx(fit.deviance, rel=1e-11)
    moved = data.assign(x=data["x"] + 1e5, y=1e4 * data["y"], day=1000 + 7.0 * data["day"])
    other = fit_linear(FORMULA, moved, CLIENT, residual=kind)
    scaled = fit.deviance + 2.0 * np.log(1e4) * (fit.n_obs - len(fit.fixed))
    assert other.deviance == pytest.approx(scaled, rel=1e-8)
    if "exponential" in kind:
        one, seven = (each.variance["covariance"].iloc[-1] for each in (fit, other))
        assert seven == pytest.approx(7.0 * one, rel=1e-4)


def test_labels_of_any_type_name_the_variances(data: pd.DataFrame) -> None:
    words = data.assign(arm=data["arm"].map({0: "wait", 1: "care"}))
    fit = fit_linear("y ~ session", words, CLIENT, residual="by:arm")
    assert fit.variance["term_1"].tolist() == ["Intercept", "arm = care", "arm = wait"]
    ordered = words.assign(arm=pd.Categorical(words["arm"], ["wait", "care"]))
    fit = fit_linear("y ~ session", ordered, CLIENT, residual="by:arm")
    assert fit.variance["term_1"].tolist()[1:] == ["arm = wait", "arm = care"]
    assert (fit.variance["ci_low"] < fit.variance["covariance"]).all()
    assert (fit.variance["ci_high"] > fit.variance["covariance"]).all()


def test_normalized_residuals_are_those_of_the_triangle(data: pd.DataFrame) -> None:
    fit = fit_linear(FORMULA, data, CLIENT, residual=BOTH)
    order = np.lexsort((data["session"], data["client"]))
    covariance = residual_covariance(fit.variance, data)[np.ix_(order, order)]
    raw = fit.residuals().to_numpy()[order]
    expected = np.linalg.solve(np.linalg.cholesky(covariance), raw)
    np.testing.assert_allclose(fit.residuals("normalized").to_numpy()[order], expected, atol=1e-9)
    spread = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(fit.residuals("pearson").to_numpy()[order], raw / spread, rtol=1e-9)
    plain = fit_linear(FORMULA, data, CLIENT)
    assert plain.residuals("normalized").equals(plain.residuals("pearson"))


def test_predictions_know_the_variance_of_each_value(data: pd.DataFrame) -> None:
    fit = fit_linear("y ~ session", data, CLIENT, residual=BOTH)
    new = pd.DataFrame({"session": 2, "client": None, "arm": [0, 1]})
    mean, single = (fit.predict(new, interval=kind)["se"] for kind in ("confidence", "prediction"))
    residual = fit.variance.loc[fit.variance["level"] == "residual", "covariance"]
    client = fit.level_covariances["client"][0, 0]  # of whom nothing is known
    np.testing.assert_allclose(single**2 - mean**2, client + residual, rtol=1e-9)
    own = (
        fit.predict(interval="prediction")["se"] ** 2
        - fit.predict(interval="confidence")["se"] ** 2
    )
    expected = client + residual.to_numpy()[data["arm"]]
    np.testing.assert_allclose(own, expected, rtol=1e-9)
    with pytest.raises(InvalidSpecification, match="arm"):
        fit.predict(new.drop(columns="arm"), interval="prediction")
    with pytest.raises(InvalidSpecification, match="3 was not in the fit"):
        fit.predict(new.assign(arm=3), interval="prediction")


def test_parameters_are_counted_and_compared(data: pd.DataFrame) -> None:
    plain = fit_linear(FORMULA, data, CLIENT)
    fit = fit_linear(FORMULA, data, CLIENT, residual=BOTH)
    assert fit.n_parameters == plain.n_parameters + 2
    assert fit.aic == pytest.approx(fit.deviance + 2 * fit.n_parameters)
    table = plain.compare(fit)
    assert table["df"].iloc[1] == 2.0
    assert table["chi2"].iloc[1] == pytest.approx(plain.deviance - fit.deviance)
    assert fit.test("arm = 0, session:arm = 0")["p"].iloc[0] > 0.0
    with pytest.raises(NotComparable):
        fit.parametric_bootstrap(5, 1, null=plain)


def test_resampling_holds_the_residual_parameters(data: pd.DataFrame) -> None:
    fit = fit_linear(FORMULA, data, CLIENT, residual=BOTH)
    assert any("hold the ratios and correlation" in message for message in fit.messages)
    found = fit._structured
    assert found is not None
    without = data[data["client"] != "c3"]
    part = fit_linear(FORMULA, without, CLIENT, residual=BOTH)
    assert part._structured is not None
    base = part._structured.whitened
    held = Whitened(prepare(part.design), base.residual, True).at(found.parameters)
    expected = fit_of(held)
    influence = fit.influence("client")
    # a search ends where a fall of 1e-10 is expected: 1e-5 standard errors from its optimum
    apart = (influence.estimates.loc["c3"] - expected) / influence.errors.loc["c3"]
    assert (apart.abs() < 1e-5).all()
    weights = pd.Series({"c3": 0.0})
    refit = fit.refit(cluster_weights=weights)
    assert (np.abs(refit.estimates - expected) < 1e-5 * refit.errors).all()
    smaller = fit.refit(terms=["Intercept", "x"])
    part = fit_linear("y ~ x", data, CLIENT, residual=BOTH)
    assert part._structured is not None
    held = Whitened(prepare(part.design), part._structured.residual, True).at(found.parameters)
    np.testing.assert_allclose(smaller.estimates, fit_of(held), rtol=1e-6)
    drawn = fit.bootstrap(20, by="client", seed=1)
    assert drawn.n_failed == 0 and drawn.fixed.std().gt(0.0).all()
    simulated = fit.parametric_bootstrap(20, seed=1)
    assert simulated.fixed.std().gt(0.0).all()


def fit_of(prepared: Prepared) -> Array:
    """Coefficients of a prepared model by REML."""
    optimum = Problem(prepared.blocks, prepared.layout, True).solve()
    return prepared.coefficients(optimum.evaluation)


def test_no_correlation_is_a_range_of_zero() -> None:
    data = draw_sessions(8, clients=60, rho=0.0)
    negative = data.assign(y=data["y"] - data["session"] % 2)
    fit = fit_linear("y ~ x", negative, CLIENT, residual="exponential:day")
    plain = fit_linear("y ~ x", negative, CLIENT, df="satterthwaite")
    assert fit.converged and fit.singular
    assert any("range is estimated at zero" in message for message in fit.messages)
    assert fit.deviance == pytest.approx(plain.deviance, rel=1e-12)
    assert fit.variance["covariance"].iloc[-1] == 0.0
    np.testing.assert_allclose(fit.fixed["df"], plain.fixed["df"], rtol=1e-4)


def test_what_cannot_be_told_apart_is_not_converged() -> None:
    two = draw_sessions(9, clients=150, longest=4, missed=0.0).query("session < 2")
    two = two[two.groupby("client")["y"].transform("size") == 2]
    fit = fit_linear("y ~ x", two, CLIENT, residual="ar1:session")
    assert not fit.converged
    assert any("cannot be told from the random effects" in message for message in fit.messages)
    assert np.isnan(fit.variance["ci_low"].iloc[-1])


def test_a_group_without_variation_is_singular(data: pd.DataFrame) -> None:
    exact = data.assign(y=data["y"].where(data["arm"] == 0, 0.1 * data["session"]))
    fit = fit_linear("y ~ session * arm", exact, residual="by:arm")
    assert fit.singular and not fit.converged
    assert any("variance of 1 is estimated near zero" in message for message in fit.messages)


def test_an_empty_column_is_named() -> None:
    data = draw_sessions(3).assign(week=np.nan)
    with pytest.raises(EmptyData, match="empty throughout: what `residual along` names"):
        fit_linear("y ~ session", data, CLIENT, residual="ar1:week")


def test_true_values_are_recovered() -> None:
    found = []
    for seed in range(12):
        data = draw_sessions(100 + seed, clients=200, rho=0.4, ratio=2.0)
        fit = fit_linear(FORMULA, data, {"therapist": "1", "client": "1"}, residual=BOTH)
        assert fit.converged
        table = fit.variance
        values = table["covariance"].to_numpy()
        found.append(
            [values[1], values[2], values[3], values[4], fit.fixed.loc["session", "estimate"]]
        )
    mean, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(mean - [0.49, 1.0, 2.0, 0.4, -0.1]) < 3.5 * error).all()
    assert (error < [0.06, 0.04, 0.06, 0.02, 0.02]).all()
