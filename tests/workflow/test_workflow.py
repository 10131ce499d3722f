"""The whole workflow on all datasets: all made, published, linked, and rebuilt from releases."""

import json
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from workflow_studies import attunement, environment

from attunement.model import remembering, working
from attunement.model.answerable import answerable
from attunement.study.config import load_config
from attunement.study.contracts import TABLES
from attunement.study.dataset import load_dataset
from attunement.study.files import read_tables
from attunement.study.instruments import load_instruments
from attunement.study.layout import OUTPUTS, STAGES
from attunement.study.plan import specifications
from attunement.study.problems import NotEstimable
from attunement.study.source_order import SourceOrder

pytestmark = pytest.mark.workflow
DATASETS = ["example", "beat_the_blues", pytest.param("reframed", marks=pytest.mark.shared)]


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("href", "src")]


@pytest.mark.parametrize("name", DATASETS)
def test_every_output_of_every_stage_stands(finished_run: Path, name: str) -> None:
    for stage in STAGES:
        for output in OUTPUTS[stage]:
            path = finished_run / "results" / name / "private" / stage / output
            assert path.exists(), path
            assert path.is_dir() or path.stat().st_size > 0


@pytest.mark.parametrize("name", DATASETS)
def test_released_tables_keep_their_contracts(finished_run: Path, name: str) -> None:
    release = finished_run / "results" / name / "release"
    for output in OUTPUTS["release"]:
        if output.endswith(".csv"):
            columns = pd.read_csv(release / output, nrows=0).columns.tolist()
            assert (
                columns[: len(TABLES[Path(output).stem].names)] == TABLES[Path(output).stem].names
            )
    rows = pd.read_csv(release / "estimates.csv", dtype=str)
    assert set(rows["dataset"]) == {name}
    assert (rows["status"] == "estimated").any()


@pytest.mark.parametrize("name", DATASETS)
def test_what_check_says_of_a_question_is_what_came_of_it(finished_run: Path, name: str) -> None:
    dataset_file = finished_run / "data" / name / "dataset.yaml"
    dataset = load_dataset(dataset_file)
    instruments = load_instruments(finished_run / "data/instruments", dataset_file)
    planned = specifications(load_config(finished_run / "config.yaml"), dataset, instruments)
    private = finished_run / "results" / name / "private"
    tables = read_tables(private / "ingest", private / "score", private / "accommodate")
    worked = working(SourceOrder.of(tables, dataset).placed(tables))
    said = set()
    with remembering():
        for asked in planned:
            with suppress(NotEstimable):
                answerable(worked, asked)
                said.add(asked.name)
    rows = read_tables(private / "model")["estimates"]
    rows = rows[(rows["status"] != "not estimable").to_numpy(dtype=bool)]
    # A question that names coefficients is answered by one of them, or by what is made from them.
    answers = rows["level"].fillna("-") != "-"
    for asked in planned:
        own = rows["specification"] == asked.name
        answers |= own & (not asked.focal or rows["term"].map(asked.named_as).notna())
    told = set(rows.loc[answers.to_numpy(dtype=bool), "specification"])
    assert told
    assert said == told


@pytest.mark.parametrize("name", DATASETS)
def test_the_manifest_names_inputs_versions_and_released_files(
    finished_run: Path, name: str
) -> None:
    release = finished_run / "results" / name / "release"
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    files = {p.relative_to(release).as_posix() for p in release.rglob("*") if p.is_file()}
    assert set(manifest["files"]) == files - {"manifest.json"}
    assert all(manifest["inputs"].values())
    assert manifest["versions"]["python"]
    everything = json.loads((finished_run / "results/manifest.json").read_text(encoding="utf-8"))
    assert name in everything["releases"]


@pytest.mark.parametrize("name", DATASETS)
def test_leaving_one_therapist_out_covers_every_confirmatory_specification(
    finished_run: Path, name: str
) -> None:
    if load_dataset(finished_run / "data" / name / "dataset.yaml").therapists is None:
        return
    release = finished_run / "results" / name / "release"
    rows = pd.read_csv(release / "estimates.csv", dtype=str)
    confirmatory = set(rows.loc[rows["role"] == "confirmatory", "specification"])
    covered = set(pd.read_csv(release / "influence.csv", dtype=str)["specification"])
    assert confirmatory
    assert confirmatory <= covered


def test_the_index_links_what_is_there_and_says_simulated(finished_run: Path) -> None:
    results = finished_run / "results"
    text = (results / "index.html").read_text(encoding="utf-8")
    links = Links()
    links.feed(text)
    assert {"example/release/index.html", "beat_the_blues/release/index.html"} <= set(links.found)
    assert "snakemake_report.html" in links.found
    for link in links.found:
        assert (results / link.partition("#")[0]).exists(), link
    assert text.count('class="simulated"') == 1
    notebooks = sorted(path.stem for path in (finished_run / "notebooks").glob("*.ipynb"))
    assert [link for link in links.found if link.startswith("notebooks/")] == [
        f"notebooks/{name}.html" for name in notebooks
    ]


def test_nothing_released_names_this_machine(finished_run: Path) -> None:
    told = re.compile(re.escape(str(finished_run)) + "|" + re.escape(str(Path.home()) + "/"))
    for path in (finished_run / "results").rglob("*"):
        parts = path.relative_to(finished_run / "results").parts
        if path.is_file() and "private" not in parts and path.name != "snakemake_report.html":
            found = told.search(path.read_bytes().decode("utf-8", "replace"))
            assert found is None, f"{path}: {found}"


@pytest.mark.parametrize("name", DATASETS)
def test_the_report_builds_from_what_was_released(
    finished_run: Path, tmp_path: Path, name: str
) -> None:
    """Nothing of the earlier stages is there: only the released tables."""
    private = finished_run / "results" / name / "private"
    shutil.copytree(private / "release", tmp_path / "release")
    code = (
        "import sys; from pathlib import Path; from attunement.report import run; "
        "run(*(Path(one) for one in sys.argv[1:]))"
    )
    published = finished_run / "data/published/effects.csv"
    folders = [str(tmp_path / "release"), str(tmp_path / "out"), str(published)]
    subprocess.run(
        [sys.executable, "-c", code, *folders],
        cwd=tmp_path,
        env=environment(finished_run, PYTHONHASHSEED="0", MPLBACKEND="Agg"),
        check=True,
    )
    for path in sorted((tmp_path / "out").rglob("*")):
        if path.is_file():
            earlier = private / "report" / path.relative_to(tmp_path / "out")
            assert path.read_bytes() == earlier.read_bytes(), path.name


def test_a_second_run_has_nothing_to_do(finished_run: Path, repository: Path) -> None:
    names = sorted(path.parent.name for path in finished_run.glob("results/*/release"))
    told = attunement(finished_run, "run", *names)
    assert told.status == 0, told.text
    assert told.jobs == []


def test_the_rules_pass_snakemakes_own_lint(repository: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "snakemake", "--lint"],
        cwd=repository,
        env=environment(repository),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "good condition" in ended.stderr + ended.stdout


def test_each_rule_names_the_environment_and_none_updates(repository: Path) -> None:
    for path in sorted((repository / "workflow/rules").glob("*.smk")):
        text = path.read_text(encoding="utf-8")
        assert text.count("\nrule ") + text.startswith("rule ") == text.count(
            "envs/attunement.yaml"
        )
        assert not re.search(r"\bupdate\(|^checkpoint ", text, re.MULTILINE)
