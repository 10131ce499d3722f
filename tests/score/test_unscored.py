"""Scores lost to a rule for missing items that is not verified are told, and how to mend it."""

from pathlib import Path

import pytest

from attunement.cli import check_doubts
from attunement.release.candidates import candidates
from attunement.score import score
from attunement.score.unscored import unscored
from attunement.study.facts import missing_rule_of
from attunement.study.instruments import load_instruments

SHIPPED = load_instruments(Path(__file__).parents[2] / "data" / "instruments")
LOSING = [
    (name, scale)
    for name, instrument in SHIPPED.items()
    for scale in instrument.scales
    if (rule := missing_rule_of(instrument, scale)[1]) is not None
    and rule.allowed > 0
    and rule.verified is not True
]


def study(studies, name, gaps):
    """Clients A and B at sessions 0 and 1; `gaps` of A's answers of session 1 are missing."""
    instrument = SHIPPED[name]
    source = {"source": "file", "instrument": name, "rater": "client", "client": "id",
              "session": "session", "items": "{item}"}  # fmt: skip
    scale = next(iter(instrument.scales))
    dataset = studies.dataset(responses=[source], outcomes={"primary": f"{name}.{scale}"})
    whole = {item: instrument.response_of(item).low for item in instrument.items}
    rows = []
    for client, session in (("A", 0), ("A", 1), ("B", 0), ("B", 1)):
        here = {k: v for k, v in whole.items() if (client, session) != ("A", 1) or k not in gaps}
        rows.append(studies.answers(client, session, name, here))
    return studies.tables(rows), dataset


@pytest.mark.parametrize(("name", "scale"), LOSING)
def test_every_rule_that_is_not_verified_is_told(studies, name, scale):
    gap = SHIPPED[name].scales[scale].items[0]
    tables, dataset = study(studies, name, [gap])
    out = score(tables, dataset, SHIPPED, reliability=False)
    rule, _ = missing_rule_of(SHIPPED[name], scale)
    topics = out["availability"].set_index("topic")
    reason = topics["reason"][f"missing_items.{name}.{scale}"]
    assert "accept_unverified: [" in reason and rule in reason
    named = reason.partition("accept_unverified: [")[2].partition("]")[0].split(", ")
    accepted = score(tables, dataset, SHIPPED, named, reliability=False)
    assert f"missing_items.{name}.{scale}" not in set(accepted["availability"]["topic"])
    told = {one.scale: one for one in unscored(out["scores"], SHIPPED)}[f"{name}.{scale}"]
    assert (told.answered, told.rows, told.clients, told.mended) == (4, 1, 1, 1)
    assert f"{name}.{scale}" not in {one.scale for one in unscored(accepted["scores"], SHIPPED)}


def test_the_check_and_the_flow_tell_how_many(studies, capsys):
    tables, dataset = study(studies, "core10", [4])
    out = tables | score(tables, dataset, SHIPPED, reliability=False)
    check_doubts.unscored(unscored(out["scores"], SHIPPED))
    printed = " ".join(capsys.readouterr().out.split())
    assert "core10.total: 1 of 4 occasions with answers (1 client) lack items" in printed
    assert "`accept_unverified: [core10.missing]` in config.yaml" in printed
    flow = candidates(out, dataset, SHIPPED)["participant_flow"].set_index("step")
    step = flow.loc["scored.missing_items.core10.total"]
    assert (step["n_clients"], step["n_rows"]) == (1, 1)
    assert "not verified" in step["label"]


def test_more_gaps_than_any_rule_allows_are_told_without_a_rule(studies, capsys):
    tables, dataset = study(studies, "core10", [1, 2, 3])
    out = score(tables, dataset, SHIPPED, reliability=False)
    assert "missing_items.core10.total" not in set(out["availability"]["topic"])
    check_doubts.unscored(unscored(out["scores"], SHIPPED))
    assert "no rule for so many missing items is known" in capsys.readouterr().out
