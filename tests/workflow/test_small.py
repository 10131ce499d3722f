"""The house on a small study: what is rerun and published, and the same bytes after kills."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest
from workflow_studies import (
    Told,
    attunement,
    copy_project,
    environment,
    plan_little,
    published,
    simulate_small,
)

from attunement.study.layout import STAGES

pytestmark = pytest.mark.workflow
SEED = 20261122
QUICK = ("run", "--no-workflow-report")


def copy_of(study: Path, folder: Path) -> Path:
    shutil.copytree(study, folder / "a study")
    return folder / "a study"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def stages_done(told: Told) -> list[str]:
    return [stage for _, stage in told.jobs]


def test_one_line_per_stage_and_where_to_look(small_run: tuple[Path, Told]) -> None:
    folder, told = small_run
    assert stages_done(told) == list(STAGES)
    assert "Look at results/index.html." in told.text
    assert (folder / "results/index.html").is_file()
    assert (folder / "results/snakemake_report.html").is_file()


def test_a_second_run_has_nothing_to_do_and_is_quick(small_study: Path, tmp_path: Path) -> None:
    folder = copy_of(small_study, tmp_path)
    before = published(folder)
    used = os.times()
    told = attunement(folder, *QUICK)
    seconds = sum(os.times()[2:4]) - sum(used[2:4])  # processor time of children
    assert told.status == 0, told.text
    assert told.jobs == []
    assert published(folder) == before
    assert seconds < 10


def test_an_edit_reruns_what_depends_on_it(small_study: Path, tmp_path: Path) -> None:
    folder = copy_of(small_study, tmp_path)
    edit(folder / "config.yaml", "smallest_cell: 10", "smallest_cell: 11")
    assert stages_done(attunement(folder, *QUICK)) == ["release", "report"]
    modules = sorted((folder / "src/attunement/challenge").glob("*.py"))
    modules[-1].write_text(modules[-1].read_text(encoding="utf-8") + "# edited\n", encoding="utf-8")
    assert stages_done(attunement(folder, *QUICK)) == ["challenge", "release", "report"]
    # A comment of config.yaml, another dataset's file and this test touch nothing.
    edit(folder / "config.yaml", "seed:", "# a remark\nseed:")
    (folder / "data/instruments/ors.yaml").touch()
    assert stages_done(attunement(folder, *QUICK)) == []


def test_plain_snakemake_publishes_too(small_study: Path, tmp_path: Path) -> None:
    folder = copy_of(small_study, tmp_path)
    edit(folder / "config.yaml", "rounding: 5", "rounding: 3")
    shutil.rmtree(folder / "results/small/release")
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "snakemake", "-c2"],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert (folder / "results/small/release/index.html").is_file()
    # Nothing is left to do, and what it published is what `attunement run` publishes.
    before = published(folder)
    told = attunement(folder, *QUICK)
    assert (told.status, told.jobs) == (0, [])
    assert published(folder) == before


def test_two_studies_of_one_run_are_combined(small_study: Path, tmp_path: Path) -> None:
    folder = copy_of(small_study, tmp_path)
    shutil.copytree(folder / "data/small", folder / "data/other")
    edit(folder / "data/other/dataset.yaml", "name: small", "name: other")
    made = attunement(folder, "simulate", "--name", "other", "--seed", "7")
    assert made.status == 0, made.text
    told = attunement(folder, *QUICK, "small", "other")
    assert told.status == 0, told.text
    assert ("combined", "combine") in told.jobs
    table = pd.read_csv(folder / "results/combined/estimates.csv")
    lines = table[table["status"] == "combined"].set_index("term")
    assert {"time", "accommodation_within"} <= set(lines.index)
    assert (lines["k"] == 2).all()
    assert set(lines["datasets"]) == {"other, small"}
    alone = [
        pd.read_csv(folder / f"results/{name}/release/estimates.csv").dropna(subset=["estimate"])
        for name in ("small", "other")
    ]
    asked = ("accommodation_within", "delivery: client; outcome: client (same informant)")
    by_informant = lines.set_index("informant", append=True)
    each = [rows.set_index(["term", "informant"]).loc[asked, "estimate"] for rows in alone]
    assert min(each) < by_informant.loc[asked, "estimate"] < max(each)
    page = (folder / "results/index.html").read_text(encoding="utf-8")
    assert "combined/index.html" in page
    # In another order nothing is done again, and one study alone leaves it as it was.
    assert attunement(folder, *QUICK, "other", "small").jobs == []
    before = published(folder)
    assert attunement(folder, *QUICK, "small").jobs == []
    assert published(folder) == before


class Running:
    """An `attunement run` that can be watched and killed with all that it started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = psutil.Popen(
            [sys.executable, "-m", "attunement", *QUICK, "--cores", "2"],
            cwd=folder,
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # A shell that starts tests in the background lets them ignore interrupts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def log(self, stage: str) -> Path:
        return self.folder / "results/small/private/logs" / f"{stage}.log"

    def at_work(self, stage: str) -> bool:
        """The stage has begun and not ended."""
        log = self.log(stage)
        return log.exists() and not log.read_text(encoding="utf-8").endswith("done\n")

    def wait_for(self, stage: str) -> bool:
        """Wait until the stage is at work; False where the run ends without it."""
        while self.process.poll() is None:
            if self.at_work(stage):
                return True
            time.sleep(0.02)
        return False

    def kill(self) -> None:
        """End every process of the run at once, as when the power fails."""
        family = [*self.process.children(recursive=True), self.process]
        for member in family:
            member.suspend() if member.is_running() else None
        for member in [*self.process.children(recursive=True), *family]:
            try:
                member.kill()
            except psutil.NoSuchProcess:
                continue
        self.process.communicate()


@pytest.mark.parametrize("many", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_killed_at_some_moments_and_ended_in_another_country_it_gives_the_same_bytes(
    small_study: Path, tmp_path: Path, repository: Path, many: int
) -> None:
    """Neither the moments of a power cut nor folder, language, clock or cores change a byte."""
    folder = tmp_path / "elsewhere"
    copy_project(repository, folder, data=())
    plan_little(folder)
    simulate_small(repository, folder)
    moments = random.Random(SEED)
    stages = [*STAGES, *moments.sample(STAGES, 3)][-many:]
    hit = []
    for stage in sorted(stages, key=STAGES.index):
        running = Running(folder)
        assert running.wait_for(stage), f"{stage} did not begin"
        time.sleep(moments.uniform(0.0, 0.5))
        if running.at_work(stage):
            hit.append(stage)
        running.kill()
        if not running.at_work(stage):  # it was quicker: let the next moment find it at work
            shutil.rmtree(folder / "results/small/private" / stage)
        running.log(stage).unlink()
    assert len(hit) >= 0.7 * many
    told = attunement(folder, "run", "--cores", "1", LC_ALL="C", TZ="Asia/Tokyo")
    assert told.status == 0, told.text
    assert published(folder) == published(small_study)


def test_two_runs_do_not_work_in_one_folder_and_an_interrupt_is_told(
    small_study: Path, tmp_path: Path
) -> None:
    folder = copy_of(small_study, tmp_path)
    before = published(folder)
    for stage in ("release", "report"):
        shutil.rmtree(folder / "results/small/private" / stage)
        (folder / "results/small/private/logs" / f"{stage}.log").unlink()
    running = Running(folder)
    assert running.wait_for("release")
    second = attunement(folder, *QUICK)
    assert second.status == 1
    assert "Another run is at work in this folder" in second.text
    family = running.process.children(recursive=True)
    assert family
    running.process.send_signal(signal.SIGINT)
    text, _ = running.process.communicate(timeout=60)
    assert running.process.returncode == 130, text
    assert "Stopped. What was finished stays" in text
    assert "Traceback" not in text
    assert not [member for member in family if member.is_running()]
    assert published(folder) == before
    # The next run is not kept out by what the stopped one left.
    third = attunement(folder, *QUICK, "--cores", "2")
    assert third.status == 0, third.text
    assert published(folder) == before
