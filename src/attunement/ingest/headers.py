"""The rows above the data: the names of the columns, and what a file says of them beside."""

from __future__ import annotations

from collections.abc import Sequence

from attunement.study.problems import StudyError

IMPORT_ID = '{"ImportId"'  # how Qualtrics begins every cell of its third header row


def demand_names_once(names: Sequence[str], file: object) -> None:
    """Demand that no column has the name of another.

    Raises
    ------
    StudyError
        A name stands more than once in the header.
    """
    named = [name for name in names if name]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise StudyError(
            f"The header names a column more than once: {', '.join(twice[:5])}",
            file=file,
            column=twice[0],
            advice="Give every column its own name.",
        )


def demand_no_import_ids(rows: Sequence[tuple[int, Sequence[object]]], file: object) -> None:
    """Demand that the rows below the header are data, not Qualtrics' own further header rows.

    Parameters
    ----------
    rows : sequence of (number, cells)
        The first rows that would be read as data.

    Raises
    ------
    StudyError
        A row holds Qualtrics' import ids; the message says how many header rows there are.
    """
    for number, cells in rows:
        if any(str(cell).replace(" ", "").startswith(IMPORT_ID) for cell in cells):
            raise StudyError(
                f"Row {number} holds the import ids of Qualtrics, not data",
                file=file,
                advice=f"Declare `header_rows: {number}` for this source in dataset.yaml: names, "
                "question texts and import ids are then not read as answers.",
            )


def titles_of(names: Sequence[str], second: Sequence[str] | None) -> dict[str, str]:
    """The words of a second header row for each named column (none: the row is not there)."""
    if second is None:
        return {}
    pairs = zip(names, second, strict=False)
    return {name: str(title).strip() for name, title in pairs if name and str(title).strip()}


def no_rows(file: object) -> StudyError:
    """What is said of a file that has names and nothing below them."""
    return StudyError(
        "The source is declared but empty: it has a header and no rows",
        file=file,
        rows=0,
        advice="Put the data there, or take the source out of dataset.yaml.",
    )
