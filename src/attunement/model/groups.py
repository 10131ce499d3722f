"""Whom a question compares: groups large enough to be told of, or values of a number."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification


class Compared(NamedTuple):
    """A covariate as a model takes it.

    `clients` are the clients with it: a category holds its levels of enough clients only (in their
    order, the first is the reference), a flag is such a category of no and yes, a number counts in
    standard deviations from its mean. `values` are the named values at which a slope is told: by
    name, what each coefficient of the covariate is multiplied by. `few` are the levels left out.
    """

    clients: pd.DataFrame
    values: dict[str, dict[str, float]]
    few: tuple[str, ...]

    @property
    def left_out(self) -> list[tuple[str, str]]:
        """Name of the level and why it is left out."""
        return [(level, reason) for level, reason in zip(self.few, self._reasons(), strict=True)]

    def _reasons(self) -> list[str]:
        return ["too few clients in this category, which is left out"] * len(self.few)


def _category(values: pd.Series, smallest: int) -> tuple[pd.Series, list[str], list[str]]:
    """The category with its small levels missing; the levels kept, in order; those left out."""
    as_category = values.astype("category")
    sizes = as_category.value_counts()
    order = [str(level) for level in as_category.cat.categories]
    kept = [level for level in order if sizes.get(level, 0) >= smallest]
    few = [level for level in order if 0 < sizes.get(level, 0) < smallest]
    if len(kept) < 2:
        raise NotEstimable("fewer than two categories have enough clients to be compared")
    return as_category.cat.set_categories(kept), kept, few


def _is_flag(values: pd.Series) -> bool:
    """A flag, or a number that is 0 or 1 only."""
    if pd.api.types.is_bool_dtype(values):
        return True
    return bool(pd.api.types.is_numeric_dtype(values) and set(values.unique()) <= {0, 1})


def compared(clients: pd.DataFrame, name: str, smallest: int) -> Compared:
    """Return the clients with a covariate in the form in which it is compared.

    Parameters
    ----------
    clients : DataFrame
        One row per client with the column `name`; clients without a value are left out.
    name : str
        A category, a flag or a number.
    smallest : int
        The fewest clients of a category (each side of a flag too).

    Raises
    ------
    NotEstimable
        No such column; fewer than two categories, or sides, with enough clients; a number that
        does not vary.
    """
    if name not in clients.columns:
        raise NotEstimable(f"the clients have no covariate '{name}'")
    clients = clients[clients[name].notna()].copy()
    values = clients[name]
    few: list[str] = []
    told: dict[str, dict[str, float]] = {}
    if _is_flag(values):
        sides = values.astype(int).map({0: "no", 1: "yes"})
        values = pd.Series(pd.Categorical(sides, categories=["no", "yes"]), index=values.index)
    if not pd.api.types.is_numeric_dtype(values):
        clients[name], kept, few = _category(values, smallest)
        told = {kept[0]: {}} | {one: {f"{name}[T.{one}]": 1.0} for one in kept[1:]}
    else:
        number = values.astype(float)
        if len(number) < smallest or not number.std(ddof=1) > 1e-12:
            raise NotEstimable(f"clients do not differ in {name}")
        clients[name] = (number - number.mean()) / number.std(ddof=1)
        told = {label: {name: at} for label, at in (("-1 SD", -1.0), ("mean", 0.0), ("+1 SD", 1.0))}
    kept_clients = clients[clients[name].notna()].reset_index(drop=True)
    return Compared(kept_clients, told, tuple(few))


def with_groups(tables: Tables, name: str, specification: Specification) -> tuple[Tables, Compared]:
    """Return the tables with those clients only who can be compared on a covariate."""
    found = compared(tables["clients"], name, specification.smallest_group)
    return tables | {"clients": found.clients}, found
