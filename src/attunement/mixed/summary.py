"""A fit in words and tables, for a screen."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from attunement.mixed.results import Fit

WIDTH = 100
_DF = {
    "kenward-roger": "Kenward-Roger",
    "satterthwaite": "Satterthwaite",
    "residual": "rows minus coefficients",
    "normal": "infinite (normal distribution)",
}


def summarise(fit: Fit) -> str:
    """What `Fit.summary` returns."""
    random = ", ".join(f"{level}: {source}" for level, source in fit.random.items())
    facts = [
        ("formula", fit.formula),
        ("random", random or "none"),
        ("estimated by", _estimator(fit)),
        ("rows", _rows(fit)),
        ("deviance", f"{fit.deviance:.3f} (AIC {fit.aic:.3f}, BIC {fit.bic:.3f})"),
        ("search", _search(fit)),
        ("df", _DF.get(fit.df_method, fit.df_method)),
    ]
    lines = [type(fit).__name__]
    for name, value in facts:
        lines += _wrapped(value, f"  {name:<14}", " " * 16)
    lines += ["", "coefficients", _table(fit.fixed.reset_index())]
    variance = _variances(fit)
    if len(variance):
        lines += ["", "variances and covariances", _table(variance)]
    if fit.messages:
        lines += ["", "messages"]
        for message in fit.messages:
            lines += _wrapped(message, "  - ", "    ")
    return "\n".join(lines)


def _wrapped(text: str, first: str, later: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=later) or [first]


def _estimator(fit: Any) -> str:
    named = "" if fit.engine == "attunement" else f", engine {fit.engine}"
    link = getattr(fit, "link", None)
    if link is None:
        structured = getattr(fit, "_structured", None)
        residual = "" if structured is None else f", residual {_residual(structured)}"
        return ("REML" if fit.reml else "ML") + residual + named
    nodes = f", {fit.nodes} quadrature nodes" if fit.nodes else ""
    penalty = "" if fit.penalty is None else ", penalised"
    return f"ML{penalty}, {link} link{nodes}{named}"


def _residual(structured: Any) -> str:
    term = structured.residual.term
    by = [] if term.by is None else [f"by:{term.by}"]
    return " + ".join(
        by + ([] if term.correlation is None else [f"{term.correlation}:{term.along}"])
    )


def _rows(fit: Fit) -> str:
    dropped = f" ({fit.n_dropped} dropped)" if fit.n_dropped else ""
    groups = [f"{n} {level}" for level, n in fit.n_groups.items()]
    return ", ".join([f"{fit.n_obs}{dropped}", *groups])


def _search(fit: Fit) -> str:
    state = "converged" if fit.converged else "NOT CONVERGED: do not use the numbers"
    return state + (", singular" if fit.singular else "")


def _variances(fit: Any) -> pd.DataFrame:
    """The variance table without its limits, whose computing may take longer than the fit."""
    structured = getattr(fit, "_structured", None)
    table = fit._variance if structured is None else structured.table(fit._variance)
    shown = table.drop(columns=["ci_low", "ci_high"])
    return shown.rename(columns={"sd_or_correlation": "sd or corr."})


def _number(value: float) -> str:
    if not np.isfinite(value):
        return "NaN" if np.isnan(value) else f"{value:.0f}"
    size = abs(value)
    if size != 0.0 and not 1e-3 <= size < 1e7:
        return f"{value:.2e}"
    return f"{value:.{3 if size < 1e3 else 1 if size < 1e5 else 0}f}"


def _shortened(name: str, longest: int) -> str:
    """A name cut in its middle."""
    half = (longest - 3) // 2
    return name if len(name) <= longest else f"{name[:half]}...{name[-half:]}"


def _table(table: pd.DataFrame) -> str:
    """Numbers to the right, names to the left and no longer than leaves room for the numbers."""
    numeric = {name: pd.api.types.is_numeric_dtype(table[name].dtype) for name in table.columns}
    cells = {
        name: [name, *(map(_number, table[name]) if numeric[name] else map(str, table[name]))]
        for name in table.columns
    }
    taken = sum(max(map(len, cells[name])) for name in cells if numeric[name]) + 2 * len(cells)
    longest = max((WIDTH - taken) // (len(cells) - sum(numeric.values())), 9)
    columns = []
    for name, column in cells.items():
        shown = [_shortened(cell, longest) for cell in column]
        width = max(map(len, shown))
        columns.append([f"{each:>{width}}" if numeric[name] else f"{each:<{width}}"
                        for each in shown])  # fmt: skip
    return "\n".join(("  " + "  ".join(row)).rstrip() for row in zip(*columns, strict=True))
