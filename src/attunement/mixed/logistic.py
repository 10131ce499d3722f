"""Logistic and complementary log-log models with a random intercept by group: `fit_logistic`."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from attunement.mixed.basis import Basis, orthogonal_basis
from attunement.mixed.binary import BinaryOptimum
from attunement.mixed.binary_oracle import binary_by_glmm
from attunement.mixed.binary_separation import describe_separation
from attunement.mixed.binary_spread import SETTLED, movement
from attunement.mixed.design import Design, build_design
from attunement.mixed.errors import (
    CompleteSeparation,
    InvalidSpecification,
    NotAvailable,
    TooFewRows,
)
from attunement.mixed.formula import parse_random
from attunement.mixed.kernel import Array
from attunement.mixed.links import LINKS
from attunement.mixed.logistic_outcome import (
    check_groups,
    outcome_rows,
    require_binary_outcome,
)
from attunement.mixed.logistic_results import LogisticFit
from attunement.mixed.marginal import Marginal
from attunement.mixed.options import row_values
from attunement.mixed.quadrature import maximise

ENGINES = ("attunement", "glmm")
MOST_NODES = 100


def fit_logistic(
    formula: str,
    data: pd.DataFrame,
    group: str | None = None,
    link: str = "logit",
    nodes: int = 25,
    trials: str | ArrayLike | None = None,
    offset: str | ArrayLike | None = None,
    frequency: str | ArrayLike | None = None,
    *,
    check_nodes: bool = False,
    start: LogisticFit | None = None,
    engine: str = "attunement",
    ridge: float = 0.0,
) -> LogisticFit:
    """Fit a binary or binomial model, plain or with a random intercept by one group.

    Parameters
    ----------
    formula : outcome and fixed part in formulaic's grammar. The outcome is 0/1 (or boolean); with
        `trials` it is a number of events, or a proportion of them if none exceeds 1 and some is
        no whole number.
    data : one row per observation, any index and row order.
    group : id column of the random intercept, of any type; None fits without one. A row without
        an id stays and has no group effect.
    link : "logit" or "cloglog".
    nodes : adaptive quadrature nodes, 1 (Laplace) to 100.
    trials : number of trials a row; offset : known part of the predictor; frequency : whole number
        of identical rows that a row stands for. Each a column name or one number a row.
    check_nodes : fit once more with fewer nodes (25: 15) and report the largest change of a
        coefficient in standard errors as `node_movement`.
    start : an earlier fit of the same columns, to start the search from.
    engine : "attunement"; "glmm" fits the same model by that package where it can express it (an
        odd number of nodes up to 25, every row with a group), as a cross-check.
    ridge : half of this times the sum of squared coefficients is taken from the log-likelihood,
        coefficients in units of one standard deviation of their columns, the intercept free (Le
        Cessie and van Houwelingen 1992, Applied Statistics 41; without an intercept the unit is
        the root mean square). It keeps estimates finite where events are separated. Estimates
        are then biased towards zero, and `penalised_loglik` is what was maximised.

    Returns
    -------
    LogisticFit

    Notes
    -----
    Rows with a missing outcome, predictor, trials, offset or frequency are dropped and counted. The
    log-likelihood holds the binomial coefficients, so that fits with and without a group compare;
    lme4 drops constants when it uses more than one node. At any number of nodes the maximum is
    that of the quadrature sum (Pinheiro and Bates 1995, J. Comput. Graph. Stat. 4). Standard errors
    come from the observed information of all parameters with a group, from the expected
    information without. Tests are by the normal distribution (df infinite).

    Where groups have events only or non-events only, their spread may have no usable estimate. A
    standard deviation above 10, or above 2 where no more than two groups have both outcomes, is
    therefore estimated again with at least 100 nodes: `messages` then say how many groups have one
    outcome, and the fit is not `converged` if the deviation moves by 5% or a coefficient by 0.05
    standard errors.

    Raises
    ------
    FitError
        Or one of its named subclasses in `attunement.mixed.errors`: `AllOrNoEvents`,
        `CompleteSeparation` (which names the terms, and whether all rows are separated or some),
        `NotAvailable` (by engine="glmm") and others.
    """
    _check_options(link, nodes, engine, ridge)
    if start is not None and not isinstance(start, LogisticFit):
        raise InvalidSpecification(f"start={start!r}: give an earlier fit")
    given = {
        name: row_values(data, values, name)
        for name, values in (("trials", trials), ("offset", offset), ("frequency", frequency))
    }
    require_binary_outcome(formula, data)
    terms = parse_random(None if group is None else {group: "1"})
    present = {name: values for name, values in given.items() if values is not None}
    design, kept = build_design(formula, data, terms, present, drop_missing_innermost=False)
    basis = orthogonal_basis(design.fixed, design.names)
    binary = outcome_rows(design, basis, kept, group)
    if len(binary.events) < int(basis.kept.sum()):
        raise TooFewRows(f"{len(binary.events)} rows for {int(basis.kept.sum())} coefficients")
    lost = [name for name, flag in zip(design.names, basis.kept, strict=True) if not flag]
    if lost:
        design.messages.append("not estimable, a combination of other columns: " + ", ".join(lost))
    if group is not None:
        check_groups(design, binary, group)
    penalty = _penalty(design, basis, ridge) if ridge else None
    begin = None
    if start is not None and len(start.internal.coefficients) == len(basis.transform):
        estimates = start.fixed["estimate"].to_numpy()
        if np.array_equal(np.isfinite(estimates), basis.kept):
            ours = np.linalg.solve(basis.transform, estimates[basis.kept])
            begin = (ours, start.internal.sigma)

    def solve(nodes: int, begin: tuple[Array, float] | None) -> BinaryOptimum:
        model = Marginal(binary, link, nodes, penalty)
        try:
            if engine == "glmm":
                return binary_by_glmm(model, begin)
            return maximise(model, begin)
        except CompleteSeparation as error:
            if "variance" in str(error):
                raise
            raise CompleteSeparation(describe_separation(model, basis, design.names)) from None

    optimum = solve(nodes, begin)
    moved = float("nan")
    if check_nodes and group is not None:
        fewer = max(1, nodes - 10)
        second = solve(fewer, (optimum.coefficients, optimum.sigma))
        moved = movement(optimum, second, basis.transform)
        if moved > SETTLED:
            design.messages.append(
                f"estimates move by {moved:.2f} standard errors between {fewer} and {nodes}"
                " nodes: the quadrature is not settled"
            )
    return LogisticFit(
        design,
        basis=basis,
        binary=binary,
        optimum=optimum,
        link=link,
        nodes=nodes if group is not None else 0,
        node_movement=moved,
        group=group,
        engine=engine,
        penalty=penalty,
        offset=offset if isinstance(offset, str) else None,
    )


def _check_options(link: str, nodes: int, engine: str, ridge: float) -> None:
    if link not in LINKS:
        raise InvalidSpecification(f"link={link!r}; one of {', '.join(LINKS)}")
    if engine not in ENGINES:
        raise InvalidSpecification(f"engine={engine!r}; one of {', '.join(ENGINES)}")
    if not isinstance(nodes, int) or not 1 <= nodes <= MOST_NODES:
        raise InvalidSpecification(f"nodes={nodes!r}: a whole number from 1 to {MOST_NODES}")
    if not (ridge >= 0.0 and np.isfinite(ridge)):
        raise InvalidSpecification(f"ridge={ridge!r}: a number of at least 0")
    if ridge and engine != "attunement":
        raise NotAvailable(f"ridge with engine={engine!r}; use engine='attunement'")


def _penalty(design: Design, basis: Basis, ridge: float) -> Array:
    """Half the second derivative (p, p) of the penalty in the internal coefficients."""
    scale = design.fixed.std(axis=0)
    if basis.intercept is None:
        scale = np.sqrt((design.fixed**2).mean(axis=0))
    scaled = scale[basis.kept][:, None] * basis.transform
    design.messages.append(
        f"penalised by ridge={ridge:g}: estimates are drawn to zero, standard errors are from the"
        " curvature of the penalised log-likelihood"
    )
    return np.asarray(ridge * scaled.T @ scaled)
