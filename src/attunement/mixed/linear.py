"""Linear models with nested random effects: `fit_linear`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from attunement.mixed import oracles
from attunement.mixed.design import build_design
from attunement.mixed.errors import InvalidSpecification, NotAvailable
from attunement.mixed.estimable import solved
from attunement.mixed.formula import parse_random
from attunement.mixed.intervals import FLAT_MESSAGE
from attunement.mixed.kenward_roger import KenwardRoger, kenward_roger
from attunement.mixed.kernel import Array
from attunement.mixed.linear_results import LinearFit
from attunement.mixed.options import DF_METHODS, ENGINES, require_one_of, row_weights
from attunement.mixed.prepare import Prepared, prepare
from attunement.mixed.residual import Residual, parse_residual, residual_of
from attunement.mixed.satterthwaite import VarianceCurvature, variance_curvature
from attunement.mixed.solve import Optimum, Problem
from attunement.mixed.structured import fit_structured
from attunement.mixed.tables import fixed_table, variance_table
from attunement.mixed.whitened import StructuredFit


def fit_linear(
    formula: str,
    data: pd.DataFrame,
    random: Mapping[str, str] | None = None,
    reml: bool = True,
    df: str = "kenward-roger",
    residual: str = "independent",
    frequency: str | ArrayLike | None = None,
    precision: str | ArrayLike | None = None,
    engine: str = "attunement",
    *,
    start: LinearFit | None = None,
    missing_innermost: str = "drop",
) -> LinearFit:
    """Fit a linear model with random effects at no, one or two nested levels.

    Parameters
    ----------
    formula : outcome and fixed part in formulaic's grammar (``"y ~ time * arm + bs(x, 4)"``).
    data : one row per observation, any index and row order. Boolean columns count as 0 and 1.
    random : random columns by level, outermost first, such as ``{"therapist": "1 + time",
        "client": "1 + time"}``; ``"1 || time"`` makes them independent, ``"0 + time"`` leaves out
        the intercept. None gives ordinary least squares. Ids may be of any type.
    reml : restricted (default) or full maximum likelihood. Without random effects it only chooses
        the likelihood reported: the residual variance is unbiased either way.
    df : "kenward-roger" (standard errors, `vcov` and F tests are adjusted too; it is defined for
        REML, so that maximum likelihood fits and other engines use "satterthwaite" in its place
        and say so), "satterthwaite", "residual" (rows minus coefficients; always so without random
        effects and residual structure) or "normal".
    residual : "independent"; "by:arm", a variance for each value of a column; "ar1:session",
        correlation ``rho ** distance`` of the rows of an innermost group at whole numbers;
        "exponential:day", ``exp(-distance / range)``; or "by:arm + ar1:session". Bootstraps,
        profiles, influence and refits hold the ratios and correlation at their estimates.
    frequency : whole number of identical rows that each row stands for (a column name or one
        number a row): the fit is that of the repeated rows.
    precision : known relative residual precisions (a column name or one number a row): the
        residual variance of a row is the estimated one divided by its precision.
    engine : "attunement"; "glmm" or "statsmodels" fit the same model by these packages where they
        can express it, as a cross-check.
    start : an earlier fit of the same random part, to start the search from.
    missing_innermost : "drop" drops rows without an id at the innermost level; "no effect" keeps
        them without an effect at that level.

    Returns
    -------
    LinearFit

    Notes
    -----
    Rows missing the outcome, a predictor, a weight or a column of `residual` are dropped and
    counted (`n_dropped`); a row without an outer id stays, without an effect at that level. The
    deviance is lme4's (Bates et al. 2015, J. Stat. Softw. 67(1)); Satterthwaite's degrees of
    freedom are lmerTest's (Kuznetsova et al. 2017, J. Stat. Softw. 82(13)), Kenward and Roger's
    adjustment is pbkrtest's (Halekoh and Hojsgaard 2014, J. Stat. Softw. 59(9)), also where a
    variance is zero.

    Raises
    ------
    FitError
        Or one of its named subclasses in `attunement.mixed.errors`.
    """
    require_one_of(engine, ENGINES, "engine")
    require_one_of(df, DF_METHODS, "df")
    require_one_of(missing_innermost, ("drop", "no effect"), "missing_innermost")
    if start is not None and not isinstance(start, LinearFit):
        raise InvalidSpecification(f"start={start!r}: give an earlier fit")
    terms = parse_random(random)
    term = parse_residual(residual)
    extra = row_weights(data, frequency, precision)
    if term is not None:
        if engine != "attunement" or "frequency" in extra:
            other = "frequency weights" if "frequency" in extra else f"engine={engine!r}"
            raise NotAvailable(f"residual={residual!r} with {other}")
        extra |= term.columns(data)
    design, kept = build_design(formula, data, terms, extra, missing_innermost == "drop")
    design.frequency = kept.get("frequency")
    design.precision_name = precision if isinstance(precision, str) else None
    prepared = prepare(design, kept.get("precision"))
    if not terms and term is None:
        df = "normal" if df == "normal" else "residual"
    if df == "kenward-roger" and (not reml or engine != "attunement" or term is not None):
        df = "satterthwaite"
        reason = "maximum likelihood" if not reml else f"residual={residual!r}"
        reason = reason if engine == "attunement" else f"engine={engine!r}"
        design.messages.append(f"no Kenward-Roger adjustment with {reason}: Satterthwaite's df")
    if term is not None:
        whole = residual_of(term, data, design, kept, prepared.rows.nesting)
        return _own(prepared, reml, df, start, whole)
    if engine == "attunement" or not terms:
        return _own(prepared, reml, df, start, None)
    if engine == "glmm":
        answer = oracles.by_glmm(prepared, reml, df == "satterthwaite")
    else:
        answer = oracles.by_statsmodels(prepared, reml)
    return _foreign(prepared, reml, df, engine, answer)


def _own(
    prepared: Prepared, reml: bool, df: str, start: LinearFit | None, residual: Residual | None
) -> LinearFit:
    begin, structured = None if start is None else start._parameters, None
    if begin is not None and len(begin) != prepared.layout.n_parameters:
        raise InvalidSpecification("start= is a fit with another random part")
    if residual is None:
        problem = Problem(prepared.blocks, prepared.layout, reml)
        optimum = solved(problem, prepared.design, prepared.rows, begin)
    else:
        structured = fit_structured(prepared, residual, reml, begin)
        prepared, optimum = structured.prepared, structured.optimum
    point, messages, factor = optimum.evaluation, optimum.messages, 1.0
    # without random effects the residual variance is the unbiased one, also under reml=False
    if not prepared.design.terms and not reml and structured is None:
        factor = point.divisor / (point.divisor - int(prepared.basis.kept.sum()))
    covariance = factor * prepared.covariance(point)
    curvature: VarianceCurvature | KenwardRoger | None = None
    if structured is not None:
        curvature = structured.curvature
    elif df == "satterthwaite":
        curvature = variance_curvature(problem, optimum)
        if curvature.flat is not None and curvature.flat.size and not optimum.singular:
            messages = [*messages, FLAT_MESSAGE]
    elif df == "kenward-roger":
        curvature = kenward_roger(problem, optimum, prepared.scale * prepared.basis.transform)
        covariance, messages = curvature.adjusted_covariance, messages + curvature.messages
    return _result(
        prepared,
        reml,
        df,
        "attunement",
        optimum,
        curvature,
        estimates=prepared.coefficients(point),
        covariance=covariance,
        level_covariances=prepared.level_covariances(optimum.parameters, point.sigma2),
        sigma2=factor * prepared.scale**2 * point.sigma2,
        loglik=-0.5 * prepared.deviance(point, reml),
        df_values=None,
        messages=messages,
        structured=structured,
    )


def _foreign(
    prepared: Prepared, reml: bool, df: str, engine: str, answer: oracles.Answer
) -> LinearFit:
    problem = Problem(prepared.blocks, prepared.layout, reml)
    parameters = prepared.parameters_from(answer.level_covariances, answer.sigma2)
    optimum = Optimum(
        parameters, problem.at(parameters), answer.converged, problem.is_singular(parameters)
    )
    messages = list(answer.messages)
    if df == "satterthwaite" and answer.df is None:
        df = "normal"
        messages.append(f"{engine} has no Satterthwaite degrees of freedom: normal distribution")
    estimates = np.full(len(prepared.basis.kept), np.nan)
    estimates[prepared.basis.kept] = answer.coefficients
    return _result(
        prepared,
        reml,
        df,
        engine,
        optimum,
        None,
        estimates=estimates,
        covariance=answer.covariance,
        level_covariances=answer.level_covariances,
        sigma2=answer.sigma2,
        loglik=answer.loglik,
        df_values=answer.df,
        messages=messages,
    )


def _result(
    prepared: Prepared,
    reml: bool,
    df: str,
    engine: str,
    optimum: Optimum,
    curvature: VarianceCurvature | KenwardRoger | None,
    *,
    estimates: Array,
    covariance: Array,
    level_covariances: dict[str, Array],
    sigma2: float,
    loglik: float,
    df_values: Array | None,
    messages: list[str],
    structured: StructuredFit | None = None,
) -> LinearFit:
    design, kept = prepared.design, prepared.basis.kept
    errors, degrees = np.full(len(kept), np.nan), np.full(len(kept), np.nan)
    errors[kept] = np.sqrt(np.diag(covariance))
    ordered = {term.level: level_covariances[term.level] for term in design.terms}
    of_residual = 1 + (0 if structured is None else structured.residual.n_parameters)
    fit = LinearFit(
        design,
        pd.DataFrame({"estimate": estimates}, index=pd.Index(design.names, name="term")),
        variance_table(
            ordered,
            design.random_names,
            sigma2,
            {term.level for term in design.terms if term.independent},
        ),
        covariance,
        loglik,
        int(kept.sum()) + prepared.layout.n_parameters + of_residual,
        optimum.converged,
        optimum.singular,
        [*design.messages, *messages],
        reml,
        df,
        engine,
        prepared=prepared,
        parameters=optimum.parameters,
        point=optimum.evaluation,
        curvature=curvature,
        level_covariances=ordered,
        residual_variance=sigma2,
        structured=structured,
    )
    if df_values is not None:
        degrees[kept] = df_values
    else:
        degrees[kept] = [fit._df_of(vector) for vector in np.eye(int(kept.sum()))]
    fit.fixed = fixed_table(design.names, estimates, errors, degrees)
    return fit
