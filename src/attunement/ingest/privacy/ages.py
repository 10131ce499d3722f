"""Ages above 89 are pooled: so few people are that old that an age alone may name one."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attunement.ingest.privacy.identifiers.names import tokens
from attunement.study.dataset import Covariate, Dataset
from attunement.study.files import Tables
from attunement.study.problems import StudyError

POOLED = 90
AGE = {
    "age",
    "ages",
    "aged",
    "alter",
    "leeftijd",
    "edad",
    "eta",
    "idade",
    "alder",
    "aalder",
    "ika",
    "wiek",
}
YEARS = {
    "",
    "year",
    "years",
    "yr",
    "yrs",
    "y",
    "jahr",
    "jahre",
    "jaar",
    "ano",
    "anos",
    "an",
    "ans",
    "anni",
    "ar",
}
TABLES = ("clients", "therapists", "sessions")


def is_age(name: str, covariate: Covariate) -> bool:
    """Return whether a covariate is an age in years: by its name, column or meaning, and unit."""
    if covariate.kind not in ("number", "integer"):
        return False
    unit = "".join(tokens(covariate.unit))
    if unit not in YEARS:
        return False
    named = set(tokens(name)) | set(tokens(covariate.column))
    return bool(AGE & named) or (bool(unit) and bool(AGE & set(tokens(covariate.meaning))))


def pooled_ages(tables: Tables, dataset: Dataset) -> tuple[Tables, list[dict[str, Any]]]:
    """Return the tables with ages of 90 and more as 90 ("90 or above"), and the record of it.

    HIPAA Safe Harbor (45 CFR 164.514(b)(2)(i)(C)): ages over 89 may be aggregated into one
    category. `privacy.allow: {<covariate>: reason}` keeps them. Public and simulated data are left
    as they are published.

    Raises
    ------
    StudyError
        `privacy.allow` names a covariate that is no age.
    """
    found, record, ages = dict(tables), [], set()
    open_data = dataset.disclosure in ("public", "simulated")
    for table in TABLES:
        declared = getattr(dataset, table)
        for name, covariate in (declared.covariates if declared else {}).items():
            if not is_age(name, covariate):
                continue
            ages.add(name)
            values = found[table][name]
            old = (values >= POOLED).fillna(False).astype(bool)
            said: dict[str, Any] = {
                "what": f"{table}.{name}",
                "place": table,
                "kind": "age above 89",
                "n_rows": int(old.sum()),
            }
            if reason := dataset.privacy.allow.get(name):
                record.append(said | {"decision": "allowed", "reason": reason})
            elif open_data:
                reason = f"{dataset.disclosure} data: as they are published"
                record.append(said | {"decision": "kept", "reason": reason})
            else:
                pooled = values.mask(old, POOLED).astype(values.dtype)
                found[table] = found[table].assign(**{name: pooled})
                record.append(said | {"decision": "pooled", "reason": "90 stands for 90 or above"})
    for key in dataset.privacy.allow:
        if "." not in key and key not in ages:
            raise StudyError(
                f"privacy.allow names '{key}', which is no covariate that is an age",
                file=f"{dataset.name}/dataset.yaml",
                advice="Write a column as source.column; an age by the name of its covariate.",
            )
    return found, record


def has_ages(dataset: Dataset, name: str) -> bool:
    """Return whether a covariate of clients is an age."""
    return is_age(name, dataset.clients.covariates[name])


def banded(ages: pd.Series, width: int = 5) -> pd.Series:
    """Return ages in bands of some years (20 stands for 20 to 24)."""
    return (ages.astype("Float64") // width) * width
