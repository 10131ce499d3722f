"""Words for a terminal and a plain log: lines that fit into it, no colour, no cursor."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Sequence

NARROWEST, USUAL, WIDEST = 40, 80, 100  # characters; the usual ones where there is no terminal


def width() -> int:
    """How many characters a line may have: those of the terminal, 80 in a plain log."""
    return min(max(shutil.get_terminal_size((USUAL, 24)).columns, NARROWEST), WIDEST)


def _filled(text: str, first: str, others: str) -> str:
    return textwrap.fill(text, width(), initial_indent=first, subsequent_indent=others,
                         break_long_words=False, break_on_hyphens=False)  # fmt: skip


def say(text: str = "", indent: str = "", hang: str = "  ") -> None:
    """Print a text, wrapped; further lines are set in."""
    print(_filled(text, indent, indent + hang))


def head(text: str) -> None:
    """Print the head of a section."""
    print(f"\n{text}")


def rows(cells: Iterable[Sequence[str]], indent: str = "  ") -> None:
    """Print rows whose columns stand below one another; the last column is wrapped."""
    some = [[str(cell) for cell in row] for row in cells]
    if not some:
        return
    widths = [max(len(row[at]) for row in some) for at in range(len(some[0]) - 1)]
    for row in some:
        lead = "".join(f"{cell:<{width}}  " for cell, width in zip(row, widths, strict=False))
        room = indent + " " * len(lead)
        if len(room) > width() // 2:
            say(f"{lead}{row[-1]}", indent, "    ")
            continue
        print(_filled(row[-1], indent + lead, room) or (indent + lead).rstrip())


def several(names: Sequence[str], most: int = 8) -> str:
    """Some names in words: the first few, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def counted(n: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"
