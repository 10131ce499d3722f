"""Do the marks of a wide layout, {session} and {time}, stand where they can be understood?

A column without the mark is repeated on every occasion. That is right for the client and wrong for
an answer, so that a declaration marks all of its answers or none, and says when they were given.
"""

from __future__ import annotations

from collections.abc import Sequence

from attunement.ingest.declared import file_of
from attunement.ingest.templates import MARKS, mark_of
from attunement.study.contracts import TABLES
from attunement.study.dataset import ColumnSource, Dataset, ResponseSource, TableSource
from attunement.study.problems import StudyError


def _marked(names: Sequence[str]) -> list[str]:
    return [name for name in names if any(mark in name for mark in MARKS)]


def _columns(*told: object) -> list[str]:
    return [one.column for one in told if isinstance(one, ColumnSource)]


def _check_response(source: ResponseSource, dataset: Dataset) -> None:
    items = source.items
    answers = [items] if isinstance(items, str) else [*(items or {}).values(), *(source.wide or {})]
    when = _columns(source.session, source.time, source.day)
    others = [*_columns(source.client), *source.leave_out]
    if mark_of([*answers, *when, *others], file_of(dataset)) is None:
        return

    def fault(what: str, advice: str) -> StudyError:
        return StudyError(
            f"The responses of {source.instrument} {what}", file=file_of(dataset), advice=advice
        )

    if source.wide is not None:
        raise fault(
            "use {session} or {time} under `wide`, which names columns as they stand",
            'Write `items: {total: "..._{session}"}` with `session: "{session}"`.',
        )
    plain = [name for name in answers if name not in _marked(answers)]
    if plain:
        raise fault(
            f"have '{plain[0]}', which would be repeated on every occasion",
            "Write {session} or {time} into the name of every column of answers, or into none.",
        )
    if not _marked(when) or source.at_session is not None:
        raise fault(
            "stand in columns of many occasions, and nothing says which occasion each one is",
            'Write `session: "{session}"`, or `time: "{time}"`, or a `day` with such a name; '
            "and no `at_session`.",
        )


def _check_table(name: str, source: TableSource, dataset: Dataset) -> None:
    names = [told.column for told in [*source.columns.values(), *source.covariates.values()]]
    marked = _marked(names)
    if mark_of(names, file_of(dataset)) is None:
        return
    keys = [key for key in TABLES[name].key if key != TABLES[name].key[0]]
    told = _columns(*(source.columns.get(key) for key in keys))
    if not _marked(told):
        raise StudyError(
            f"The table {name} takes '{marked[0]}' of many occasions, and has no column that says "
            "which occasion it is",
            file=file_of(dataset),
            advice=f'Write `{keys[-1]}: "{{session}}"`.'
            if keys
            else "Name the column of one occasion.",
        )
    if all(one in MARKS for one in marked):
        raise StudyError(
            f"The table {name} asks for '{marked[0]}', and no name of a column holds it",
            file=file_of(dataset),
            advice='Write for example `attended: "came_s{session}"`.',
        )


def check_marks(dataset: Dataset) -> None:
    """Demand that every declaration of a wide layout can be understood.

    Raises
    ------
    StudyError
        Answers or tables of many occasions without an occasion, or an occasion without columns.
    """
    for name in ("clients", "therapists", "sessions", "endings", "type_preferences"):
        source = getattr(dataset, name)
        if source is not None:
            _check_table(name, source, dataset)
    for response in dataset.responses:
        _check_response(response, dataset)
