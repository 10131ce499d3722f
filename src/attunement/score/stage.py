"""The stage: canonical tables in; scores, change, dropout, reliability and availability out."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from attunement.score.answers import Answers, places
from attunement.score.change import outcome_change, scores_of
from attunement.score.change_methods import Setting, change_methods
from attunement.score.dropout import dropouts
from attunement.score.dropout_course import course_of_treatment
from attunement.score.dropout_periods import person_periods
from attunement.score.facts import accepted_facts, check_accepted
from attunement.score.pcoms import pcoms
from attunement.score.quality import reliabilities
from attunement.score.reliability import floor_ceiling, item_checks
from attunement.score.scales import gather_all, refused_keys, scale_scores
from attunement.score.unscored import TOPIC, unscored, why_unscored
from attunement.study.config import load_config
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset, load_dataset
from attunement.study.files import Tables, read_tables, write_table
from attunement.study.instruments import Instrument, load_instruments
from attunement.study.layout import OUTPUTS
from attunement.study.problems import StudyError
from attunement.study.source_order import SourceOrder


def outcomes(dataset: Dataset, instruments: dict[str, Instrument]) -> list[str]:
    """Return the outcomes of a dataset, the primary one first.

    Raises
    ------
    StudyError
        An outcome is no `instrument.scale` or `rating.item` that exists.
    """
    named = list(dict.fromkeys([dataset.outcomes.primary, *dataset.outcomes.secondary]))
    known = [f"{key}.{scale}" for key, one in instruments.items() for scale in one.scales]
    known += [f"{key}.{item}" for key, rating in dataset.ratings.items() for item in rating.items]
    for outcome in named:
        if outcome not in known:
            raise StudyError(
                f"The outcome '{outcome}' of dataset '{dataset.name}' is no scale that is known",
                advice=f"Write instrument.scale; known: {', '.join(known)}.",
            )
    return named


def with_availability(earlier: pd.DataFrame, reasons: dict[str, str]) -> pd.DataFrame:
    """Return the availability table with further topics; a reason means not available."""
    added = pd.DataFrame(
        {
            "topic": list(reasons),
            "available": [not reason for reason in reasons.values()],
            "reason": [reason or None for reason in reasons.values()],
        }
    )
    both = pd.concat(
        [conform(earlier, "availability"), conform(added, "availability")], ignore_index=True
    )
    return conform(both.drop_duplicates("topic", keep="last"), "availability")


def _assessed(scores: pd.DataFrame, clients: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Every score of the primary outcome: a study goes on assessing those who left treatment."""
    found = scores_of(dataset.outcomes.primary, scores, dataset)[["client", "time"]]
    return pd.DataFrame(
        {"place": places(found["client"], clients["client"]), "time": found["time"].to_numpy()}
    )


def score(
    tables: Tables,
    dataset: Dataset,
    instruments: dict[str, Instrument],
    accept_unverified: Collection[str] = (),
    *,
    reliability: bool = True,
) -> Tables:
    """Score a study.

    Parameters
    ----------
    tables : the canonical tables (`clients`, `sessions`, `responses`, `endings`, `availability`).
    dataset, instruments : what the columns mean, and the scoring keys.
    accept_unverified : names of facts to use although unverified, as `phq9.reliable_change`.
    reliability : False leaves `reliability`, `item_checks`, `floor_ceiling`, `change_methods`,
        `person_periods`, the expected trajectory and its flags empty (many studies in memory).

    Returns
    -------
    Tables
        `scores`, `change`, `change_methods`, `dropout`, `person_periods`, `flags`,
        `validity_flags`, `expected_trajectory`, `reliability`, `item_checks`, `floor_ceiling`,
        `accepted_facts`, and `availability` with the earlier topics and `change.<outcome>`,
        `flags.<flag>`, `dropout.<definition>` and, where the key of a scale may not be used,
        `scores.<scale>`, where its rule for missing items may not, `missing_items.<scale>`.
        What the data cannot support is a reason there, never a made-up value.

    Raises
    ------
    StudyError
        An outcome or an accepted fact does not exist.
    """
    check_accepted(accept_unverified, instruments)
    answers = gather_all(tables["responses"], tables["clients"], instruments, accept_unverified)
    return score_answers(
        answers, tables, dataset, instruments, accept_unverified, reliability=reliability
    )


def score_answers(
    answers: dict[str, Answers],
    tables: Tables,
    dataset: Dataset,
    instruments: dict[str, Instrument],
    accept_unverified: Collection[str] = (),
    *,
    reliability: bool = True,
) -> Tables:
    """Score gathered answers (see `score`); of `tables` the long `responses` are not needed."""
    named = outcomes(dataset, instruments)
    clients, endings = tables["clients"], tables["endings"]
    scores = scale_scores(answers, dataset, instruments, accept_unverified)
    refused = refused_keys(answers, instruments, accept_unverified)
    reasons = {f"scores.{scale}": reason for scale, reason in refused.items()}
    lost = unscored(scores, instruments, accept_unverified)
    reasons |= {TOPIC + one.scale: why_unscored(one) for one in lost if one.rules}
    changes = []
    for outcome in named:
        rows, refusal = outcome_change(
            outcome, scores, answers, endings, clients, dataset, instruments, accept_unverified
        )
        changes.append(rows)
        reasons[f"change.{outcome}"] = refusal
    treatment = course_of_treatment(clients, tables["sessions"], endings)
    followed = pcoms(
        scores,
        answers,
        endings,
        clients,
        dataset,
        instruments,
        accept_unverified,
        skip=not reliability,
    )
    dropout, missing = dropouts(
        treatment,
        _assessed(scores, clients, dataset),
        changes[0]["result"].to_numpy(dtype=object),
        reasons[f"change.{dataset.outcomes.primary}"],
        (followed.below, followed.refusal),
        dataset,
    )
    reasons |= followed.reasons
    reasons |= {f"dropout.{definition}": reason for definition, reason in missing.items()}
    left_out = ("reliability", "item_checks", "floor_ceiling", "change_methods")
    found = {name: empty(name) for name in left_out}
    if reliability:
        setting = Setting(
            tables, scores, answers, dataset, instruments, accept_unverified, treatment
        )
        found = {
            "change_methods": change_methods(named, setting),
            "reliability": reliabilities(
                answers, scores, named, dataset, instruments, tables, accept_unverified
            ),
            "item_checks": item_checks(answers, dataset, instruments, accept_unverified),
            "floor_ceiling": floor_ceiling(scores, instruments),
        }
    return (
        found
        | followed.tables
        | {
            "scores": scores,
            "change": conform(pd.concat(changes, ignore_index=True), "change"),
            "dropout": dropout,
            "person_periods": person_periods(dropout, clients, dataset)
            if reliability
            else empty("person_periods"),
            "accepted_facts": accepted_facts(accept_unverified, dataset, instruments),
            "availability": with_availability(tables["availability"], reasons),
        }
    )


def run(
    config_file: Path,
    dataset_file: Path,
    instruments_folder: Path,
    folders: list[Path],
    out: Path,
) -> None:
    """Read the canonical tables from the earlier folders, score them, write the stage's files."""
    config, dataset = load_config(config_file), load_dataset(dataset_file)
    instruments = load_instruments(instruments_folder, dataset_file)
    accepted = config.accept_unverified
    check_accepted(accepted, instruments)
    tables = read_tables(*folders)
    order = SourceOrder.of(tables, dataset)
    tables = order.placed(tables)
    # The responses are the largest table by far: once gathered they are let go.
    answers = gather_all(tables.pop("responses"), tables["clients"], instruments, accepted)
    result = order.restored(score_answers(answers, tables, dataset, instruments, accepted))
    for name in OUTPUTS["score"]:
        write_table(result[Path(name).stem], Path(out) / name)


__all__ = ["outcomes", "run", "score", "score_answers", "with_availability"]
