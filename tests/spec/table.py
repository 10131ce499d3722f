"""Tables of worked cases that a person can read, check and add to.

Columns stand between `|`; a line of dashes sets off the head; an empty cell is a missing value; a
cell that reads as a number is one; anything else is text.
"""


def cell(text: str) -> float | str | None:
    """One cell: a number, text, or None where it is empty."""
    text = text.strip()
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        return text


def parse(text: str | None) -> list[dict[str, float | str | None]]:
    """The rows of the table in a text, whatever stands around it."""
    lines = [line.strip() for line in (text or "").splitlines()]
    rows = [line.strip("|").split("|") for line in lines if line.startswith("|")]
    rows = [row for row in rows if set("".join(row).strip()) - set("-+ ")]
    if len(rows) < 2:
        raise ValueError("no table of cases here")
    head = [name.strip() for name in rows[0]]
    for row in rows[1:]:
        if len(row) != len(head):
            raise ValueError(f"{len(row)} cells under {len(head)} columns: {row}")
    return [dict(zip(head, map(cell, row), strict=True)) for row in rows[1:]]
