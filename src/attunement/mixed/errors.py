"""Named errors of multilevel fits: every refusal has a class of its own, and all are `FitError`."""

from __future__ import annotations


class FitError(ValueError):
    """A model that cannot be fitted or a question that cannot be answered; base of all below."""


class NotAvailable(FitError):
    """The request is meaningful but this engine cannot do it; the message names an alternative."""


class InvalidSpecification(FitError):
    """A formula, option, level or term that cannot be read, or a column that is not in the data."""


class EmptyData(FitError):
    """No row is left after rows with missing values are dropped."""


class InvalidValues(FitError):
    """A used column holds infinite values, text where numbers are needed, or unusable weights."""


class ConstantOutcome(FitError):
    """The outcome takes one value only."""


class NoResidualVariation(FitError):
    """The predictors and groups reproduce the outcome exactly."""


class TooFewRows(FitError):
    """There are not more rows than coefficients."""


class TooFewGroups(FitError):
    """A level has fewer groups than are needed for its random effects."""


class TooManyRandomEffects(FitError):
    """A level has at least as many random effects as there are rows."""


class CrossedGroups(FitError):
    """An inner id occurs under two outer ids: the levels are crossed, not nested."""


class ConfoundedLevels(FitError):
    """Two levels have the same groups, or the predictors tell the groups of a level apart."""


class NothingEstimable(FitError):
    """No column of the fixed part can be estimated."""


class AllOrNoEvents(FitError):
    """Every trial is an event, or none is."""


class CompleteSeparation(FitError):
    """A combination of predictors separates events from non-events: no finite estimate exists."""


class NotConverged(FitError):
    """The search returned no usable estimates."""


class NotComparable(FitError):
    """Two fits whose likelihoods cannot be compared."""
