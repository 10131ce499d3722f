"""Work in portions, and threads for those of large problems."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray


def portions_of(starts: NDArray[np.int64], at_once: int) -> list[tuple[int, int]]:
    """Cut blocks into portions of about `at_once` units, `starts` (T + 1,) counting the units."""
    n_blocks = len(starts) - 1
    count = max(1, min(n_blocks, int(starts[-1]) // at_once))
    if count == 1:
        return [(0, n_blocks)]
    marks = np.searchsorted(starts, np.linspace(0, int(starts[-1]), count + 1))
    marks[0], marks[-1] = 0, n_blocks
    return [(int(a), int(b)) for a, b in pairwise(marks) if a < b]


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(n_threads())


def n_threads() -> int:
    """Threads that a large fit or a set of refits may use: the cores given to this process."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_threads(task: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """Results of a task for each item, in the threads of large problems if there are several."""
    every = list(items)
    if len(every) == 1:
        return [task(every[0])]
    return list(_pool().map(task, every))


def over_portions(task: Callable[[int, int], Any], portions: list[tuple[int, int]]) -> list[Any]:
    """Results of a task for each portion, in threads where there are several."""
    return in_threads(lambda portion: task(*portion), portions)
