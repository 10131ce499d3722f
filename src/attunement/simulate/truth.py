"""`truth.yaml`: the known truth of a simulated study, generating values and targets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from attunement.simulate.world import World
from attunement.study.files import write_text
from attunement.study.problems import StudyError
from attunement.study.strict import read_yaml

TRUTH = "truth.yaml"
HEAD = """# The known truth of a simulated study.
# generating: the values it was made with, their sources, and what follows from them
#             (written by `attunement simulate`).
# targets:    what each planned specification estimates on a very large sample of the same world;
#             intervals are judged against these.
"""


def generating(world: World) -> dict[str, Any]:
    """Return the generating values: every parameter with its source, and what follows from them."""
    content = world.model_dump()
    named = content.pop("sources")
    shown: dict[str, Any] = {"seed": content.pop("seed")}
    for part, values in content.items():
        shown[part] = {
            # A parameter that no file and nobody named is at its default: not part of this world.
            name: {"value": value, "source": named[f"{part}.{name}"]}
            for name, value in values.items()
            if f"{part}.{name}" in named
        }
    shown["follows"] = world.constants()
    return shown


def write_section(path: Path, section: str, content: Any) -> None:
    """Write one section of a `truth.yaml`; the other sections that stand there stay.

    Parameters
    ----------
    path : Path
        The file; made where it is absent.
    section : str
        `generating` or `targets`.
    content : mapping or list
        Plain numbers, texts, lists and mappings.
    """
    path = Path(path)
    sections = read_yaml(path) if path.exists() else {}
    if not isinstance(sections, dict):
        raise StudyError("The file holds no sections", file=path, advice="Delete it.")
    sections[section] = content
    ordered = {name: sections[name] for name in ("generating", "targets") if name in sections}
    ordered |= {name: part for name, part in sections.items() if name not in ordered}
    text = yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True, width=100)
    write_text(path, HEAD + text)


def write_truth(world: World, path: Path) -> None:
    """Write the generating values; a section `targets` that stands there already stays."""
    write_section(path, "generating", generating(world))
