"""Probabilities of a binary model averaged over rows and over groups, with their joint error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attunement.mixed.errors import InvalidSpecification, NotAvailable
from attunement.mixed.kernel import Array
from attunement.mixed.links import LINKS
from attunement.mixed.logistic_prediction import averaged
from attunement.mixed.new_data import new_columns

if TYPE_CHECKING:
    from attunement.mixed.logistic_estimates import LogisticEstimates


@dataclass(frozen=True)
class Averages:
    """`estimates` (k,), the averaged probabilities of k tables, and their `covariance` (k, k)."""

    estimates: Array
    covariance: Array


def average_probabilities(fit: LogisticEstimates, tables: Sequence[pd.DataFrame]) -> Averages:
    """Average as `LogisticFit.averages` says."""
    if len(fit.binary.offset):
        raise NotAvailable("averages of a fit with an offset")
    if not tables or any(not len(table) for table in tables):
        raise InvalidSpecification("averages need one table or more, none of them empty")
    size = int(fit._kept.sum())
    coefficients = fit.fixed["estimate"].to_numpy()[fit._kept]
    estimates, slopes = np.empty(len(tables)), np.empty((len(tables), size + 1))
    for place, table in enumerate(tables):
        used = new_columns(fit.design, table, [])[0][:, fit._kept]
        if np.isnan(used).any():
            raise InvalidSpecification("averages: a row lacks a predictor")
        predictor = used @ coefficients
        along, across = np.ones(len(predictor)), np.zeros(len(predictor))
        if fit.group is not None:
            predictor, along, across = averaged(fit, predictor)
        own = LINKS[fit.link].slope(predictor)
        estimates[place] = LINKS[fit.link].mean(predictor).mean()
        slopes[place, :-1] = (own * along) @ used / len(used)
        slopes[place, -1] = (own * across).mean()
    joint = np.zeros((size + 1, size + 1))
    joint[:-1, :-1] = fit._covariance
    if fit.group is not None:
        # that of sigma with the coefficients in the user's units
        joint[:-1, -1] = joint[-1, :-1] = fit.basis.transform @ fit.internal.covariance[:-1, -1]
        joint[-1, -1] = fit.internal.covariance[-1, -1]
    return Averages(estimates, slopes @ joint @ slopes.T)
