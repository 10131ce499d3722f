"""The same binary model by the package `glmm`: an independent answer to compare with."""

from __future__ import annotations

import warnings

import numpy as np
from scipy.special import gammaln

from attunement.mixed.binary import Binary, BinaryOptimum
from attunement.mixed.binary_separation import refuse_pure_groups, refuse_separation
from attunement.mixed.errors import NotAvailable, NotConverged
from attunement.mixed.kernel import Array
from attunement.mixed.marginal import Marginal


def _constant(binary: Binary) -> float:
    """What replaces binomial coefficients of frequency-weighted rows by those of single rows."""
    trials, events = binary.totals, binary.events
    joined = gammaln(trials + 1.0) - gammaln(events + 1.0) - gammaln(trials - events + 1.0)
    return float(binary.constant.sum() - joined.sum())


def binary_by_glmm(model: Marginal, start: tuple[Array, float] | None = None) -> BinaryOptimum:
    """Maximise the likelihood by adaptive quadrature with an odd number of nodes up to 25.

    Raises
    ------
    NotAvailable
        For other numbers of nodes, and for rows without a group.
    CompleteSeparation
        If the fixed columns separate events from non-events, or every group has one outcome.
    NotConverged
        If no usable estimate is found otherwise.
    """
    import glmm

    binary, nodes = model.binary, model.nodes
    if nodes > 25 or nodes % 2 == 0:
        raise NotAvailable(f"nodes={nodes}: engine='glmm' takes an odd number from 1 to 25")
    n_alone = len(binary.events) - binary.n_grouped
    if binary.n_groups and n_alone:
        raise NotAvailable(
            f"{n_alone} rows without a group: engine='glmm' cannot keep them;"
            " use engine='attunement', which can"
        )
    size = binary.columns.shape[1]
    names = [f"x{index}" for index in range(size)]
    data: dict[str, object] = {"y": binary.events / binary.totals}
    data.update(zip(names, binary.columns.T, strict=True))
    formula = "y ~ 0 + " + " + ".join(names)
    options: dict[str, object] = {}
    if binary.n_groups:
        data["g"] = [f"k{code:08d}" for code in binary.codes]
        formula += " + (1 | g)"
        options["nagq"] = nodes
        if start is not None:
            options["warm_start"] = {"beta": list(start[0]), "theta": [max(start[1], 0.05)]}
    if not (binary.totals == 1.0).all():
        options["weights"] = binary.totals
    if len(binary.offset):
        options["offset"] = binary.offset
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = glmm.fit(data, formula, "binomial", link=model.link, **options)
    beta = np.asarray(found.beta, dtype=float)
    covariance = np.zeros((size + 1, size + 1))
    covariance[:-1, :-1] = np.asarray(found.vcov, dtype=float).reshape(size, size)
    refuse_separation(model, np.nan_to_num(beta, nan=1e9))
    messages = [note["message"] for note in found.warnings if note["kind"] != "singular"]
    if not np.isfinite(beta).all() or not np.isfinite(covariance).all():
        raise NotConverged("; ".join(messages) or "no usable estimate was found")
    variance = float(found.varcorr[0][0]) if binary.n_groups and len(found.varcorr) else 0.0
    refuse_pure_groups(model, float(np.sqrt(variance)))
    return BinaryOptimum(
        coefficients=beta,
        sigma=float(np.sqrt(variance)),
        covariance=covariance,
        loglik=float(found.loglik) + _constant(binary),
        converged=bool(found.converged),
        singular=bool(found.singular),
        messages=messages,
    )
