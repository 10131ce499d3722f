"""What no file of the repository may hold, and how large a file may grow."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LARGEST_FILE = 1_500_000  # bytes: the stored simulated studies are the largest
LONGEST_MODULE = 260  # lines
LONGEST_SCRIPT = 40
GENERATED = {".git", ".venv", ".snakemake", "results", "__pycache__", "downloaded"}

# Written in pieces, so that this file does not hold what it forbids.
REGISTRY_HOSTS = [
    "".join(pieces)
    for pieces in [
        ("py", "pi", ".org"),
        ("python", "hosted", ".org"),
        ("npm", "js", ".org"),
        ("npm", "js", ".com"),
        ("ana", "conda", ".org"),
        ("ana", "conda", ".com"),
        ("deb", ".debian", ".org"),
        ("archive", ".ubuntu", ".com"),
        ("crates", ".io"),
    ]
]
START = r"(?<![\w.}\-/])/"  # a path from the root, not the middle of one
MACHINE_PATH = re.compile(START + "(?:ro" + "ot|wo" + r"rk)(?![\w-])")
HOME_PATH = re.compile(START + "(?:ho" + "me|Us" + r"ers)/\w")


def tracked_files(root: Path) -> list[Path]:
    """The files under version control; where git does not answer, all but what is generated."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0 and listed.stdout:
        paths = [root / name for name in listed.stdout.split("\0") if name]
    else:
        paths = [
            path for path in root.rglob("*") if not GENERATED & set(path.relative_to(root).parts)
        ]
    return sorted(path for path in paths if path.is_file())


def text_of(path: Path) -> str:
    """The text of a file; nothing for one that is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def places(files: list[Path], root: Path, forbidden: re.Pattern[str]) -> list[str]:
    """Where the pattern occurs, as file:line: text."""
    return [
        f"{path.relative_to(root)}:{number}: {line.strip()[:120]}"
        for path in files
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if forbidden.search(line)
    ]


def pins(lock: Path) -> dict[str, str]:
    """Package and version of every pin of a lock file."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock.read_text("utf-8"), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


@pytest.fixture(scope="module")
def files(repository: Path) -> list[Path]:
    return tracked_files(repository)


def test_no_registry_is_named(files: list[Path], repository: Path) -> None:
    hosts = re.compile("|".join(map(re.escape, REGISTRY_HOSTS)), re.IGNORECASE)
    assert places(files, repository, hosts) == []


@pytest.mark.parametrize("pattern", [MACHINE_PATH, HOME_PATH], ids=["machine", "home"])
def test_no_path_of_a_machine_is_named(
    pattern: re.Pattern[str], files: list[Path], repository: Path
) -> None:
    assert places(files, repository, pattern) == []


def test_the_patterns_find_what_they_forbid() -> None:
    for path in ["/ro" + "ot", "open('/wo" + "rk/main')"]:
        assert MACHINE_PATH.search(path), path
    assert HOME_PATH.search("see /ho" + "me/someone")
    for harmless in ["../shared/data", "tests/wo" + "rk/x", "/workflow/rules", "a.org/home/"]:
        assert not MACHINE_PATH.search(harmless), harmless
        assert not HOME_PATH.search(harmless), harmless


def test_locks_hold_no_address(files: list[Path], repository: Path) -> None:
    locks = [path for path in files if path.suffix == ".lock"]
    assert locks
    address = re.compile(r"[a-z]+://|index-url|find-links|(?:^|\s)-i\s")
    assert places(locks, repository, address) == []
    assert not [path for path in files if path.name in {"uv.lock", "pylock.toml"}]


def test_every_pin_is_hashed(repository: Path) -> None:
    for lock in repository.glob("*.lock"):
        for pin in re.split(r"\n(?=\S)", lock.read_text("utf-8")):
            assert pin.startswith("#") or "--hash=sha256:" in pin, f"{lock.name}: {pin[:80]}"


def test_locks_fulfil_the_project(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"]
    run, dev = pins(repository / "requirements.lock"), pins(repository / "requirements-dev.lock")
    wanted = {
        "requirements.lock": (run, project["project"]["dependencies"] + groups["setup"]),
        "requirements-dev.lock": (dev, groups["dev"]),
    }
    for name, (pinned, requirements) in wanted.items():
        for requirement in map(Requirement, requirements):
            version = pinned.get(canonicalize_name(requirement.name))
            assert version, f"{name} lacks {requirement}; run `make lock`"
            assert version in requirement.specifier, f"{name}: {requirement.name} {version}"
    differing = {name for name in run if dev.get(name) != run[name]}
    assert not differing, "the two locks disagree; run `make lock`"


def test_files_are_small(files: list[Path], repository: Path) -> None:
    sizes = {str(path.relative_to(repository)): path.stat().st_size for path in files}
    assert {name: size for name, size in sizes.items() if size >= LARGEST_FILE} == {}


@pytest.mark.parametrize(
    ("folder", "longest"),
    [("src/attunement", LONGEST_MODULE), ("workflow/scripts", LONGEST_SCRIPT)],
)
def test_modules_and_scripts_are_short(
    folder: str, longest: int, files: list[Path], repository: Path
) -> None:
    lines = {
        str(path.relative_to(repository)): len(text_of(path).splitlines())
        for path in files
        if path.suffix == ".py" and path.is_relative_to(repository / folder)
    }
    assert {name: count for name, count in lines.items() if count >= longest} == {}
