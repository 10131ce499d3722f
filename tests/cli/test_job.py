"""A job ends in one line on the screen, one paragraph where it failed, and the rest in its log."""

import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest

from attunement.cli.job import attend, carry_out
from attunement.study.problems import StudyError


def test_a_job_that_succeeds_prints_one_line_with_seconds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "logs" / "score.log"

    def work() -> None:
        print("said by the stage")
        print("warned by the stage", file=sys.stderr)

    assert attend("clinic  score", log, work)
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.splitlines()[0].split() == ["clinic", "score", "0.0", "s"]
    assert log.read_text(encoding="utf-8") == "said by the stage\nwarned by the stage\ndone\n"
    assert not log.with_suffix(".error").exists()


@pytest.mark.parametrize(
    ("error", "said", "traced"),
    [
        (
            StudyError("It is empty", file="a.csv", advice="Fill it."),
            "It is empty (file a.csv). Fill it.",
            False,
        ),
        (MemoryError(), "The memory of this machine did not suffice.", False),
        (KeyError("x"), "An unforeseen fault stopped it (KeyError: 'x'). The details", True),
    ],
)
def test_a_job_that_fails_leaves_one_paragraph(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    said: str,
    traced: bool,
) -> None:
    log = tmp_path / "score.log"

    def work() -> None:
        raise error

    assert not attend("clinic  score", log, work)
    assert capsys.readouterr().out.split() == ["clinic", "score", "FAILED"]
    paragraph = log.with_suffix(".error").read_text(encoding="utf-8")
    assert paragraph.startswith(said)
    assert paragraph.count("\n") == 1
    assert "Traceback" not in paragraph
    assert ("Traceback" in log.read_text(encoding="utf-8")) is traced


def test_a_later_success_takes_the_complaint_away(tmp_path: Path) -> None:
    log = tmp_path / "score.log"
    log.with_suffix(".error").write_text("earlier\n", encoding="utf-8")
    assert attend("clinic  score", log, lambda: None)
    assert not log.with_suffix(".error").exists()


def test_a_screen_that_is_gone_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone:
        def write(self, text: str) -> int:
            raise BrokenPipeError

        def flush(self) -> None:
            raise BrokenPipeError

    monkeypatch.setattr("sys.stdout", Gone())
    assert attend("clinic  score", tmp_path / "score.log", lambda: None)


def test_a_script_calls_the_stage_of_its_rule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: dict[str, object] = {}
    stage = SimpleNamespace(run=lambda **arguments: called.update(arguments))
    monkeypatch.setitem(sys.modules, "attunement.score", stage)
    job = SimpleNamespace(
        wildcards=SimpleNamespace(dataset="clinic"), rule="score", log=[str(tmp_path / "score.log")]
    )
    carry_out(job, out=Path("x"))
    assert called == {"out": Path("x")}

    def fail(**arguments: object) -> None:
        raise StudyError("It is empty")

    stage.run = fail
    with pytest.raises(SystemExit) as left:
        carry_out(job, out=Path("x"))
    assert left.value.code == 1


def test_a_module_that_cannot_be_loaded_is_a_fault_like_any_other(tmp_path: Path) -> None:
    job = SimpleNamespace(
        wildcards=SimpleNamespace(dataset="clinic"), rule="nonsense", log=[str(tmp_path / "n.log")]
    )
    with warnings.catch_warnings(), pytest.raises(SystemExit):
        carry_out(job)
    assert "ModuleNotFoundError" in (tmp_path / "n.error").read_text(encoding="utf-8")
