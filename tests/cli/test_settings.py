"""A stage reads no section of config.yaml but those that run it again when they are edited."""

import ast
from pathlib import Path

import pytest

from attunement.cli.dag import SECTIONS
from attunement.cli.sources import sources_of
from attunement.study.config import Config
from attunement.study.layout import STAGES

NAMES = ("config", "configuration")
SECTION_NAMES = set(Config.model_fields)


def sections_read(file: Path) -> set[str]:
    """The sections that a module takes from something called config."""
    return {
        node.attr
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and (getattr(node.value, "id", "") or getattr(node.value, "attr", "")) in NAMES
        and node.attr in SECTION_NAMES
    }


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_reads_only_its_sections(stage: str, repository: Path) -> None:
    files = [Path(file) for file in sources_of(repository / "src", stage)]
    # The modules of other stages come along with their packages; they are given no config.
    own = [file for file in files if file.suffix == ".py" and {stage, "study"} & {*file.parts}]
    read = set().union(*map(sections_read, own))
    assert read <= set(SECTIONS[stage])


def test_the_reader_of_sections_sees_them(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "a = config.release, config.other, self.config.seed, other.plan\n", encoding="utf-8"
    )
    assert sections_read(module) == {"release", "seed"}
