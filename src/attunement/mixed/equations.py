"""Reading linear hypotheses about coefficients from text.

The grammar, and nothing else::

    hypotheses = equation {("," | ";") equation}
    equation   = side [("=" | "==") side]  |  term of the formula ["=" 0]
    side       = ["+" | "-"] product {("+" | "-") product}
    product    = factor {("*" | "/") factor}      at most one factor is a term, none divides by one
    factor     = number | name of a coefficient
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from typing import NoReturn

import numpy as np

from attunement.mixed.errors import InvalidSpecification
from attunement.mixed.kernel import Array

_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.])")
_WHOLE = re.compile(r"([.\[]-?\d+)\.0\]")
_OPENING, _CLOSING = "([{", ")]}"
# with more factors in an interaction only the order of the index is known
_MOST_PARTS = 5


def parse_hypotheses(
    text: str, names: Sequence[str], groups: Mapping[str, Sequence[int]]
) -> tuple[Array, Array]:
    """Read ``"arm = 0, 2*time = time:arm + 1"`` as a matrix (r, p) and right sides (r,).

    Parameters
    ----------
    text : equations separated by commas or semicolons; without ``=`` a side is tested against 0.
        Names stand as in `names`, with any spacing, in backticks if wanted, the parts of an
        interaction in any order, and whole numbers without decimals (``C(arm)[T.1]``).
    names : coefficients of the fit.
    groups : places of the coefficients of each term of the formula: a term by itself stands for
        one equation for each of them.

    Raises
    ------
    InvalidSpecification
        If the text is not in this grammar, names no coefficient, or could mean two of them.
    """
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise InvalidSpecification(
            f"several columns are named {', '.join(map(repr, twice))}: rename the column of the"
            " data, or give the hypothesis as a matrix"
        )
    return _Reader(text, names, groups).equations()


def _outside_brackets(name: str) -> Iterator[tuple[int, str]]:
    """Characters of a name that stand in no brackets or backticks, with their places."""
    depth, quoted = 0, False
    for place, character in enumerate(name):
        if character == "`":
            quoted = not quoted
        elif not quoted:
            depth += (character in _OPENING) - (character in _CLOSING)
            if depth == 0 and character not in _CLOSING:
                yield place, character


def _parts(name: str) -> list[str]:
    """The factors of an interaction."""
    cuts = [place for place, character in _outside_brackets(name) if character == ":"]
    starts, ends = [0, *(cut + 1 for cut in cuts)], [*cuts, len(name)]
    return [name[start:end] for start, end in zip(starts, ends, strict=True)]


def _spaced(name: str) -> str:
    """A pattern of a name with any spacing; spaces between words must stay."""
    pieces = re.findall(r"\w+|\s+|[^\w\s]", name.strip())
    pattern = ""
    for place, piece in enumerate(pieces):
        if piece.isspace():
            words = pieces[place - 1][-1:] + pieces[place + 1][:1]
            pattern += r"\s+" if re.fullmatch(r"\w\w", words) else r"\s*"
        else:
            pattern += (r"\s*" if pattern else "") + re.escape(piece)
    return pattern + (r"(?!\w)" if re.match(r"\w", pieces[-1]) else "")


def _pattern(name: str) -> re.Pattern[str]:
    """What may be written for a name: see `parse_hypotheses`."""

    def quotable(piece: str) -> str:
        bare = f"{_spaced(piece)}|" if _may_stand_bare(piece) else ""
        return rf"(?:{bare}`\s*{_spaced(piece)}\s*`)"

    choices = []
    for spelling in dict.fromkeys([name, _WHOLE.sub(r"\1]", name)]):
        parts = _parts(spelling)
        orders = permutations(parts) if 1 < len(parts) <= _MOST_PARTS else [tuple(parts)]
        choices += [r"\s*:\s*".join(map(quotable, order)) for order in orders]
        if len(parts) > 1:
            choices.append(rf"`\s*{_spaced(spelling)}\s*`")
    return re.compile("|".join(choices))


def _may_stand_bare(name: str) -> bool:
    """Whether a name cannot be taken for a number or a sum."""
    signs = any(character in "+-*/=,;" for _, character in _outside_brackets(name))
    return not signs and _NUMBER.fullmatch(name.strip()) is None


class _Reader:
    """A text, and how far it is read."""

    def __init__(
        self, text: str, names: Sequence[str], groups: Mapping[str, Sequence[int]]
    ) -> None:
        self.text = text
        self.place = 0
        self.names = list(names)
        self.groups = {name: list(places) for name, places in groups.items()}
        self.patterns = [_pattern(name) for name in names]
        self.group_patterns = {name: _pattern(name) for name in groups if name not in self.names}

    def fail(self, reason: str) -> NoReturn:
        rest = self.text[self.place :]
        where = f"at {rest!r}" if rest.strip() else "at its end"
        raise InvalidSpecification(
            f"cannot read the hypothesis {self.text!r} {where}: {reason}; terms:"
            f" {', '.join([*self.names, *self.group_patterns])}"
        )

    def skip(self) -> None:
        while self.text[self.place : self.place + 1].isspace():
            self.place += 1

    def take(self, *tokens: str) -> str:
        """One of some tokens, if it comes next."""
        self.skip()
        for token in tokens:
            if self.text.startswith(token, self.place):
                self.place += len(token)
                return token
        return ""

    def equations(self) -> tuple[Array, Array]:
        rows: list[Array] = []
        values: list[float] = []
        while True:
            places = self.group()
            if places is not None:
                rows += list(np.eye(len(self.names))[places])
                values += [0.0] * len(places)
            else:
                row, value = self.equation()
                rows.append(row)
                values.append(value)
            if not self.take(",", ";"):
                return np.array(rows), np.array(values)

    def group(self) -> list[int] | None:
        """Places of the coefficients of a term that stands by itself, if one does."""
        self.skip()
        for name, pattern in self.group_patterns.items():
            match = pattern.match(self.text, self.place)
            if match is None:
                continue
            after = re.compile(r"\s*(?:==?\s*0(?:\.0*)?\s*)?(?=[,;]|$)").match(
                self.text, match.end()
            )
            if after is None:
                continue
            if not self.groups[name]:
                raise InvalidSpecification(f"not estimable: {name}")
            self.place = after.end()
            return self.groups[name]
        return None

    def equation(self) -> tuple[Array, float]:
        row, value = self.side()
        if self.take("==", "="):
            other, right = self.side()
            row, value = row - other, value - right
        self.skip()
        if self.text[self.place : self.place + 1] not in ("", ",", ";"):
            self.fail("expected + - * / = , or the end")
        if not row.any():
            raise InvalidSpecification(
                f"the hypothesis {self.text!r} has an equation without a coefficient"
            )
        return row, -value

    def side(self) -> tuple[Array, float]:
        """Weights of the coefficients and the constant of a sum."""
        row, value = np.zeros(len(self.names)), 0.0
        sign = self.take("+", "-")
        while True:
            amount, index = self.product()
            amount = -amount if sign == "-" else amount
            if index is None:
                value += amount
            else:
                row[index] += amount
            sign = self.take("+", "-")
            if not sign:
                return row, value

    def product(self) -> tuple[float, int | None]:
        """The number and the coefficient, if any, of a product."""
        amount, index = self.factor()
        while operator := self.take("*", "/"):
            self.skip()
            start = self.place
            number, other = self.factor()
            self.place, end = start, self.place
            if other is not None and (operator == "/" or index is not None):
                self.fail("a hypothesis must be linear in the coefficients")
            if operator == "/" and number == 0.0:
                self.fail("division by zero")
            self.place = end
            amount = amount / number if operator == "/" else amount * number
            index = index if other is None else other
        return amount, index

    def factor(self) -> tuple[float, int | None]:
        self.skip()
        found = [(index, each.match(self.text, self.place)) for index, each in
                 enumerate(self.patterns)]  # fmt: skip
        ends = {index: match.end() for index, match in found if match is not None}
        if ends:
            end = max(ends.values())
            longest = [index for index, each in ends.items() if each == end]
            written = "".join(self.text[self.place : end].split())
            exact = [each for each in longest if "".join(self.names[each].split()) == written]
            chosen = exact or longest
            if len(chosen) > 1:
                self.fail("it could be " + " or ".join(self.names[index] for index in chosen))
            self.place = end
            return 1.0, chosen[0]
        number = _NUMBER.match(self.text, self.place)
        if number is None or not np.isfinite(float(number[0])):
            self.fail("expected a term or a number")
        self.place = number.end()
        return float(number[0]), None
