"""What an instrument file may say, what is refused, and the page about those that are shipped."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from attunement.study.facts import fact_of, missing_rule_of, named_facts
from attunement.study.instrument_table import FOLDER, main, table_text
from attunement.study.instruments import Instrument, load_instruments, without_key
from attunement.study.problems import StudyError

LEAST: dict[str, Any] = {
    "id": "mood",
    "name": "Mood",
    "kind": "outcome",
    "citation": [],
    "response": {"low": 1, "high": 5, "step": 1},
    "direction": "higher_better",
    "scales": {"total": {"name": "Mood", "items": "1-3", "low": 3, "high": 15}},
    "licence": "none",
    "verified": True,
    "source": ["made up"],
}
FACT = {"value": 1, "verified": True, "source": "made up"}


def changed(place: list[Any], value: Any) -> dict[str, Any]:
    content = copy.deepcopy(LEAST)
    within = content
    for key in place[:-1]:
        within = within[key]
    within[place[-1]] = value
    return content


def loaded(tmp_path: Path, content: dict[str, Any]) -> Instrument:
    (tmp_path / "mood.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return load_instruments(tmp_path)["mood"]


def test_the_shortest_file_of_the_page_works(tmp_path: Path, repository: Path) -> None:
    page = (repository / "data/README.md").read_text(encoding="utf-8")
    blocks = [part.partition("```")[0] for part in page.split("```yaml\n")[1:]]
    shortest = next(block for block in blocks if block.startswith("id: mood"))
    facts = next(block for block in blocks if block.startswith("missing: {allowed"))
    for text in (shortest, shortest + facts):
        mood = loaded(tmp_path, yaml.safe_load(text))
        assert mood.scales["total"].reverse == [2, 5]
    assert (mood.cutoff.value, mood.missing.allowed, mood.improvement_of("total")) == (10, 1, 1)


def test_items_may_be_written_as_ranges(tmp_path: Path) -> None:
    content = changed(["scales", "total"], {"name": "M", "items": "1-2, 5", "low": 3, "high": 15})
    assert loaded(tmp_path, content).scales["total"].items == [1, 2, 5]


@pytest.mark.parametrize(
    ("more", "low", "high"),
    [
        ({}, 3, 15),
        ({"method": "mean"}, 1, 5),
        ({"method": "mean", "factor": 10}, 10, 50),
        ({"factor": 2}, 6, 30),
        ({"method": "count"}, 0, 3),
        ({"conversion": {3: 1.5, 15: 9}}, 1.5, 9),
        ({"method": "ratio", "divisor": [1]}, 0, 7),
    ],
)
def test_the_range_follows_from_the_key(
    tmp_path: Path, more: dict, low: float, high: float
) -> None:
    scale = {"name": "M", "items": [1, 2, 3], "low": low, "high": high} | more
    found = loaded(tmp_path, changed(["scales", "total"], scale))
    assert found.range_of(found.scales["total"]) == pytest.approx((low, high))


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (["scales", "total", "high"], 12, "its items give 3 to 15, but low and high say 3 to 12"),
        (["scales", "total", "items"], "1 to 3", "'1 to 3' is no list of items"),
        (["scales", "total", "items"], [1, 2, 2], "an item stands twice"),
        (["scales", "total", "reverse"], [4], "reverse names [4], which are not among the items"),
        (["scales", "total", "method"], "ratio", "method ratio needs the items of its divisor"),
        (
            ["scales", "total", "cutof"],
            FACT,
            "the nearest known one is 'cutoff",
        ),
        (
            ["item_responses"],
            {9: LEAST["response"]},
            "names [9], which no scale has",
        ),
        (
            ["missing"],
            {"allowed": 1, "within": ["sum"], "verified": True, "source": "x"},
            "missing.within names 'sum', which is no scale",
        ),
        (
            ["scales", "total", "severity"],
            {"from_score": {"low": 0}, "verified": True, "source": "x"},
            "severity begins at 0, outside 3 to 15",
        ),
        (["verified"], "perhaps", "verified"),
    ],
)
def test_a_fault_names_file_key_and_remedy(
    tmp_path: Path, place: list[Any], value: Any, said: str
) -> None:
    with pytest.raises(StudyError) as told:
        loaded(tmp_path, changed(place, value))
    assert said in str(told.value)
    assert "mood.yaml" in str(told.value)
    assert "Correct the file" in str(told.value)


def test_facts_of_several_scales_stand_under_their_scale(tmp_path: Path) -> None:
    content = changed(["cutoff"], FACT)
    content["scales"]["other"] = content["scales"]["total"]
    with pytest.raises(StudyError, match="put it under its scale"):
        loaded(tmp_path, content)


def test_a_datasets_own_instrument_takes_the_place_of_a_shipped_one(
    tmp_path: Path, repository: Path
) -> None:
    own = tmp_path / "clinic" / "instruments"
    own.mkdir(parents=True)
    text = (repository / FOLDER / "phq9.yaml").read_text(encoding="utf-8")
    assert "value: 10\n" in text
    (own / "phq9.yaml").write_text(text.replace("value: 10\n", "value: 11\n"), encoding="utf-8")
    both = load_instruments(repository / FOLDER, tmp_path / "clinic" / "dataset.yaml")
    shipped = load_instruments(repository / FOLDER)
    assert list(both) == list(shipped)
    assert (both["phq9"].cutoff.value, shipped["phq9"].cutoff.value) == (11, 10)


def test_facts_go_by_the_name_of_instrument_or_scale(repository: Path) -> None:
    shipped = load_instruments(repository / FOLDER)
    assert fact_of(shipped["phq9"], "total", "cutoff")[0] == "phq9.cutoff"
    name, fact = fact_of(shipped["oq45"], "SD", "reliable_change")
    assert (name, fact.value) == ("oq45.SD.reliable_change", 10)
    assert fact_of(shipped["scl90r"], "SOM", "cutoff") == ("scl90r.SOM.cutoff", None)
    assert missing_rule_of(shipped["oq45"], "SD")[0] == "oq45.missing"
    assert missing_rule_of(shipped["core_om"], "total")[1].allowed == 3
    assert named_facts(shipped["bsi18"])["bsi18.key"].value == "scales SOM, DEP, ANX"
    assert "phq9.key" not in named_facts(shipped["phq9"])
    assert named_facts(shipped["csrs"])["csrs.key"].verified == "partial"


def test_direction_may_differ_between_scales(repository: Path) -> None:
    miti = load_instruments(repository / FOLDER)["miti421"]
    assert [miti.improvement_of(scale) for scale in ("adherent", "non_adherent")] == [1, -1]


def test_the_page_says_what_the_files_say(repository: Path) -> None:
    kept = (repository / FOLDER / "README.md").read_text(encoding="utf-8")
    made = table_text(repository / FOLDER)
    assert kept == made, "run `python -m attunement.study.instrument_table`"


def test_the_page_is_written_where_the_instruments_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main() == 1
    assert "is not here" in capsys.readouterr().err
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / FOLDER / "mood.yaml").write_text(yaml.safe_dump(LEAST), encoding="utf-8")
    assert main() == 0
    assert "| mood | Mood | total |" in (tmp_path / FOLDER / "README.md").read_text("utf-8")


@pytest.mark.shared
def test_every_published_entry_is_shipped_or_has_its_reason(
    repository: Path, shared_folder: Path
) -> None:
    facts = yaml.safe_load((shared_folder / "facts/instruments.yaml").read_text(encoding="utf-8"))
    shipped = load_instruments(repository / FOLDER)
    reasons = {one["id"] for one in without_key(repository / FOLDER)}
    assert not reasons & set(shipped)
    for entry in facts["instruments"]:
        assert entry["id"] in {*shipped, *reasons}
        for name, scale in entry.get("scales", {}).items() if entry["id"] in shipped else ():
            ours = shipped[entry["id"]].scales.get(name)
            if ours is None:
                continue
            if isinstance(scale.get("items"), list):
                assert sorted(scale["items"]) == sorted(ours.items), (entry["id"], name)
            backwards = entry.get("reverse") or scale.get("reverse") or []
            assert sorted(set(backwards) & set(ours.items)) == sorted(ours.reverse)
            declared = scale.get("range") or scale.get("sum_range") or [ours.low, ours.high]
            assert declared == [ours.low, ours.high], (entry["id"], name)
