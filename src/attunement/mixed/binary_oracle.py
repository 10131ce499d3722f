"""The same binary model by the package `glmm`: an independent answer to compare with."""

from __future__ import annotations

import warnings

import numpy as np
from scipy.special import gammaln

from attunement.mixed.binary import Binary, BinaryOptimum, find_separation
from attunement.mixed.errors import CompleteSeparation, NotAvailable, NotConverged
from attunement.mixed.kernel import Array


def _constant(binary: Binary) -> float:
    """What replaces binomial coefficients of frequency-weighted rows by those of single rows."""
    trials = binary.trials * binary.frequency
    events = binary.proportion * trials
    joined = gammaln(trials + 1.0) - gammaln(events + 1.0) - gammaln(trials - events + 1.0)
    return float((binary.constant() - joined).sum())


def binary_by_glmm(
    binary: Binary, link: str, nodes: int, start: tuple[Array, float] | None = None
) -> BinaryOptimum:
    """Maximise the likelihood by adaptive quadrature with an odd number of nodes up to 25.

    Raises
    ------
    NotAvailable
        For other numbers of nodes, and for rows without a group.
    CompleteSeparation
        If the fixed columns separate events from non-events.
    NotConverged
        If no usable estimate is found otherwise.
    """
    import glmm

    if nodes > 25 or nodes % 2 == 0:
        raise NotAvailable(f"nodes={nodes}: engine='glmm' takes an odd number from 1 to 25")
    if binary.codes is not None and (binary.codes < 0).any():
        raise NotAvailable(
            f"{int((binary.codes < 0).sum())} rows without a group: engine='glmm' cannot keep them;"
            " use engine='attunement', which can"
        )
    size = binary.columns.shape[1]
    names = [f"x{index}" for index in range(size)]
    data: dict[str, object] = {"y": binary.proportion}
    data.update(zip(names, binary.columns.T, strict=True))
    formula = "y ~ 0 + " + " + ".join(names)
    options: dict[str, object] = {}
    if binary.codes is not None:
        data["g"] = [f"k{code:08d}" for code in binary.codes]
        formula += " + (1 | g)"
        options["nagq"] = nodes
        if start is not None:
            options["warm_start"] = {"beta": list(start[0]), "theta": [max(start[1], 0.05)]}
    weights = binary.trials * binary.frequency
    if not (weights == 1.0).all():
        options["weights"] = weights
    if binary.offset is not None:
        options["offset"] = binary.offset
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = glmm.fit(data, formula, "binomial", link=link, **options)
    beta = np.asarray(found.beta, dtype=float)
    covariance = np.asarray(found.vcov, dtype=float).reshape(size, size)
    usable = bool(np.isfinite(beta).all() and np.isfinite(covariance).all() and found.converged)
    if not usable or np.max(np.abs(binary.columns @ beta)) > 10.0:
        direction = find_separation(binary)
        if direction is not None:
            raise CompleteSeparation(
                "a combination of the predictors separates events from non-events, so that some"
                " coefficients have no finite estimate"
            )
    messages = [note["message"] for note in found.warnings if note["kind"] != "singular"]
    if not np.isfinite(beta).all() or not np.isfinite(covariance).all():
        raise NotConverged("; ".join(messages) or "no usable estimate was found")
    modes = np.zeros(0)
    variance = 0.0
    if binary.codes is not None:
        variance = float(found.varcorr[0][0]) if len(found.varcorr) else 0.0
        modes = np.zeros(int(binary.codes.max()) + 1)
        for block in found.ranef_blocks:
            for label, value in zip(block["levels"], np.ravel(block["values"]), strict=True):
                modes[int(label[1:])] = value
    return BinaryOptimum(
        coefficients=beta,
        covariance=covariance,
        group_variance=variance,
        modes=modes,
        loglik=float(found.loglik) + _constant(binary),
        converged=bool(found.converged),
        singular=bool(found.singular),
        messages=messages,
    )
