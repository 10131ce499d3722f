"""Ten worlds of known truth, a thousand studies each: what the planned models find in them.

    python tests/recovery/worlds.py [--studies 1000] [--world NAME] [--cores 2]

analyses simulated studies of the example's size and writes `docs/worlds.csv` and `docs/worlds.md`.
Studies are kept as they are done, in a folder for each state of the code (`--kept` names another):
a run that was stopped goes on where it was.
`python tests/recovery/worlds.py --targets` estimates first, on one very large study of each world,
what each model targets there (`tests/recovery/worlds_targets.csv`).
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from attunement.challenge.known_truth import Project
from attunement.challenge.recovery import source_hash
from attunement.model import analyse, remembering, working
from attunement.model.exposure import exposure
from attunement.model.outcomes import outcome_scores
from attunement.simulate import World, load_world, simulate
from attunement.study.files import Tables, write_text
from attunement.study.plan import specifications
from attunement.study.specification import Specification

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(Path(__file__).parent))

import therapists  # noqa: E402
import worlds_page  # noqa: E402
from direct import scored_tables  # noqa: E402

FIRST_SEED, TARGET_SEED = 5_000_001, 4_000_000
TARGET_THERAPISTS, AT_ONCE = 10_000, 500
CHUNK = 20
FIRST_STUDIES = 10  # of each world, whose estimates are stored one by one
TARGETS = Path(__file__).parent / "worlds_targets.csv"
COLUMNS = ["term", "metric", "estimate", "se", "p", "ci_low", "ci_high", "status"]

NOTHING = {
    "accommodation_d": 0.0,
    "accommodation_or": 1.0,
    "alliance_d": 0.0,
    "within_total": 0.0,
    "challenge": 0.0,
}
OUTCOME = (
    "growth.ors_total.distance",
    "growth_latent.ors_total.distance",
    "lagged.ors_total.distance",
    "change.ors_total.distance",
    "change_latent.ors_total.distance",
    "hazard.therapist_judgement.distance",
)
FEWER = tuple(name for name in OUTCOME if not name.startswith("change"))
LEVELS = ("growth_latent.ors_total.distance",)
MEDIATION = (
    "mediation_within.ors_total.distance.srs_total",
    "mediation_between.ors_total.distance.srs_total",
)
INDICES = (
    "growth.ors_total.distance",
    "growth.ors_total.strong_met",
    *(
        f"scorings_growth.ors_total.{scoring}"
        for scoring in (
            "weighted_distance",
            "strong_sign",
            "profile",
            "normative",
            "distinctive",
            "rated",
        )
    ),
    "dimensions_growth.ors_total.distance.ws_fc",
    "types_growth.ors_total.type_matched",
)
SIDES = "gaps.ors_total.signed_gap.ws_fc"
DIRECTION = (*INDICES[:2], INDICES[4], INDICES[6])


@dataclass(frozen=True)
class Case:
    """A world: what differs from the example's, what is asked, and where nothing is to be found.

    `null` names the coefficients (specification/term, or all of a specification) whose truth is 0;
    every other one is judged against its target.
    """

    changes: dict[str, float]
    asked: tuple[str, ...] = ()
    null: tuple[str, ...] = ()
    therapists: str = ""  # the world of `therapists.py` that is meant
    without_error: bool = False  # exact measures: the truth is what the world was made with


WORLDS: dict[str, Case] = {
    "nothing": Case(NOTHING, (*OUTCOME, *MEDIATION), (*OUTCOME, *MEDIATION)),
    "d = .14": Case({"accommodation_d": 0.14}, FEWER),
    "d = .28": Case({"accommodation_d": 0.28}, OUTCOME),
    "d = .14, exactly measured": Case(
        {"accommodation_d": 0.14, "within_total": 0.0}, LEVELS, without_error=True
    ),
    "d = .28, exactly measured": Case(
        {"accommodation_d": 0.28, "within_total": 0.0}, LEVELS, without_error=True
    ),
    "through the alliance": Case(
        NOTHING
        | {
            "alliance_d": 0.48,
            "alliance_growth": 0.3,
            "alliance_outcome": 0.0,
            "within_total": 0.06,
            "within_mediated": 1.0,
            "srs_mean": 6.5,
        },
        MEDIATION,
        tuple(f"{name}/direct" for name in MEDIATION),
    ),
    # The alliance, too, goes with nothing: ratings of accommodation follow it.
    "preference only": Case(
        NOTHING
        | {
            "challenge": -0.28,
            "within_mediated": 0.0,
            "alliance_outcome": 0.0,
            "alliance_effect": 1e-6,
        },
        (*INDICES, SIDES),
        (*INDICES, SIDES),
    ),
    "direction of mismatch": Case(
        NOTHING | {"mismatch_direction": 0.7},
        (*DIRECTION, "surface.ors_total.ws_fc"),
        (*DIRECTION, "surface.ors_total.ws_fc"),
    ),
    "autocorrelated errors": Case({"residual_autocorrelation": 0.6}, FEWER),
    "delivery ignores preferences": Case({}, therapists="delivery ignores preferences"),
    "a fixed style that fits": Case({}, therapists="a fixed style that fits"),
    "no learning": Case({}, therapists="no learning"),
}


@cache
def project() -> Project:
    """The example's plan, dataset and instruments."""
    return Project(ROOT, "example", anew=True)


@cache
def planned() -> dict[str, Specification]:
    """The example's specifications by name."""
    one = project()
    return {s.name: s for s in specifications(one.config, one.dataset, one.instruments)}


@cache
def world(name: str) -> World:
    """The example's world, with what the named one changes."""
    return load_world(ROOT / "data" / "example" / "world.yaml").with_(**WORLDS[name].changes)


def found(tables: Tables, name: str, normal: bool = False) -> pd.DataFrame:
    """What the models of a world find in a study: a row for each coefficient asked for."""
    asked_for = [planned()[asked] for asked in WORLDS[name].asked]
    if normal:
        asked_for = [one.model_copy(update={"df": "normal"}) for one in asked_for]
    tables, rows = working(tables), []
    with remembering():
        results = [analyse(tables, one) for one in asked_for]
    for specification, result in zip(asked_for, results, strict=True):
        estimates = result.estimates
        terms = {term for term in specification.focal if "therapist" not in term}
        terms |= {"direct"} if specification.analysis == "mediation" else set()
        terms = {"congruence"} if specification.analysis == "surface" else terms
        chosen = estimates.loc[estimates["term"].isin(terms), COLUMNS]
        size = unit(tables, specification) if name in aimed() else 1.0
        rows.append(chosen.assign(specification=specification.name, unit=size))
    return pd.concat(rows, ignore_index=True)[["specification", *COLUMNS, "unit"]]


def aimed() -> list[str]:
    """The worlds in which there is something to find."""
    return [name for name, case in WORLDS.items() if set(case.asked) - set(case.null)]


def unit(tables: Tables, specification: Specification) -> float:
    """Points of accommodation in a standard deviation of this study, by points of the outcome.

    A coefficient is told in a study's own standard deviations: the truth it is to hold is told in
    them too. Latent levels have a standard deviation that is estimated with them: theirs is 1.
    """
    if specification.setting("client_means") == "latent":
        return 1.0
    keys = ["client", "session"]
    scored = tables["accommodation"]
    for column in ("scoring", "dimension"):
        scored = scored[scored[column] == getattr(specification, column)]
    scored = scored[scored["rater"] == specification.informant].set_index(keys)["value"]
    in_units = exposure(tables, specification).set_index(keys)["accommodation"]
    size = float((scored / in_units).median())
    if specification.link == "identity":
        points = outcome_scores(tables, specification.model_copy(update={"outcome_scale": "raw"}))
        size /= float(points.drop_duplicates("client")["outcome"].std())
    return size


def one_study(name: str, seed: int) -> pd.DataFrame:
    """One study of a world, analysed."""
    case = WORLDS[name]
    if case.therapists:
        rows = therapists.one_study(case.therapists, seed).assign(specification="", metric="b")
        return rows.reindex(columns=["specification", *COLUMNS]).assign(seed=seed)
    tables = scored_tables(
        project(),
        simulate(world(name), seed),
        by_dimension=SIDES in case.asked,
        without_error=case.without_error,
    )
    return found(tables, name).assign(seed=seed)


def chunk(name: str, first: int, count: int, folder: Path) -> Path:
    """Analyse some studies unless that was done before; return the file that holds them."""
    path = folder / name.replace(" ", "_") / f"{first}_{count}.csv"
    if not path.exists():
        rows = [one_study(name, first + place) for place in range(count)]
        table = pd.concat(rows, ignore_index=True).assign(world=name)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, table.to_csv(index=False, lineterminator="\n", float_format="%.9g"))
    return path


def studies(names: list[str], count: int, cores: int, folder: Path) -> pd.DataFrame:
    """The estimates of all studies of some worlds, in order; those done before are read."""
    jobs = [
        (name, FIRST_SEED + first, min(CHUNK, count - first), folder)
        for name in names
        for first in range(0, count, CHUNK)
    ]
    with ProcessPoolExecutor(cores) as pool:
        files = []
        for done, path in enumerate(pool.map(chunk, *zip(*jobs, strict=True)), 1):
            files.append(path)
            print(f"\r{done} of {len(jobs)} parts", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return pd.concat([pd.read_csv(path) for path in files], ignore_index=True)


def large(name: str) -> Tables:
    """One very large study of a world, made in parts."""
    parts = []
    for first in range(0, TARGET_THERAPISTS, AT_ONCE):
        study = simulate(
            world(name).with_(therapists=TARGET_THERAPISTS),
            TARGET_SEED,
            therapists=AT_ONCE,
            first_therapist=first,
        )
        made = scored_tables(project(), study)
        kept = made["accommodation"]["scoring"] == "distance"
        made["accommodation"] = made["accommodation"][kept]
        parts.append(made)
    needed = ("clients", "scores", "endings", "dropout", "preferences", "delivery", "accommodation")
    tables = {key: pd.concat([p[key] for p in parts], ignore_index=True) for key in needed}
    return tables | {"availability": parts[0]["availability"]}


def targets(name: str) -> pd.DataFrame:
    """What each model of a world targets: its estimate on the very large study."""
    case = WORLDS[name]
    if case.without_error:  # what it was made with, in standard deviations at intake
        gain = world(name).accommodation_effect
        rows = pd.DataFrame({"specification": case.asked, "term": "time:accommodation_between"})
        rows = rows.assign(world=name, metric="b", estimate=gain, se=0.0, unit=1.0)
    else:
        rows = found(large(name), name, normal=True).assign(world=name)
    return rows[["world", "specification", "term", "metric", "estimate", "se", "unit"]]


def main(arguments: list[str]) -> None:
    """Run what the command line asks for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--studies", type=int, default=1000)
    asked.add_argument("--world", action="append", choices=list(WORLDS))
    asked.add_argument("--cores", type=int, default=2)
    asked.add_argument("--targets", action="store_true")
    asked.add_argument("--kept", type=Path, default=ROOT / "results" / "worlds" / source_hash())
    given = asked.parse_args(arguments)
    names = given.world or list(WORLDS)
    if given.targets:
        made = pd.concat([targets(name) for name in names if name in aimed()], ignore_index=True)
        made = made[~worlds_page.is_null(made, nulls())]
        write_text(TARGETS, made.to_csv(index=False, lineterminator="\n", float_format="%.9g"))
        return
    estimates = studies(names, given.studies, given.cores, given.kept)
    table = worlds_page.summary(estimates, pd.read_csv(TARGETS), nulls())
    docs = ROOT / "docs"
    first = estimates[estimates["seed"] < FIRST_SEED + FIRST_STUDIES]
    write_text(
        docs / "worlds_first_studies.csv",
        first.to_csv(index=False, lineterminator="\n", float_format="%.9g"),
    )
    write_text(
        docs / "worlds.csv", table.to_csv(index=False, lineterminator="\n", float_format="%.6g")
    )
    write_text(docs / "worlds.md", worlds_page.page(table, given.studies, source_hash()))


def nulls() -> dict[str, tuple[str, ...]]:
    """By world, the coefficients whose truth is 0."""
    return {name: case.null for name, case in WORLDS.items()}


if __name__ == "__main__":
    main(sys.argv[1:])
