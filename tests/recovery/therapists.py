"""How often responsiveness and learning from clients are found, where they are and where not.

    python tests/recovery/therapists.py

writes `docs/therapists.csv`: what two analyses find in simulated studies of the example's size, a
row for each world, study and coefficient, and `docs/therapists_shares.csv`, how often. About five
minutes on two cores; `docs/therapists.md` tells them.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from attunement.model import analyse
from attunement.score.expected import Expected, Outcome, expect, later_scores
from attunement.score.flags import flags_table, not_on_track
from attunement.simulate import Study, World, load_world, simulate
from attunement.simulate.measures import ITEMS_OF_DIMENSION, cnip, style
from attunement.simulate.parameters import DIMENSIONS
from attunement.simulate.records import client_names, records
from attunement.study.config import load_config
from attunement.study.contracts import conform, empty
from attunement.study.dataset import load_dataset
from attunement.study.files import Tables
from attunement.study.instruments import load_instruments
from attunement.study.plan import specifications
from attunement.study.specification import Specification

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FIRST_SEED = 7_000_001
ORS = Outcome("ors.total", 1, 0.0, 40.0)
NOT_RESPONSIVE = {"responsiveness_mean": 0.0, "responsiveness_sd": 0.0, "therapists": 30}
# Each world: the analysis that is asked, the number of studies, what differs from the example's. In
# the first three nothing converges: delivery ignores what clients want; clients chose a therapist
# whose style fits; delivery goes with their wishes from the first session on. In `no learning` it
# makes no difference who came before.
WORLDS: dict[str, tuple[str, int, dict[str, float]]] = {
    "delivery ignores preferences": ("responsiveness", 200, NOT_RESPONSIVE),
    "a fixed style that fits": ("responsiveness", 200, NOT_RESPONSIVE | {"style_matched": 0.8}),
    "fitting from the first session on": ("responsiveness", 200, {"therapists": 30}),
    "delivery converges": ("responsiveness", 50, {"therapists": 30, "convergence": 0.1}),
    "no learning": ("best_teacher", 200, {}),
    "learning": ("best_teacher", 50, {"learning": 2.0}),
}
TERMS = {
    "responsiveness": ["session:preference_between", "gap_before", "gap_before_uncorrected"],
    "best_teacher": ["earlier_off_track", "earlier_off_track_uncorrected"],
}


@cache
def world(name: str) -> World:
    """The example's world, with what the named one changes."""
    return load_world(ROOT / "data" / "example" / "world.yaml").with_(**WORLDS[name][2])


@cache
def planned(analysis: str) -> Specification:
    """The example's specification of an analysis, primary informant, with 199 permutations."""
    folder = ROOT / "data" / "example" / "dataset.yaml"
    found = specifications(
        load_config(ROOT / "config.yaml"),
        load_dataset(folder),
        load_instruments(ROOT / "data" / "instruments", folder),
    )
    chosen = next(s for s in found if s.analysis == analysis)
    settings = dict(chosen.settings) | {"permutations": "199"}
    return chosen.model_copy(update={"settings": tuple(settings.items())})


def _long(frame: pd.DataFrame, values: dict[str, pd.Series], name: str) -> pd.DataFrame:
    parts = [frame.assign(dimension=one, **{name: given}) for one, given in values.items()]
    return pd.concat(parts, ignore_index=True).dropna(subset=name)


def wanted_and_given(study: Study) -> Tables:
    """Preferences and delivery as the client rated them, without gaps in a form."""
    client, session = study.rows
    names = client_names(study)
    first = cnip(study, client, session)
    ends = np.cumsum(ITEMS_OF_DIMENSION)
    sums = {
        name: first[[f"cnip_{item}" for item in range(end - size + 1, end + 1)]].sum(axis=1)
        / (3 * size)
        for name, size, end in zip(DIMENSIONS, ITEMS_OF_DIMENSION, ends, strict=True)
    }
    keys = pd.DataFrame({"client": names.to_numpy()[first["client"]]})
    keys["from_session"] = first["session"]
    who, when = client[session > 0], session[session > 0]
    rated = style(study, who, when, study.world.measures.style_noise, "style") / 3
    given = pd.DataFrame({"client": names.to_numpy()[who], "session": when, "rater": "client"})
    values = {name: pd.Series(rated[:, place]) for place, name in enumerate(DIMENSIONS)}
    therapist = pd.Series(study.people.therapist).map("t{:03d}".format)
    return {
        "preferences": conform(_long(keys, sums, "preference"), "preferences"),
        "delivery": conform(_long(given, values, "delivery"), "delivery"),
        "clients": conform(pd.DataFrame({"client": names, "therapist": therapist}), "clients"),
        "availability": empty("availability"),
    }


def followed(study: Study) -> Tables:
    """Clients, their days and endings, and whether each score was on track."""
    made = records(study)
    clients = made["clients"]
    rows = made["sessions"][["client", "session", "day"]].copy()
    rows["value"] = made["sessions"][[f"ors_{item}" for item in range(1, 5)]].sum(axis=1)
    rows = rows.assign(occasion=rows["session"], time=rows["session"].astype(float))
    rows["place"] = pd.Index(clients["client"]).get_indexer(rows["client"])
    found = expect(later_scores(rows, clients), ORS, 25.0, "log", 10.0)
    assert isinstance(found, Expected)
    endings = made["endings"][["client", "last_session", "last_day", "ending"]]
    return {
        "clients": conform(clients, "clients"),
        "sessions": conform(made["sessions"][["client", "session", "day"]], "sessions"),
        "responses": empty("responses"),
        "endings": conform(endings, "endings"),
        "flags": flags_table([not_on_track(found)]),
        "availability": empty("availability"),
    }


def one_study(name: str, seed: int) -> pd.DataFrame:
    """What the analysis of a world finds in one study: a row for each coefficient."""
    analysis = WORLDS[name][0]
    study = simulate(world(name), seed)
    tables = wanted_and_given(study) if analysis == "responsiveness" else followed(study)
    found = analyse(tables, planned(analysis)).estimates
    rows = found[found["term"].isin(TERMS[analysis])]
    rows = rows[["term", "estimate", "se", "p", "status"]]
    return rows.assign(world=name, seed=seed)[["world", "seed", *rows.columns]]


def studies(name: str, seeds: list[int], cores: int) -> pd.DataFrame:
    """The studies of one world, in the order of the seeds."""
    with ProcessPoolExecutor(cores) as pool:
        found = list(pool.map(one_study, [name] * len(seeds), seeds, chunksize=5))
    return pd.concat(found, ignore_index=True)


def shares(rows: pd.DataFrame) -> pd.DataFrame:
    """By world and coefficient: share of studies with p < .05, mean and spread, mean error."""
    return (
        rows.assign(found=rows["p"] < 0.05)
        .groupby(["world", "term"], sort=False, as_index=False)
        .agg(
            studies=("found", "size"),
            found=("found", "mean"),
            mean=("estimate", "mean"),
            spread=("estimate", "std"),
            mean_se=("se", "mean"),
        )
    )


if __name__ == "__main__":
    made = pd.concat(
        [
            studies(name, list(range(FIRST_SEED, FIRST_SEED + number)), cores=2)
            for name, (_, number, _) in WORLDS.items()
        ],
        ignore_index=True,
    )
    made.to_csv(DOCS / "therapists.csv", index=False, float_format="%.9g", lineterminator="\n")
    table = shares(made)
    table.to_csv(
        DOCS / "therapists_shares.csv", index=False, float_format="%.4g", lineterminator="\n"
    )
    print(table.to_string())
