"""Which files of the package a stage rests on, read from its imports.

Snakemake sees an edited rule or script, not an edited module that they call. The rules therefore
take a stage's own sources as inputs: its folder and whatever it imports, however indirectly.
An edit reruns the stages that can be touched by it, and no other.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

PACKAGE = "attunement"


def _file_of(source: Path, module: str) -> Path | None:
    """The file of a module of the package, below `source`; None where it is not a module."""
    path = source.joinpath(*module.split("."))
    if (path / "__init__.py").is_file():
        return path / "__init__.py"
    return path.with_suffix(".py") if path.with_suffix(".py").is_file() else None


def _imports(file: Path, module: str) -> set[str]:
    """The names that a file imports from the package (modules and, perhaps, things in them)."""
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            found.add(base)
            found.update(f"{base}.{alias.name}" for alias in node.names)
    return {name for name in found if name.split(".")[0] == PACKAGE}


@cache
def modules_of(source: Path, stage: str) -> tuple[str, ...]:
    """Every module that a stage rests on, those imported inside functions included, in order."""
    root = f"{PACKAGE}.{stage}"
    folder = source / PACKAGE / stage
    waiting = [root] + [
        ".".join([root, *path.relative_to(folder).with_suffix("").parts])
        for path in sorted(folder.rglob("*.py"))
        if path.name != "__init__.py"
    ]
    seen: set[str] = set()
    while waiting:
        module = waiting.pop()
        file = _file_of(source, module)
        if module in seen or file is None:
            continue
        seen.add(module)
        # A package is run before its modules: its own imports count as well.
        parents = [".".join(module.split(".")[:n]) for n in range(1, module.count(".") + 1)]
        waiting += [*parents, *_imports(file, module)]
    return tuple(sorted(seen))


@cache
def sources_of(source: Path, stage: str) -> tuple[str, ...]:
    """The files that a stage rests on: its modules, and what else lies in its folder (templates).

    Parameters
    ----------
    source : Path
        The folder that holds the package (`src`).
    stage : str
        Name of the stage.
    """
    files = {_file_of(source, module) for module in modules_of(source, stage)}
    folder = source / PACKAGE / stage
    files |= {
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".py") and "__pycache__" not in path.parts
    }
    return tuple(sorted(path.as_posix() for path in files if path is not None))
