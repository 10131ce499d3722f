"""Studies of leaving with known truth: simulated, analysed as the pipeline does, and counted.

    python tests/recovery/dropout.py

writes the estimates of all studies to `docs/recovery_dropout.csv` and what they come to to
`docs/recovery_dropout.md`. Each study has its own seed: its number.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attunement.mixed import fit_logistic
from attunement.model import analyse
from attunement.model.centring import between_sd
from attunement.model.exposure import exposure
from attunement.model.incidence import incidence_rows
from attunement.model.standardised import standardised_rows
from attunement.study.contracts import conform, empty
from attunement.study.specification import Specification

DOCS = Path(__file__).parents[2] / "docs"
STUDIES, CLIENTS, THERAPISTS, SESSIONS = 300, 300, 20, 12
DEFINITION, LANDMARK, UNTIL = "therapist_judgement", 3, 8
LOG_ODDS, SPREAD = -0.5, 0.5  # of accommodation so far (per SD of a session's), of therapists
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(41)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


def logistic(values: np.ndarray) -> np.ndarray:
    """Probability of a logit."""
    return 1.0 / (1.0 + np.exp(-values))


def study(number: int, effect: float) -> dict[str, pd.DataFrame]:
    """Tables of one study in which accommodation so far acts on the logit of leaving by `effect`.

    A tenth leave after intake, before anything was delivered. Hazards of dropout fall with time and
    differ between therapists; planned endings compete; cases are open where observation ends
    before they do, and after the last session.
    """
    random = np.random.default_rng(number)
    therapist = np.arange(CLIENTS) % THERAPISTS
    level = SPREAD * random.standard_normal(THERAPISTS)[therapist]
    own = random.standard_normal(CLIENTS)
    met = 0.7 * own[:, None] + 0.7 * random.standard_normal((CLIENTS, SESSIONS))
    so_far = met.cumsum(axis=1) / np.arange(1, SESSIONS + 1)
    time = np.arange(1, SESSIONS + 1)
    hazard = logistic(-3.0 + 1.2 * np.exp(-time / 2.0) + effect * so_far + level[:, None])
    planned = np.broadcast_to(0.02 * time / 3.0, hazard.shape)
    chance = random.random(hazard.shape)
    kind = np.where(chance < hazard, 1, np.where(chance < hazard + planned, 2, 0))
    stays = (kind == 0).all(axis=1)  # beyond the last session: still open then
    last = np.where(stays, SESSIONS, (kind > 0).argmax(axis=1) + 1)
    how = kind[np.arange(CLIENTS), last - 1]
    at_once = random.random(CLIENTS) < 0.1
    last, how = np.where(at_once, 0, last), np.where(at_once, 1, how)
    closes = np.where(random.random(CLIENTS) < 0.25, random.integers(1, SESSIONS, CLIENTS), 99)
    closes = np.where(stays, np.minimum(closes, SESSIONS), closes)
    open_case = (closes <= last) & ~at_once
    last = np.where(open_case, closes, last)
    client = np.array([f"c{place:03d}" for place in range(CLIENTS)])
    rows, at = np.nonzero(time <= last[:, None])
    seen = pd.DataFrame({"client": client[rows], "session": at + 1, "rater": "client"})
    scored = seen.assign(
        scoring="distance",
        dimension="all",
        value=0.5 + 0.1 * met[rows, at],
        n_dimensions=1,
        no_strong_preference=False,
    )
    wanted = pd.DataFrame({"client": client, "dimension": "ws_fc", "from_session": 0, "band": 0})
    dropout = pd.DataFrame(
        {
            "client": client,
            "definition": DEFINITION,
            "status": np.where(open_case, "censored", np.where(how == 1, "dropped_out", "stayed")),
            "last_time": last.astype(float),
            "planned_ending": np.where(open_case, None, how == 2),
        }
    )
    topics = ["preferences", "delivery", "commensurable", "accommodation"]
    given = seen.assign(dimension="ws_fc", delivery=0.0, band=0)
    people = pd.DataFrame({"client": client, "therapist": [f"t{place}" for place in therapist]})
    return {
        "clients": conform(people, "clients"),
        "accommodation": conform(scored, "accommodation"),
        "delivery": conform(given, "delivery"),
        "preferences": conform(wanted.assign(preference=0.0), "preferences"),
        "dropout": conform(dropout, "dropout"),
        "endings": empty("endings"),
        "availability": conform(pd.DataFrame({"topic": topics, "available": True}), "availability"),
    }


def specification(**changes: Any) -> Specification:
    """The planned hazard without main effects (delivery and preference are constant here)."""
    choices: dict[str, Any] = {
        "dataset": "simulated",
        "name": "hazard",
        "question": "?",
        "estimand": "e",
        "rows": "person_periods",
        "outcome": "dropout",
        "dropout_definition": DEFINITION,
        "scoring": "distance",
        "dimensions": ("ws_fc",),
        "informant": "client",
        "landmark": LANDMARK,
        "formula": "event ~ baseline + accommodation_past",
        "random": (("therapist", "1"),),
        "link": "logit",
        "df": "normal",
        "levels": (("accommodation_past", "-"),),
    }
    return Specification(**(choices | changes))


SPLINE = "event ~ baseline_1 + baseline_2 + baseline_3 + accommodation_past"
MODELS = {
    "hazard": specification(),
    "smooth baseline": specification(formula=SPLINE, settings=(("baseline", "spline"),)),
    "planned endings": specification(settings=(("cause", "planned_ending"),)),
    "landmark": specification(rows="landmark", formula="event ~ accommodation_past"),
}
# The odds ratio of the landmark is no parameter of a world of hazards; without an effect it is 1.
ASKED = {
    "effect": ("hazard", "smooth baseline", "planned endings"),
    "no effect": ("hazard", "landmark"),
}


def fits(number: int) -> list[dict[str, Any]]:
    """Estimates (logarithms) of the models of two studies: with the effect, and without any."""
    found = []
    for world, effect in (("effect", LOG_ODDS), ("no effect", 0.0)):
        tables = study(number, effect)
        # The unit is the SD of clients' means; accommodation counts in tenths here.
        sd = (
            between_sd(
                exposure(tables, MODELS["hazard"]).assign(
                    accommodation=tables["accommodation"]["value"].to_numpy()
                ),
                "accommodation",
            )
            / 0.1
        )
        for name, planned in MODELS.items():
            if name not in ASKED[world]:
                continue
            rows = analyse(tables, planned).estimates
            row = rows[rows["term"] == "accommodation_past"].iloc[0]
            truth = 0.0 if name == "planned endings" else effect * sd
            found.append(
                _line(
                    number,
                    world,
                    name,
                    truth,
                    np.log(row["estimate"]),
                    row["se"],
                    np.log(row["ci_low"]),
                    np.log(row["ci_high"]),
                )
            )
    return found


def risks(number: int) -> list[dict[str, Any]]:
    """Standardised risks of a landmark study whose truth follows from its own clients."""
    random = np.random.default_rng(10_000 + number)
    therapist = np.arange(CLIENTS) % THERAPISTS
    frame = pd.DataFrame({"therapist": therapist, "severity": random.standard_normal(CLIENTS)})
    frame["accommodation_past"] = 0.3 * frame["severity"] + random.standard_normal(CLIENTS)
    frame["accommodation_past"] -= frame["accommodation_past"].mean()
    fixed = -0.8 + 0.8 * frame["severity"].to_numpy()
    level = SPREAD * random.standard_normal(THERAPISTS)[therapist]
    own = LOG_ODDS * frame["accommodation_past"].to_numpy()
    frame["event"] = (random.random(CLIENTS) < logistic(fixed + own + level)) * 1.0
    fitted = fit_logistic("event ~ accommodation_past + severity", frame, "therapist")
    sd = frame["accommodation_past"].std(ddof=1)
    places = SPREAD * NODES
    low, high = (
        float((logistic(fixed[:, None] + LOG_ODDS * side * sd + places) @ WEIGHTS).mean())
        for side in (-1, 1)
    )
    odds = [p / (1 - p) for p in (low, high)]
    truths = [low, high, high - low, high / low, odds[1] / odds[0], np.exp(2 * sd * LOG_ODDS)]
    rows = standardised_rows(fitted, frame)
    names = ["risk at low", "risk at high", "difference", "risk ratio", "marginal OR"]
    lines = []
    for name, truth, row in zip(
        [*names, "conditional OR"], truths, rows.to_dict("records"), strict=True
    ):
        turned = np.log if row["scale"] == "ratio" else float
        values = (turned(row[key]) for key in ("estimate", "se", "ci_low", "ci_high"))
        estimate, _, below, above = values
        lines.append(
            _line(
                number,
                "effect",
                f"standardised: {name}",
                turned(truth),
                estimate,
                row["se"],
                below,
                above,
            )
        )
    return lines


def incidence(number: int) -> list[dict[str, Any]]:
    """Incidence in halves of early accommodation, clients of therapists who differ."""
    random = np.random.default_rng(20_000 + number)
    therapist = np.arange(CLIENTS) % THERAPISTS
    high = random.random(CLIENTS) < 0.5
    level = 0.8 * random.standard_normal(THERAPISTS)[therapist]
    chance = logistic(-2.2 - 0.5 * high + level)
    planned = 0.08
    leaves = LANDMARK + random.geometric(chance + planned) - 1
    dropped = random.random(CLIENTS) < chance / (chance + planned)
    open_after = random.integers(LANDMARK + 1, 25, CLIENTS)
    censored = open_after <= leaves
    clients = pd.DataFrame(
        {
            "client": np.arange(CLIENTS).astype(str),
            "therapist": therapist.astype(str),
            "last": np.minimum(leaves, open_after).astype(float),
            "status": np.where(censored, "censored", np.where(dropped, "dropped_out", "stayed")),
            "planned": ~dropped & ~censored,
            "group": np.where(high, "high", "low"),
        }
    )
    rows = incidence_rows(clients, UNTIL).to_dict("records")
    periods = np.arange(UNTIL - LANDMARK + 1)[:, None]
    shares: dict[str, list[float]] = {"dropped out": [], "planned": []}
    for shift in (0.0, -0.5):
        rate = logistic(-2.2 + shift + 0.8 * NODES)
        staying = ((1 - rate - planned) ** periods).sum(axis=0)
        shares["dropped out"].append(float(rate * staying @ WEIGHTS))
        shares["planned"].append(float(planned * staying @ WEIGHTS))
    lines = []
    for place, (name, (low, above)) in enumerate(shares.items()):
        for row, ending, truth in zip(
            rows[3 * place : 3 * place + 3],
            ("low", "high", "high - low"),
            (low, above, above - low),
            strict=True,
        ):
            lines.append(
                _line(
                    number,
                    "effect",
                    f"incidence: {name}, {ending}",
                    truth,
                    row["estimate"],
                    row["se"],
                    row["ci_low"],
                    row["ci_high"],
                )
            )
    return lines


def _line(
    number: int, world: str, name: str, truth: float, estimate: float, se: float, low: float,
    high: float,
) -> dict[str, Any]:  # fmt: skip
    return {"study": number, "world": world, "quantity": name, "truth": float(truth),
            "estimate": float(estimate), "se": float(se), "ci_low": float(low),
            "ci_high": float(high)}  # fmt: skip


def studies(first: int, count: int) -> pd.DataFrame:
    """All estimates of some studies, one after the other."""
    lines = []
    for number in range(first, first + count):
        lines += [*fits(number), *risks(number), *incidence(number)]
    return pd.DataFrame(lines)


def summary(estimates: pd.DataFrame) -> pd.DataFrame:
    """By world and quantity: truth, bias and its Monte Carlo error, SD, mean SE, coverage."""
    held = estimates.assign(
        error=estimates["estimate"] - estimates["truth"],
        holds=(estimates["ci_low"] <= estimates["truth"])
        & (estimates["truth"] <= estimates["ci_high"]),
    )
    table = held.groupby(["world", "quantity"], sort=False).agg(
        studies=("error", "size"),
        truth=("truth", "mean"),
        bias=("error", "mean"),
        sd=("error", "std"),
        mean_se=("se", "mean"),
        coverage=("holds", "mean"),
    )
    table["bias_error"] = table["sd"] / np.sqrt(table["studies"])
    return table.reset_index()


def page(table: pd.DataFrame) -> str:
    """The summary as a page."""
    lines = [
        "# Leaving found again",
        "",
        f"{STUDIES} simulated studies of {CLIENTS} clients of {THERAPISTS} therapists each,"
        " analysed as the pipeline does (`python tests/recovery/dropout.py`, which says how they"
        " are made; every estimate is in `recovery_dropout.csv`). Ratios are on the logarithm. In"
        " the world `no effect` accommodation does nothing: 1 \u2212 coverage is the share of false"
        f" positives. Of {STUDIES} intervals that hold the truth 95 times in 100, 92.5 to 97.5% do"
        " (95% of the time).",
        "",
        "| world | quantity | truth | bias (its error) | SD | mean SE | coverage |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in table.to_dict("records"):
        lines.append(
            f"| {row['world']} | {row['quantity']} | {row['truth']:.3f} | {row['bias']:.4f} "
            f"({row['bias_error']:.4f}) | {row['sd']:.3f} | {row['mean_se']:.3f} | "
            f"{100 * row['coverage']:.1f}% |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    found = studies(0, STUDIES)
    DOCS.joinpath("recovery_dropout.csv").write_text(
        found.to_csv(index=False, lineterminator="\n", float_format="%.10g"), encoding="utf-8"
    )
    DOCS.joinpath("recovery_dropout.md").write_text(page(summary(found)), encoding="utf-8")
