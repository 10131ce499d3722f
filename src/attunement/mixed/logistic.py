"""Logistic and complementary log-log models with a random intercept by group: `fit_logistic`."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from attunement.mixed.basis import Basis, orthogonal_basis
from attunement.mixed.binary import Binary, BinaryOptimum, find_separation
from attunement.mixed.binary_oracle import binary_by_glmm
from attunement.mixed.design import Design, build_design
from attunement.mixed.errors import (
    AllOrNoEvents,
    CompleteSeparation,
    InvalidSpecification,
    InvalidValues,
    TooFewGroups,
    TooFewRows,
)
from attunement.mixed.formula import parse_random
from attunement.mixed.kernel import Array
from attunement.mixed.linear import row_values
from attunement.mixed.links import LINKS
from attunement.mixed.logistic_results import LogisticFit
from attunement.mixed.marginal import Marginal
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

    Returns
    -------
    LogisticFit

    Notes
    -----
    Rows with a missing outcome, predictor, trials, offset or frequency are dropped and counted. The
    log-likelihood holds the binomial coefficients, so that fits with and without a group compare;
    lme4 drops constants when it uses more than one node. Standard errors come from the
    observed information of all parameters with a group, from the expected information without.
    Tests are by the normal distribution (df infinite).

    Raises
    ------
    FitError
        Or one of its named subclasses in `attunement.mixed.errors`: `AllOrNoEvents`,
        `CompleteSeparation`, `NotAvailable` (by engine="glmm") and others.
    """
    if link not in LINKS:
        raise InvalidSpecification(f"link={link!r}; one of {', '.join(LINKS)}")
    if engine not in ENGINES:
        raise InvalidSpecification(f"engine={engine!r}; one of {', '.join(ENGINES)}")
    if not isinstance(nodes, int) or not 1 <= nodes <= MOST_NODES:
        raise InvalidSpecification(f"nodes={nodes!r}: a whole number from 1 to {MOST_NODES}")
    given = {
        name: row_values(data, values, name)
        for name, values in (("trials", trials), ("offset", offset), ("frequency", frequency))
    }
    terms = parse_random(None if group is None else {group: "1"})
    present = {name: values for name, values in given.items() if values is not None}
    design, kept = build_design(formula, data, terms, present, drop_missing_innermost=False)
    counts = kept.get("trials", np.ones(len(design.outcome)))
    proportion = _proportion(design, counts, "trials" in kept)
    repeats = kept.get("frequency", np.ones(len(design.outcome)))
    if np.any(repeats < 0.0) or np.any(repeats != np.round(repeats)):
        raise InvalidValues("frequency must be whole numbers of at least 0")
    used = (repeats > 0.0) & (counts > 0.0)
    if not used.all():
        raise InvalidValues(f"{int((~used).sum())} rows have no trials or a frequency of 0")
    if not 0.0 < float((proportion * counts).sum()) < float(counts.sum()):
        rate = "every trial is an event" if proportion[0] > 0 else "no trial is an event"
        raise AllOrNoEvents(f"{design.outcome_name!r}: {rate} ({len(proportion)} rows)")
    codes = None
    if group is not None:
        codes = design.codes[group]
        if len(design.labels[group]) < 2:
            raise TooFewGroups(f"{len(design.labels[group])} {group!r} group")
    basis = orthogonal_basis(design.fixed, design.names)
    if len(proportion) < int(basis.kept.sum()):
        raise TooFewRows(f"{len(proportion)} rows for {int(basis.kept.sum())} coefficients")
    lost = [name for name, flag in zip(design.names, basis.kept, strict=True) if not flag]
    if lost:
        design.messages.append("not estimable, a combination of other columns: " + ", ".join(lost))
    binary = Binary(proportion, counts, repeats, kept.get("offset"), basis.orthogonal, codes)
    begin = None
    if start is not None and len(start.internal.coefficients) == basis.orthogonal.shape[1]:
        ours = np.linalg.lstsq(
            basis.transform, start.fixed["estimate"].to_numpy()[basis.kept], rcond=None
        )[0]
        if np.isfinite(ours).all():
            begin = (ours, float(np.sqrt(start.internal.group_variance)))

    def solve(nodes: int, begin: tuple[Array, float] | None) -> BinaryOptimum:
        if engine == "glmm":
            return binary_by_glmm(binary, link, nodes, begin)
        return maximise(Marginal(binary, link, nodes), begin)

    try:
        optimum = solve(nodes, begin)
    except CompleteSeparation as error:
        raise CompleteSeparation(f"{error}{_separating_terms(design, binary, basis)}") from None
    movement = float("nan")
    if check_nodes and codes is not None:
        fewer = max(1, nodes - 10)
        second = solve(fewer, (optimum.coefficients, float(np.sqrt(optimum.group_variance))))
        movement = _movement(
            basis.transform, optimum.coefficients, second.coefficients, optimum.covariance
        )
        if movement > 0.05:
            design.messages.append(
                f"estimates move by {movement:.2f} standard errors between {fewer} and {nodes}"
                " nodes: the quadrature is not settled"
            )
    return LogisticFit(
        design,
        basis=basis,
        binary=binary,
        optimum=optimum,
        link=link,
        nodes=nodes if codes is not None else 0,
        node_movement=movement,
        group=group,
        engine=engine,
    )


def _movement(transform: Array, first: Array, second: Array, covariance: Array) -> float:
    errors = np.sqrt(np.diag(transform @ covariance @ transform.T))
    return float(np.max(np.abs(transform @ (first - second)) / errors))


def _proportion(design: Design, trials: Array, with_trials: bool) -> Array:
    outcome = design.outcome
    if not with_trials:
        if not np.isin(outcome, (0.0, 1.0)).all():
            raise InvalidValues(f"{design.outcome_name!r} must be 0 or 1; give trials= for counts")
        return outcome
    if np.any(trials < 0.0) or np.any(trials != np.round(trials)):
        raise InvalidValues("trials must be whole numbers of at least 0")
    share = bool(np.any(outcome != np.round(outcome)) and np.all(outcome <= 1.0))
    events = outcome * trials if share else outcome
    if (
        np.any(events < 0.0)
        or np.any(events > trials)
        or np.any(np.abs(events - np.round(events)) > 1e-6)
    ):
        raise InvalidValues(
            f"{design.outcome_name!r} must be whole numbers of events from 0 to trials, or"
            " proportions of them"
        )
    return np.asarray(np.round(events) / np.maximum(trials, 1.0))


def _separating_terms(design: Design, binary: Binary, basis: Basis) -> str:
    transform, kept = basis.transform, basis.kept
    direction = find_separation(binary)
    if direction is None:
        return ""
    change = transform @ direction * np.std(design.fixed[:, kept], axis=0)
    names = np.array(design.names, dtype=object)[kept]
    involved = names[np.abs(change) > 1e-6 * np.max(np.abs(change))]
    return f"; terms involved: {', '.join(involved)}"
