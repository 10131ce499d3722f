"""Cronbach's alpha at intake and the check of poles."""

import numpy as np
import pytest

from attunement.score import score
from attunement.score.coefficients import cronbach
from attunement.score.reliability import item_rest


def _items(n=200, k=5, seed=3):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 1)) + rng.normal(size=(n, k))


def test_alpha_by_its_definition():
    items = _items()
    covariance = np.cov(items, rowvar=False)
    by_hand = 5 / 4 * (1 - np.trace(covariance) / covariance.sum())
    found = cronbach(items)
    assert found.value == pytest.approx(by_hand)
    assert found.ci_low < by_hand < found.ci_high
    assert found.n_clients == 200


def test_incomplete_answers_are_left_out():
    items = _items()
    items[:150, 2] = np.nan
    assert cronbach(items).n_clients == 50
    assert cronbach(items[:150]).reason == ("fewer than 10 clients answered all items at intake")
    assert np.isnan(cronbach(np.ones((20, 3))).value)


def test_item_rest_is_the_correlation_with_the_others():
    items = _items(k=4)
    expected = np.corrcoef(items[:, 1], items[:, [0, 2, 3]].sum(axis=1))[0, 1]
    assert item_rest(items)[1] == pytest.approx(expected)
    items[:, 3] = 2
    assert np.isnan(item_rest(items)[3])


def _preferences(studies, flipped):
    rng = np.random.default_rng(5)
    rows = []
    for client in range(60):
        wish = rng.normal(size=4)
        items = {}
        for number in range(1, 19):
            scale = 0 if number <= 5 else 1 if number <= 10 else 2 if number <= 13 else 3
            value = np.clip(np.round(1.5 * wish[scale] + 0.7 * rng.normal()), -3, 3)
            items[str(number)] = -value if number in flipped else value
        rows.append(studies.answers(f"c{client}", 0, "cnip", items))
        rows.append(studies.answers(f"c{client}", 5, "cnip", dict.fromkeys(items, 0.0)))
    return studies.tables(rows)


def test_an_item_whose_poles_run_the_other_way_is_named(studies, instruments):
    tables = _preferences(studies, flipped=[10])
    table = score(tables, studies.dataset(), instruments)["reliability"]
    table = table[table["coefficient"] == "alpha"].set_index("scale")
    assert table.loc["EI_ER", "lowest_item_rest"] < 0
    assert "item 10;" in table.loc["EI_ER", "reason"]
    assert "preference.flip" in table.loc["EI_ER", "reason"]
    assert table.loc[["TD_CD", "PO_PR", "WS_FC"], "reason"].isna().all()
    assert (table.loc[["TD_CD", "PO_PR", "WS_FC"], "n_clients"] == 60).all()
    mended = studies.dataset(
        preference={"instrument": "cnip", "coding": "left_positive", "flip": [10]}
    )
    table = score(tables, mended, instruments)["reliability"]
    table = table[table["coefficient"] == "alpha"].set_index("scale")
    assert table["reason"].isna().all()
    assert (table["lowest_item_rest"] > 0.5).all()


def test_totals_have_no_reliability_here(studies, instruments):
    tables = studies.tables([studies.answers("A", 0, "ors", {"total": 20})])
    table = score(tables, studies.dataset(), instruments)["reliability"]
    reasons = table.set_index("coefficient")["reason"]
    assert list(reasons.index) == ["alpha", "within_client", "difference"]
    assert reasons["alpha"] == reasons["within_client"] == "items are not recorded, only totals"
    assert reasons["difference"].endswith("name ors.reliability under accept_unverified")
    skipped = score(tables, studies.dataset(), instruments, reliability=False)["reliability"]
    assert len(skipped) == 0


def test_items_need_twenty_clients_with_complete_answers():
    assert np.isnan(item_rest(_items(n=19))).all()
    assert (item_rest(_items(n=20)) > 0).all()


def test_each_item_is_checked_against_its_scale(studies, instruments):
    checks = score(_preferences(studies, flipped=[10]), studies.dataset(), instruments)[
        "item_checks"
    ]
    assert len(checks) == 18
    flipped = checks.set_index("item").loc[10]
    assert flipped["ci_high"] < 0
    assert flipped["reason"].startswith("runs against the rest of its scale; check preference.cod")
    assert flipped["reason"].endswith("nothing was changed")
    others = checks[checks["scale"] != "EI_ER"]
    assert others["reason"].isna().all()
    assert (others["ci_low"] < others["item_rest"]).all()
    assert (others["item_rest"] < others["ci_high"]).all()


def test_floor_and_ceiling_count_scores_at_the_ends(studies, instruments):
    """Ten clients: two begin at 0, one at 40; later all are at 40."""
    first = [0, 0, 40, *range(10, 17)]
    rows = [studies.answers(f"c{i}", 0, "ors", {"total": v}) for i, v in enumerate(first)]
    rows += [studies.answers(f"c{i}", 1, "ors", {"total": 40}) for i in range(10)]
    table = score(studies.tables(rows), studies.dataset(), instruments)["floor_ceiling"]
    table = table.set_index("occasions")
    assert table.loc["intake", ["floor", "ceiling"]].tolist() == [0.2, 0.1]
    assert table.loc["all", ["floor", "ceiling"]].tolist() == [0.1, 0.55]
    assert table.loc["all", ["n_clients", "n_scores"]].tolist() == [10, 20]
    few = score(studies.tables(rows[:9]), studies.dataset(), instruments)["floor_ceiling"]
    assert set(few["reason"]) == {"fewer than 10 clients"}
    assert few["floor"].isna().all()


def test_the_difference_of_totals_takes_an_accepted_reliability(studies, instruments):
    """Totals: variance of errors 2 x (1 - .93) of the variance of scores."""
    rng = np.random.default_rng(4)
    first, last = rng.uniform(10, 30, 40).round(1), rng.uniform(10, 30, 40).round(1)
    rows = [
        studies.answers(f"c{i}", session, "ors", {"total": value})
        for session, values in enumerate((first, last))
        for i, value in enumerate(values)
    ]
    table = score(studies.tables(rows), studies.dataset(), instruments, ["ors.reliability"])
    found = table["reliability"].set_index("coefficient").loc["difference"]
    error = 0.07 * (first.var(ddof=1) + last.var(ddof=1))
    assert found["value"] == pytest.approx(1 - error / (last - first).var(ddof=1))
    assert found["n_clients"] == 40
