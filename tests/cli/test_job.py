"""A job of the workflow: what it leaves in its log and what it says on the screen."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from attunement.cli.job import attend
from attunement.study.problems import StudyError


class Screen(io.StringIO):
    """Keeps every write apart, as a screen that several processes share receives them."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[str] = []

    def write(self, text: str) -> int:
        self.writes += [text] if text else []
        return len(text)


def refuse() -> None:
    print("rows are read")
    raise StudyError("The file is empty (file phq9.csv).")


@pytest.mark.parametrize("action", [print, refuse])
def test_its_line_is_one_write_so_that_jobs_side_by_side_do_not_mix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: object
) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stdout", screen)
    attend("small                ingest", tmp_path / "ingest.log", action)  # type: ignore[arg-type]
    (line,) = screen.writes
    assert line.startswith("  small ")
    assert line.endswith("\n")
    assert ("FAILED" in line) == (action is refuse)


def test_a_fault_is_told_in_its_own_file_and_ended_by_the_next_success(tmp_path: Path) -> None:
    log, error = tmp_path / "ingest.log", tmp_path / "ingest.error"
    assert not attend("small ingest", log, refuse)
    assert error.read_text(encoding="utf-8") == "The file is empty (file phq9.csv).\n"
    assert log.read_text(encoding="utf-8").startswith("rows are read\n")
    assert attend("small ingest", log, lambda: None)
    assert not error.exists()
    assert log.read_text(encoding="utf-8") == "done\n"
