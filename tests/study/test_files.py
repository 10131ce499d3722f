"""Files are whole or absent; a swap that is cut off anywhere can be taken up again."""

from pathlib import Path

import pandas as pd
import pytest

from attunement.study.files import (
    csv_text,
    read_json,
    read_tables,
    sha256,
    swap_folder,
    write_json,
    write_table,
    write_text,
)


def folder_with(path: Path, text: str) -> Path:
    path.mkdir(parents=True)
    (path / "a.txt").write_text(text, encoding="utf-8")
    return path


def text_in(path: Path) -> str:
    return (path / "a.txt").read_text(encoding="utf-8")


def test_text_and_json_come_back_and_leave_nothing_beside_them(tmp_path: Path) -> None:
    write_text(tmp_path / "deep/er/a.txt", "é\n")
    write_json(tmp_path / "deep/er/b.json", {"é": [1, None]})
    assert (tmp_path / "deep/er/a.txt").read_bytes() == b"\xc3\xa9\n"
    assert read_json(tmp_path / "deep/er/b.json") == {"é": [1, None]}
    assert sorted(path.name for path in (tmp_path / "deep/er").iterdir()) == ["a.txt", "b.json"]


def test_a_write_that_fails_leaves_the_earlier_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_text(tmp_path / "a.txt", "earlier\n")

    def fail(self: Path, target: Path) -> Path:
        raise OSError("cut off")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="cut off"):
        write_text(tmp_path / "a.txt", "later\n")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "earlier\n"


def test_csv_has_full_precision_words_for_flags_and_empty_cells_for_gaps() -> None:
    frame = pd.DataFrame(
        {
            "x": [0.1 + 0.2, None],
            "n": pd.array([1, None], dtype="Int64"),
            "f": pd.array([True, None], dtype="boolean"),
            "g": [True, False],
        }
    )
    assert csv_text(frame) == "x,n,f,g\n0.30000000000000004,1,true,true\n,,,false\n"


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_tables_come_back_typed(tmp_path: Path, ending: str) -> None:
    frame = pd.DataFrame({"topic": ["sessions"], "available": [True], "reason": ["a, b"]})
    write_table(frame, tmp_path / f"availability.{ending}")
    write_text(tmp_path / "about.json", "{}")
    read = read_tables(tmp_path)
    assert list(read) == ["availability"]
    assert read["availability"]["available"].dtype == "boolean"
    assert read["availability"]["reason"].tolist() == ["a, b"]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_same_table_has_the_same_bytes(tmp_path: Path, ending: str) -> None:
    frame = pd.DataFrame({"a": [1.0, 2.5], "b": ["x", None]})
    for name in ("one", "two"):
        write_table(frame, tmp_path / f"{name}.{ending}")
    assert sha256(tmp_path / f"one.{ending}") == sha256(tmp_path / f"two.{ending}")


def test_no_other_kind_of_table_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.csv or \.parquet"):
        write_table(pd.DataFrame(), tmp_path / "a.xlsx")


def test_a_swap_replaces_the_whole_folder(tmp_path: Path) -> None:
    place = folder_with(tmp_path / "release", "old")
    (place / "more.txt").write_text("old", encoding="utf-8")
    swap_folder(folder_with(tmp_path / ".new", "new"), place)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.txt", "release"]
    assert text_in(place) == "new"


def test_a_first_swap_needs_no_earlier_folder(tmp_path: Path) -> None:
    swap_folder(folder_with(tmp_path / ".new", "new"), tmp_path / "deep" / "release")
    assert text_in(tmp_path / "deep" / "release") == "new"


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_a_swap_cut_off_after_any_step_is_taken_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    place = folder_with(tmp_path / "release", "old")
    new = folder_with(tmp_path / ".new", "new")
    done = []
    real = Path.rename

    def cut_off(self: Path, target: Path) -> Path:
        if len(done) == steps:
            raise KeyboardInterrupt
        done.append(target)
        return real(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", cut_off)
        patched.setattr("shutil.rmtree", lambda path: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            swap_folder(new, place)
    # What stands is whole: the old folder, the new one, or none with the old one set aside.
    standing = [path for path in (place, tmp_path / ".release.old") if path.exists()]
    assert {text_in(path) for path in standing} <= {"old", "new"}
    assert standing
    if not new.exists():
        new = folder_with(tmp_path / ".new", "new")
    swap_folder(new, place)
    assert text_in(place) == "new"
    assert not (tmp_path / ".release.old").exists()
