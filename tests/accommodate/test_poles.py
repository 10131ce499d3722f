"""Wishes and delivery that go against each other are told, and nothing is stopped."""

import numpy as np
import pandas as pd
import pytest

from attunement.accommodate import accommodate
from attunement.accommodate.poles import against, directions
from attunement.score import score

SIGNS = {"td_cd": 1.0, "ei_er": 1.0}


def _tables(n: int, signs: dict[str, float], noise: float = 0.3):
    """Clients whose sessions give half of what they want, about an arbitrary level."""
    draw = np.random.default_rng(3)
    wanted = {name: draw.uniform(-1, 1, n) for name in signs}
    stated = pd.DataFrame(
        [(f"c{i}", 0, name, wanted[name][i]) for i in range(n) for name in signs],
        columns=["client", "from_session", "dimension", "preference"],
    )
    given = pd.DataFrame(
        [(f"c{i}", s, name, 0.2 + sign * 0.5 * wanted[name][i] + draw.normal(0, noise))
         for i in range(n) for s in (1, 2) for name, sign in signs.items()],
        columns=["client", "session", "dimension", "delivery"],
    )  # fmt: skip
    return stated, given


def test_delivery_that_follows_wishes_is_no_matter():
    found = directions(*_tables(60, SIGNS))
    assert [one.dimension for one in found] == ["all", "ei_er", "td_cd"]
    assert all(one.low > 0 and one.n_clients == 60 for one in found)
    assert against(found) == []


def test_a_form_read_the_wrong_way_round_is_told_as_a_whole():
    found = against(directions(*_tables(60, dict.fromkeys(SIGNS, -1.0))))
    assert [one.dimension for one in found] == ["all"]
    assert found[0].correlation < -0.5


def test_a_single_dimension_that_is_turned_is_named():
    found = against(directions(*_tables(60, SIGNS | {"po_pr": 1.0, "ws_fc": -1.0})))
    assert [one.dimension for one in found] == ["ws_fc"]


def test_chance_and_few_clients_say_nothing():
    assert against(directions(*_tables(60, dict.fromkeys(SIGNS, 0.0)))) == []
    assert directions(*_tables(5, dict.fromkeys(SIGNS, -1.0))) == []


def test_the_preference_in_force_counts():
    stated, given = _tables(60, SIGNS, 0.05)
    later = stated.assign(from_session=3, preference=-stated["preference"])
    assert against(directions(pd.concat([stated, later]), given)) == []
    assert against(directions(later.assign(from_session=1), given))


@pytest.mark.parametrize(("coding", "told"), [("left_positive", 0), ("left_negative", 1)])
def test_the_stage_leaves_the_question_in_availability(studies, instruments, coding, told):
    delivery = {
        "rating": "delivered",
        "raters": ["client"],
        "commensurable": True,
        "coding": coding,
    }
    rows = []
    for n in range(35):
        wish = n % 7 - 3
        rows.append(studies.answers(f"c{n}", 0, "cnip", {str(i): wish for i in range(1, 6)}))
        rows.append(
            studies.answers(f"c{n}", 1, "delivered", {"td_cd": np.clip(wish + n % 2, -3, 3)})
        )
    dataset = studies.dataset(delivery=delivery)
    tables = studies.tables(rows)
    tables |= score(tables, dataset, instruments)
    found = accommodate(tables, dataset, instruments)["availability"].set_index("topic")
    assert ("poles" in found.index) == bool(told)
    if told:
        assert bool(found.loc["poles", "available"])
        assert "go against each other: are the poles the same way" in found.loc["poles", "reason"]
