"""Nothing unverified is used unless it is named."""

import pytest

from attunement.score import score
from attunement.score.facts import check_accepted, missing_rule, usable, why_not
from attunement.study.problems import StudyError


def test_verified_facts_need_no_name(instruments):
    assert usable(instruments["ors"], "reliable_change", []).value == 6
    assert usable(instruments["phq9"], "cutoff", []).value == 10


@pytest.mark.parametrize(
    ("instrument", "fact", "value"),
    [("phq9", "reliable_change", 6), ("bdi2", "reliable_change", 9), ("bdi2", "cutoff", 14)],
)
def test_unverified_facts_need_their_own_name(instruments, instrument, fact, value):
    assert usable(instruments[instrument], fact, ["ors.reliability"]) is None
    assert usable(instruments[instrument], fact, [f"{instrument}.{fact}"]).value == value


def test_missing_rules(instruments):
    assert missing_rule(instruments["phq9"], "total", []) is None
    assert missing_rule(instruments["phq9"], "total", ["phq9.missing"]).allowed == 2
    assert missing_rule(instruments["cnip"], "TD_CD", []) is None


def test_an_unknown_name_is_refused_with_the_nearest_one(instruments):
    with pytest.raises(StudyError, match=r"nearest known one is 'phq9\.reliable_change'"):
        check_accepted(["phq9.reliable_chnage"], instruments)
    check_accepted(["phq9.reliable_change", "cnip.TD_CD.bands"], instruments)


def test_what_is_confirmed_in_part_is_not_verified(instruments):
    assert usable(instruments["oq45"], "cutoff", [], "SD") is None
    assert usable(instruments["oq45"], "cutoff", ["oq45.SD.cutoff"], "SD").value == 36
    assert usable(instruments["oq45"], "cutoff", [], "total").value == 63


def test_what_may_not_be_used_says_what_to_do(instruments):
    assert why_not(instruments["oq45"], "cutoff", [], "SD") == (
        "oq45.SD.cutoff is not verified: name it under accept_unverified in config.yaml, or give "
        "your own value in data/<dataset>/instruments/oq45.yaml"
    )
    assert (
        why_not(instruments["scl90r"], "cutoff", [], "GSI") == "no cut-off of scl90r.GSI is known"
    )
    assert why_not(instruments["oq45"], "cutoff", [], "total") == ""


def test_facts_of_another_dataset_are_left_to_it(instruments):
    check_accepted(["their_own.key"], instruments)


def _forms(studies, name, totals=False):
    answers = {"total": 40} if totals else {str(n): 4.0 for n in range(1, 11)}
    sources = [
        {
            "source": "file",
            "instrument": name,
            "rater": "client",
            "client": "id",
            "session": "session",
            "items": "{item}",
        }
    ]
    dataset = studies.dataset(responses=sources, outcomes={"primary": f"{name}.total"})
    rows = [studies.answers("A", session, name, answers) for session in (0, 1)]
    return studies.tables(rows), dataset


def test_a_key_that_is_not_verified_gives_no_score_but_its_reason(studies, instruments):
    tables, dataset = _forms(studies, "care_measure")
    out = score(tables, dataset, instruments)
    assert out["scores"]["value"].isna().all()
    reasons = out["availability"].set_index("topic")["reason"]
    for topic in ("scores.care_measure.total", "change.care_measure.total"):
        assert "care_measure.key is not verified: name it under accept_unverified" in reasons[topic]
    alpha = out["reliability"].set_index("coefficient")["reason"]
    assert "care_measure.key is not verified" in alpha["alpha"]
    assert len(out["item_checks"]) == len(out["accepted_facts"]) == 0


def test_an_accepted_key_is_used_and_listed(studies, instruments):
    tables, dataset = _forms(studies, "care_measure")
    accepted = ["care_measure.key", "phq9.reliable_change"]
    out = score(tables, dataset, instruments, accepted)
    assert list(out["scores"]["value"]) == [40, 40]
    assert "scores.care_measure.total" not in set(out["availability"]["topic"])
    row = out["accepted_facts"].iloc[0]
    assert list(out["accepted_facts"]["fact"]) == ["care_measure.key"]
    assert (row["value"], row["verified"]) == ("scales total", "no")
    assert "from recall" in row["source"]


def test_recorded_totals_do_not_rest_on_the_key(studies, instruments):
    tables, dataset = _forms(studies, "care_measure", totals=True)
    assert list(score(tables, dataset, instruments)["scores"]["value"]) == [40, 40]
