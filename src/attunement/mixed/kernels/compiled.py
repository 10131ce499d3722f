"""Compilation of the inner loops: once for each machine, kept for every later process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# Sums may be taken in another order and products fused; NaN and infinity keep their meaning.
RELAXED = {"reassoc", "contract", "nsz", "arcp", "afn"}


def compiled(function: Callable[..., Any]) -> Any:
    """A function compiled by numba at its first call, or read from the cache of an earlier one.

    It releases the interpreter lock, so that refits can run in threads. Where neither the
    package's folder nor the user's cache can be written, it is compiled anew in each process.
    """
    import numba

    try:
        return numba.njit(cache=True, nogil=True, fastmath=RELAXED, error_model="numpy")(function)
    except RuntimeError:  # no folder for the cache
        return numba.njit(nogil=True, fastmath=RELAXED, error_model="numpy")(function)
