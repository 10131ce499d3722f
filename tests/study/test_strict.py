"""Typed YAML names the fault, the place and the nearest known key."""

from pathlib import Path

import pytest

from attunement.study.problems import StudyError
from attunement.study.strict import Strict, load, read_yaml


class Tea(Strict):
    leaves: int = 1
    sugar: bool = False


class Pot(Strict):
    tea: Tea
    name: str = "pot"


def write(folder: Path, text: str) -> Path:
    path = folder / "pot.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_sound_file_becomes_a_frozen_model(tmp_path: Path) -> None:
    pot = load(write(tmp_path, "tea: {leaves: 3}\n"), Pot)
    assert pot == Pot(tea=Tea(leaves=3))
    with pytest.raises(ValueError, match="frozen"):
        pot.name = "kettle"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tea: {leafs: 3}\n", "tea: unknown key 'leafs'; the nearest known one is 'leaves'"),
        ("te: {}\n", "unknown key 'te'; the nearest known one is 'tea'"),
        ("tea: {leaves: many}\n", "tea.leaves: it should be a valid integer"),
        ("name: x\n", "tea: it must be given"),
        ("tea: {}\nname: a\nname: b\n", "the key 'name' stands twice at line 3"),
        ("tea: {leaves: 1\n", "not valid YAML"),
        ("", "The file is empty"),
        ("# only a comment\n", "The file is empty"),
    ],
)
def test_a_faulty_file_is_told_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(StudyError) as told:
        load(path, Pot)
    assert said in str(told.value)
    assert str(path) in str(told.value)
    assert "\n" not in str(told.value)


def test_a_missing_file_and_a_file_of_another_encoding_are_told(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="not there"):
        read_yaml(tmp_path / "none.yaml")
    path = tmp_path / "latin.yaml"
    path.write_bytes("name: Müller\n".encode("latin-1"))
    with pytest.raises(StudyError, match="not UTF-8"):
        read_yaml(path)


def test_at_most_five_faults_are_told(tmp_path: Path) -> None:
    class Many(Strict):
        a: int
        b: int
        c: int
        d: int
        e: int
        f: int

    with pytest.raises(StudyError) as told:
        load(write(tmp_path, "{a: x, b: x, c: x, d: x, e: x, f: x}\n"), Many)
    assert str(told.value).count("valid integer") == 5
