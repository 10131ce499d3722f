"""Therapists' predicted effects on the primary outcome, for the therapists' figure."""

from __future__ import annotations

import pandas as pd

from attunement.mixed import FitError
from attunement.model.estimate import fit, supported
from attunement.model.prepare import prepare
from attunement.study.contracts import conform, empty
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

NORMAL_95 = 1.959963984540054


def therapist_effects(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return each therapist's empirical-Bayes effect in order of size, without the therapist's id.

    `caseload` holds the exact number of clients as text; `release` puts it into bands.
    Effects are in standard deviations of the first score, whatever the scale of the plan. Empty
    where there are no therapists or the model cannot be fitted.
    """
    specification = specification.model_copy(update={"outcome_scale": "sd"})
    try:
        model = supported(prepare(tables, specification), specification)
        if "therapist" not in model.random:
            return empty("therapist_effects")
        effects = fit(model, specification).random_effects("therapist")
    except (NotEstimable, FitError):
        return empty("therapist_effects")
    effects = effects[effects["term"] == "Intercept"].set_index("therapist")
    clients = model.frame.drop_duplicates("client").groupby("therapist").size()
    rows = effects.assign(clients=clients.reindex(effects.index)).sort_values(
        ["estimate"], kind="stable"
    )
    return conform(
        pd.DataFrame(
            {
                "outcome": specification.outcome,
                "rank": range(1, len(rows) + 1),
                "effect": rows["estimate"].to_numpy(),
                "ci_low": (rows["estimate"] - NORMAL_95 * rows["se"]).to_numpy(),
                "ci_high": (rows["estimate"] + NORMAL_95 * rows["se"]).to_numpy(),
                "caseload": rows["clients"].astype(int).astype(str).to_numpy(),
            }
        ),
        "therapist_effects",
    )
