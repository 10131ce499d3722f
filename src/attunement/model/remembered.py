"""What many specifications make of the same tables, made once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import pandas as pd

MOST = 8  # a plan goes on from one scoring and informant to the next: the last few are enough

_Held = OrderedDict[Hashable, tuple[list[pd.DataFrame | None], pd.DataFrame]]
_held: ContextVar[_Held | None] = ContextVar("held", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Remember within this block what `once` makes; nothing may change a table in place there."""
    before = _held.set(OrderedDict())
    try:
        yield
    finally:
        _held.reset(before)


def once(
    used: list[pd.DataFrame | None], asked: tuple[Hashable, ...], make: Callable[[], pd.DataFrame]
) -> pd.DataFrame:
    """Return what `make` makes; within `remembering`, what it made of the same tables before.

    Parameters
    ----------
    used : list of DataFrame
        The tables it is made of. They are the same if they are the same objects, and are held as
        long as what was made of them, so that no other table can take their identity.
    asked : tuple
        All that the frame depends on beside the tables.
    make : callable
        Makes the frame; what it raises is raised.

    Returns
    -------
    DataFrame
        A copy as far as its user can tell (pandas copies on write).
    """
    held = _held.get()
    if held is None:
        return make()
    key = (*map(id, used), *asked)
    if key not in held:
        held[key] = (used, make())
        if len(held) > MOST:
            held.popitem(last=False)
    held.move_to_end(key)
    return held[key][1].copy(deep=False)
