"""Two keys give the same release, byte for byte: nothing follows the order of pseudonyms."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest
import yaml
from workflow_studies import SMALL_PLAN

from attunement.cli.dag import READS
from attunement.ingest.privacy.pseudonyms import key_file
from attunement.simulate import load_world, simulate, write
from attunement.study.files import sha256
from attunement.study.layout import STAGES

PSEUDONYM = re.compile(r"[CT]-[a-z2-7]{10}")

EXACT = (
    "ingest/codebook.csv",
    "ingest/flow.csv",
    "score/reliability.csv",
    "score/item_checks.csv",
    "score/floor_ceiling.csv",
    "model/estimates.csv",
    "model/variance.csv",
    "challenge/influence.csv",
)


def _confidential(repository: Path, root: Path) -> Path:
    """The example's world with twelve therapists, declared confidential, with dates for days."""
    place = root / "data" / "small"
    place.mkdir(parents=True)
    text = (repository / "data/example/dataset.yaml").read_text(encoding="utf-8")
    content = yaml.safe_load(text) | {"name": "small", "disclosure": "confidential"}
    content.pop("truth")
    content["privacy"] = {"quasi_identifiers": ["age", "gender"]}
    (place / "dataset.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    world = yaml.safe_load((repository / "data/example/world.yaml").read_text(encoding="utf-8"))
    world["sizes"]["therapists"]["value"] = 12
    (place / "world.yaml").write_text(yaml.safe_dump(world, sort_keys=False), encoding="utf-8")
    write(simulate(load_world(place / "world.yaml")), place)
    config = yaml.safe_load((repository / "config.yaml").read_text(encoding="utf-8"))
    config["plan"] = {name: config["plan"][name] | change for name, change in SMALL_PLAN.items()}
    (root / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return place / "dataset.yaml"


def _run(repository: Path, root: Path, dataset_file: Path) -> None:
    instruments = repository / "data" / "instruments"
    for stage in STAGES:
        run, out = import_module(f"attunement.{stage}").run, root / stage
        folders = [root / earlier for earlier in READS[stage]]
        if stage == "ingest":
            run(dataset_file, instruments, out)
        elif stage == "report":
            run(root / "release", out)
        else:
            run(root.parent / "config.yaml", dataset_file, instruments, folders, out)


@pytest.mark.timeout(300)
def test_two_keys_give_the_same_release_byte_for_byte(repository: Path, tmp_path: Path) -> None:
    dataset_file = _confidential(repository, tmp_path)
    found = []
    for number, byte in (("first", "0a"), ("second", "c3")):
        key_file(dataset_file).write_text(byte * 32, encoding="ascii")
        _run(repository, tmp_path / number, dataset_file)
        found.append(pd.read_parquet(tmp_path / number / "ingest" / "clients.parquet"))
    assert not set(found[0]["client"]) & set(found[1]["client"])
    # Before rounding too: exact estimates, and whose refit changes them.
    for file in EXACT:
        one, other = (tmp_path / number / file for number in ("first", "second"))
        assert one.read_bytes() == other.read_bytes(), file
    for stage in ("release", "report"):
        for path in sorted((tmp_path / "first" / stage).rglob("*")):
            if path.is_file():
                other = tmp_path / "second" / path.relative_to(tmp_path / "first")
                assert sha256(path) == sha256(other), path.name
                assert not PSEUDONYM.search(path.read_text(encoding="utf-8")), path.name
