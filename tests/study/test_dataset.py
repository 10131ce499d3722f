"""dataset.yaml: the shipped ones are sound; each way to get one wrong is told."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from attunement.study.dataset import Dataset, load_dataset
from attunement.study.instruments import load_instruments
from attunement.study.problems import StudyError

LEAST: dict[str, Any] = {
    "name": "clinic",
    "title": "A clinic",
    "about": "what it is",
    "is_not": "what it is not",
    "licence": "none",
    "sources": {"table": {"path": "table.csv"}},
    "time": {"unit": "session", "per": 1},
    "clients": {"source": "table", "columns": {"client": "id"}},
    "responses": [
        {
            "source": "table",
            "instrument": "phq9",
            "rater": "client",
            "client": "id",
            "session": "session",
            "items": "phq9_{item}",
        }
    ],
    "outcomes": {"primary": "phq9.total"},
}


def changed(place: list[Any], value: Any) -> dict[str, Any]:
    content = deepcopy(LEAST)
    part = content
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    return content


def saved(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / "clinic" / "dataset.yaml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def shipped(repository: Path) -> list[Path]:
    return sorted((repository / "data").glob("*/dataset.yaml"))


def test_the_shipped_datasets_are_sound(repository: Path) -> None:
    names = [load_dataset(path).name for path in shipped(repository)]
    assert {"beat_the_blues", "example", "reframed"} <= set(names)


def test_the_shipped_datasets_say_what_may_be_shown(repository: Path) -> None:
    said = {path.parent.name: load_dataset(path).disclosure for path in shipped(repository)}
    assert said["example"] == "simulated"
    assert "simulated" not in {said["beat_the_blues"], said["reframed"]}


def test_shipped_instruments_are_sound_and_used(repository: Path) -> None:
    instruments = load_instruments(repository / "data/instruments")
    assert {"cnip", "ors", "srs", "phq9"} <= set(instruments)
    for path in shipped(repository):
        dataset = load_dataset(path)
        named = {response.instrument for response in dataset.responses}
        assert named <= {*instruments, *dataset.ratings}, path


def test_the_least_description_is_confidential_and_lists_conflicts() -> None:
    dataset = Dataset.model_validate(LEAST)
    assert (dataset.disclosure, dataset.on_conflict) == ("confidential", "list")
    assert dataset.rules.duplicates is None
    assert dataset.rules.two_therapists is None


def test_a_column_may_be_a_name_or_a_translation() -> None:
    plain = Dataset.model_validate(LEAST).clients.columns["client"]
    assert (plain.column, plain.values) == ("id", None)
    translated = changed(
        ["clients", "columns", "therapist"], {"column": "th", "values": {1: "a", 99: None}}
    )
    column = Dataset.model_validate(translated).clients.columns["therapist"]
    assert column.values == {"1": "a", "99": None}


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (["sorces"], {}, "unknown key 'sorces'; the nearest known one is 'sources'"),
        (["name"], "The Clinic", "name: 'The Clinic' is no name: small letters"),
        (["sources", "table"], {}, "give exactly one of path, url, package"),
        (["sources", "table"], {"path": "a", "url": "b"}, "give exactly one of path, url, package"),
        (["sources", "table"], {"url": "b"}, "needs its sha256"),
        (["clients", "source"], "tabel", "source 'tabel' is used but not declared"),
        (["responses", 0, "items"], None, "give exactly one of items (long) and wide"),
        (["responses", 0, "session"], None, "needs session, time or at_session"),
        (["responses", 0, "rater"], "mother", "responses.0.rater: it should be 'client'"),
        (["responses"], [], "at least 1 entry"),
        (["arm"], "group", "'group' is not among clients.covariates"),
        (["model_covariates"], ["age"], "'age' is not among clients.covariates"),
        (["disclosure"], "open", "disclosure: it should be 'public'"),
        (["time", "per"], 0, "time.per: it should be greater than 0"),
        (
            ["delivery"],
            {"rating": "style", "raters": ["client"], "commensurable": True},
            "delivery.rating 'style' is not under ratings",
        ),
        (["privacy"], {"allow": ["table.note"]}, "each column that is let in needs a reason"),
        (["privacy"], {"allow": {"table.note": None}}, "{source.column: the reason in a few words"),
        (["privacy"], {"allow": {"table.note": ""}}, "printed in the report"),
        (["privacy"], {"allow": {"table.note": True}}, "needs a reason"),
        (["privacy"], {"allow": "table.note"}, "needs a reason"),
        (["outcomes", "primery"], "x", "outcomes: unknown key 'primery'"),
    ],
)
def test_a_fault_is_told(tmp_path: Path, place: list[Any], value: Any, said: str) -> None:
    with pytest.raises(StudyError) as told:
        load_dataset(saved(tmp_path, changed(place, value)))
    assert said in str(told.value)
    assert "dataset.yaml" in str(told.value)


def test_the_name_is_the_folder(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"calls itself 'other'.*folder is 'clinic'.*same name"):
        load_dataset(saved(tmp_path, changed(["name"], "other")))


def test_an_instrument_is_its_file(tmp_path: Path, repository: Path) -> None:
    with pytest.raises(StudyError, match="folder of instruments is not there"):
        load_instruments(tmp_path / "none")
    text = (repository / "data/instruments/phq9.yaml").read_text(encoding="utf-8")
    (tmp_path / "phq.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=r"calls itself 'phq9'.*Name the file phq9\.yaml"):
        load_instruments(tmp_path)


@pytest.mark.parametrize(
    ("rating", "message"),
    [
        (None, "'wishes' is not in ratings"),
        ({"meaning": "met"}, "needs low, high and a direction"),
        ({"meaning": "met", "low": 0, "high": 10, "direction": "bipolar"}, "needs low, high and"),
    ],
)
def test_a_direct_rating_of_accommodation_has_a_range_and_a_direction(
    rating: dict[str, Any] | None, message: str
) -> None:
    content = deepcopy(LEAST) | {"rated_accommodation": {"rating": "wishes"}}
    if rating is not None:
        content["ratings"] = {"wishes": rating}
    with pytest.raises(ValueError, match=message):
        Dataset.model_validate(content)


def test_frequencies_are_of_open_counts_and_of_a_declared_covariate() -> None:
    counted = LEAST | {"frequency": "n"}
    with pytest.raises(ValueError, match="'n' is not among clients"):
        Dataset.model_validate(counted | {"disclosure": "public"})
    covariates = {"n": {"column": "n", "kind": "number", "meaning": "clients in the row"}}
    counted["clients"] = LEAST["clients"] | {"covariates": covariates}
    assert Dataset.model_validate(counted | {"disclosure": "public"}).frequency == "n"
    with pytest.raises(ValueError, match="public or simulated"):
        Dataset.model_validate(counted)
