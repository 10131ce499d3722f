"""Groups of accommodation up to a landmark, and who left in them."""

import numpy as np
import pandas as pd
import pytest

from attunement.model import analyse
from attunement.model.incidence import accommodation_groups, incidence_rows
from attunement.study.contracts import conform
from attunement.study.problems import NotEstimable


@pytest.fixture
def planned(specify):
    return specify(
        analysis="cumulative_incidence",
        rows="landmark",
        landmark=3,
        settings=(("until", "3"),),
        dropout_definition="therapist_judgement",
        outcome="dropout",
        link="logit",
        df="normal",
        formula="event ~ accommodation_past",
        random=(),
        levels=(),
    )


def test_equal_halves_of_those_at_risk_by_accommodation_so_far(tables, planned):
    clients = accommodation_groups(tables, planned)
    # 24 clients reach session 3; three of them are still open there: nothing is known of later.
    dropout = tables["dropout"]
    open_there = dropout["status"].eq("censored") & dropout["last_time"].eq(3)
    assert len(clients) == 24 - open_there.sum()
    low, high = (clients.loc[clients["group"] == name, "value"] for name in ("low", "high"))
    assert low.max() < high.min() and abs(len(low) - len(high)) <= 1


def test_what_came_after_the_landmark_forms_no_group(tables, planned):
    """Groups by all sessions would differ: here every later session is changed beyond measure."""
    groups = accommodation_groups(tables, planned).set_index("client")["group"]
    later = tables["accommodation"]["session"] > 3
    random = np.random.default_rng(1)
    changed = tables["accommodation"].copy()
    changed.loc[later, "value"] = random.uniform(0, 1, later.sum())
    again = accommodation_groups(tables | {"accommodation": changed}, planned)
    assert again.set_index("client")["group"].equals(groups)
    changed.loc[~later, "value"] = random.uniform(0, 1, (~later).sum())
    other = accommodation_groups(tables | {"accommodation": changed}, planned)
    assert not other.set_index("client")["group"].equals(groups)


def test_equal_values_stay_together_and_thirds_need_people(tables, planned):
    same = tables["accommodation"].copy()
    same.loc[same["client"] < "c06", "value"] = 0.5
    clients = accommodation_groups(tables | {"accommodation": same}, planned)
    assert clients.loc[clients["client"] < "c06", "group"].nunique() == 1
    thirds = planned.model_copy(update={"settings": (("groups", "3"),)})
    with pytest.raises(NotEstimable, match="fewer than 10 clients in a group"):
        accommodation_groups(tables, thirds)


def test_who_never_had_accommodation_by_then_is_in_no_group(tables, planned):
    late = tables["accommodation"]
    late = late[(late["client"] != "c07") | (late["session"] > 3)]
    assert "c07" not in set(
        accommodation_groups(tables | {"accommodation": late}, planned)["client"]
    )


def made(n: int = 400, therapists: int = 20) -> pd.DataFrame:
    random = np.random.default_rng(4)
    frame = pd.DataFrame({"client": np.arange(n).astype(str), "last": random.integers(3, 14, n)})
    frame["therapist"] = (np.arange(n) % therapists).astype(str)
    frame["status"] = random.choice(["dropped_out", "stayed", "censored"], n, p=[0.3, 0.5, 0.2])
    frame["planned"] = (frame["status"] == "stayed") & (random.random(n) < 0.8)
    return frame.assign(group=random.choice(["low", "high"], n))


def test_without_open_cases_shares_are_plain_shares():
    clients = made().assign(status=lambda t: t["status"].replace("censored", "stayed"))
    rows = incidence_rows(clients, 8).set_index("term")
    by_then = clients["last"] <= 8
    for group in ("low", "high"):
        here = clients["group"] == group
        for cause, event in (
            ("dropped_out", clients["status"] == "dropped_out"),
            ("planned", clients["planned"]),
        ):
            row = rows.loc[f"{cause}_by_8_{group}"]
            assert row["estimate"] == pytest.approx((event & by_then)[here].mean())
            assert row["n_events"] == (event & by_then)[here].sum()
            assert row["ci_low"] < row["estimate"] < row["ci_high"]
    apart = rows.loc["dropped_out_by_8_high_minus_low"]
    shares = [rows.loc[f"dropped_out_by_8_{group}", "estimate"] for group in ("high", "low")]
    assert apart["estimate"] == pytest.approx(shares[0] - shares[1])


def test_with_few_therapists_clients_count_as_independent():
    rows = incidence_rows(made(therapists=5), 8).set_index("term")
    parts = [rows.loc[f"planned_by_8_{group}", "se"] for group in ("low", "high")]
    assert rows.loc["planned_by_8_high_minus_low", "se"] == pytest.approx(np.hypot(*parts))


def test_therapists_who_differ_widen_shares_more_than_the_difference():
    """What a therapist's clients share is in both groups, and cancels in their difference."""
    clients = made()
    clients["group"] = np.where((np.arange(len(clients)) // 20) % 2, "low", "high")
    clients["status"] = np.where(clients["therapist"].astype(int) < 8, "dropped_out", "stayed")
    alone = clients.assign(therapist="only")
    both = {
        name: incidence_rows(frame, 13).set_index("term")["se"]
        for name, frame in (("shared", clients), ("alone", alone))
    }
    ratio = both["shared"] / both["alone"]
    assert ratio["dropped_out_by_13_low"] > 2
    assert ratio["dropped_out_by_13_high_minus_low"] < 1


def test_the_analysis_says_whom_it_counts(tables, planned):
    rows = analyse(tables, planned).estimates.set_index("term")
    assert list(rows.index[:3]) == [
        f"dropped_out_by_3_{e}" for e in ("low", "high", "high_minus_low")
    ]
    assert rows.loc["dropped_out_by_3_low", "metric"] == "probability"
    assert rows["reason"].str.contains("fewer than ten therapists").all()
    assert (rows.loc[rows.index.str.startswith("dropped"), "n_before_risk"] == 0).all()
    late = planned.model_copy(update={"settings": (("until", "2"),)})
    assert "at risk by session 2" in analyse(tables, late).estimates["reason"].iloc[0]


def test_a_definition_that_is_not_known_gives_its_reason(tables, planned):
    topic = {"topic": "dropout.therapist_judgement", "available": False, "reason": "none recorded"}
    known = pd.concat([tables["availability"], pd.DataFrame([topic])])
    rows = analyse(tables | {"availability": conform(known, "availability")}, planned).estimates
    assert list(rows["reason"]) == ["none recorded"]
