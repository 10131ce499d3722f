"""Cumulative incidence of dropout: by hand, by another route, and at its two limits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from attunement.model.incidence_variance import clustered_variance
from attunement.release.clustered import design_effect
from attunement.release.curves import LEAST_AT_RISK, cumulative_incidence, dropout_curves
from attunement.study.contracts import conform

Z = 1.959963985


def study(n: int = 240, censored: float = 0.15, stayed: float = 0.45, seed: int = 3):
    """Last sessions and statuses of made-up clients."""
    random = np.random.default_rng(seed)
    last = pd.Series(random.integers(0, 12, n).astype(float))
    shares = [1 - censored - stayed, stayed, censored]
    status = pd.Series(random.choice(["dropped_out", "stayed", "censored"], n, p=shares))
    return last, status


def by_counting(last: pd.Series, status: pd.Series, upto: float) -> float:
    """The Aalen-Johansen share, session by session, with plain numbers."""
    still, share = 1.0, 0.0
    for t in range(int(upto) + 1):
        rows = list(zip(last, status, strict=True))
        n = sum(1 for time, held in rows if time > t or (time == t and held != "censored"))
        if n == 0:
            break
        dropped = sum(1 for time, held in rows if time == t and held == "dropped_out")
        other = sum(1 for time, held in rows if time == t and held == "stayed")
        share += still * dropped / n
        still *= 1 - (dropped + other) / n
    return share


def test_by_hand() -> None:
    last = pd.Series([1, 1, 2, 2, 3, 3.0])
    status = pd.Series(
        ["dropped_out", "stayed", "dropped_out", "censored", "dropped_out", "stayed"]
    )
    curve = cumulative_incidence(last, status)
    # After session 2 the open case is not at risk: what it does next is not known.
    assert list(curve["n_at_risk"]) == [6, 3, 2]
    assert list(curve["n_events"]) == [1, 1, 1]
    assert list(curve["n_competing"]) == [1, 0, 1]
    # 1/6; then 4/6 are left, a third of whom drop out; then 4/9 are left, half of whom do.
    shares = [1 / 6, 1 / 6 + 4 / 6 / 3, 1 / 6 + 4 / 6 / 3 + 4 / 9 / 2]
    assert curve["dropped_out"].to_numpy() == pytest.approx(shares)
    spread = Z * np.sqrt(5 / 6**3) / (5 / 6 * abs(np.log(5 / 6)))
    assert curve["ci_low"].iloc[0] == pytest.approx(1 - (5 / 6) ** np.exp(-spread))
    assert curve["ci_high"].iloc[0] == pytest.approx(1 - (5 / 6) ** np.exp(spread))
    planned = pd.Series([True, True, False, None, True, False], dtype="boolean")
    told = cumulative_incidence(last, status, planned=planned)
    assert list(told["n_planned"]) == [1, 0, 0]  # a dropout on a planned ending is no competing one
    assert list(told["n_censored"]) == [0, 1, 0]
    assert list(cumulative_incidence(last, status, False, planned)["n_planned"]) == [0, 0, 0]
    rest = curve[["ci_low", "dropped_out", "ci_high"]].to_numpy()
    assert (np.diff(rest, axis=1) > 0).all()


def test_it_agrees_with_plain_counting() -> None:
    last, status = study()
    curve = cumulative_incidence(last, status)
    counted = [by_counting(last, status, time) for time in curve["time"]]
    assert curve["dropped_out"].to_numpy() == pytest.approx(counted)


def test_share_and_standard_error_agree_with_statsmodels() -> None:
    from statsmodels.duration.survfunc import CumIncidenceRight

    last, status = study()
    # One open case to the end: the other library divides by those who are left.
    last[0], status[0] = 20.0, "censored"
    curve = cumulative_incidence(last, status)
    # Its open cases are at risk at their own time; ours only before it.
    time = last - 0.5 * (status == "censored")
    kind = status.map({"dropped_out": 1, "stayed": 2, "censored": 0})
    other = CumIncidenceRight(time, kind)
    share = pd.Series(other.cinc[0], index=other.times).reindex(curve["time"])
    error = pd.Series(other.cinc_se[0], index=other.times).reindex(curve["time"])
    assert curve["dropped_out"].to_numpy() == pytest.approx(share.to_numpy())
    log = np.log(-np.log1p(-curve["dropped_out"]))
    width = np.log(-np.log1p(-curve["ci_high"])) - log
    ours = width / Z * (1 - curve["dropped_out"]) * -np.log1p(-curve["dropped_out"])
    assert ours.to_numpy() == pytest.approx(error.to_numpy(), rel=1e-9)


def test_without_open_cases_it_is_the_plain_share_with_its_binomial_error() -> None:
    last, status = study(censored=0.0, stayed=0.6)
    curve = cumulative_incidence(last, status)
    plain = np.array([((status == "dropped_out") & (last <= t)).mean() for t in curve["time"]])
    assert curve["dropped_out"].to_numpy() == pytest.approx(plain)
    spread = Z * np.sqrt(plain * (1 - plain) / len(last)) / ((1 - plain) * -np.log1p(-plain))
    assert curve["ci_low"].to_numpy() == pytest.approx(1 - (1 - plain) ** np.exp(-spread))
    assert curve["ci_high"].to_numpy() == pytest.approx(1 - (1 - plain) ** np.exp(spread))


@pytest.mark.parametrize("competing", [True, False])
def test_without_competing_endings_it_is_one_minus_kaplan_meier(competing: bool) -> None:
    from statsmodels.duration.survfunc import SurvfuncRight

    last, status = study(stayed=0.4, censored=0.0)
    if competing:  # nobody stays: open cases instead, in the other library's convention
        status = status.replace("stayed", "censored")
    time = last - 0.5 * (status == "censored")
    other = SurvfuncRight(time, (status == "dropped_out").astype(int))
    curve = cumulative_incidence(last, status, competing=competing)
    assert (curve["n_competing"] == 0).all()
    ours = curve.set_index("time").loc[other.surv_times]
    assert 1 - ours["dropped_out"].to_numpy() == pytest.approx(other.surv_prob)
    inside = ours[ours["ci_low"].notna()]
    error = pd.Series(other.surv_prob_se, index=other.surv_times).loc[inside.index]
    staying = 1 - inside["dropped_out"]
    spread = Z * error / (staying * np.abs(np.log(staying)))
    assert (1 - inside["ci_low"]).to_numpy() == pytest.approx(staying ** np.exp(-spread))
    assert (1 - inside["ci_high"]).to_numpy() == pytest.approx(staying ** np.exp(spread))


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Six hundred studies of 150 clients who leave with known chances: 95%, give or take 2.7."""
    random = np.random.default_rng(9)
    truth = sum(0.85**t * 0.06 for t in range(5))
    hits = 0
    for _ in range(600):
        leaves = random.geometric(0.15, 150) - 1.0
        dropped = random.random(150) < 0.06 / 0.15
        open_after = random.integers(2, 30, 150)
        status = np.where(dropped, "dropped_out", "stayed")
        status = np.where(leaves < open_after, status, "censored")
        curve = cumulative_incidence(pd.Series(np.minimum(leaves, open_after)), pd.Series(status))
        row = curve[curve["time"] <= 4].iloc[-1]
        hits += row["ci_low"] <= truth <= row["ci_high"]
    assert 0.923 <= hits / 600 <= 0.977


def test_nobody_dropped_out_or_nobody_is_left() -> None:
    curve = cumulative_incidence(pd.Series([1.0, 2.0]), pd.Series(["stayed", "stayed"]))
    assert list(curve["dropped_out"]) == [0, 0]
    assert curve[["ci_low", "ci_high"]].isna().all(axis=None)
    curve = cumulative_incidence(pd.Series([1.0, 2.0]), pd.Series(["dropped_out"] * 2))
    assert list(curve["dropped_out"]) == [0.5, 1]
    assert curve["ci_low"].isna().tolist() == [False, True]
    assert cumulative_incidence(pd.Series([1.0]), pd.Series(["unknown"])).empty


def test_the_table_is_cut_where_few_are_at_risk(tables, dataset) -> None:
    curves = dropout_curves(tables, dataset)
    assert (curves["n_at_risk"] >= LEAST_AT_RISK).all()
    whole = cumulative_incidence(
        tables["dropout"].query("definition == 'therapist_judgement'")["last_time"],
        tables["dropout"].query("definition == 'therapist_judgement'")["status"],
    )
    few = tables | {"dropout": tables["dropout"].groupby("definition").head(40)}
    cut = dropout_curves(few, dataset).query(
        "group == 'all' and definition == 'therapist_judgement'"
    )
    assert 0 < len(cut) < len(whole)


def test_attrition_has_no_competing_ending(tables, dataset) -> None:
    one = tables["dropout"].query("definition == 'therapist_judgement'")
    both = pd.concat([one, one.assign(definition="study_attrition")])
    curves = dropout_curves(tables | {"dropout": conform(both, "dropout")}, dataset)
    competing = curves.groupby("definition")["n_competing"].sum()
    assert competing["study_attrition"] == 0
    assert competing["therapist_judgement"] > 0


def test_clients_of_the_same_therapist_widen_the_interval() -> None:
    last, status = study(censored=0.0, stayed=0.6)
    # At the end, with nobody censored, the limits are those of a share by therapists.
    therapist = np.argsort(np.argsort(status.eq("dropped_out"), kind="stable")) // 20
    curve = cumulative_incidence(last, status, cluster=therapist)
    plain = cumulative_incidence(last, status)
    same = ["time", "n_at_risk", "n_events", "n_competing", "dropped_out"]
    pd.testing.assert_frame_equal(curve[same], plain[same])
    gone = (status == "dropped_out").to_numpy()
    effect = design_effect(gone, therapist)
    assert effect > 10
    share, n = gone.mean(), len(gone)
    spread = Z * np.sqrt(effect * share * (1 - share) / n) / ((1 - share) * -np.log1p(-share))
    assert curve["ci_low"].iloc[-1] == pytest.approx(1 - (1 - share) ** np.exp(-spread))
    assert curve["ci_high"].iloc[-1] == pytest.approx(1 - (1 - share) ** np.exp(spread))
    # Therapists who differ less than by chance never make it narrower; clients alone are as before.
    even = cumulative_incidence(last, status, cluster=np.arange(n) % 20)
    wide = (even["ci_high"] - even["ci_low"]).to_numpy()
    assert (wide >= (plain["ci_high"] - plain["ci_low"]).to_numpy() - 1e-12).all()


def test_variance_by_therapists_is_what_leaving_weights_at_them_moves() -> None:
    """By brute force: each therapist's clients counted a little more, and a little less."""
    last, status = study(seed=8)
    therapist, step = np.arange(len(last)) % 12, 1e-5
    there = status != "unknown"

    def share(weights: np.ndarray) -> np.ndarray:
        still, found, gone = 1.0, [], 0.0
        for t in range(12):
            at_risk = weights[(last > t) | ((last == t) & (status != "censored"))].sum()
            dropped = weights[(last == t) & (status == "dropped_out")].sum()
            other = weights[(last == t) & (status == "stayed")].sum()
            gone += still * dropped / at_risk if at_risk else 0.0
            still *= 1 - (dropped + other) / at_risk if at_risk else 1.0
            found.append(gone)
        return np.array(found)

    moved = [
        (share(1.0 + step * (therapist == one)) - share(1.0 - step * (therapist == one))) / step / 2
        for one in range(12)
    ]
    brute = 12 / 11 * (np.array(moved) ** 2).sum(axis=0)
    counts = np.zeros((3, 12, 12))
    for t in range(12):
        rows = ((last > t) | ((last == t) & (status != "censored"))) & there
        ended = (last == t) & (status != "censored")
        for place, held in enumerate((rows, ended & (status == "dropped_out"), ended)):
            counts[place, :, t] = np.bincount(therapist[held.to_numpy()], minlength=12)
    assert clustered_variance(*counts) == pytest.approx(brute, rel=1e-5)


def test_curves_allow_for_therapists_where_ten_are_known(tables, dataset) -> None:
    judged = tables["dropout"].query("definition == 'therapist_judgement'")
    gone = judged.loc[judged["status"] == "dropped_out", "client"]
    place = tables["clients"]["client"].isin(gone).argsort(kind="stable").argsort()
    width = {}
    for n in (12, 9):
        clients = tables["clients"].assign(therapist=("T" + (place * n // len(place)).astype(str)))
        curves = dropout_curves(tables | {"clients": clients}, dataset)
        width[n] = (curves["ci_high"] - curves["ci_low"]).to_numpy()
    assert np.nanmax(width[12] - width[9]) > 0.02
    assert np.nanmin(width[12] - width[9]) >= -1e-12
