"""Predicted change of each client: by dense matrices, by simulation, and where it is refused."""

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import fit_linear
from attunement.score.change import ends
from attunement.score.change_multilevel import predicted_change, shaped
from attunement.study.dataset import Time

LINEAR = Time(unit="session", per=10)


def _scores(rng, n, times, slope=-3.0, slope_sd=2.0, noise=2.0, therapists=0, kept=1.0):
    """Scores of n clients at these sessions, and the true slope of each for ten sessions."""
    start, slopes = rng.normal(15, 4, n), rng.normal(slope, slope_sd, n)
    place, time = np.repeat(np.arange(n), len(times)), np.tile(times, n).astype(float)
    effect = rng.normal(0, 2, therapists)[place % therapists] if therapists else 0.0
    value = start[place] + effect + slopes[place] * time / 10 + rng.normal(0, noise, len(place))
    there = (rng.random(len(place)) < kept) | (time == times[0])
    frame = pd.DataFrame({"place": place, "time": time, "value": value})[there]
    therapist = pd.Series([f"t{k % therapists}" if therapists else None for k in range(n)])
    return frame.reset_index(drop=True), therapist, slopes


@pytest.mark.parametrize("shape", ["linear", "log", "square_root"])
def test_prediction_and_error_by_dense_matrices(shape):
    """Henderson's mixed model equations, inverted whole, for 24 clients of 4 therapists."""
    rng = np.random.default_rng(5)
    kept, therapist, _ = _scores(rng, 24, range(8), -3, 6.0, 1.0, therapists=4, kept=0.8)
    unit = Time(unit="session", per=10, shape=shape)
    therapist.iloc[3] = None  # without a therapist: no effect of one
    course = ends(kept, 24)
    found = predicted_change(kept, course, therapist, unit)
    assert found.reason == ""
    time = shaped(kept["time"].to_numpy(), unit)
    rows = kept.assign(time=time, therapist=therapist.to_numpy()[kept["place"]])
    fit = fit_linear("value ~ 1 + time", rows, {"therapist": "1", "place": "1 + time"})
    codes = therapist.iloc[kept["place"]].to_numpy()
    x = np.column_stack([np.ones(len(kept)), time])
    columns = [(codes == name).astype(float) for name in ("t0", "t1", "t2", "t3")]
    for client in range(24):
        here = (kept["place"] == client).to_numpy(dtype=float)
        columns += [here, here * time]
    z = np.column_stack(columns)
    prior = np.zeros((z.shape[1],) * 2)
    prior[:4, :4] = np.eye(4) * fit.level_covariances["therapist"]
    prior[4:, 4:] = np.kron(np.eye(24), fit.level_covariances["place"])
    whole = np.hstack([x, z])
    left = whole.T @ whole / fit.residual_variance
    left[2:, 2:] += np.linalg.inv(prior)
    inverse = np.linalg.inv(left)
    solution = inverse @ whole.T @ kept["value"].to_numpy() / fit.residual_variance
    for client in range(24):
        times = time[(kept["place"] == client).to_numpy()]
        if len(times) < 2:
            assert np.isnan(found.change[client])
            continue
        asked = np.zeros(whole.shape[1])
        asked[[1, 2 + 4 + 2 * client + 1]] = times[-1] - times[0]
        assert found.change[client] == pytest.approx(asked @ solution, rel=1e-5)
        assert found.se[client] == pytest.approx(np.sqrt(asked @ inverse @ asked), rel=1e-5)


def test_the_true_change_lies_within_the_limits_for_95_of_100():
    """8,000 clients in 20 studies: the 1.96 rule errs for one in twenty."""
    outside = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        kept, therapist, slopes = _scores(rng, 400, range(9), -3, 4.0, 2.0, therapists=20, kept=0.7)
        course = ends(kept, 400)
        found = predicted_change(kept, course, therapist, LINEAR)
        true = slopes * (course.last_time - course.first_time) / 10
        known = ~np.isnan(found.change)
        outside.append(np.abs(found.change - true)[known] > 1.96 * found.se[known])
    assert np.concatenate(outside).mean() == pytest.approx(0.05, abs=0.01)


def test_no_change_is_called_change_in_at_most_one_of_twenty():
    """Where clients change in both directions alike: of those without change, below 5 percent."""
    called = []
    for seed in range(20):
        rng = np.random.default_rng(100 + seed)
        kept, therapist, slopes = _scores(rng, 400, range(9), slope=0.0, slope_sd=3.0)
        found = predicted_change(kept, ends(kept, 400), therapist, LINEAR)
        still = np.abs(slopes) < 0.3
        called.append(np.abs(found.change[still]) > 1.96 * found.se[still])
    rate = np.concatenate(called).mean()
    assert 0.005 < rate < 0.05


def test_refused_where_clients_have_two_scores():
    rng = np.random.default_rng(1)
    kept, therapist, _ = _scores(rng, 60, (0, 8))
    found = predicted_change(kept, ends(kept, 60), therapist, LINEAR)
    assert found.reason.startswith("fewer than 10 clients have scores at three or more times")
    assert np.isnan(found.change).all()


def test_refused_where_all_change_alike():
    rng = np.random.default_rng(3)
    reasons = set()
    for _ in range(6):
        kept, therapist, _ = _scores(rng, 40, range(5), slope_sd=0.0, noise=6.0)
        reasons.add(predicted_change(kept, ends(kept, 40), therapist, LINEAR).reason)
    assert any("slope variance of zero" in said or "correlation of 1" in said for said in reasons)


def test_scores_without_noise_end_in_a_reason_or_in_numbers():
    rng = np.random.default_rng(4)
    kept, therapist, slopes = _scores(rng, 30, range(5), noise=0.0)
    found = predicted_change(kept, ends(kept, 30), therapist, LINEAR)
    assert found.reason or np.allclose(found.change, slopes * 0.4, atol=1e-4)


def test_therapists_count_only_where_they_can_be_told_from_clients():
    rng = np.random.default_rng(7)
    kept, _, _ = _scores(rng, 40, range(6))
    course = ends(kept, 40)
    own = pd.Series([f"t{k}" for k in range(40)])
    assert "clients within therapists" not in predicted_change(kept, course, own, LINEAR).said
    shared = pd.Series([f"t{k % 8}" for k in range(40)])
    assert "clients within therapists" in predicted_change(kept, course, shared, LINEAR).said
