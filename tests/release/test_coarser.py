"""What a stranger can work out of the released means of small groups: no client's score."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from attunement.release import candidates, gate
from attunement.release.coarser import coarser_means, to_unit, unit
from attunement.release.rounding import shortened
from attunement.study.config import Release
from attunement.study.contracts import conform

HIGHEST = 27  # scores are whole numbers from 0 to 27
WHOLE = 10**6
SCORES = [3, 21, 14, 9, 17, 12, 6, 25, 11, 19, 8]


def _line(scores: list[int], digits: int | None) -> tuple[float, float]:
    """Mean and SD as released: to some digits, or to the unit of the rule."""
    mean, sd = pd.Series([np.mean(scores)]), pd.Series([np.std(scores, ddof=1)])
    if digits:
        return shortened(mean, digits)[0], shortened(sd, digits)[0]
    step = unit(sd, pd.Series([len(scores)]))
    return to_unit(mean, step)[0], to_unit(sd, step)[0]


def possible(mean: float, sd: float, told: int, digits: int | None) -> np.ndarray:
    """Every number, sum and sum of squares that give the released line, rows (n, sum, squares)."""
    found = []
    for n in range(max(2, told - 2), told + 3):
        sums = np.arange(n * HIGHEST + 1)
        wide = 5 * sd / n  # no unit is wider
        for total in sums[np.abs(sums / n - mean) <= wide]:
            low, high = max(sd - wide, 0.0), sd + wide
            base = total**2 / n
            squares = np.arange(int(base + low**2 * (n - 1)), int(base + high**2 * (n - 1)) + 2)
            spread = pd.Series(np.sqrt(np.maximum(squares - base, 0) / (n - 1)))
            means = pd.Series(np.full(len(spread), total / n))
            if digits:
                fits = (shortened(means, digits) == mean) & (shortened(spread, digits) == sd)
            else:
                step = unit(spread, pd.Series(n, spread.index))
                fits = (to_unit(means, step) == mean) & (to_unit(spread, step) == sd)
            found += [(n, total, square) for square in squares[fits.to_numpy()]]
    return np.array(found)


def _coded(rows: np.ndarray, n: int = 0, total: int = 0, squares: int = 0) -> np.ndarray:
    left = rows - [n, total, squares]
    left = left[(left >= 0).all(axis=1)]
    return (left[:, 0] * WHOLE + left[:, 1]) * WHOLE + left[:, 2]


def others(larger: np.ndarray, smaller: np.ndarray, n: int) -> list[tuple[int, ...]]:
    """The scores that one or two clients may have, who are in the larger group only."""
    known = _coded(smaller)
    pairs = [(a,) for a in range(HIGHEST + 1)]
    if n == 2:
        pairs = [(a, b) for a in range(HIGHEST + 1) for b in range(a, HIGHEST + 1)]
    return [
        pair
        for pair in pairs
        if np.isin(_coded(larger, n, sum(pair), sum(a * a for a in pair)), known).any()
    ]


@pytest.mark.parametrize("left", [1, 2])
def test_four_digits_told_single_clients_and_the_unit_does_not(left: int) -> None:
    """Group of 11 or 12, and the same without one or two: the attack that must find nothing."""
    whole = [*SCORES, 2][: 10 + left]
    hidden = tuple(sorted(whole[10:]))
    exact = [possible(*_line(rows, 4), 10, 4) for rows in (whole, whole[:10])]
    assert others(*exact, left) == [hidden]
    told = [possible(*_line(rows, None), 10, None) for rows in (whole, whole[:10])]
    found = others(*told, left)
    assert hidden in found
    assert len(found) >= 20  # 28 scores, or 406 pairs, are thinkable
    assert all(len({pair[place] for pair in found}) > 5 for place in range(left))
    for rows in told:
        assert len(set(rows[:, 0])) == 5  # every number that rounds to 10
        assert all(len(set(rows[rows[:, 0] == n, 1])) >= 5 for n in set(rows[:, 0]))


@pytest.fixture(scope="module")
def small_study(tables):
    """The clinic, of which one client of the arm `new` was first measured after intake."""
    scores = tables["scores"]
    late = (scores["client"] == "secret-002") & (scores["time"] == 0)
    return tables | {"scores": scores[~late].reset_index(drop=True)}


def test_a_start_that_table_one_exceeds_by_one_is_withheld(
    small_study, dataset, instruments, disclosure
) -> None:
    found = candidates(small_study, dataset, instruments)
    exact = found["trajectories"].set_index(["group", "time"])["n_clients"]
    assert exact[("new", 0.0)] == 44 and exact[("usual", 0.0)] == 45
    released, decisions = gate(found, "confidential", disclosure)
    rows = released["trajectories"].set_index(["group", "time"])
    assert bool(rows.loc[("new", 0.0), "withheld"]) and bool(rows.loc[("all", 0.0), "withheld"])
    assert rows.loc[("new", 0.0), ["n_clients", "mean", "sd"]].isna().all()
    assert not bool(rows.loc[("usual", 0.0), "withheld"])
    assert not bool(rows.loc[("all", 1.0), "withheld"])
    first = released["description"].query("variable == 'phq9.total' and group == 'new'").iloc[0]
    assert pd.notna(first["mean"])
    assert "linked means" in set(decisions["rule"])


def test_means_of_groups_have_a_unit_and_open_data_keep_theirs(
    small_study, dataset, instruments, disclosure
) -> None:
    found = candidates(small_study, dataset, instruments)
    released, _ = gate(found, "confidential", disclosure)
    age = released["description"].query("variable == 'age' and group == 'new'").iloc[0]
    exact = found["description"].query("variable == 'age' and group == 'new'").iloc[0]
    assert exact["sd"] / 45 < 0.5 and age["mean"] == np.floor(exact["mean"] / 0.5 + 0.5) * 0.5
    assert age["sd"] % 0.5 == 0
    public, _ = gate(found, "public", disclosure)
    pd.testing.assert_frame_equal(public["trajectories"], found["trajectories"])


def test_criteria_and_words_of_the_sample_are_as_coarse(tables, dataset, instruments) -> None:
    said = "cut-off a: M 11.62, SD 7.12 at intake in this sample; 1.96 * SD, SD 7.12 at intake in"
    found = candidates(tables, dataset, instruments)
    lines = found["change_classes"].assign(
        criterion=6.607, cutoff=10.117, reason=f"{said} this sample, alpha 0.89", n_analysed=36
    )
    held = found | {"change_classes": conform(lines, "change_classes")}
    row = coarser_means(held, Release())[0]["change_classes"].iloc[0]
    assert (row["criterion"], row["cutoff"]) == (6.5, 10.0)
    assert "M 11.5, SD 7 at intake" in row["reason"] and "7.12" not in row["reason"]
    fixed = found["change_classes"].assign(reason="published: 6")
    kept = found | {"change_classes": conform(fixed, "change_classes")}
    assert "change_classes" not in coarser_means(kept, Release())[0]


def test_limits_of_a_correlation_do_not_tell_the_exact_number(tables, dataset, instruments) -> None:
    """Fisher's limits are z -+ 1.96 / sqrt(n - 3): four digits of them told n."""
    n, z = 30, np.arctanh(0.6435)
    low, high = np.tanh(z - 1.96 / np.sqrt(n - 3)), np.tanh(z + 1.96 / np.sqrt(n - 3))
    row = {"instrument": "a", "scale": "b", "rater": "client", "item": "1", "n_clients": n}
    lines = pd.DataFrame([row | {"item_rest": 0.6435, "ci_low": low, "ci_high": high}])
    found = candidates(tables, dataset, instruments) | {
        "item_checks": conform(lines, "item_checks")
    }
    told = coarser_means(found, Release())[0]["item_checks"].iloc[0]
    assert (told["item_rest"], told["ci_low"], told["ci_high"]) == (0.65, 0.35, 0.8)

    def limits(number: int) -> tuple[float, ...]:
        half = 1.96 / np.sqrt(number - 3)
        ends = pd.Series([np.tanh(z - half), np.tanh(z + half)])
        step = pd.Series([0.05, 0.05])
        return tuple(to_unit(ends, step))

    same = [number for number in range(20, 45) if limits(number) == (0.35, 0.8)]
    assert len(same) >= 3
