"""The frame of a surface by hand: which sessions count, on which scale, before which outcome."""

import numpy as np
import pandas as pd
import pytest

from attunement.model.prepare import prepare
from attunement.model.surface_rows import TERMS, session_pairs
from attunement.study.contracts import conform
from attunement.study.problems import NotEstimable

PRODUCTS = " + ".join(TERMS)


@pytest.fixture
def surface(specify):
    """A specification of a surface between clients, of one dimension."""
    return specify(
        name="surface.ors_total.td_cd",
        analysis="surface",
        rows="clients",
        scoring=None,
        dimension="td_cd",
        dimensions=("td_cd",),
        formula=f"outcome ~ outcome_first + {PRODUCTS}",
        random=(("therapist", "1"),),
        levels=(("a4", "between"),),
    )


def of_client(table, client):
    rows = table[(table["client"] == client) & (table["dimension"] == "td_cd")]
    return rows.sort_values("session") if "session" in rows else rows


def test_a_client_is_the_mean_of_the_sessions_before_the_last_score(tables, surface):
    frame = prepare(tables, surface).set_index("client")
    delivered = of_client(tables["delivery"], "c03").set_index("session")["delivery"]
    wanted = of_client(tables["preferences"], "c03")["preference"].item()
    row = frame.loc["c03"]
    assert row["session_last"] == 6
    assert row["delivery"] == pytest.approx(delivered[delivered.index < 6].mean())
    assert row["preference"] == pytest.approx(wanted)


def test_squares_and_product_are_those_of_the_means(tables, surface):
    frame = prepare(tables, surface)
    assert frame["preference_squared"].tolist() == (frame["preference"] ** 2).tolist()
    assert frame["delivery_squared"].tolist() == (frame["delivery"] ** 2).tolist()
    product = frame["preference"] * frame["delivery"]
    assert frame["preference_by_delivery"].tolist() == product.tolist()


def test_the_scale_is_not_centred_on_the_sample(tables, surface):
    """A shift of what everybody wants shifts the column, and with it the line P = D."""
    before = prepare(tables, surface)["preference"]
    stated = tables["preferences"]
    moved = stated.assign(preference=(stated["preference"] + 0.3).clip(upper=1.3))
    after = prepare(tables | {"preferences": moved}, surface)["preference"]
    assert (after - before).tolist() == pytest.approx([0.3] * len(before))
    assert abs(before.mean()) > 0.01


def test_a_later_preference_counts_from_its_session_on(tables, surface):
    again = tables["preferences"].query("client == 'c03' and dimension == 'td_cd'")
    again = again.assign(from_session=4, preference=-1.0)
    stated = pd.concat([tables["preferences"], again], ignore_index=True)
    changed = tables | {"preferences": conform(stated, "preferences")}
    pairs = session_pairs(changed, surface).query("client == 'c03'").set_index("session")
    first = of_client(tables["preferences"], "c03")["preference"].item()
    assert pairs.loc[[1, 2, 3], "preference"].tolist() == pytest.approx([first] * 3)
    assert pairs.loc[[4, 5, 6], "preference"].tolist() == [-1.0] * 3
    frame = prepare(changed, surface).set_index("client")
    assert frame.loc["c03", "preference"] == pytest.approx((3 * first - 2) / 5)


def test_who_was_first_scored_after_delivery_began_is_left_out(tables, surface):
    scores = tables["scores"]
    late = scores[~((scores["client"] == "c03") & (scores["session"] < 2))]
    frame = prepare(tables | {"scores": late}, surface)
    assert "c03" not in set(frame["client"])
    assert len(frame) == len(prepare(tables, surface)) - 1


def test_the_landmark_counts_the_sessions_up_to_it(tables, surface):
    spec = surface.model_copy(
        update={
            "rows": "landmark",
            "landmark": 2,
            "outcome": "dropout",
            "dropout_definition": "therapist_judgement",
            "formula": f"event ~ {PRODUCTS}",
            "link": "logit",
        }
    )
    frame = prepare(tables, spec).set_index("client")
    delivered = of_client(tables["delivery"], "c03").set_index("session")["delivery"]
    assert frame.loc["c03", "delivery"] == pytest.approx(delivered[[1, 2]].mean())
    # censored cases have no answer yet
    assert "c02" not in frame.index
    assert set(frame["event"]) == {0.0, 1.0}


def test_person_periods_count_the_sessions_so_far(tables, surface):
    spec = surface.model_copy(
        update={
            "rows": "person_periods",
            "outcome": "dropout",
            "dropout_definition": "therapist_judgement",
            "formula": f"event ~ baseline + {PRODUCTS}",
            "link": "logit",
        }
    )
    frame = prepare(tables, spec).query("client == 'c03'").set_index("period")
    delivered = of_client(tables["delivery"], "c03").set_index("session")["delivery"]
    for period in (1, 3, 6):
        before = delivered[delivered.index <= period]
        assert frame.loc[period, "delivery"] == pytest.approx(before.mean())


def test_within_clients_all_five_terms_leave_their_own_mean(tables, surface):
    within = surface.model_copy(update={"rows": "next_session"})
    frame = prepare(tables, within)
    for term in TERMS:
        means = frame.groupby("client")[f"{term}_within"].mean()
        assert np.abs(means).max() < 1e-12
        away = frame[term] - frame.groupby("client")[term].transform("mean")
        assert frame[f"{term}_within"].tolist() == pytest.approx(away.tolist())
    # what was stated once does not vary within clients, its product with delivery does
    assert (frame["preference_within"] == 0).all()
    product = frame["preference"] * frame["delivery_within"]
    assert frame["preference_by_delivery_within"].tolist() == pytest.approx(product.tolist())


def test_within_clients_a_session_meets_the_outcome_of_the_next(tables, surface):
    within = surface.model_copy(update={"rows": "next_session", "outcome_scale": "raw"})
    frame = prepare(tables, within).query("client == 'c03'").set_index("session")
    scores = tables["scores"].query("client == 'c03'").set_index("session")["value"]
    assert frame.index.tolist() == [1, 2, 3, 4, 5]
    assert frame["outcome"].tolist() == scores.loc[[2, 3, 4, 5, 6]].tolist()


@pytest.mark.parametrize(
    ("missing", "said"),
    [("preferences", "nobody has both a preference"), ("delivery", "nobody has both")],
)
def test_without_preferences_or_delivery_there_is_a_reason(tables, surface, missing, said):
    with pytest.raises(NotEstimable, match=said):
        prepare(tables | {missing: tables[missing].iloc[:0]}, surface)


def test_what_is_recorded_as_absent_gives_its_reason(tables, surface):
    known = tables["availability"].assign(reason=None).set_index("topic")
    known.loc["delivery", ["available", "reason"]] = [False, "delivery is not rated"]
    told = tables | {"availability": conform(known.reset_index(), "availability")}
    with pytest.raises(NotEstimable, match="delivery is not rated"):
        prepare(told, surface)


def test_a_surface_is_that_of_one_dimension(tables, surface):
    whole = surface.model_copy(update={"dimension": "all"})
    with pytest.raises(NotEstimable, match="one dimension of preference"):
        prepare(tables, whole)
    none = surface.model_copy(update={"dimension": "all", "dimensions": ()})
    with pytest.raises(NotEstimable, match="no preferences are recorded"):
        prepare(tables, none)
