"""One way to write each sign: digits, dashes and spaces of any script, and signs unseen."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache
from urllib.parse import unquote

# Marks in use as a dash, slash, stop, colon or comma whose category does not tell it.
AS = (
    dict.fromkeys("\u2212\u2043\u02d7\u2796\ufe63\uff0d\u30fb\u223c", "-")
    | dict.fromkeys("\u2044\u2215\u2571\u29f8\u27cb", "/")
    | dict.fromkeys("\u00b7\u2022\u2219\u22c5\u3002\uff61\u06d4\u0701\u2027\u25cf", ".")
    | dict.fromkeys("\u2236\ua789\u02d0", ":")
    | dict.fromkeys("\u060c\u3001\u066b\u066c\u02bb\u201a", ",")
    | dict.fromkeys("\u2018\u2019\u02bc\u00b4\u0060\u2032", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u2033", '"')
)
# Fillers that count as letters or symbols and print nothing.
UNPRINTED = frozenset("\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5")
BLANK = frozenset("\u2800")
FOOTNOTE = re.compile("(?<=[0-9A-Za-z])[\u00b9\u00b2\u00b3\u2070-\u208e]{1,2}$")
EAST = re.compile(r"(\d{2,4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일号號]?")
ALIKE = str.maketrans(
    "АВЕКМНОРСТУХІЈЅабеорсухіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEKMHOPCTYXIJSabeopcyxijsABEZHIKMNOPTYXo"
)
LATIN, ALIKE_LETTER = re.compile("[A-Za-z]"), re.compile("[Ͱ-ϿЀ-ӿ]")
TAGS = "b|i|u|s|p|br|em|strong|span|div|font|td|tr|a|li|sup|sub"
TAG = re.compile(rf"</?(?:{TAGS}) ?/?>|<(?:{TAGS}) [^<>@]*=[^<>@]*>", re.I)
ENTITY = re.compile(r"&(?:#\w{1,6}|[A-Za-z]{2,8});")
PERCENT = re.compile(r"%(?:40|2[0-9A-Fa-f]|3[AaDdFf]|C3%[0-9A-Fa-f]{2})")


@cache
def _sign(one: str) -> str:
    """Return any digit as 0 to 9, any dash as -, any space as one; nothing for what is unseen."""
    if one in AS:
        return AS[one]
    if one in UNPRINTED or "\ufe00" <= one <= "\ufe0f" or "\U000e0100" <= one <= "\U000e01ef":
        return ""
    kind = unicodedata.category(one)
    if kind == "Nd":
        return str(unicodedata.decimal(one))
    if kind == "Pd":
        return "-"
    if kind[0] == "Z" or one in BLANK or one in "\t":
        return " "
    if kind[0] == "C":
        return one if one in "\r\n" else ""
    return one


def _without_footnote(text: str) -> str:
    """Return text without one or two small digits at its end; a number in small digits stays."""
    found = FOOTNOTE.search(text)
    small = found and unicodedata.category(text[found.start() - 1]) == "No"
    return text if small else FOOTNOTE.sub("", text)


def _without_marks(text: str) -> str:
    """Return text without marks that stand above or below no letter, as lines under digits do."""
    kept: list[str] = []
    for one in text:
        if unicodedata.category(one)[0] == "M" and not (kept and kept[-1].isalpha()):
            continue
        kept.append(one)
    return "".join(kept)


def in_plain_signs(text: str) -> str:
    """Return text in plain signs: one sort of digit, dash, space and quote; nothing unseen.

    Parameters
    ----------
    text : str
        A cell, a heading, a sentence.

    Returns
    -------
    str
        In Unicode's form NFKC, without marks of HTML; Greek and Cyrillic letters that look like
        Latin ones are those where Latin ones stand beside them. For looking only.
    """
    if "&" in text or "<" in text or "%" in text:
        text = html.unescape(text) if ENTITY.search(text) else text
        text = unquote(text) if PERCENT.search(text) else text
        text = TAG.sub("", text)
    if not text.isascii():
        # First, for a compatible form of these is another sign.
        text = "".join(AS.get(one, one) for one in _without_footnote(text))
        text = "".join(_sign(one) for one in unicodedata.normalize("NFKC", text))
        text = EAST.sub(r"\1-\2-\3", _without_marks(text))
        if LATIN.search(text) and ALIKE_LETTER.search(text):
            text = text.translate(ALIKE)
    elif not text.isprintable():
        text = "".join(_sign(one) for one in text)
    return text
