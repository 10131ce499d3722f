"""Nothing unverified is used unless it is named."""

import pytest

from attunement.score.facts import check_accepted, missing_rule, usable
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
