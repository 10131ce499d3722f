"""What was found in a dataset: files, people, measures, endings."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attunement.cli.plain_report import counted, head, rows, say, several
from attunement.ingest.readers.arranged import label
from attunement.release.description import attended
from attunement.study.dataset import ColumnSource, Dataset
from attunement.study.files import Tables
from attunement.study.instruments import Instrument

SCALES = 6  # scores that are told of one form
DEFINITIONS = {
    "therapist_judgement": "judged by the therapist",
    "missed_last_appointment": "last appointment missed",
    "protocol_not_completed": "agreed number not completed",
    "fewer_than_n_sessions": "fewer than n sessions",
    "no_reliable_change": "left without reliable change",
    "study_attrition": "assessments ended early",
}


def _frame(source: Any) -> pd.DataFrame:
    return source if isinstance(source, pd.DataFrame) else source.frame


def _names(value: Any) -> list[str]:
    """The columns that a part of a declaration names."""
    if isinstance(value, ColumnSource):
        return [value.column]
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [name for one in value.values() for name in _names(one)]
    return []


def used_columns(dataset: Dataset, name: str, columns: list[str]) -> set[str]:
    """The columns of a source that the declaration uses; templates are matched."""
    import re

    used: set[str] = set()
    patterns: list[str] = []
    tables = [dataset.clients, dataset.therapists, dataset.sessions, dataset.endings,
              dataset.type_preferences]  # fmt: skip
    for table in tables:
        if table is not None and table.source == name:
            patterns += _names(table.columns) + [one.column for one in table.covariates.values()]
    for response in dataset.responses:
        if response.source != name:
            continue
        for value in (response.client, response.session, response.time, response.day,
                      response.items):  # fmt: skip
            patterns += _names(value)
        patterns += list(response.wide or {}) + list(response.leave_out)
    for pattern in patterns:
        if "{" in pattern:
            parts = re.split(r"\{(?:item|session|time)\}", pattern)
            made = re.compile("(.+)".join(re.escape(part) for part in parts))
            used |= {column for column in columns if made.fullmatch(column)}
        used.add(pattern)
    for source in dataset.sources.values():
        if source.join and name in source.join:
            whole = next(key for key, one in dataset.sources.items() if one is source)
            used |= used_columns(dataset, whole, columns)
    used |= set(dataset.sources[name].only)
    return used


def files(dataset: Dataset, sources: dict[str, Any]) -> None:
    """The sources: rows, columns, and the columns that nothing uses."""
    head("Files read")
    for name, source in dataset.sources.items():
        if name not in sources:
            continue
        frame = _frame(sources[name])
        columns = [str(column) for column in frame.columns]
        used = used_columns(dataset, name, columns)
        left = [column for column in columns if column not in used and column not in source.drop]
        sheet = f", sheet {source.sheet}" if source.sheet else ""
        say(f"{name}: {label(name, source)}{sheet}, {counted(len(frame), 'row')}, "
            f"{counted(len(columns), 'column')}", "  ", "    ")  # fmt: skip
        if left and not source.join:  # of a join each part tells its own
            say(f"not used: {several(left, 12)}", "    ")


def people(tables: Tables) -> None:
    """Clients, therapists and sessions."""
    clients, sessions = tables["clients"], tables["sessions"]
    therapists = clients["therapist"].dropna()
    head("People")
    told = counted(len(clients), "client")
    if len(therapists):
        caseload = therapists.value_counts()
        lacking = len(clients) - len(therapists)
        told += f" of {counted(therapists.nunique(), 'therapist')}"
        told += f" ({caseload.min()} to {caseload.max()} each"
        told += f"; {lacking} without one)" if lacking else ")"
    else:
        told += ", no therapists recorded"
    say(told, "  ")
    if len(sessions):
        per = sessions.groupby("client", observed=True).size()
        median = f"median {per.median():g} each, from {per.min()} to {per.max()}"
        say(f"{counted(len(sessions), 'session')} of {counted(len(per), 'client')}: {median} "
            "(all that are recorded, intake and missed appointments among them)", "  ")  # fmt: skip
        came = attended(tables)["sessions_attended"]
        told = f"{counted(int(came.sum()), 'session')}, mean {came.mean():.1f} each"
        say(f"attended, intake not counted, as table 1 has it: {told}", "  ")
    else:
        say("no sessions recorded", "  ")


def _spread(values: pd.Series) -> str:
    return (
        f"{values.min():.4g} to {values.max():.4g}, mean {values.mean():.2f}"
        if len(values)
        else "none"
    )


def measures(dataset: Dataset, tables: Tables, instruments: dict[str, Instrument]) -> None:
    """Each questionnaire and rating: who answered, how often, what is missing, the range."""
    head("Measures")
    responses = tables["responses"]
    declared = list(dict.fromkeys((one.instrument, one.rater) for one in dataset.responses))
    for name, rater in declared:
        of = (responses["instrument"] == name) & (responses["rater"] == rater)
        some = responses.loc[of.to_numpy(dtype=bool)]
        told = some[some["value"].notna()]
        known = instruments[name].name if name in instruments else "a declared rating"
        roles = []
        if dataset.preference and dataset.preference.instrument == name:
            roles.append(f"what clients want, coded {dataset.preference.coding}")
        if dataset.delivery and dataset.delivery.rating == name:
            same = (
                "same scale as wishes"
                if dataset.delivery.commensurable
                else "another scale than wishes"
            )
            coding = dataset.delivery.coding or "left_positive"
            roles.append(f"what sessions gave, coded {coding}, {same}")
        ranks = {"primary": [dataset.outcomes.primary], "secondary": dataset.outcomes.secondary}
        roles += [f"{rank} outcome" for rank, outcomes in ranks.items()
                  if any(one.partition(".")[0] == name for one in outcomes)]  # fmt: skip
        role = f" [{'; '.join(roles)}]" if roles else ""
        say(f"{name} ({known}), by the {rater}{role}", "  ", "    ")
        if told.empty:
            say("no answer was read", "    ")
            continue
        occasions = told.drop_duplicates(["client", "occasion"])
        per = occasions.groupby("client", observed=True).size()
        missing = 100 * (1 - len(told) / len(some))
        say(f"{counted(len(per), 'client')}, {counted(len(occasions), 'occasion')} "
            f"(median {per.median():g} each); answers {_spread(told['value'])}; "
            f"{missing:.1f}% of the answers on these occasions missing", "    ")  # fmt: skip
        _scores(name, rater, dataset, tables)


def _in_order(pair: tuple[Any, Any]) -> tuple[int, str]:
    """Scores by name, those with a number by it."""
    name = str(pair[0])
    return (int(name) if name.isdigit() else 0, name)


def _scores(name: str, rater: str, dataset: Dataset, tables: Tables) -> None:
    scores = tables["scores"]
    of = (scores["instrument"] == name) & (scores["rater"] == rater) & scores["value"].notna()
    some = scores.loc[of.to_numpy(dtype=bool)]
    parts = [
        f"{scale}: n = {len(part):,}, {_spread(part['value'])}"
        for scale, part in sorted(some.groupby("scale", observed=True), key=_in_order)
    ]
    more = len(parts) - SCALES
    parts = [*parts[:SCALES], f"and {counted(more, 'further score')}"] if more > 1 else parts
    if parts and not (name in dataset.ratings and len(dataset.ratings[name].items) == 1):
        say("scores " + "; ".join(parts), "    ")


def endings(dataset: Dataset, tables: Tables) -> None:
    """How treatment ended, and each definition of dropout: its count, or why it has none."""
    head("Endings and dropout")
    known = tables["endings"]
    if known.empty:
        say("no endings recorded", "  ")
    else:
        found = known["ending"].value_counts()
        words = [f"{word} {n:,}" for word, n in found.items() if n]
        words.append(f"not told {int(known['ending'].isna().sum()):,}")
        say(f"{counted(len(known), 'client')} with a row: {', '.join(words)}", "  ")
    status = tables["availability"].set_index("topic")
    lines, most_open = [], 0
    for topic in status.index:
        if not str(topic).startswith("dropout."):
            continue
        definition = str(topic).removeprefix("dropout.")
        told = DEFINITIONS.get(definition, definition.replace("_", " "))
        n_sessions = dataset.dropout.fewer_than_n_sessions
        if definition == "fewer_than_n_sessions" and n_sessions is not None:
            told = f"fewer than {n_sessions} sessions"
        if not bool(status.loc[topic, "available"]):
            lines.append((told, f"not estimable: {status.loc[topic, 'reason']}"))
            continue
        rows_of = tables["dropout"]["definition"] == definition
        n = tables["dropout"].loc[rows_of.to_numpy(dtype=bool), "status"].value_counts()
        dropped, stayed = int(n.get("dropped_out", 0)), int(n.get("stayed", 0))
        share = f" ({100 * dropped / (dropped + stayed):.0f}%)" if dropped + stayed else ""
        still, unknown = int(n.get("censored", 0)), int(n.get("unknown", 0))
        rate = f"{dropped:,} of {dropped + stayed:,} dropped out{share}"
        most_open = max(most_open, still)
        lines.append((told, f"{rate}; still open {still:,}, unknown {unknown:,}"))
    rows(lines)
    if most_open:
        say("Open cases are in no share. Curves and hazards hold them at risk up to the session "
            "before their last, for whether they come again is not known. Clients followed "
            "to the end and did not leave are 'completed', not 'ongoing'.", "  ")  # fmt: skip
