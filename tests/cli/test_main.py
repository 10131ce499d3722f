"""The command line answers in plain words, whatever is asked of it."""

from argparse import Namespace
from pathlib import Path

import pytest

from attunement.cli import main as command_line
from attunement.cli import run as running
from attunement.cli.main import main
from attunement.study.problems import StudyError


def test_help_names_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    shown = capsys.readouterr().out
    assert "run" in shown
    assert "simulate" in shown


@pytest.mark.parametrize("arguments", [[], ["fly"], ["run", "--cores", "many"]])
def test_a_wrong_call_is_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "usage: attunement" in capsys.readouterr().err


def test_outside_a_project_run_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["run"]) == 2
    assert "no Attunement project" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_cores_are_at_least_one(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repository)
    assert main(["run", "--cores", "0"]) == 2
    assert "1 or more" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (StudyError("config.yaml is odd", advice="Mend it."), 1, "config.yaml is odd. Mend it."),
        (KeyboardInterrupt(), 130, "Stopped. What was finished stays"),
    ],
)
def test_no_command_ends_in_a_traceback(
    error: BaseException,
    status: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(options: Namespace) -> int:
        raise error

    monkeypatch.setattr(running, "main", fail)
    assert command_line.main(["run"]) == status
    shown = capsys.readouterr()
    assert said in shown.out + shown.err
    assert "Traceback" not in shown.out + shown.err
