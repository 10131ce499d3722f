"""Columns that released tables share: counts, and whether the gate emptied a row."""

from attunement.study.contracts.schema import Column

WITHHELD = Column("withheld", "flag", "the disclosure rules emptied this row", required=True)


def count(name: str, meaning: str) -> Column:
    """Return a column of a count."""
    return Column(name, "integer", meaning, low=0)
