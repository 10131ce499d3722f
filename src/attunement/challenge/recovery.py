"""Writing down what is known of a simulated world: targets, and coverage over other seeds."""

from __future__ import annotations

import hashlib
import math
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd

from attunement.challenge.known_truth import Project, coverage, studies, targets
from attunement.simulate import World, write_section
from attunement.study.files import write_text
from attunement.study.strict import read_yaml

# Seeds of the studies beside the published one: far from it, and none that was ever looked at.
FIRST_STUDY, TARGET_SEED = 9_000_001, 8_000_000
DIGITS = 6


def _rounded(value: Any) -> float | None:
    number = float(value)
    return float(f"{number:.{DIGITS}g}") if math.isfinite(number) else None


def source_hash() -> str:
    """Return a checksum of the code that a simulated study passes through."""
    package = Path(__file__).parents[1]
    rooms = ("study", "mixed", "simulate", "ingest", "score", "accommodate", "model", "challenge")
    found = hashlib.sha256()
    for room in rooms:
        for path in sorted((package / room).rglob("*.py")):
            found.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def write_targets(root: Path, name: str, n_clients: int) -> None:
    """Estimate the targets on about `n_clients` simulated clients; write them into `truth.yaml`."""
    started = time.monotonic()
    project = Project(root, name)  # a world without targets gets those of all single models
    world = World.load(project.folder / "world.yaml")
    many = round(n_clients / world.sizes.caseload_mean)
    _say(f"Simulating {many} therapists with about {n_clients} clients ...")
    found = targets(project, world.with_(therapists=many), TARGET_SEED, progress=_say)
    found = found[found["target"].notna()]
    rows = [
        {
            "specification": row.specification,
            "term": row.term,
            "metric": row.metric,
            "target": _rounded(row.target),
            "target_se": _rounded(row.target_se),
        }
        for row in found.itertuples()
    ]
    write_section(project.folder / "truth.yaml", "targets", rows)
    _say(f"{len(rows)} targets after {time.monotonic() - started:.0f} s.")


def write_studies(root: Path, name: str, n_studies: int, cores: int) -> None:
    """Analyse further seeds; write every estimate, the table of coverage, and both into truth."""
    started = time.monotonic()
    project = Project(root, name)
    seeds = list(range(FIRST_STUDY, FIRST_STUDY + n_studies))
    estimates = studies(root, name, seeds, cores, progress=_say)
    place = Path(root) / "docs" / f"recovery_{name}"
    write_text(
        place.with_suffix(".csv"),
        estimates.to_csv(index=False, lineterminator="\n", float_format="%.9g"),
    )
    truth = read_yaml(project.folder / "truth.yaml")
    table = coverage(estimates, pd.DataFrame(truth["targets"]))
    by_term = table.set_index(["specification", "term"])
    for row in truth["targets"]:
        key = (row["specification"], row["term"])
        if key in by_term.index:
            row["coverage"] = _rounded(by_term.loc[key, "coverage"])
            row["n_studies"] = int(by_term.loc[key, "n_studies"])
    write_section(project.folder / "truth.yaml", "targets", truth["targets"])
    write_text(place.with_suffix(".md"), _page(name, table, n_studies))
    _say(f"{n_studies} studies after {time.monotonic() - started:.0f} s.")


def _page(name: str, table: pd.DataFrame, n_studies: int) -> str:
    low = 0.95 - 3.5 * math.sqrt(0.95 * 0.05 / n_studies)
    lines = [
        f"# Known truth found again: {name}",
        "",
        f"Simulated studies of the world in `data/{name}/world.yaml`, {n_studies} seeds besides",
        "the published one, analysed by the planned specifications. The target of a specification",
        "is what the same specification estimates on 200,000 simulated clients. Error: estimate",
        "minus target (of logarithms, for ratios). The studies have the gaps and typing errors of",
        "the published one. Singular: share of fits with a variance at zero or a correlation at 1.",
        f"0.95 less 3.5 Monte Carlo errors is {low:.3f}.",
        "",
        "Commands, from the root of the project:",
        "",
        "```",
        f".venv/bin/python -m attunement simulate --name {name} --targets 200000",
        f".venv/bin/python -m attunement simulate --name {name} --studies {n_studies}",
        "```",
        "",
        f"Every estimate stands in `recovery_{name}.csv`; seeds {FIRST_STUDY} to "
        f"{FIRST_STUDY + n_studies - 1}; checksum of the code `{source_hash()}`.",
        "",
        "| specification | coefficient | metric | target | coverage | studies | mean error "
        "| SD of error | mean SE | singular |",
        "|---|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in table.itertuples():
        lines.append(
            f"| {row.specification} | {row.term} | {row.metric} | {row.target:.3f} "
            f"| {row.coverage:.3f} | {row.n_studies} | {row.mean_error:.3f} "
            f"| {row.sd_error:.3f} | {row.mean_se:.3f} | {row.share_singular:.2f} |"
        )
    return "\n".join(lines) + "\n"
