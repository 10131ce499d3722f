"""The many ways to write one value: the signs around, between and inside it that mean nothing."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import numpy as np
import pyarrow as pa

from attunement.ingest.privacy.identifier_search import counted, search

DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
UNSEEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
BEYOND_ASCII = "[\x80-\xff]"
# A sign before or behind the value, or a number in a notation of its own (RE2).
WRAPPED = r"""^[\s'"=(\[#*;?|,]|[\s'")\]#*;?|,.]$|^[Nn][or]\."""
NOTATION = r"^\d[.,]\d{5,}[eE]\+?\d{1,2}$|^\d{5,}[.,]0+$|^\d{1,3}([.,]\d{3}){3,}$"
NUMBERED = re.compile(r"^(?:[Nn][°º]|№|[Nn][or]\.) ?(?=\d)")
PAIRS = {"(": ")", "[": "]"}
BEFORE, BEHIND = " '\"=#*;?|,\t\r\n`´‘’“”„«»", " '\"=#*;?|,\t\r\n`´‘’“”„«»"
SCIENTIFIC = re.compile(r"^(\d)[.,](\d{5,})[eE]\+?(\d{1,2})$")
WHOLE = re.compile(r"^(\d{5,})\.0+$|^(\d{7,}),0+$")
GROUPED = re.compile(r"^\d{1,3}([.,])\d{3}(?:\1\d{3}){2,}$")


@cache
def _sign(one: str) -> str:
    """Return a digit of any script as 0 to 9, any dash as -, any space as one."""
    if one in DASHES:
        return "-"
    kind = unicodedata.category(one)
    if kind == "Nd":
        return str(unicodedata.decimal(one))
    return " " if kind == "Zs" else one


def _unwrapped(text: str) -> str:
    """Return text without the signs around it; brackets only where they hold all of it."""
    before = None
    while text and text != before:
        before = text
        text = text.lstrip(BEFORE).rstrip(BEHIND)
        opened, closed = text[:1], text[-1:]
        inside = text[1:-1]
        if PAIRS.get(opened) == closed and not re.search(r"[()\[\]]", inside):
            text = inside
        elif closed in (")", "]") and not re.search(r"[(\[]", text):
            text = text[:-1]
        elif opened in PAIRS and PAIRS[opened] not in text:
            text = text[1:]
        # 28.02. is a day of a year, and no abbreviation loses its mark.
        if re.search(r"\d\.$", text) and not re.search(r"^\d{1,2}\.\d{1,2}\.$", text):
            text = text[:-1]
    return text


def _whole(text: str) -> str:
    """Return a long number that a program wrote as 4.91712087418E+11, 12345.00 or 1,652,004,603."""
    if told := SCIENTIFIC.match(text):
        first, rest, power = told[1], told[2], int(told[3])
        more = power - len(rest.rstrip("0"))
        return (first + rest.rstrip("0") + "0" * more) if 0 <= more <= 9 else text
    if told := WHOLE.match(text):
        return told[1] or told[2]
    if told := GROUPED.match(text):
        groups = text.split(told[1])
        address = told[1] == "." and len(groups) == 4 and all(int(one) < 256 for one in groups)
        return text if address else "".join(groups)
    return text


def written_plainly(text: str) -> str:
    """Return a value as it would be written without the signs that programs and people add.

    Parameters
    ----------
    text : str
        A cell: ``'1972-12-12``, ``="34989"``, ``[2863173]``, ``N°9338126``, digits of other scripts,
        dashes and spaces of any kind, signs of no width.

    Returns
    -------
    str
        For looking only: the cell itself is never changed.
    """
    if not text.isascii():
        text = NUMBERED.sub("", UNSEEN.sub("", text).strip())
        text = "".join(_sign(one) for one in unicodedata.normalize("NFKC", text))
    before = None
    while text != before:
        before = text
        text = _whole(NUMBERED.sub("", _unwrapped(text)))
    return text


def all_written_plainly(values: pa.Array) -> pa.Array:
    """Return the values of a column written plainly; most are already, and are not touched."""
    odd = counted(values, BEYOND_ASCII) > 0
    odd |= search(values, WRAPPED) | search(values, NOTATION)
    if not odd.any():
        return values
    texts = values.to_pylist()
    for place in np.flatnonzero(odd):
        texts[place] = written_plainly(texts[place])
    return pa.array(texts, pa.string())
