"""Equity: are clients of all groups given what they want to the same degree?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.mixed import FitError
from attunement.model.estimate import fit, supported
from attunement.model.exposure import exposure, names
from attunement.model.formulas import columns_of
from attunement.model.groups import with_groups
from attunement.model.measures import preference_strength
from attunement.model.result import Result
from attunement.model.rows import derived_rows, not_estimable, variance_rows
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

ABOUT = {"outcome": "accommodation", "direction": "above 0: wishes met more"}


def client_level(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return one row per client: mean accommodation and preferences over the sessions rated.

    Returns
    -------
    DataFrame
        client, accommodation (standard deviations between clients), preference_<dimension>,
        preference_strength (mean |P| at first) and the columns of `clients`. Clients without a
        strong preference have no accommodation under a scoring that needs one, and are left out.
    """
    columns = ["accommodation", *names("preference", specification)]
    means = exposure(tables, specification).groupby("client", sort=True)[columns].mean()
    rows = means.reset_index().merge(tables["clients"], on="client", validate="one_to_one")
    strength = preference_strength(tables, specification)
    return rows.assign(preference_strength=rows["client"].map(strength))


def _outcome(result: Result) -> Result:
    """Say that accommodation is what is explained here."""
    return result._replace(estimates=result.estimates.assign(**ABOUT))


def equity(tables: Tables, specification: Specification) -> Result:
    """Answer how much groups of clients differ in how far their wishes were met.

    Setting `group`: a covariate of clients. Accommodation is the outcome, one row per client, with
    a therapist intercept; the formula says what is held equal (nothing, or preferences). What is
    told of a category is its difference from the reference, and the joint test of all of them.
    """
    try:
        return _outcome(_answered(tables, specification))
    except (NotEstimable, FitError) as problem:
        return _outcome(not_estimable(specification, str(problem)))


def _answered(tables: Tables, specification: Specification) -> Result:
    name = specification.setting("group")
    if not name:
        raise NotEstimable("the dataset names no groups of clients (`groups`)")
    rated = client_level(tables, specification)
    if name not in rated.columns:
        raise NotEstimable(f"the clients have no covariate '{name}'")
    rated = rated.dropna(subset=columns_of(specification.formula)).reset_index(drop=True)
    held, found = with_groups({"clients": rated}, name, specification)
    model = supported(held["clients"], specification)
    fitted = fit(model, specification)
    terms = list(dict.fromkeys(term for at in found.values.values() for term in at))
    fixed = fitted.fixed.loc[terms].reset_index(names="term")
    rows = fixed.rename(columns={"t": "statistic"}).assign(metric="b")
    if len(terms) > 1:
        joint = fitted.test(np.array([(fitted.fixed.index == t).astype(float) for t in terms]))
        test = {"term": name, "metric": "F", "estimate": joint["F"], "statistic": joint["F"]}
        rows = pd.concat(
            [rows, pd.DataFrame(test | {"df": joint["df_den"], "p": joint["p"]})],
            ignore_index=True,
        )
    few = [
        {"term": f"{name}[T.{level}]", "metric": "b"}
        | {"status": "not estimable", "reason": reason}
        for level, reason in found.left_out
    ]
    rows = pd.concat([rows, pd.DataFrame(few)], ignore_index=True)
    rows = rows.assign(level="between", scale="sd", df_method=fitted.df_method)
    rows["df"] = rows["df"].replace(np.inf, np.nan)
    return Result(
        derived_rows(rows, fitted, model, specification),
        variance_rows(fitted, model, specification),
    )
