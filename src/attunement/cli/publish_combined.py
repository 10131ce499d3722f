"""Publishing what several datasets say together, as long as it is of what is released."""

from __future__ import annotations

import shutil
from pathlib import Path

from attunement.cli.paths import COMBINED, PUBLISHED_COMBINED, RESULTS, release_of
from attunement.cli.swapping import fresh, put
from attunement.study.files import read_json, sha256
from attunement.study.layout import COMBINED as OUTPUTS


def made_of(root: Path, combined: Path) -> list[str]:
    """The datasets behind a combined page, where their releases are still those it was made of."""
    if not (root / combined / "sources.json").is_file():
        return []
    sources = read_json(root / combined / "sources.json")
    files = {name: root / release_of(name) / "estimates.csv" for name in sources}
    same = all(file.is_file() and sha256(file) == sources[name] for name, file in files.items())
    return list(sources) if same else []


def publish_combined(root: Path) -> bool:
    """Publish what several datasets say together, if made of what is released; else leave it."""
    if not all((root / COMBINED / name).is_file() for name in OUTPUTS):
        return False
    if not made_of(root, COMBINED):
        return False
    new = fresh(root / RESULTS / ".combined.new")
    for name in OUTPUTS:
        shutil.copyfile(root / COMBINED / name, new / name)
    return put(new, root / PUBLISHED_COMBINED)
