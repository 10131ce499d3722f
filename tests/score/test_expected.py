"""The expected trajectory against dense matrices and by simulation; nobody judges themselves."""

import numpy as np
import pandas as pd
import pytest

from attunement.score.expected import (
    Expected,
    Outcome,
    expect,
    expected_table,
    folds,
    later_scores,
    limits,
)
from attunement.score.expected_model import Refusal, estimate
from attunement.study.time_shape import shaped

ORS = Outcome("ors.total", 1, 0.0, 40.0)
SHAPE, PER = "log", 10.0


def course(n_clients: int, n_therapists: int, seed: int, sessions: int = 6) -> pd.DataFrame:
    """Later scores of clients of a known world, as `later_scores` gives them."""
    rng = np.random.default_rng(seed)
    client = np.repeat(np.arange(n_clients), sessions)
    elapsed = np.tile(np.arange(1.0, sessions + 1), n_clients)
    intake = rng.normal(18, 6, n_clients)[client]
    therapist = client % n_therapists
    time = shaped(elapsed, SHAPE, PER)
    part = rng.multivariate_normal([0, 0], [[9.0, -1.0], [-1.0, 12.0]], n_clients)[client]
    value = 20 + 0.6 * (intake - 18) + (4 - 0.2 * (intake - 18)) * time
    value += part[:, 0] + part[:, 1] * time + rng.normal(0, 1.2, n_therapists)[therapist]
    return pd.DataFrame(
        {
            "client": [f"C{k}" for k in client],
            "place": client,
            "occasion": elapsed.astype(int),
            "time": elapsed,
            "session": elapsed,
            "value": value + rng.normal(0, 4, len(client)),
            "intake": intake,
            "elapsed": elapsed,
            "therapist": [f"T{k}" for k in therapist],
        }
    )


def judged(later: pd.DataFrame, outcome: Outcome = ORS, percentile: float = 25) -> Expected:
    found = expect(later, outcome, percentile, SHAPE, PER)
    assert isinstance(found, Expected), found
    return found


def test_the_distribution_of_a_new_client_against_dense_matrices() -> None:
    later = course(40, 8, seed=1, sessions=4)
    found = estimate(later, SHAPE, PER)
    assert not isinstance(found, Refusal)
    time = shaped(later["elapsed"].to_numpy(), SHAPE, PER)
    intake = later["intake"].to_numpy() - later.drop_duplicates("client")["intake"].mean()
    x = np.column_stack([np.ones(len(later)), intake, time, intake * time])
    z = np.column_stack([np.ones(len(later)), time])
    same_client = later["client"].to_numpy()[:, None] == later["client"].to_numpy()
    same_therapist = later["therapist"].to_numpy()[:, None] == later["therapist"].to_numpy()
    whole = (z @ found.client @ z.T) * same_client + found.therapist * same_therapist
    whole += found.residual * np.eye(len(later))
    inverse = np.linalg.inv(whole)
    covariance = np.linalg.inv(x.T @ inverse @ x)
    beta = covariance @ x.T @ inverse @ later["value"].to_numpy()
    new_time = shaped(np.array([3.0]), SHAPE, PER)[0]
    new = np.array([1.0, 25.0 - found.centre, new_time, (25.0 - found.centre) * new_time])
    random = np.array([1.0, new_time])
    variance = new @ covariance @ new + random @ found.client @ random
    variance += found.therapist + found.residual
    mean, sd = found.expected(np.array([25.0]), np.array([3.0]))
    np.testing.assert_allclose(mean, new @ beta, rtol=1e-6)
    np.testing.assert_allclose(sd, np.sqrt(variance), rtol=1e-6)


@pytest.mark.parametrize("percentile", [10, 25, 50])
def test_the_share_of_new_clients_below_a_percentile(percentile: float) -> None:
    found = estimate(course(400, 40, seed=2), SHAPE, PER)
    new = course(4000, 400, seed=3)
    mean, sd = found.expected(new["intake"].to_numpy(), new["elapsed"].to_numpy())
    below = new["value"] < limits(mean, sd, ORS, percentile)
    shares = below.groupby(new["elapsed"]).mean()
    np.testing.assert_allclose(shares, percentile / 100, atol=0.035)


@pytest.mark.parametrize("n_therapists", [4, 20])
def test_what_a_client_scores_later_never_makes_the_own_expectation(n_therapists: int) -> None:
    later = course(60, n_therapists, seed=4)
    before = judged(later).rows
    own = later["client"] == "C7"
    changed = later.assign(value=later["value"].where(~own, 40 - later["value"]))
    after = judged(changed).rows
    columns = ["expected", "sd", "limit"]
    np.testing.assert_array_equal(after.loc[own, columns], before.loc[own, columns])
    assert not np.allclose(after.loc[~own, "expected"], before.loc[~own, "expected"])
    if n_therapists == 20:  # nor do other clients of the same therapist
        same = later["therapist"] == later.loc[own, "therapist"].iloc[0]
        np.testing.assert_array_equal(after.loc[same, columns], before.loc[same, columns])


def test_folds_go_by_the_order_of_the_source_not_by_ids() -> None:
    later = course(60, 20, seed=5)
    fold, together = folds(later)
    assert together == "therapists"
    assert later.groupby(fold)["therapist"].nunique().tolist() == [4] * 5
    renamed = later.assign(client="x" + later["client"].str[::-1], therapist="y" + later["client"])
    renamed["therapist"] = later["therapist"].map(lambda name: f"z{hash(name) % 10**9}{name}")
    np.testing.assert_array_equal(folds(renamed)[0], fold)
    np.testing.assert_array_equal(judged(renamed).rows["z"], judged(later).rows["z"])
    alone = later.assign(therapist=later["therapist"].where(later["place"] != 3))
    assert folds(alone)[1] == "therapists"
    assert folds(later.assign(therapist=None))[1] == "clients"
    assert folds(course(60, 9, seed=5))[1] == "clients"


def test_a_lower_score_is_better_where_the_outcome_says_so() -> None:
    later = course(80, 4, seed=6)
    up = judged(later)
    turned = later.assign(value=40 - later["value"], intake=40 - later["intake"])
    down = judged(turned, Outcome("phq9.total", -1, 0.0, 40.0))
    assert (up.rows["flagged"] == down.rows["flagged"]).mean() > 0.999
    np.testing.assert_allclose(down.rows["z"], up.rows["z"], atol=1e-4)
    np.testing.assert_allclose(down.rows["limit"], 40 - up.rows["limit"], atol=1e-3)
    table = expected_table(down, 25, PER)
    assert (table["limit"] == table["p75"]).all()


def test_the_best_possible_score_is_always_on_track() -> None:
    low, high = limits(np.array([-30.0, 90.0]), np.array([1.0, 1.0]), ORS, 25)
    assert (low, high) == (0, 40)


def test_what_cannot_be_estimated_is_refused() -> None:
    later = course(40, 4, seed=7)

    def why(rows: pd.DataFrame, outcome: Outcome = ORS) -> str:
        found = expect(rows, outcome, 25, SHAPE, PER)
        assert isinstance(found, Refusal)
        return found.reason

    assert "29 clients have a score" in why(later[later["place"] < 29])
    assert "at one time" in why(later[later["elapsed"] == 2])
    assert "do not vary" in why(later.assign(intake=10.0))
    assert "do not vary" in why(later.assign(value=10.0))
    assert "neither direction" in why(later, Outcome("x.y", 0, 0, 1))
    assert why(later.iloc[:0]).startswith("0 clients")
    # All clients but few are one therapist's: without them little is left.
    lonely = later.assign(therapist=["T0" if k > 8 else f"U{k}" for k in later["place"]])
    assert why(lonely).startswith("without a fifth of the therapists: ")


def test_few_scores_of_each_client_ask_for_a_smaller_random_part() -> None:
    later = course(60, 4, seed=8)
    two = later[later["elapsed"].isin([1, 4])]
    assert estimate(two, SHAPE, PER).words == "intercepts of clients"
    keep = np.where(later["place"] % 2 == 0, 1, 4)
    one = estimate(later[later["elapsed"] == keep], SHAPE, PER)
    assert one.words.startswith("no random part")
    assert "therapists" in estimate(course(60, 12, seed=8), SHAPE, PER).words


def test_later_scores_start_after_the_first_one() -> None:
    found = pd.DataFrame(
        {
            "client": ["a", "a", "a", "b"],
            "place": [0, 0, 0, 1],
            "occasion": [2, 3, 5, 1],
            "time": [2.0, 2.0, 5.0, 1.0],
            "session": [2, 3, 5, 1],
            "value": [10.0, 11.0, 12.0, 20.0],
        }
    )
    rows = later_scores(found, pd.DataFrame({"client": ["a", "b"]}))
    assert rows[["client", "elapsed", "intake", "value"]].to_numpy().tolist() == [
        ["a", 3.0, 10.0, 12.0]
    ]


def test_the_table_counts_clients_and_keeps_percentiles_in_order() -> None:
    later = course(100, 10, seed=9)
    table = expected_table(judged(later), 25, PER)
    assert table.groupby("time")["n_clients"].sum().tolist() == [100] * 6
    assert sorted(set(table["band"])) == [1, 2, 3, 4, 5]
    assert (table["n_clients"] == 20).all()
    shares = table[["p10", "p25", "p50", "p75", "p90"]].to_numpy()
    assert (np.diff(shares, axis=1) >= 0).all()
    assert ((shares >= 0) & (shares <= 40)).all()
    assert (table["limit"] == table["p25"]).all()
    assert table["n_below"].sum() == judged(later).rows["flagged"].sum()
    fine = later.assign(elapsed=later["elapsed"] + later["place"] / 1000)
    assert expected_table(judged(fine), 25, PER)["time"].nunique() <= 8
