"""Reading the fixed and random parts of a model from text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from attunement.mixed.errors import InvalidSpecification

if TYPE_CHECKING:
    from formulaic import Formula

# what users of R write, and what is written here
HINTS = {
    "offset": ". A known part of a linear outcome is subtracted from it, as in I(y - x) ~ ...;"
    " fit_logistic has offset=",
    "factor": ". Write C(...) for a category",
    "ns": ". Natural splines are cr(...), B-splines bs(...)",
    "sqrt": ". Write np.sqrt(...)",
    "abs": ". Write np.abs(...)",
    "log2": ". Write np.log2(...)",
}


@dataclass(frozen=True)
class RandomTerm:
    """Random columns of one level: its id column, the formula part and whether independent."""

    level: str
    source: str
    formula: str
    independent: bool


def parse_random(random: Mapping[str, str] | None) -> list[RandomTerm]:
    """Read the random part: a mapping of id column to columns, outermost level first.

    Raises
    ------
    InvalidSpecification
        If there are more than two levels or an entry is not text.
    """
    terms = []
    if random is not None and not isinstance(random, Mapping):
        raise InvalidSpecification(
            f"random={random!r}: give the columns of each level, such as {{'client': '1 + time'}}"
        )
    for level, source in (random or {}).items():
        if not isinstance(source, str) or not source.strip():
            raise InvalidSpecification(
                f"random[{level!r}] is {source!r}; give its columns as text, such as '1 + time'"
            )
        independent = "||" in source
        columns = source.replace("||", "+")
        if "|" in columns or "~" in columns:
            raise InvalidSpecification(
                f"random[{level!r}] = {source!r}: write only the columns ('1 + time', or"
                " '1 || time' for independent ones); the level is the key"
            )
        terms.append(RandomTerm(level, source, f"~ {columns}", independent))
    if len(terms) > 2:
        raise InvalidSpecification("at most two nested levels of random effects, outermost first")
    return terms


@lru_cache(maxsize=256)
def parse(formula: str) -> Formula:
    """A formula as terms; refits ask for the same one many times."""
    from formulaic import Formula

    return Formula(formula)


def variables_of(terms: Any) -> list[str]:
    """Columns of the data that terms use, within functions such as ``bs(x, 4)`` too."""
    from formulaic.transforms import TRANSFORMS
    from formulaic.utils.variables import get_required_variables

    found: dict[str, None] = {}
    for term in terms:
        for factor in term.factors:
            if factor.eval_method.value == "lookup":
                found[factor.expr] = None
            elif factor.eval_method.value == "python":
                roots = {variable.root for variable in get_required_variables(factor.expr, {})}
                found |= dict.fromkeys(sorted(roots - set(TRANSFORMS)))
    return list(found)


def read_formula(formula: str) -> Formula:
    """Parse a formula with one left side.

    Raises
    ------
    InvalidSpecification
        If it cannot be parsed, has no left side, or holds random terms.
    """
    if not isinstance(formula, str):
        raise InvalidSpecification(f"the formula is {formula!r}; give it as text, such as 'y ~ x'")
    if "|" in formula:
        raise InvalidSpecification(
            f"{formula!r}: put random effects into random={{'level': '1 + time'}}"
        )
    try:
        parsed = parse(formula)
        _ = parsed.lhs, parsed.rhs
    except AttributeError:
        raise InvalidSpecification(f"{formula!r} has no outcome: write 'y ~ x'") from None
    except Exception as error:
        # formulaic colours and marks the place
        detail = re.sub(r"\x1b\[[0-9;]*m|[⧛⧚]", "", str(error)).split("\n")[0]
        raise InvalidSpecification(f"cannot read the formula {formula!r}: {detail}") from None
    return parsed
