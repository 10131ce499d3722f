"""Files of the same form, one for each year or site, put below one another into one source."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations, takewhile
from typing import Any

from attunement.ingest.guesses.columns import Table, look
from attunement.ingest.guesses.names import slug
from attunement.ingest.guesses.people import client_columns, date_column, session_column
from attunement.ingest.readers.raw import Raw
from attunement.ingest.readers.stacking import stack
from attunement.study.problems import StudyError
from attunement.study.sources import Source

Part = tuple[str, dict[str, Any], Raw]


def _one_source(tables: list[Table]) -> bool:
    """The rows can stand below one another: hardly one is of a client and time of another file.

    Files with the same columns may as well be one for each occasion (pre.csv, post.csv) or for each
    questionnaire: these hold the same clients, at the same times.
    """
    clients = client_columns(tables)
    if len(clients) < len(tables) or len(set(clients.values())) > 1:
        return False
    told = []
    for table in tables:
        when = session_column(table, clients[table.name]) or date_column(table)
        key = [clients[table.name], *([when] if when else [])]
        told.append(set(zip(*(table.columns[name].text for name in key), strict=True)))
    return all(len(a & b) <= 0.05 * min(len(a), len(b)) for a, b in combinations(told, 2))


def demand_one_sheet(parts: list[Part]) -> None:
    """Demand that what belongs in one source does not stand on several sheets of a workbook.

    Raises
    ------
    StudyError
        Sheets have the same columns and go on from one another: most clients would be lost.
    """
    groups: dict[tuple, list[Part]] = defaultdict(list)
    for part in parts:
        if "sheet" in part[1]:
            groups[(part[1]["path"], tuple(part[2].frame.columns))].append(part)
    for some in groups.values():
        if len(some) > 1 and _one_source([look(*part) for part in some]):
            names = ", ".join(f"'{fields['sheet']}'" for _, fields, _ in some)
            raise StudyError(
                f"The sheets {names} have the same columns, and one goes on where another ends",
                file=some[0][1]["path"],
                advice="Copy their rows below one another onto one sheet (the names of the columns "
                "once), or save each sheet as a file of its own and name all files: these are put "
                "together.",
            )


def _name(names: list[str], taken: set[str]) -> str:
    """What the files' names have in common, without the digits at its end."""
    same = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    common = "".join(letters[0] for letters in same).rstrip("_0123456789")
    return slug(common if len(common) > 2 else names[0], taken)


def stacked(parts: list[Part]) -> list[Part]:
    """Put files with the same columns and the same form into one source, in the order given."""
    groups: dict[tuple, list[Part]] = defaultdict(list)
    for part in parts:
        _, fields, raw = part
        form = {key: str(value) for key, value in fields.items() if key != "path"}
        groups[(tuple(raw.frame.columns), tuple(sorted(form.items())))].append(part)
    taken = {name for name, _, _ in parts}
    made: list[Part] = []
    for some in groups.values():
        names = [name for name, _, _ in some]
        paths = [fields["path"] for _, fields, _ in some]
        tables = [look(*part) for part in some]
        if len(set(paths)) < 2 or len(set(paths)) < len(paths) or not _one_source(tables):
            made += some
            continue
        fields = some[0][1] | {"path": paths}
        try:
            label = f"{some[0][2].label} (and {len(some) - 1} more below it)"
            whole = stack([raw for _, _, raw in some], Source(**fields), label)
        except StudyError:  # they declare a column differently: sources of their own
            made += some
            continue
        made.append((_name(names, taken - set(names)), fields, whole))
    order = {str(fields["path"]): at for at, (_, fields, _) in enumerate(parts)}
    return sorted(made, key=lambda part: order.get(str(_first(part[1]["path"])), 0))


def _first(path: Any) -> Any:
    return path[0] if isinstance(path, list) else path
