"""The machine and the versions that figures hold for, without a name."""

from __future__ import annotations

import importlib.metadata
import os
import platform

import numpy as np
import r_process

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
PACKAGES = ("attunement", "numpy", "pandas", "numba", "glmm", "statsmodels", "gpboost")


def description() -> str:
    """Cores, architecture, memory and system."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GB of memory,"
        f" {platform.system()}"
    )


def versions(with_r: bool) -> dict[str, str]:
    """Versions of Python, its packages and R's; what is absent is left out."""
    known = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            known[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return known | (r_process.versions() if with_r else {})


def libraries() -> str:
    """The linear algebra that numpy was built with."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return f"{blas['name']} {blas['version']}"


def one_thread_each() -> bool:
    """Whether the libraries of linear algebra are held to one thread."""
    return all(os.environ.get(name) == "1" for name in THREADS)
