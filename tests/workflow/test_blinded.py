"""The blinded mode: preferences go round, results lie apart, and nothing else tells them."""

from __future__ import annotations

import shutil
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest
from workflow_studies import Told, attunement, published

from attunement.accommodate.blinding import EXCHANGED
from attunement.cli.dag import READS
from attunement.study.files import read_tables, write_table
from attunement.study.layout import outputs

pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module")
def blinded(
    small_run: tuple[Path, Told], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Told, dict[str, str]]:
    """A copy of the finished small study after a blinded run; what it told; what was published."""
    folder = tmp_path_factory.mktemp("blinded") / "a study"
    shutil.copytree(small_run[0], folder)
    before = published(folder)
    told = attunement(folder, "run", "--no-workflow-report", "--blinded")
    assert told.status == 0, told.text
    return folder, told, before


def test_a_blinded_run_lies_apart_and_says_what_it_is(
    blinded: tuple[Path, Told, dict[str, str]],
) -> None:
    folder, told, before = blinded
    assert "Attunement analyses small blindly." in told.text
    assert "Look at results/blinded/index.html." in told.text
    after = published(folder)
    assert {k: v for k, v in after.items() if not k.startswith("results/blinded/")} == before
    page = (folder / "results/blinded/small/release/index.html").read_text(encoding="utf-8")
    assert "BLINDED: preferences were exchanged between clients" in page
    apart = pd.read_csv(folder / "results/blinded/small/release/estimates.csv")
    known = pd.read_csv(folder / "results/small/release/estimates.csv")
    assert apart["blinded"].all() and not known["blinded"].any()
    # Who was analysed and how the outcome went is as it will be; accommodation is another.
    same, before = (table[table["scoring"].isna()] for table in (apart, known))
    assert len(same) and len(same) < len(apart)
    pd.testing.assert_frame_equal(same.drop(columns="blinded"), before.drop(columns="blinded"))
    focal = [
        table[table["term"].str.contains("accommodation")].dropna(subset=["estimate"])
        for table in (apart, known)
    ]
    both = pd.merge(*focal, on=["specification", "term"])
    assert len(both)
    assert (both["estimate_x"] != both["estimate_y"]).all()


def test_no_later_stage_reads_a_preference_from_elsewhere(
    blinded: tuple[Path, Told, dict[str, str]], tmp_path: Path
) -> None:
    folder, _, _ = blinded
    private = folder / "results/blinded/small/private"
    # The stages in the order in which they are read, the tables with preferences taken away.
    for stage in READS["release"]:
        shutil.copytree(private / stage, tmp_path / stage)
    for stage in ("ingest", "score"):
        for name in EXCHANGED:
            path = tmp_path / stage / f"{name}.parquet"
            if path.exists():
                write_table(read_tables(tmp_path / stage)[name].iloc[:0], path)
    for stage in ("model", "challenge", "release"):
        import_module(f"attunement.{stage}").run(
            folder / "config.yaml",
            folder / "data/small/dataset.yaml",
            folder / "data/instruments",
            [tmp_path / earlier for earlier in READS[stage]],
            tmp_path / stage,
        )
        for name in outputs(stage):
            again, first = tmp_path / stage / name, private / stage / name
            assert again.read_bytes() == first.read_bytes(), name
