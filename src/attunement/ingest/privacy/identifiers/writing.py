"""The many ways to write one value: the signs around, between and before it that mean nothing."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pyarrow as pa

from attunement.ingest.privacy.identifiers.search import counted, search
from attunement.ingest.privacy.identifiers.signs import in_plain_signs

BEYOND_ASCII = "[\x00-\x1f\x7f-\xff]"
# A sign before or behind the value, a number in a notation of its own, or a word before it (RE2).
WRAPPED = r"^[^A-Za-z0-9@+.-]|^[+.-]\D|[^A-Za-z0-9%]$|[\w-]{6}%$|^[Nn][or]\."
NOTATION = (
    r"^\d[.,]\d{5,}[eE]\+?\d{1,2}$|^\d{5,}[.,]0+$|^\d{1,3}([.,'_]\d{3}){2,}$|\d'\d|^(\S )+\S$|"
    r"[&%]#?\w+|<\w+[^<>]*>"
)
ANNOTATED = (
    r"^\p{L}{1,14}[.:=)>-]+ ?\S|^\d{1,2}\) ?\S|^(id|ID|Id|[xynXYN]|[Nn][or]|[Nn]um\p{L}*) \d|\(|"
    r"[\[{]|\S *[;|/&\n] *\S|\S[+,] +\S| \+|^\+.*_| (?:und|and|et|en|y|oder|or|ou) |"
    r"\d (neu|alt|new|old)$|  | -|- "
)
NUMBERED = re.compile(r"^(?:(?:N[°ºo]|№|No\.|Nr\.?|n[or]\.) ?)(?=\d)")
MONEY = frozenset("eur euro usd gbp chf fr kr rs dm sek nok dkk pln zl rm".split())
AMOUNT = re.compile(
    r"^\D{0,4}\d{1,6}([.,]\d+)*%?$|^\D{0,4}[\d.,]+%? ?- ?[^\d\s]{1,4}\d|\d%? - \D?\d|^\D*$"
)
BEFORE = re.compile(
    r"^(\d{1,2}|[^\W\d_]{1,14})([.:=)>-]+ ?| )(?=[\d+(])|^(\d{1,2})(\)) ?(?=[A-Z]+[- ]?\d)"
)
# Tel. and MRN tell more than the number alone would.
KEPT = frozenset(
    "tel telefon tlf tfno puh phone mob mobil handy fax telefax sn imei dev serial acc acct "
    "account kto inv hp hpn ins pol policy member mbr plan mrn mr hosp ehr emr kis chart record "
    "lic licence license cert dl permit reg fmr fir fp fgp iris retina voice face dna http "
    "https ftp".split()
)
SPOKEN = frozenset("id x y n no nr nummer number num numero".split())
BEHIND = re.compile(
    r"(?<=\d)(?! ?\(A\)$) ?[(\[{][^\d()\[\]{}]{0,20}[)\]}]$|(?<=\d{5}) (?:neu|alt|new|old)$"
)
PAIRS = {"(": ")", "[": "]", "{": "}", "<": ">"}
SCIENTIFIC = re.compile(r"^(\d)[.,](\d{5,})[eE]\+?(\d{1,2})$")
WHOLE = re.compile(r"^(\d{5,})\.0+$|^(\d{7,}),0+$")
GROUPED = re.compile(r"^\d{1,3}([.,'_])\d{3}(?:\1\d{3})+$")
QUOTED = re.compile(r"[\"']([^\"']{4,})[\"']")
SPACED = re.compile(r"^(?:\S ){5,}\S$")
APART = re.compile(
    r" *[;|\n] *| +[/&+] *| *[/&+] +|, (?=[\d+@]|[A-Z]+\d)| (?:und|and|et|en|y|oder|or|ou) "
)
LONGEST = 200  # a longer text is no value with signs around it


def _meant(text: str, place: int) -> bool:
    """Whether a sign at the beginning (0) or the end (-1) of a value belongs to it."""
    sign = text[place]
    if sign.isalnum():
        return True
    kind = unicodedata.category(sign)
    if kind == "Sc" or sign == "%":
        return AMOUNT.search(text) is not None
    if place == 0:
        behind = text[1:2]
        if sign in PAIRS and PAIRS[sign] in text[:-1]:
            return True  # (555) 123-4567
        if sign in "+-.":
            return behind.isdigit() or (sign == "+" and behind == "(")
        return (sign == "@" and behind.isalpha()) or (sign == ":" and behind == ":")
    if sign in PAIRS.values():
        return next(k for k, v in PAIRS.items() if v == sign) in text[1:]
    if sign == ".":  # 28.02. is a day of a year, and no abbreviation loses its mark
        day = re.search(r"^\d{1,2}\. ?\d{1,2}\.$", text) is not None
        return day or (text[-2:-1].isalpha() and "." in text[:-1])
    return kind[0] == "M" and text[-2:-1].isalpha()  # a vowel of a script that writes it above


def _holds_all(text: str) -> bool:
    """Whether the bracket at the beginning closes at the end, and not before."""
    closing, depth = PAIRS.get(text[0]), 0
    if len(text) < 3 or closing != text[-1]:
        return False
    for place, one in enumerate(text):
        depth += (one == text[0]) - (one == closing)
        if depth == 0:
            return place == len(text) - 1
    return False


def _unwrapped(text: str) -> str:
    """Return text without the signs around it; brackets only where they hold all of it."""
    while text:
        if _holds_all(text):
            text = text[1:-1]
        elif not _meant(text, 0):
            text = text[1:]
        elif not _meant(text, -1):
            text = text[:-1]
        else:
            return text
    return text


def _whole(text: str) -> str:
    """Return a long number that a program wrote as 4.91712087418E+11, 12345.00 or 1,652,004,603."""
    if told := SCIENTIFIC.match(text):
        first, rest, power = told[1], told[2], int(told[3])
        more = power - len(rest.rstrip("0"))
        return (first + rest.rstrip("0") + "0" * more) if 0 <= more <= 9 else text
    if told := WHOLE.match(text):
        return told[1] or told[2]
    if (told := GROUPED.match(text)) and sum(map(str.isdigit, text)) > 6:
        groups = text.split(told[1])
        address = told[1] == "." and len(groups) == 4 and all(int(one) < 256 for one in groups)
        return text if address else "".join(groups)
    if SPACED.match(text) and any(map(str.isdigit, text)):
        close = text.replace(" ", "")
        choices = close.isdigit() and list(close) == sorted(close)  # 1 2 3 5 6 7
        return text if choices else close
    return text


def _quoted(text: str) -> str:
    """Return what stands in quotes within a cell that a program wrote: `{"tel": "0171..."}`."""
    if text[:1] not in "[{\"'(" or len(text) < 3:
        return text
    told = [one for one in QUOTED.findall(text) if sum(map(str.isdigit, one)) >= 4 or "@" in one]
    return told[0] if told else text


def _shape(text: str) -> str:
    some = re.sub(r"[A-ZÀ-Þ][^\W\d_]+", "A", re.sub(r"\d+", "0", text))
    return re.sub(r"[^\W\d_]+", "a", some) if "0" in some else some


def _first_of_alike(text: str) -> str:
    """Return the first of two or three values of one form in one cell, as of two telephones."""
    parts = [part.strip() for part in APART.split(text)]
    decimals = re.search(r"\d[.,]\d{3,}\D+\d+[.,]\d{3,}", text)  # a place on the globe
    if (
        decimals
        or not 2 <= len(parts) <= 3
        or not all(parts)
        or len({_shape(part) for part in parts}) > 1
    ):
        return text
    long = (any(map(str.isdigit, parts[0])) and len(parts[0]) >= 5) or parts[0][0] == "@"
    return parts[0] if long or re.fullmatch(r"A(,? A){1,2}", _shape(parts[0])) else text


def _is_note(word: str, sign: str, text: str) -> bool:
    """Whether a short word before a number, with the sign between them, says nothing of its own."""
    rest = text[len(word) + len(sign) :]
    if not re.search(r"\d(\D{0,2}\d){4}", rest) or word in MONEY or word in KEPT:
        return False
    if word.isdigit():
        return sign.strip() == ")"  # 1) 4720135, not 12.03.1972
    if sign == ":" and ":" in rest:
        return False  # de:01:35:97:91:20
    return sign != "-" and (sign != " " or word in SPOKEN)  # not MRN-4720135, Room 12345


def _without_notes(text: str) -> str:
    """Return a number or date without the short word before it (`ID: 4720135`) or behind it."""
    text = NUMBERED.sub("", text)
    n_digits = sum(map(str.isdigit, text))
    if n_digits >= 4:
        text = BEHIND.sub("", text)
        told = BEFORE.match(text)
        if told and _is_note((told[1] or told[3]).casefold(), told[2] or told[4], text):
            text = text[told.end() :]
    text = re.sub(r" {2,}", " ", text)
    if n_digits >= 5:
        text = text.replace("_", " ") if text[0] == "+" else text
        text = re.sub(r"(?<=[\w)]) ?- ?(?=[\w(])", "-", text)
        text = re.sub(r"(?<=\d) ?([/.]) ?(?=\d)", r"\1", text)
    return text


def written_plainly(text: str) -> str:
    """Return a value as it would be written without the signs that programs and people add.

    Parameters
    ----------
    text : str
        A cell: ``'1972-12-12``, ``="34989"``, ``[2863173]``, ``N°9338126``, ``ID: 4720135``, digits
        of other scripts, dashes and spaces of any kind, signs of no width.

    Returns
    -------
    str
        For looking only: the cell itself is never changed. A long text has its signs made plain and
        keeps its words.
    """
    text = in_plain_signs(NUMBERED.sub("", text.strip())).strip()
    if len(text) > LONGEST:
        return text
    before = None
    while text != before:
        before = text
        text = _without_notes(_first_of_alike(_whole(_unwrapped(_quoted(text)))))
    return text


def all_written_plainly(values: pa.Array) -> pa.Array:
    """Return the values of a column written plainly; most are already, and are not touched."""
    odd = counted(values, BEYOND_ASCII) > 0
    for regex in (WRAPPED, NOTATION, ANNOTATED):
        odd |= search(values, regex)
    if not odd.any():
        return values
    texts = values.to_pylist()
    for place in np.flatnonzero(odd):
        texts[place] = written_plainly(texts[place])
    return pa.array(texts, pa.string())
