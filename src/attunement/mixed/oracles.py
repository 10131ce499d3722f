"""The same linear model by other packages: an independent answer to compare with.

Each function returns coefficients, their covariance, level covariances, residual variance and
log-likelihood in the user's units, or raises `NotAvailable` where the package cannot express the
model. The packages are imported when called.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from attunement.mixed.errors import NotAvailable, NotConverged
from attunement.mixed.kernel import Array
from attunement.mixed.prepare import Prepared


@dataclass(frozen=True)
class Answer:
    """What another engine found: kept coefficients (p,), covariance (p, p), level covariances."""

    coefficients: Array
    covariance: Array
    level_covariances: dict[str, Array]
    sigma2: float
    loglik: float
    df: Array | None
    converged: bool
    messages: list[str]


def _refuse(condition: bool, engine: str, what: str) -> None:
    if condition:
        raise NotAvailable(
            f"engine={engine!r} cannot express {what}; use engine='attunement', which can"
        )


def by_glmm(prepared: Prepared, reml: bool, satterthwaite: bool) -> Answer:
    """Fit by the package `glmm`: correlated random columns, all among the fixed ones."""
    import glmm

    design = prepared.design
    kept = prepared.basis.kept
    weighted = prepared.precision is not None or design.frequency is not None
    _refuse(weighted, "glmm", "weights of rows")
    fixed = design.fixed[:, kept]
    data: dict[str, object] = {"y": design.outcome}
    names = [f"x{index}" for index in range(fixed.shape[1])]
    data.update(zip(names, fixed.T, strict=True))
    parts = []
    for number, term in enumerate(design.terms):
        codes = design.codes[term.level]
        _refuse(bool((codes < 0).any()), "glmm", f"rows without {term.level!r}")
        columns = design.random[term.level]
        _refuse(
            not (columns[:, 0] == 1.0).all() or (term.independent and columns.shape[1] > 1),
            "glmm",
            f"random[{term.level!r}] = {term.source!r} (no intercept, or independent columns)",
        )
        slopes = ["1"]
        for column in columns.T[1:]:
            same = np.flatnonzero((fixed == column[:, None]).all(axis=0))
            _refuse(not len(same), "glmm", "a random column that is not a fixed one")
            slopes.append(names[int(same[0])])
        data[f"g{number}"] = [f"k{code:08d}" for code in codes]
        parts.append(f" + ({' + '.join(slopes)} | g{number})")
    formula = "y ~ 0 + " + " + ".join(names) + "".join(parts)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = glmm.fit(data, formula, reml=reml, satterthwaite=satterthwaite)
    if not np.isfinite(found.loglik):
        raise NotConverged("glmm: " + "; ".join(note["message"] for note in found.warnings))
    position = {name: index for index, (name, _) in enumerate(found.re_groups)}
    covariances = {}
    for number, term in enumerate(design.terms):
        size = design.random[term.level].shape[1]
        packed = np.asarray(found.varcorr[position[f"g{number}"]], dtype=float)
        matrix = np.zeros((size, size))
        columns_, rows_ = np.triu_indices(size)
        matrix[rows_, columns_] = matrix[columns_, rows_] = packed
        covariances[term.level] = matrix
    df = np.asarray(found.coef_df, dtype=float) if found.df_method == "satterthwaite" else None
    return Answer(
        coefficients=np.asarray(found.beta, dtype=float),
        covariance=np.asarray(found.vcov, dtype=float).reshape(fixed.shape[1], -1),
        level_covariances=covariances,
        sigma2=float(found.dispersion),
        loglik=float(found.loglik),
        df=df,
        converged=bool(found.converged),
        messages=[f"glmm: {note['message']}" for note in found.warnings],
    )


def by_statsmodels(prepared: Prepared, reml: bool) -> Answer:
    """Fit by statsmodels' MixedLM: one level, or intercepts at two nested levels."""
    import statsmodels.api as sm

    design = prepared.design
    weighted = prepared.precision is not None or design.frequency is not None
    _refuse(weighted, "statsmodels", "weights of rows")
    fixed = design.fixed[:, prepared.basis.kept]
    for term in design.terms:
        _refuse(
            bool((design.codes[term.level] < 0).any()), "statsmodels", f"rows without {term.level}"
        )
        _refuse(
            term.independent and design.random[term.level].shape[1] > 1,
            "statsmodels",
            "independent random columns",
        )
    if len(design.terms) == 2:
        _refuse(
            any(design.random_names[t.level] != ["Intercept"] for t in design.terms),
            "statsmodels",
            "random slopes at two levels",
        )
    top = design.terms[0]
    order = np.argsort(design.codes[top.level], kind="stable")
    outer = design.codes[top.level][order]
    components = None
    if len(design.terms) == 2:
        inner = design.codes[design.terms[1].level][order]
        names, matrices = [], []
        for group in np.unique(outer):
            ids = inner[outer == group]
            levels = np.unique(ids)
            names.append([str(value) for value in levels])
            matrices.append((ids[:, None] == levels[None, :]).astype(float))
        components = sm.regression.mixed_linear_model.VCSpec(["inner"], [names], [matrices])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = sm.MixedLM(
            design.outcome[order],
            fixed[order],
            groups=outer,
            exog_re=design.random[top.level][order],
            exog_vc=components,
        )
        found = model.fit(reml=reml, method=["lbfgs", "bfgs", "powell"])
    n_terms = fixed.shape[1]
    covariances = {top.level: np.asarray(found.cov_re, dtype=float)}
    if components is not None:
        covariances[design.terms[1].level] = np.asarray(found.vcomp, dtype=float).reshape(1, 1)
    return Answer(
        coefficients=np.asarray(found.fe_params, dtype=float),
        covariance=np.asarray(found.cov_params(), dtype=float)[:n_terms, :n_terms],
        level_covariances=covariances,
        sigma2=float(found.scale),
        loglik=float(found.llf),
        df=None,
        converged=bool(found.converged),
        messages=[f"statsmodels: {str(note.message).splitlines()[0]}" for note in caught],
    )
