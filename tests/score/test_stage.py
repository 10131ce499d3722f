"""The stage as a whole: availability grows, faults are named, names decide nothing."""

import pandas as pd
import pytest

from attunement.score import run, score
from attunement.score.stage import with_availability
from attunement.study.contracts import TABLES, conform, empty
from attunement.study.files import csv_text, write_table
from attunement.study.layout import OUTPUTS
from attunement.study.problems import StudyError


def test_earlier_topics_stay_and_new_ones_are_added(studies, instruments):
    tables = studies.tables([studies.answers("A", 0, "ors", {"total": 20})])
    topics = list(score(tables, studies.dataset(), instruments)["availability"]["topic"])
    assert topics[:2] == ["sessions", "change.ors.total"]
    flags = [topic for topic in topics if topic.startswith("flags.")]
    assert flags == ["flags.alliance.srs.total", "flags.not_on_track", "flags.validity"]
    assert len(topics) == 2 + 3 + 7


def test_a_later_stage_has_the_last_word():
    earlier = pd.DataFrame({"topic": ["x"], "available": [True], "reason": [None]})
    both = with_availability(earlier, {"x": "gone", "y": ""})
    assert both["available"].tolist() == [False, True]
    assert both["reason"].fillna("-").tolist() == ["gone", "-"]


@pytest.mark.parametrize("outcome", ["ors.totl", "oq46.total", "goals.total", "ors"])
def test_an_unknown_outcome_is_named(studies, instruments, outcome):
    tables = studies.tables([studies.answers("A", 0, "ors", {"total": 20})])
    dataset = studies.dataset(outcomes={"primary": outcome})
    with pytest.raises(StudyError, match=f"'{outcome}' of dataset 'hand_made'"):
        score(tables, dataset, instruments)


def test_no_answers_at_all(studies, instruments):
    names = ("responses", "sessions", "endings", "availability")
    tables = {name: empty(name) for name in names}
    tables["clients"] = conform(pd.DataFrame({"client": ["A", "B"]}), "clients")
    out = score(tables, studies.dataset(), instruments)
    assert len(out["scores"]) == len(out["dropout"]) == len(out["reliability"]) == 0
    assert list(out["change"]["result"]) == ["not evaluated"] * 2


def test_pseudonyms_change_nothing_but_names(studies, instruments):
    def study(a, b):
        rows = [
            studies.answers(c, s, "ors", {"total": v})
            for c, s, v in [(b, 0, 11), (a, 0, 20), (a, 3, 30), (b, 2, 19)]
        ]
        return score(studies.tables(rows, clients=[b, a]), studies.dataset(), instruments)

    one, other = study("A", "B"), study("Y", "X")
    for name in ("scores", "change", "dropout"):
        renamed = other[name].assign(client=other[name]["client"].map({"Y": "A", "X": "B"}))
        assert csv_text(conform(renamed, name)) == csv_text(one[name])


def test_run_reads_folders_and_writes_every_file(studies, instruments, repository, tmp_path):
    earlier = tmp_path / "ingest"
    tables = studies.tables([studies.answers("A", s, "ors", {"total": 20 + s}) for s in (0, 6)])
    for name, table in tables.items():
        write_table(table, earlier / f"{name}.{'csv' if name == 'availability' else 'parquet'}")
    folder = tmp_path / "hand_made"
    folder.mkdir()
    (folder / "dataset.yaml").write_text(studies.dataset().model_dump_json(exclude_none=True))
    out = tmp_path / "score"
    shipped = repository / "data" / "instruments"
    run(repository / "config.yaml", folder / "dataset.yaml", shipped, [earlier], out)
    assert sorted(p.name for p in out.iterdir()) == sorted(OUTPUTS["score"])
    change = pd.read_parquet(out / "change.parquet")
    assert list(conform(change, "change")["result"]) == ["recovered"]
    assert {p.stem for p in out.iterdir()} <= set(TABLES)
