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


class Leaf(Strict):
    kind: str
    grams: dict[str, float] | str = "5"


class Shop(Strict):
    leaf: Leaf
    sold: list[Leaf] = []
    words: list[str] = []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("leaf: [a, b]\n", "leaf: it should be a map (for example {kind: ...}); what stands there "
                           "is a list [line 1]"),
        ("words: [a]\nleaf: green\n", "what stands there is a word, 'green' [line 2]"),
        ("leaf: {kind: a}\nsold: {kind: b}\n", "sold: it should be a list ([first, second], or "
                                               "each on a line of its own after a dash)"),
        ("leaf: {kind: a}\nsold:\n  - {kind: b}\n  - kind: [c]\n",
         "sold.1.kind: it should be a word (one word or text); what stands there is a list "
         "[line 4]"),
        ("leaf:\n  kind: a\n  grams: [1]\n",
         "leaf.grams: it should be a map (each `key: value` on a line of its own, indented below) "
         "or a word (one word or text); what stands there is a list [line 3]"),
        ("leaf: {kind: a}\nwords: [yes, b]\n", "write it in quotation marks"),
        ("leaf:\n  kind: a\n  gramms: 2\n", "'grams'"),
        ("leaf:\n  kind: a\n  gramms: 2\n", "[line 3]"),
        ("leaf:\n", "nothing stands there"),
        ("leaf:\n  kind: a\n  grams:\n    ?\n    : 2\n", "a colon stands without a word before it"),
        ("leaf: {kind: a, grams: {[1]: 2}}\n", "a list or a map stands where a word belongs"),
        ("leaf: {kind: a, grams: {1: 2, '1': 3}}\n", "the key '1' stands twice"),
        ("[1, 2]\n", "it should be a map"),
    ],
)  # fmt: skip
def test_another_kind_of_content_is_told_with_its_line_and_an_example(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(StudyError) as told:
        load(write(tmp_path, text), Shop)
    assert said in str(told.value)


def test_keys_are_taken_as_written(tmp_path: Path) -> None:
    text = "base: &base {01: 1}\nmore: {<<: *base, no: 2, on: 3, 1.0: 4, 2021-04-03: 5, '': 6}\n"
    content = read_yaml(write(tmp_path, text))
    assert content["more"] == {"01": 1, "no": 2, "on": 3, "1.0": 4, "2021-04-03": 5, "": 6}


class Cup(Strict):
    size: float = 1
    sizes: list[float] = []
    names: list[str] = []
    full: bool | float = False


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("size: no\n", "size: a truth value stands where a number belongs"),
        ("sizes: [1, yes]\n", "sizes: a truth value stands where a number belongs"),
        ("size: 1:30\n", "'1:30' would be read as another number"),
        ("size: 010\n", "'010' would be read as another number"),
        ("names: [011]\n", "or in quotation marks where it is a word or a code"),
        ("size: 1_0\n", "at line 1"),
        ("names: [2021-13-40]\n", "'2021-13-40' is not what it looks like to YAML"),
        ("size: !!int ten\n", "'ten' is not what it looks like to YAML"),
        ("size: !!bool ten\n", "put it in quotation marks"),
        ('names: ["a\\ud800"]\n', "belongs to no text"),
        ('names: ["a\\0"]\n', "belongs to no text"),
    ],
)
def test_what_yaml_would_read_as_something_else(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(StudyError) as told:
        load(write(tmp_path, text), Cup)
    assert said in str(told.value)


def test_plain_numbers_and_quoted_codes_are_fine(tmp_path: Path) -> None:
    text = "size: 0\nsizes: [-0.5, 1e-3, 10, .inf]\nnames: ['010', \"a\\tb\"]\nfull: yes\n"
    cup = load(write(tmp_path, text), Cup)
    assert (cup.size, cup.sizes[2], cup.names[0], cup.full) == (0, 10, "010", True)
