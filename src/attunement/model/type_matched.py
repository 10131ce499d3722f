"""Clients who got the treatment, therapist or activity they wanted, against those who did not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from attunement.mixed import FitError
from attunement.model.estimate import fit, supported, without_separated_categories
from attunement.model.exposure import require
from attunement.model.measures import told_by
from attunement.model.prepare import prepare
from attunement.model.result import Model, Result
from attunement.model.rows import derived_rows, not_estimable
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

NO_PREFERENCE = "no preference"
GROUPS = ("not matched", "matched", NO_PREFERENCE)
TERMS = {"matched": "type_match[T.matched]", NO_PREFERENCE: f"type_match[T.{NO_PREFERENCE}]"}


def matches(preferences: pd.DataFrame, aspect: str) -> pd.DataFrame:
    """Return each client's group on one aspect: matched, not matched, no preference.

    Parameters
    ----------
    preferences : DataFrame
        Contract `type_preferences`.
    aspect : str
        What the preference is about.

    Returns
    -------
    DataFrame
        client, type_match (category, reference `not matched`), wanted (category, missing for
        those without a preference) and received (category). The first statement counts: what
        treatment did to wishes is no part of it. Rows in which the wish, or what was given, is
        missing are left out.
    """
    rows = preferences[preferences["aspect"] == aspect]
    rows = rows[rows["preferred"].notna() & rows["received"].notna()]
    rows = rows.sort_values(["client", "occasion"], kind="stable").drop_duplicates("client")
    preferred, received = rows["preferred"].astype(str), rows["received"].astype(str)
    none = preferred == NO_PREFERENCE
    group = np.where(none, NO_PREFERENCE, np.where(preferred == received, "matched", "not matched"))
    levels = sorted(set(preferred[~none]))
    return pd.DataFrame(
        {
            "client": rows["client"],
            "type_match": pd.Categorical(group, categories=GROUPS),
            "wanted": pd.Categorical(preferred.mask(none), categories=levels),
            "received": pd.Categorical(received, categories=sorted(set(received))),
        }
    ).reset_index(drop=True)


def wishes(wanted: pd.Series) -> pd.DataFrame:
    """Return what was wanted as columns of a model, weighted effect coding.

    Parameters
    ----------
    wanted : Series of category
        The wish; missing for those without one.

    Returns
    -------
    DataFrame
        `wanted_1`, `wanted_2`, ..., one column less than wishes that occur: 1 for a wish, minus its
        share of the most frequent one's clients for that one, 0 for other wishes and for those
        without any. Each column sums to zero, so that 0 is the average over the wishes observed:
        with it those without a preference are compared, whatever the categories are called (Te
        Grotenhuis et al. 2017, doi:10.1007/s00038-016-0901-1).
    """
    counts = wanted.value_counts()
    named = list(counts.index[counts > 0])
    columns = {
        f"wanted_{place}": (wanted == name).astype(float)
        - (wanted == named[0]).astype(float) * counts[name] / counts[named[0]]
        for place, name in enumerate(named[1:], 1)
    }
    return pd.DataFrame(columns, index=wanted.index)


def _formula(specification: Specification, frame: pd.DataFrame) -> str:
    """The formula with the main effects of what was wanted and what was given where they vary.

    Matching is their interaction: without them a treatment that is better for everybody, or
    wanted by those who do better anyway, would look like matching.
    """
    coded = [name for name in map(str, frame) if name.startswith("wanted_")]
    given = ["received"] if frame["received"].nunique() > 1 else []
    return " + ".join([specification.formula, "type_match", *coded, *given])


def _small(frame: pd.DataFrame, smallest: int) -> tuple[pd.DataFrame, list[str]]:
    sizes = frame["type_match"].value_counts()
    few = [name for name in GROUPS if sizes.get(name, 0) < smallest]
    kept = frame[~frame["type_match"].isin(few)].reset_index(drop=True)
    for name in ("type_match", "wanted", "received"):
        kept[name] = kept[name].cat.remove_unused_categories()
    return kept, few


def one_aspect(base: pd.DataFrame, groups: pd.DataFrame, specification: Specification) -> Model:
    """Return the model of one aspect.

    Raises
    ------
    NotEstimable
        Fewer clients than the smallest group were matched, or not matched.
    """
    frame, few = _small(base.merge(groups, on="client"), specification.smallest_group)
    for name in ("matched", "not matched"):
        if name in few:
            raise NotEstimable(f"too few clients are {name}")
    left = [(TERMS[NO_PREFERENCE], "too few clients have no preference")] if few else []
    if specification.link != "identity":
        # A wish of which all, or none, left has no finite coefficient and goes before it is coded.
        frame, separated = without_separated_categories(frame, ["wanted"])
        left += separated
    frame = frame.join(wishes(frame["wanted"]))
    with_match = specification.model_copy(update={"formula": _formula(specification, frame)})
    model = supported(frame, with_match)
    return model._replace(left_out=(*model.left_out, *left))


def pooled_sd(frame: pd.DataFrame) -> float:
    """Return the standard deviation of the outcome within matched and not matched together."""
    rows = frame[frame["type_match"].isin(["matched", "not matched"])]
    found = rows.groupby("type_match", observed=True)["outcome"].agg(["var", "size"])
    degrees = found["size"] - 1
    return float(np.sqrt((found["var"] * degrees).sum() / degrees.sum()))


def _rows(model: Model, specification: Specification, aspect: str) -> tuple[pd.DataFrame, Any]:
    fitted = fit(model, specification)
    ratio = specification.metric != "b"
    told = []
    for group, term in TERMS.items():
        if term not in fitted.fixed.index or np.isnan(fitted.fixed.loc[term, "estimate"]):
            reason = dict(model.left_out).get(term, "collinear with the other terms")
            row = {"status": "not estimable", "reason": reason}
        else:
            found = fitted.fixed.loc[term]
            unit = 1.0 if ratio else pooled_sd(model.frame)
            shown = np.exp if ratio else (lambda value, unit=unit: value / unit)
            row = {name: shown(found[name]) for name in ("estimate", "ci_low", "ci_high")}
            row |= {"se": found["se"] / unit, "df": found["df"], "statistic": found["t"]}
            row |= {"p": found["p"], "df_method": fitted.df_method}
        metric = specification.metric if ratio else "d"
        row |= {"term": f"type_match_{aspect}[T.{group}]", "metric": metric}
        told.append(row | {"scale": "ratio" if ratio else "sd", "level": "between"})
    table = pd.DataFrame(told)
    if "df" in table:
        table["df"] = table["df"].replace(np.inf, np.nan)
    return table, fitted


def type_matched(tables: Tables, specification: Specification) -> Result:
    """Answer, aspect by aspect, whether clients who got what they wanted fared better.

    For an outcome `d`: the adjusted difference over the standard deviation of the outcome within
    groups, which is taken as known; for dropout its odds ratio. Those without a preference are a
    third group: they have no wish that could be held equal, and are compared with those not matched
    at the average of the wishes observed.
    """
    require(tables, "type_preferences")
    stated = tables.get("type_preferences")
    if stated is None or stated.empty:
        raise NotEstimable("no type preferences recorded")
    base = prepare(tables, specification)
    found = []
    for aspect in sorted(stated["aspect"].dropna().unique()):
        rater = stated.loc[stated["aspect"] == aspect, "rater"].dropna()
        try:
            groups = matches(stated, str(aspect))
            model = one_aspect(base, groups, specification)
            rows, fitted = _rows(model, specification, str(aspect))
        except (NotEstimable, FitError) as problem:
            lost = not_estimable(specification, str(problem)).estimates
            lost = lost.iloc[:1].assign(
                term=f"type_match_{aspect}[T.matched]",
                level="between",
                metric="d" if specification.metric == "b" else specification.metric,
            )
            found.append(lost)
            continue
        who = str(rater.iloc[0]) if len(rater) else ""
        rows["informant"] = told_by(specification, "match", who)
        found.append(derived_rows(rows, fitted, model, specification))
    nothing = not_estimable(specification, "one model for each aspect: no variances are told")
    return Result(pd.concat(found, ignore_index=True), nothing.variance)
