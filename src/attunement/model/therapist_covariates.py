"""Covariates of therapists (training, practice, experience, wellbeing) as predictors."""

from __future__ import annotations

import pandas as pd

from attunement.model.estimate import estimate
from attunement.model.prepare import prepare
from attunement.model.result import Result
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

PREFIX = "therapist_"


def with_therapists(tables: Tables, covariates: tuple[str, ...]) -> Tables:
    """Return the tables with covariates of therapists among those of their clients.

    Parameters
    ----------
    covariates : names with the prefix `therapist_` (clients have some of the same names). Numbers
        of more than two values count in standard deviations between therapists with clients, about
        their mean. Therapists who lack one of them are left out with their clients.

    Raises
    ------
    NotEstimable
        No covariates are declared, no therapist has all of them, or one does not vary.
    """
    if not covariates:
        raise NotEstimable("no covariates of therapists are declared")
    names = [name.removeprefix(PREFIX) for name in covariates]
    known = tables["therapists"][["therapist", *names]]
    known = known[known["therapist"].isin(tables["clients"]["therapist"])].dropna()
    if known.empty:
        raise NotEstimable("no therapist has all covariates")
    shown = pd.DataFrame({"therapist": known["therapist"]})
    for name in names:
        values = known[name]
        if values.nunique() < 2:
            raise NotEstimable(f"{PREFIX}{name} does not vary between therapists")
        if pd.api.types.is_bool_dtype(values):
            values = values.astype(float)
        elif pd.api.types.is_numeric_dtype(values):
            values = values.astype(float)
            if values.nunique() > 2:
                values = (values - values.mean()) / values.std(ddof=1)
        shown[PREFIX + name] = values
    # An inner merge keeps the order of the clients.
    return tables | {"clients": tables["clients"].merge(shown, on="therapist")}


def covariates_frame(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return the rows of the planned model with the covariates of therapists."""
    if tables["clients"]["therapist"].isna().all():
        raise NotEstimable("no therapists recorded")
    return prepare(with_therapists(tables, specification.therapist_covariates), specification)


def therapist_covariates(tables: Tables, specification: Specification) -> Result:
    """Estimate the planned model with covariates of therapists as terms of the therapist level.

    All covariates stand in one model: each is told at equal others. They need as many therapists
    as other differences between therapists do (`limits` in config.yaml).
    """
    return estimate(covariates_frame(tables, specification), specification)
