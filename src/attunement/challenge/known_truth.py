"""Known truth: what each planned specification targets, and how often its intervals hold it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attunement.accommodate import accommodate
from attunement.ingest import ingest
from attunement.model import analyse, remembering, working
from attunement.score import score
from attunement.simulate import World, simulate, sources
from attunement.simulate.truth import TRUTH
from attunement.study.config import Config, load_config
from attunement.study.dataset import Dataset, load_dataset
from attunement.study.files import Tables
from attunement.study.instruments import Instrument, load_instruments
from attunement.study.plan import specifications
from attunement.study.strict import read_yaml

NEEDED = (
    "endings",
    "clients",
    "scores",
    "dropout",
    "preferences",
    "delivery",
    "accommodation",
    "availability",
)
# What these find where nothing is there is told by studies of their own (docs/therapists.csv).
OTHER_FAMILIES = ("therapists", "responsiveness")
COLUMNS = ["term", "metric", "estimate", "se", "ci_low", "ci_high", "status"]


class Project:
    """The plan, the dataset and the instruments that a simulated study is analysed with.

    Planned are the single models that the world's truth has targets for; `anew`: all of them.
    """

    def __init__(self, root: Path, name: str, anew: bool = False) -> None:
        root = Path(root)
        self.folder = root / "data" / name
        self.config: Config = load_config(root / "config.yaml")
        self.dataset: Dataset = load_dataset(self.folder / "dataset.yaml")
        self.instruments: dict[str, Instrument] = load_instruments(
            root / "data" / "instruments", self.folder / "dataset.yaml"
        )
        # Analyses of more than one fit are judged by known truth in tests of their own.
        found = specifications(self.config, self.dataset, self.instruments)
        single = [s for s in found if s.analysis == "model" and s.family not in OTHER_FAMILIES]
        named = set() if anew else self._with_targets()
        self.planned = [s for s in single if s.name in named] if named else single

    def _with_targets(self) -> set[str]:
        """The specifications whose targets the truth of this world names; a plan may grow."""
        path = self.folder / TRUTH
        content = read_yaml(path) if path.exists() else {}
        listed = content.get("targets") if isinstance(content, dict) else None
        return {str(row["specification"]) for row in listed or []}

    def analysed(self, tables: Tables) -> Tables:
        """Keep the rows that planned specifications read; a large study holds many more."""
        scores, accommodation = tables["scores"], tables["accommodation"]
        outcomes = {s.outcome for s in self.planned}
        kept = (scores["instrument"] + "." + scores["scale"]).isin(outcomes)
        dimensions = {s.dimension for s in self.planned}
        return tables | {
            "scores": scores[kept].reset_index(drop=True),
            "accommodation": accommodation[accommodation["dimension"].isin(dimensions)].reset_index(
                drop=True
            ),
        }


def in_memory(project: Project, world: World, seed: int, **part: Any) -> Tables:
    """Simulate a study, gaps and typing errors included, and ingest, score and accommodate it.

    `part` may choose therapists (`therapists`, `first_therapist`), for studies too large at once.
    """
    study = simulate(world, seed, **part)
    tables = ingest(project.dataset, sources(study), project.instruments)
    tables |= score(
        tables,
        project.dataset,
        project.instruments,
        project.config.accept_unverified,
        reliability=False,
    )
    tables |= accommodate(tables, project.dataset, project.instruments, reliability=False)
    return project.analysed({name: tables[name] for name in NEEDED})


def in_parts(project: Project, world: World, seed: int, therapists_at_once: int = 500) -> Tables:
    """Like `in_memory`, therapists in parts: the same tables with a fraction of the memory."""
    found = []
    for first in range(0, world.n_therapists, therapists_at_once):
        count = min(therapists_at_once, world.n_therapists - first)
        found.append(in_memory(project, world, seed, therapists=count, first_therapist=first))
    tables = {name: pd.concat([t[name] for t in found], ignore_index=True) for name in NEEDED}
    tables["availability"] = found[0]["availability"]
    return tables


def focal_estimates(
    project: Project, tables: Tables, progress: Callable[[str], None] | None = None
) -> pd.DataFrame:
    """Return the focal coefficients of every planned specification: specification and `COLUMNS`."""
    rows = []
    worked = working(tables)
    with remembering():
        for specification in project.planned:
            estimates = analyse(worked, specification).estimates
            chosen = estimates[estimates["term"].isin(specification.focal)]
            rows.append(chosen[["specification", *COLUMNS]])
            if progress:
                progress(f"  {specification.name}: {', '.join(chosen['status'])}")
    found = pd.concat(rows, ignore_index=True)
    return found.astype(dict.fromkeys(("estimate", "se", "ci_low", "ci_high"), float))


def targets(
    project: Project, world: World, seed: int, progress: Callable[[str], None] | None = None
) -> pd.DataFrame:
    """Estimate every planned specification once on a very large simulated study.

    The value found is what the specification targets, measurement error and all; it is not the
    generating value, and an interval from a small study is judged against it. Degrees of freedom
    are those of the normal distribution: with thousands of therapists no other choice differs.
    """
    project.planned = [s.model_copy(update={"df": "normal"}) for s in project.planned]
    found = focal_estimates(project, in_parts(project, world, seed), progress)
    return found.rename(columns={"estimate": "target", "se": "target_se"})


def one_study(root: Path, name: str, seed: int) -> pd.DataFrame:
    """Return the focal estimates of one further seed of the committed world."""
    project = Project(root, name)
    world = World.load(project.folder / "world.yaml")
    return focal_estimates(project, in_memory(project, world, seed)).assign(seed=seed)


def studies(
    root: Path,
    name: str,
    seeds: list[int],
    cores: int,
    progress: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Return the focal estimates of many seeds, in the order of the seeds; only those there are."""
    found = []
    with ProcessPoolExecutor(cores) as pool:
        many = len(seeds)
        for done, study in enumerate(pool.map(one_study, [root] * many, [name] * many, seeds), 1):
            found.append(study)
            if progress and done % 10 == 0:
                progress(f"  {done} of {many} studies")
    table = pd.concat(found, ignore_index=True)[["seed", "specification", *COLUMNS]]
    return table[table["estimate"].notna()].reset_index(drop=True)


def coverage(estimates: pd.DataFrame, target: pd.DataFrame) -> pd.DataFrame:
    """Return, per focal coefficient, how the intervals of many studies lie to the target.

    Returns
    -------
    DataFrame
        specification, term, metric, target, target_se, n_studies (those with an interval),
        coverage, mean_error and sd_error (estimate minus target, of logarithms for ratios),
        mean_se, share_singular.
    """
    both = estimates.merge(
        target[["specification", "term", "target", "target_se"]], on=["specification", "term"]
    ).dropna(subset=["estimate", "ci_low", "target"])
    ratio = both["metric"] != "b"
    both["error"] = np.where(
        ratio,
        np.log(both["estimate"].where(ratio, 1.0)) - np.log(both["target"].where(ratio, 1.0)),
        both["estimate"] - both["target"],
    )
    both["held"] = (both["ci_low"] <= both["target"]) & (both["target"] <= both["ci_high"])
    both["singular"] = both["status"] == "singular"
    grouped = both.groupby(["specification", "term", "metric"], sort=True)
    table = grouped.agg(
        target=("target", "first"),
        target_se=("target_se", "first"),
        n_studies=("held", "size"),
        coverage=("held", "mean"),
        mean_error=("error", "mean"),
        sd_error=("error", "std"),
        mean_se=("se", "mean"),
        share_singular=("singular", "mean"),
    ).reset_index()
    return table
