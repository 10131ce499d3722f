"""What a model must hold to be confirmatory: coefficients it names, main effects of its index.

Accommodation is a function of preference and delivery. Without their main effects in the model it
also stands for whatever goes with either alone: a delivery that is better for everybody, wishes of
those who do better anyway. Such a model is called one of a bare index, and is never confirmatory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from attunement.study.problems import StudyError
from attunement.study.specification import Specification

INDEX = re.compile(r"(accommodation|too_much|too_little)_(within|between|therapist|past)")
# A bare index by its nature: types lie on no dimension.
TYPES = ("what was preferred", "what was received")
BARE = "bare index"
Product = frozenset[str]


def products_of(formula: str) -> set[Product]:
    """Return the products on the right side of a formula, each a set of its factors."""
    from formulaic import Formula, SimpleFormula
    from formulaic.errors import FormulaicError

    try:
        terms = Formula(formula.partition("~")[2])
    except FormulaicError:
        return set()  # what is wrong with a formula is told where it is fitted
    if not isinstance(terms, SimpleFormula):
        return set()
    return {frozenset(str(factor) for factor in term.factors) for term in terms}


def _beside(index: str, level: str, dimension: str) -> list[tuple[str, ...]]:
    """What must stand beside an index on one dimension; of each, one of the columns named."""
    wanted = (f"preference_{dimension}_{level}", f"preference_{dimension}")
    if index == "accommodation":
        return [wanted, (f"delivery_{dimension}_{level}",)]
    # Delivery is preference and the two sides of the gap together: the three hold it.
    other = {"too_much": "too_little", "too_little": "too_much"}[index]
    return [wanted, (f"{other}_{level}",)]


def missing_main_effects(specification: Specification) -> list[str]:
    """Return what a model of an index lacks: columns, or products of them where the index has one.

    Parameters
    ----------
    specification : Specification
        With `dimensions`, those of the index. Where there are none (no inventory, a rating of
        accommodation itself) there is nothing to hold; curves that fit nothing are no model.

    Returns
    -------
    list of str
        Empty where the model holds preference and delivery of every dimension in each product
        (with time, with a moderator) in which it holds the index, at the same level.
    """
    if not specification.scoring or specification.analysis == "cumulative_incidence":
        return []
    parts = (specification.formula, specification.therapist_terms)
    whole = " + ".join(part for part in parts if part)
    if not INDEX.search(whole.partition("~")[2]):
        return []
    if specification.scoring == "type_matched":
        return list(TYPES)
    products = products_of(whole)
    lost: dict[str, None] = {}
    for product in sorted(products, key=lambda one: (len(one), sorted(one))):
        for factor in sorted(product):
            if not (found := INDEX.fullmatch(factor)):
                continue
            rest = product - {factor}
            for dimension in specification.dimensions:
                for columns in _beside(found[1], found[2], dimension):
                    if not any(rest | {column} in products for column in columns):
                        lost[":".join([*sorted(rest), columns[0]])] = None
    return list(lost)


def check_named(specification: Specification, template: str) -> None:
    """Check that a confirmatory model says which coefficients it is about, or is about the arm.

    Parameters
    ----------
    specification : Specification
        Its `levels` name them.
    template : str
        The formula of the plan, before it was filled in: one with {by_arm} is about the arm, also
        in a dataset that has none.

    Raises
    ------
    StudyError
        It names none: no p value would be adjusted, and nothing answered.
    """
    arm, formula = specification.arm, specification.formula
    about_arm = "{by_arm" in template or (arm is not None and arm in formula)
    if specification.role == "confirmatory" and not specification.levels and not about_arm:
        raise StudyError(
            f"The model '{specification.name}' is declared confirmatory, but names no coefficient",
            file="config.yaml",
            advice="Name under `levels` those that its question is about.",
        )


def named_bare(specification: Specification) -> Specification:
    """Return a specification whose estimand says so where its index is bare.

    Raises
    ------
    StudyError
        A bare index was declared confirmatory.
    """
    lost = missing_main_effects(specification)
    if not lost:
        return specification
    if specification.role == "confirmatory":
        raise StudyError(
            f"The model '{specification.name}' is declared confirmatory, but holds an index of "
            f"accommodation without {_listed(lost)}",
            file="config.yaml",
            advice="Add these main effects to its formula ({preference_between} and "
            "{delivery_between}, or those of the index's level, stand for all dimensions), or "
            "leave `confirmatory` out: a bare index stands for either alone as well.",
        )
    if BARE in specification.estimand.lower():
        return specification
    told = f"{specification.estimand.rstrip()} A {BARE}: without {_listed(lost)}."
    return specification.model_copy(update={"estimand": told})


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    few = every[:4]
    more = f" and {len(every) - len(few)} more" if len(every) > len(few) else ""
    return f"{', '.join(few)}{more}"


def is_bare(specification: Specification) -> bool:
    """Return whether the model holds an index without its main effects."""
    return bool(missing_main_effects(specification))
