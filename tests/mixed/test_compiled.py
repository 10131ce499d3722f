"""Compiled loops: kept where they can be kept, and run where they cannot."""

from __future__ import annotations

import subprocess
import sys

import numba.core.caching
import pytest

from attunement.mixed.kernels.compiled import compiled


def twice(value):
    return 2.0 * value


def test_without_a_folder_for_the_cache_a_loop_is_compiled_in_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(numba.core.caching.CacheImpl, "_locator_classes", [])
    assert compiled(twice)(1.5) == 3.0


def test_what_is_compiled_at_set_up_is_all_that_fits_need() -> None:
    """After the warm-up no further fit of any kind compiles anything."""
    script = """
import numba.core.dispatcher as dispatcher
from attunement.mixed import fit_linear, fit_logistic, warm_up
data = warm_up.small_data()
warm_up.linear(data)
warm_up.logistic(data)
before = dispatcher.Dispatcher._compile_for_args
def refuse(self, *args, **kwargs):
    raise AssertionError(f"{self.py_func.__name__} is compiled for other types")
compile_before = dispatcher.Dispatcher.compile
dispatcher.Dispatcher.compile = refuse
data["weight"] = 2
fit_linear("y ~ session * x", data, {"client": "1 || session"}, reml=False, frequency="weight")
fit_linear("y ~ x", data)
fit = fit_linear("y ~ x", data.sample(frac=1.0, random_state=1), {"therapist": "0 + session"})
fit.influence("therapist")
fit.refit(terms=["Intercept"])
fit_linear("y ~ x", data, {"therapist": "1", "client": "1"}, residual="by:therapist")
fit_logistic("event ~ x", data)
fit_logistic("event ~ x", data, group="client", link="cloglog", frequency="weight")
fit_logistic("event ~ x", data, group="therapist").bootstrap(2, "therapist", 1)
print("nothing more")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "nothing more", done.stderr[-2000:]
