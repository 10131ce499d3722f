"""What can be estimated with a dataset: every analysis asked in memory, none fitted."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from attunement.cli.plain_report import counted, head, say
from attunement.model import remembering, working
from attunement.model.answerable import answerable
from attunement.study.config import Config
from attunement.study.dataset import Dataset
from attunement.study.files import Tables
from attunement.study.instruments import Instrument
from attunement.study.plan import specifications
from attunement.study.problems import NotEstimable

SHOWN = 4  # reasons that are told of one entry of the plan
TOPICS = {
    "therapists": "differences between therapists",
    "sessions": "sessions and when treatment ended",
    "endings": "recorded endings",
    "preferences": "what clients wanted",
    "delivery": "what sessions gave",
    "commensurable": "wishes and delivery on one scale",
    "accommodation": "accommodation: how far wishes were met",
    "type_preferences": "preferences for a type of therapy",
    "alliance": "alliance",
}


def models(
    config: Config, dataset: Dataset, instruments: dict[str, Instrument], tables: Tables
) -> None:
    """Say of each entry of the plan whether it can be tried, on how many, or why not.

    The refusals are those of the model stage itself; only what a fit shows is known after a run.
    """
    head("What can be estimated")
    known = tables["availability"].set_index("topic")
    for topic in known.index:
        name = str(topic)
        if name.startswith("dropout.") or bool(known.loc[topic, "available"]):
            continue
        what = TOPICS.get(name) or _words(name)
        say(f"not: {what}: {known.loc[topic, 'reason']}", "  ", "    ")
    for name, entry in _asked(config, dataset, instruments, tables):
        _tell(name, entry)
        sys.stdout.flush()  # a reader need not wait for the last of them
    say("Yes means that every refusal of the model stage was asked for and none was found: the "
        "model can be tried. Whether it converges, and whether something separates events from "
        "non-events, is told by the run.", "  ")  # fmt: skip
    least, n = config.limits.therapists_for_therapist_terms, _therapists(tables)
    if n < least:
        say(f"What clients of one therapist have in common is left out of models of accommodation: "
            f"{counted(n, 'therapist')}, and config.yaml asks for {least}.", "  ")  # fmt: skip


@dataclass
class Entry:
    """What became of the variants of one entry of the plan."""

    question: str = ""
    variants: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)
    most: tuple[int, int] = (0, 0)


def _asked(
    config: Config, dataset: Dataset, instruments: dict[str, Instrument], tables: Tables
) -> Iterator[tuple[str, Entry]]:
    """Every entry of the plan, each as soon as its analyses were asked, up to their first fit."""
    worked = working(tables)
    planned = specifications(config, dataset, instruments)
    with remembering():
        for name, variants in groupby(planned, lambda one: one.name.partition(".")[0]):
            entry = Entry()
            for one in variants:
                entry.question = one.question
                entry.variants += 1
                try:
                    found = answerable(worked, one)
                except NotEstimable as error:
                    entry.refused[str(error)] += 1
                    continue
                entry.lost.update(found.lost)
                entry.most = max(entry.most, (found.rows, found.clients))
            yield name, entry


def _tell(name: str, entry: Entry) -> None:
    """Say of one entry whether it can be tried, on how many, and what not and why."""
    of = entry.variants
    works = of - entry.refused.total()
    if works:
        n, clients = entry.most
        told = f"yes, on up to {counted(n, 'row')} of {counted(clients, 'client')}"
        told += f" ({works} of {of} variants)" if works < of else ""
        say(f"{name}: {told}. {entry.question}", "  ", "    ")
    else:
        say(f"{name}: no. {entry.question}", "  ", "    ")
    for reason, times in entry.refused.most_common(SHOWN):
        how = f" ({counted(times, 'variant')})" if times < of else ""
        say(f"not estimable{how}: {reason}", "    ")
    more = len(entry.refused) - SHOWN
    if more > 0:
        say(f"and for {counted(more, 'further reason')}", "    ")
    for (term, reason), times in entry.lost.most_common(SHOWN):
        how = f" ({counted(times, 'variant')})" if times < of else ""
        say(f"without {term}{how}: {reason}", "    ")


def _therapists(tables: Tables) -> int:
    return int(tables["clients"]["therapist"].nunique())


def _words(topic: str) -> str:
    kind, _, rest = topic.partition(".")
    told = {
        "outcome": "values of the outcome", "change": "change classes of",
        "scores": "scores of", "accommodation": "accommodation as",
    }  # fmt: skip
    return f"{told.get(kind, kind.replace('_', ' '))} {rest}".strip()
