"""What may go wrong, in the words of the person who has to put it right."""

from __future__ import annotations

from collections.abc import Iterable


class StudyError(Exception):
    """A fault in the data or the configuration that the researcher can mend.

    Parameters
    ----------
    what : str
        What is wrong, one sentence.
    file, column : str, optional
        Where it is wrong.
    rows : int, optional
        How many rows are affected.
    first : iterable, optional
        The first of them (row numbers as the file's program shows them), at most five are printed.
    advice : str, optional
        What to do about it.
    """

    def __init__(
        self,
        what: str,
        *,
        file: object = None,
        column: str | None = None,
        rows: int | None = None,
        first: Iterable[object] = (),
        advice: str = "",
    ) -> None:
        self.what, self.file, self.column = what.rstrip("."), file, column
        self.rows, self.first, self.advice = rows, list(first)[:5], advice
        super().__init__(str(self))

    def __str__(self) -> str:
        where = [f"file {self.file}"] if self.file is not None else []
        if self.column is not None:
            where.append(f"column {self.column!r}")
        if self.rows is not None:
            where.append(f"{self.rows} row{'' if self.rows == 1 else 's'}")
        if self.first:
            where.append("first: " + ", ".join(str(row) for row in self.first))
        place = f" ({'; '.join(where)})" if where else ""
        advice = f" {self.advice}" if self.advice else ""
        return f"{self.what}{place}.{advice}"

    def __reduce__(self) -> tuple:
        return (_rebuild, (self.what, self.file, self.column, self.rows, self.first, self.advice))


def _rebuild(what, file, column, rows, first, advice):  # type: ignore[no-untyped-def]
    return StudyError(what, file=file, column=column, rows=rows, first=first, advice=advice)


class NotEstimable(Exception):
    """The data cannot support a specification; the reason becomes a row of the results."""
