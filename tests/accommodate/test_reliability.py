"""Reliability of gaps and of scorings: the formula by hand, known truth, and who says why not."""

import numpy as np
import pandas as pd
import pytest

from attunement.accommodate import accommodate
from attunement.accommodate.reliability import gap_reliability
from attunement.score import score
from attunement.study.contracts import conform

SCALES = ("TD_CD", "EI_ER", "PO_PR", "WS_FC")


def _people(seed, n, shared, error_p=0.6, error_d=0.5):
    """True P and D with a correlation, observed with errors of known variance."""
    draw = np.random.default_rng(seed)
    true = draw.multivariate_normal([0, 0], [[1, shared], [shared, 1]], n)
    seen = true + draw.normal(size=(n, 2)) * [error_p, error_d]
    return true, seen, 1 / (1 + error_p**2), 1 / (1 + error_d**2)


def test_the_formula_by_hand():
    """Variances 4 and 9, covariance 3: gap variance 7. Errors 4 x .25 and 9 x 1/3 leave 3 of 7."""
    draw = np.random.default_rng(1)
    raw = draw.normal(size=(50, 2))
    raw -= raw.mean(axis=0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(np.cov(raw.T))).T
    exact = white @ np.linalg.cholesky([[4, 3], [3, 9]]).T
    found = gap_reliability(exact[:, 0], exact[:, 1], 0.75, 2 / 3)
    assert found.value == pytest.approx(3 / 7, abs=1e-9)
    assert (found.n_clients, found.reason) == (50, "")


@pytest.mark.parametrize("shared", [0.0, 0.5, 0.8])
def test_it_is_the_squared_correlation_with_the_true_gap(shared):
    true, seen, of_p, of_d = _people(3, 60_000, shared)
    found = gap_reliability(seen[:, 0], seen[:, 1], of_p, of_d)
    gap, real = seen[:, 1] - seen[:, 0], true[:, 1] - true[:, 0]
    assert found.value == pytest.approx(np.corrcoef(gap, real)[0, 1] ** 2, abs=0.01)


def test_its_interval_holds_the_truth_as_often_as_it_says():
    expected = (2 - 1) / (2 - 1 + 0.36 + 0.25)  # true variance of the gap at a correlation of .5
    held = 0
    for seed in range(400):
        _, seen, of_p, of_d = _people(seed, 80, 0.5)
        found = gap_reliability(seen[:, 0], seen[:, 1], of_p, of_d)
        held += found.ci_low < expected < found.ci_high
    assert 0.91 <= held / 400 <= 0.98


def test_no_gap_to_tell():
    same = np.linspace(-1, 1, 20)
    assert "same gap" in gap_reliability(same, same + 0.3, 0.8, 0.8).reason
    assert "fewer than 10" in gap_reliability(same[:9], same[:9] ** 2, 0.8, 0.8).reason
    assert "no error" in gap_reliability(same, -same, 1.0, 1.0).reason


@pytest.fixture(scope="module")
def scored(studies, instruments):
    """Sixty clients of twelve therapists, items of the inventory, five rated sessions each."""
    draw = np.random.default_rng(2)
    items = {number: f"{number}" for number in range(1, 19)}
    rows, therapists = [], []
    for k in range(60):
        name = f"c{k}"
        therapists.append(f"t{k % 12}")
        level = np.repeat(draw.normal(0, 1.2, 4), (5, 5, 3, 5))
        stated = np.clip(np.round(level + draw.normal(0, 1, 18)), -3, 3)
        rows.append(
            studies.answers(name, 0, "cnip", dict(zip(items.values(), stated, strict=True)))
        )
        style = draw.normal(0, 1, 4)
        for session in range(1, 6):
            rates = np.clip(np.round(style + draw.normal(0, 1, 4)), -3, 3)
            given = dict(zip(studies.DIMENSIONS, rates, strict=True))
            rows.append(studies.answers(name, session, "delivered", given))
    dataset, tables = studies.dataset(), studies.tables(rows)
    tables["clients"] = conform(tables["clients"].assign(therapist=therapists), "clients")
    tables |= score(tables, dataset, instruments)
    return tables | accommodate(tables, dataset, instruments)


def test_a_gap_takes_its_reliabilities_from_score(scored):
    known = scored["reliability"].set_index(["instrument", "scale", "rater", "coefficient"])[
        "value"
    ]
    found = scored["accommodation_reliability"].set_index(["scoring", "dimension", "coefficient"])
    for scale in SCALES:
        name = scale.lower()
        wanted = scored["preferences"].query("dimension == @name").set_index("client")["preference"]
        given = scored["delivery"].query("dimension == @name").groupby("client")["delivery"].mean()
        both = pd.concat([wanted, given], axis=1).astype(float)
        error = both["preference"].var() * (1 - known["cnip", scale, "client", "alpha"])
        error += both["delivery"].var() * (1 - known["delivered", name, "client", "client_mean"])
        expected = 1 - error / (both["delivery"] - both["preference"]).var()
        row = found.loc[("signed_gap", name, "difference")]
        assert row["value"] == pytest.approx(expected, abs=1e-9)
        assert (row["n_clients"], row["n_observations"]) == (60, 300)


def test_shares_add_up_and_bear_the_reliability_of_a_mean(scored):
    table = scored["accommodation_reliability"]
    for _, rows in table[table["coefficient"] != "difference"].groupby(["scoring", "dimension"]):
        value = rows.set_index("coefficient")["value"]
        shares = value[["share_therapist", "share_client", "share_session"]]
        assert shares.sum() == pytest.approx(1, abs=1e-9)
        between = 1 - shares["share_session"]
        assert value["client_mean"] == pytest.approx(
            between / (between + shares["share_session"] / 5), abs=0.02
        )
        assert ((rows["ci_low"] <= rows["value"]) | rows["ci_low"].isna()).all()


def test_only_means_of_parts_tell_error_within_a_session(scored):
    table = scored["accommodation_reliability"]
    told = table[table["coefficient"].isin(["within_client", "between_client"])]
    assert set(told["scoring"]) == {"distance", "normative"}
    assert set(table["scoring"]) >= {"weighted_distance", "signed_gap", "profile", "distinctive"}


def test_unknown_reliabilities_are_named(studies, instruments):
    rows = []
    for k in range(12):
        sums = {scale: float(k % 5 - 2) for scale in SCALES}
        rows.append(studies.answers(f"c{k}", 0, "cnip", sums))
        for session in (1, 2):
            given = {name: float((k + session) % 7 - 3) for name in studies.DIMENSIONS}
            rows.append(studies.answers(f"c{k}", session, "delivered", given))
    dataset, tables = studies.dataset(), studies.tables(rows)
    tables |= score(tables, dataset, instruments)
    table = accommodate(tables, dataset, instruments)["accommodation_reliability"]
    gaps = table[table["coefficient"] == "difference"]
    assert gaps["value"].isna().all()
    reason = "the reliability of the preference is not known: items are not recorded, only totals"
    assert set(gaps["reason"]) == {reason}
