"""Multilevel estimation: linear and logistic models with nested random effects."""

from attunement.mixed.errors import FitError, NotAvailable, TooManyRandomEffects
from attunement.mixed.linear import fit_linear
from attunement.mixed.linear_results import LinearFit
from attunement.mixed.logistic import fit_logistic
from attunement.mixed.logistic_results import LogisticFit
from attunement.mixed.refits import Refit
from attunement.mixed.resampling import Bootstrap, Influence

__all__ = [
    "Bootstrap",
    "FitError",
    "Influence",
    "LinearFit",
    "LogisticFit",
    "NotAvailable",
    "Refit",
    "TooManyRandomEffects",
    "fit_linear",
    "fit_logistic",
]
