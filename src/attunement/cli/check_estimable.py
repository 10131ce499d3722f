"""What can be estimated with a dataset: every planned model prepared in memory, none fitted."""

from __future__ import annotations

from collections import Counter

from attunement.cli.plain_report import counted, head, say
from attunement.model.analyses import rows_of
from attunement.study.config import Config
from attunement.study.dataset import Dataset
from attunement.study.files import Tables
from attunement.study.instruments import Instrument
from attunement.study.plan import specifications
from attunement.study.problems import NotEstimable

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
    """Say of each planned model whether the data hold what it needs, on how many, or why not.

    A model that is called possible has its rows; whether it converges is known only after a run.
    """
    head("What can be estimated")
    known = tables["availability"].set_index("topic")
    for topic in known.index:
        name = str(topic)
        if name.startswith("dropout.") or bool(known.loc[topic, "available"]):
            continue
        what = TOPICS.get(name) or _words(name)
        say(f"not: {what}: {known.loc[topic, 'reason']}", "  ", "    ")
    found: dict[str, list[str]] = {}
    possible: dict[str, tuple[int, int]] = {}
    questions: dict[str, str] = {}
    total: Counter[str] = Counter()
    n_therapists = int(tables["clients"]["therapist"].nunique())
    for one in specifications(config, dataset, instruments):
        name = one.name.partition(".")[0]
        total[name] += 1
        questions.setdefault(name, one.question)
        try:
            frame = rows_of(tables, one)
        except NotEstimable as error:
            found.setdefault(name, []).append(str(error))
            continue
        n, before = len(frame), possible.get(name, (0, 0))
        possible[name] = max(before, (n, frame["client"].nunique()))
    for name, of in total.items():
        reasons = Counter(found.get(name, []))
        works = of - sum(reasons.values())
        if name in possible:
            n, clients = possible[name]
            told = f"yes, on up to {counted(n, 'row')} of {counted(clients, 'client')}"
            told += f" ({works} of {of} variants)" if works < of else ""
            say(f"{name}: {told}. {questions[name]}", "  ", "    ")
        else:
            say(f"{name}: no. {questions[name]}", "  ", "    ")
        for reason, times in reasons.most_common(4):
            how = f" ({counted(times, 'variant')})" if times < of else ""
            say(f"not estimable{how}: {reason}", "    ")
    if possible:
        say("Yes means that the rows are there; whether a model can be fitted shows only in a run.",
            "  ")  # fmt: skip
    least = config.limits.therapists_for_therapist_terms
    if n_therapists < least:
        told = counted(n_therapists, "therapist")
        say(f"Differences between therapists are not estimated: {told}, and "
            f"config.yaml asks for {least}.", "  ")  # fmt: skip


def _words(topic: str) -> str:
    kind, _, rest = topic.partition(".")
    told = {
        "outcome": "values of the outcome", "change": "change classes of",
        "scores": "scores of", "accommodation": "accommodation as",
    }  # fmt: skip
    return f"{told.get(kind, kind.replace('_', ' '))} {rest}".strip()
