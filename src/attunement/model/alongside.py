"""Other scores as predictors of the outcome of the same occasion, or of the next session's."""

from __future__ import annotations

import re

import pandas as pd

from attunement.model.centring import parts
from attunement.model.outcomes import shaped_time, with_clients
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

PARTS = ("", "_within", "_between", "_therapist")


def with_scores(rows: pd.DataFrame, tables: Tables, specification: Specification) -> pd.DataFrame:
    """Attach the scores that a formula names as `instrument_scale`, as recorded and in parts.

    Parameters
    ----------
    rows : DataFrame
        client, occasion and the outcome.
    specification : Specification
        Its formula names `alliance_total`, or `alliance_total_within`, `_between`, `_therapist`
        (see `attunement.model.centring.parts`). A covariate of that name comes first. The setting
        `rater` says whose scores where several rated.

    Returns
    -------
    DataFrame
        The rows with these columns, in the scores' own units. Occasions without one of them are
        left out before anything is centred.

    Raises
    ------
    NotEstimable
        Several rated the measure and nothing says whose rating counts, or no occasion has both.
    """
    scores = tables["scores"]
    scores = scores[scores["value"].notna()]
    measures = scores["instrument"].astype(str) + "_" + scores["scale"].astype(str)
    formulas = [specification.formula, specification.therapist_terms]
    formulas += [part for _, part in specification.random]
    named = set(re.findall(r"[a-z]\w*", " ".join(formulas)))
    named -= {*rows.columns, *tables["clients"].columns}
    asked = [one for one in measures.unique() if named & {f"{one}{part}" for part in PARTS}]
    for measure in asked:
        found = _of_one_rater(scores[measures == measure], measure, specification.setting("rater"))
        found = found.rename(columns={"value": measure})[["client", "occasion", measure]]
        rows = rows.merge(found, on=["client", "occasion"], validate="one_to_one")
        if rows.empty:
            raise NotEstimable(f"no occasion has both {measure} and {specification.outcome}")
    if not asked:
        return rows
    rows = rows.reset_index(drop=True)
    return rows.join(parts(with_clients(rows, tables), asked))


def next_scores(scores: pd.DataFrame, tables: Tables, specification: Specification) -> pd.DataFrame:
    """Pair the scores of a session, without accommodation, with the outcome at the next session.

    Parameters
    ----------
    scores : DataFrame
        client, occasion, session (whole), time, outcome.

    Returns
    -------
    DataFrame
        A row for each session that the client's next one follows: `outcome` there, `outcome_now`
        here, and the scores here that the formula names (see `with_scores`).

    Raises
    ------
    NotEstimable
        No session is followed by another with an outcome.
    """
    following = scores[["client", "session", "outcome"]].assign(session=scores["session"] - 1)
    now = scores.rename(columns={"outcome": "outcome_now"})
    rows = now.merge(following, on=["client", "session"])
    if rows.empty:
        raise NotEstimable("no session is followed by an outcome at the next session")
    rows = with_scores(rows, tables, specification)
    rows["time"] = shaped_time(rows["time"], specification)
    return rows


def _of_one_rater(found: pd.DataFrame, measure: str, rater: str) -> pd.DataFrame:
    raters = sorted(found["rater"].astype(str).unique())
    if rater and rater in raters:
        return found[found["rater"].astype(str) == rater]
    if len(raters) > 1:
        raise NotEstimable(
            f"{measure} was rated by {' and '.join(raters)}: say whose counts, as "
            f"`settings: {{rater: {raters[0]}}}`"
        )
    return found
