"""What to look at in a dataset: values that were not taken as they stood, and what privacy asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from attunement.accommodate.poles import QUESTION, against, directions
from attunement.cli.plain_report import counted, head, say, several
from attunement.ingest.conflicts import KINDS
from attunement.ingest.future import Later
from attunement.score.unscored import Unscored, how_to_score
from attunement.study.dataset import Dataset
from attunement.study.files import Tables
from attunement.study.instruments import Instrument

FIRST = 3  # rows that are shown of each kind of conflict
ANSWERS = 100  # of a questionnaire, before one misses its lowest answer
MOST_STEPS = 6
MOST = 6  # columns and reasons that are told of each kind
DONE = {
    "set missing": "set missing",
    "kept": "kept as it is",
    "row left out": "row left out",
    "settled by rule": "settled by the rule in dataset.yaml",
}
DECISIONS = {
    "dropped": "left at the door", "allowed": "let in all the same", "pooled": "pooled",
    "days": "dates that become days", "kept": "kept",
}  # fmt: skip


def conflicts(table: pd.DataFrame) -> None:
    """What could not be taken as it stood, by kind, column and reason, with the first rows."""
    head("Conflicts")
    if table.empty:
        say("none: every value was taken as it stands", "  ")
        return
    whole = table.assign(
        column=table["column"].fillna(""), action=table["action"].astype("str"),
        detail=table["detail"].fillna(""),
    )  # fmt: skip
    keys = ["kind", "source", "column", "action", "detail"]
    groups = whole.groupby(keys, observed=True, sort=False)
    for kind, some in whole.groupby("kind", observed=True, sort=False):
        say(f"{len(some):,} x {KINDS.get(str(kind), str(kind))}", "  ")
        parts = sorted(
            ((key, part) for key, part in groups if key[0] == kind), key=lambda one: -len(one[1])
        )
        for (_, source, column, action, detail), part in parts[:MOST]:
            where = f"{source}, {column}" if column else str(source)
            shown = [f"row {row}" for row in part["row"].head(FIRST)]
            more = ", ..." if len(part) > FIRST else ""
            done = DONE.get(str(action), str(action))
            say(f"{where}: {len(part):,} ({', '.join(shown)}{more}); {done}; "
                f"{detail}", "    ")  # fmt: skip
        if parts[MOST:]:
            rest = sum(len(part) for _, part in parts[MOST:])
            say(f"and {rest:,} more, in other columns or for other reasons", "    ")


def unscored(lost: Sequence[Unscored]) -> None:
    """Occasions that were answered in part and have no score, and what would change that."""
    if not lost:
        return
    head("Answered, and not scored")
    for one in lost:
        say(f"{one.scale}: {one.rows:,} of {counted(one.answered, 'occasion')} with answers "
            f"({counted(one.clients, 'client')}) lack items and have no score", "  ")  # fmt: skip
        if one.rules:
            say(f"{one.mended:,} of them may be scored by a rule that is not verified: "
                f"{how_to_score(one.rules)}", "    ")  # fmt: skip
        else:
            say("no rule for so many missing items is known", "    ")


def future(later: Sequence[Later]) -> None:
    """Dates that lie after today, with their first rows."""
    if not later:
        return
    head("Dates after today")
    for one in later:
        shown = ", ".join(f"row {row}" for row in one.rows[:FIRST])
        more = ", ..." if len(one.rows) > FIRST else ""
        say(f"{one.source}, {one.column}: {len(one.rows):,} ({shown}{more})", "  ")
    say("Most are a year mistyped. They are taken as they stand: correct them in the file. A run "
        "does not look at the calendar, so it lists none of them.", "  ")  # fmt: skip


def lowest(tables: Tables, instruments: Mapping[str, Instrument]) -> None:
    """Questionnaires of which nobody ever gave the lowest answer: coded from another number?"""
    doubts = []
    for key, some in tables["responses"].groupby("instrument", observed=True):
        if str(key) not in instruments:  # a rating of its own
            continue
        answer = instruments[str(key)].response
        values = some["value"].dropna()
        few = answer.step == 1 and answer.high - answer.low <= MOST_STEPS
        if few and len(values) >= ANSWERS and not (values == answer.low).any():
            doubts.append((key, values, answer))
    if doubts:
        head("Answers")
    for key, values, answer in doubts:
        say(f"{key}: none of {len(values):,} answers is {answer.low:g}, the lowest; they go from "
            f"{values.min():g} to {values.max():g}. If the form is coded from {answer.low + 1:g}, "
            "every score is too high: say under `values` which number each answer stands for",
            "  ")  # fmt: skip


def poles(dataset: Dataset, tables: Tables) -> None:
    """Wishes and delivery that go against each other on a scale that is declared as common."""
    if dataset.delivery is None or not dataset.delivery.commensurable:
        return
    turned = against(directions(tables["preferences"], tables["delivery"]))
    if not turned:
        return
    head("Wishes and what sessions gave")
    for one in turned:
        where = "all dimensions pooled" if one.dimension == "all" else one.dimension
        say(f"they go against each other: the more a client wanted of a pole, the less sessions "
            f"gave of it ({where}: r = {one.correlation:.2f} [{one.low:.2f}, {one.high:.2f}], "
            f"{counted(one.n_clients, 'client')})", "  ")  # fmt: skip
    say(QUESTION[0].upper() + QUESTION[1:] + ".", "  ")
    say("If they are, it is a finding, and nothing needs to be changed.", "  ")


def privacy(dataset: Dataset, tables: Tables) -> None:
    """What is left at the door, what is let in all the same, what becomes of ids."""
    head("Privacy")
    say(f"disclosure: {dataset.disclosure}"
        + (" (small cells are emptied and counts rounded in what is released)"
           if dataset.disclosure == "confidential" else ""), "  ")  # fmt: skip
    say("ids are replaced by pseudonyms under a secret key" if dataset.keyed
        else "ids stay as they are in the private results", "  ")  # fmt: skip
    decisions = tables["privacy"]
    for decision, told in DECISIONS.items():
        some = decisions[(decisions["decision"] == decision).to_numpy(dtype=bool)]
        nobody = some["n_rows"].eq(0).fillna(False)
        shown = [
            f"{what} ({kind}{': nobody' if none else ''})"
            for what, kind, none in zip(some["what"], some["kind"], nobody, strict=True)
        ]
        if shown:
            say(f"{told}: {several(shown, 20)}", "  ")
    for where, reason in dataset.privacy.allow.items():
        say(f"the reason given for {where}: {reason}", "  ")
    if dataset.privacy.quasi_identifiers:
        say(f"others may know of a person: {', '.join(dataset.privacy.quasi_identifiers)}", "  ")
        counted_rows = tables["anonymity"].dropna(subset=["smallest_class"])
        if len(counted_rows):
            order = counted_rows["n_variables"].astype("float64").to_numpy()
            most = counted_rows.iloc[int(order.argmax())]
            say(f"all of them together: {most['n_unique']} of {most['n_clients']} clients are "
                f"alone with their values (ages: {most['ages']})", "    ")  # fmt: skip
    elif dataset.clients.covariates:
        say("no quasi-identifiers are declared: how rare persons are is not counted", "  ")
