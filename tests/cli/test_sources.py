"""The files a stage rests on are found from its imports, wherever they stand."""

from pathlib import Path

import pytest

from attunement.cli.sources import modules_of, sources_of
from attunement.study.layout import STAGES


def package(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / "attunement" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_imports_are_followed_through_functions_packages_and_relative_names(tmp_path: Path) -> None:
    source = package(
        tmp_path,
        {
            "__init__.py": "",
            "score/__init__.py": "from attunement.score.stage import run\n",
            "score/stage.py": "def run():\n    from attunement.study import files\n",
            "score/alone.py": "from . import near\nfrom .deep.er import x\n",
            "score/near.py": "import attunement.study.plan\n",
            "score/deep/__init__.py": "",
            "score/deep/er.py": "x = 1\n",
            "score/page.html.j2": "<html>",
            "score/__pycache__/stage.pyc": "",
            "study/__init__.py": "",
            "study/files.py": "import json, pandas\n",
            "study/plan.py": "",
            "study/unused.py": "",
            "report/__init__.py": "",
        },
    )
    found = [
        Path(path).relative_to(tmp_path / "attunement") for path in sources_of(source, "score")
    ]
    assert [path.as_posix() for path in found] == [
        "__init__.py",
        "score/__init__.py",
        "score/alone.py",
        "score/deep/__init__.py",
        "score/deep/er.py",
        "score/near.py",
        "score/page.html.j2",
        "score/stage.py",
        "study/__init__.py",
        "study/files.py",
        "study/plan.py",
    ]


@pytest.mark.parametrize("stage", STAGES)
def test_no_stage_rests_on_the_command_line_or_on_a_later_stage(
    stage: str, repository: Path
) -> None:
    rooms = {
        module.split(".")[1] for module in modules_of(repository / "src", stage) if "." in module
    }
    assert stage in rooms
    later = STAGES[STAGES.index(stage) + 1 :]
    assert not rooms & {"cli", *later}
    if stage == "report":
        assert rooms == {"report", "study"}


def test_no_rule_names_the_folder_of_results_itself(repository: Path) -> None:
    """A blinded run lies elsewhere: rules say where by `RESULTS`."""
    for rules in sorted((repository / "workflow" / "rules").glob("*.smk")):
        assert '"results/' not in rules.read_text(encoding="utf-8"), rules.name
