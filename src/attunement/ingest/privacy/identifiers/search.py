"""Searching for a pattern in many values: compiled once for a few of them, by Arrow for many."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

FEW = 400  # up to here the compiling of RE2 would take longer than the search
LONG = 200  # bytes; from here Python's search may take the square of a text's length, RE2 does not
CAPITAL, SMALL = "A-ZÀ-ÖØ-ÞĀ-žΑ-ΩА-Я", "a-zß-öø-ÿĀ-žα-ωа-я"
CLASSES = {"L": CAPITAL + SMALL, "Lu": CAPITAL, "Ll": SMALL}
PIECES = re.compile(r"\\p\{(\w+)\}|\\.|\[|\]|[^\\\[\]]+")


@cache
def compiled(regex: str) -> re.Pattern[str]:
    """Return a pattern of RE2 as Python takes it: classes of letters written out."""
    inside, parts = False, []
    for piece in PIECES.finditer(regex):
        text = piece[0]
        if piece[1]:
            letters = CLASSES[piece[1]]
            parts.append(letters if inside else f"[{letters}]")
            continue
        if text in "[]":
            inside = text == "["
        parts.append(text)
    return re.compile("".join(parts))


ONE_CHARACTER = re.compile(r"\\.|[^\\^$.]|\[[^\]\\]+\]")


def counted(values: pa.Array, characters: str) -> np.ndarray:
    """Return how many characters of a class (`[0-9]`) each value holds, bytes of UTF-8 taken alone.

    Much quicker than a search: one look at every byte of the column.
    """
    if not len(values):
        return np.zeros(0, dtype="int64")
    one = re.compile(characters)
    told = np.array([one.fullmatch(chr(byte)) is not None for byte in range(256)])
    _, places, content = values.buffers()
    at = np.frombuffer(places, dtype="int32")[values.offset : values.offset + len(values) + 1]
    data = np.frombuffer(content or b"", dtype="uint8")[at[0] : at[-1]]
    before = np.concatenate([[0], np.cumsum(told[data], dtype="int64")])
    return before[at[1:] - at[0]] - before[at[:-1] - at[0]]


def search(values: pa.Array, regex: str) -> np.ndarray:
    """Return in which values a pattern (RE2) is found; in none that is missing."""
    if len(values) > FEW or (pc.max(pc.binary_length(values)).as_py() or 0) > LONG:
        alone = ONE_CHARACTER.fullmatch(regex) and regex.isascii() and regex[-1:].isalnum() is False
        if alone and values.type == pa.string():
            return counted(values, regex) > 0
        return np.asarray(pc.match_substring_regex(values, regex).fill_null(False))
    pattern = compiled(regex)
    return np.array(
        [one is not None and pattern.search(one) is not None for one in values.to_pylist()],
        dtype=bool,
    )
