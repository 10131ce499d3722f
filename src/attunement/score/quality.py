"""Put together how reliable the scores of a study are: the table `reliability`."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from attunement.score.answers import Answers, keyed_items, places
from attunement.score.change import in_treatment
from attunement.score.coefficients import Coefficient, difference
from attunement.score.facts import informant, key_refusal, usable
from attunement.score.means import mean_reliabilities
from attunement.score.reliability import KEY, ONLY_TOTALS, consistency
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset
from attunement.study.facts import fact_of
from attunement.study.files import Tables
from attunement.study.instruments import Instrument

Rows = list[dict[str, object]]


def _means(scores: pd.DataFrame, clients: pd.DataFrame, consistent: Rows) -> Rows:
    """Rows for the means of every scale and rating that some client has more than once."""
    place = places(scores["client"], clients["client"])
    table = scores.assign(place=place, therapist=clients["therapist"].to_numpy()[place])
    within = {
        (str(row["instrument"]), str(row["scale"]), str(row["rater"])): Coefficient(
            value=float(str(row["value"])), reason=str(row["reason"] or "")
        )
        for row in consistent
        if row["coefficient"] == "within_client"
    }
    rows: Rows = []
    kept = table[table["value"].notna()]
    for (name, scale, rater), found in kept.groupby(KEY, sort=True):
        if not found["place"].duplicated().any():
            continue
        # The order of groups must not hang on pseudonyms: clients go by their place.
        frame = found[["place", "therapist", "value"]].rename(columns={"place": "client"})
        key = (str(name), str(scale), str(rater))
        change = within.get(key, Coefficient())
        means = mean_reliabilities(frame.astype({"value": float}), change)
        row: dict[str, object] = dict(zip(KEY, key, strict=True))
        for coefficient in ("between_client", "client_mean", "therapist_mean"):
            if coefficient == "between_client" and key not in within:
                continue
            one: Coefficient = getattr(means, coefficient)
            sizes: dict[str, object] = {"per_client": means.per_client}
            if coefficient == "therapist_mean" and not np.isnan(one.value):
                sizes["per_therapist"] = means.per_therapist
            rows.append(
                row
                | one._asdict()
                | sizes
                | {"coefficient": coefficient, "reason": one.reason or None}
            )
    return rows


def _first_and_last(answers: Answers, rater: str, endings: pd.DataFrame) -> tuple[np.ndarray, ...]:
    """Return the rows of each client's first and last occasion in treatment, of those with two."""
    rated = answers.occasions[(answers.occasions["rater"] == rater).to_numpy()]
    rows = in_treatment(rated, {"endings": endings}).index.to_numpy()
    place = answers.place[rows]
    _, first = np.unique(place, return_index=True)
    _, from_end = np.unique(place[::-1], return_index=True)
    last = len(place) - 1 - from_end
    several = first != last
    return rows[first[several]], rows[last[several]]


def _difference(
    outcome: str,
    answers: dict[str, Answers],
    dataset: Dataset,
    instruments: dict[str, Instrument],
    endings: pd.DataFrame,
    accepted: Collection[str],
) -> Coefficient:
    name, _, scale_id = outcome.partition(".")
    instrument, given = instruments[name], answers[name]
    scale = instrument.scales[scale_id]
    if not scale.consistent:
        return Coefficient(reason="the score is no sum of several items")
    refusal = key_refusal(instrument, scale_id, accepted)
    first, last = _first_and_last(given, informant(name, dataset), endings)
    items = keyed_items(given, instrument, scale, dataset)
    if not np.isnan(items).all() and not refusal:
        return difference(items[first], items[last])
    known = usable(instrument, "reliability", accepted, scale_id)
    if known is None:
        fact, found = fact_of(instrument, scale_id, "reliability")
        advice = f"; name {fact} under accept_unverified" if found else ""
        return Coefficient(reason=refusal or f"{ONLY_TOTALS}{advice}")
    total = given.column(scale_id)[:, None]
    return difference(total[first], total[last], known.value)


def reliabilities(
    answers: dict[str, Answers],
    scores: pd.DataFrame,
    outcomes: list[str],
    dataset: Dataset,
    instruments: dict[str, Instrument],
    tables: Tables,
    accepted: Collection[str] = (),
) -> pd.DataFrame:
    """Return the table `reliability`.

    Parameters
    ----------
    answers, scores : of this stage.
    outcomes : as instrument.scale; those of instruments have a row for their difference scores,
        first to last score in treatment.
    tables : the canonical tables; of them `clients` and `endings` are read.

    Returns
    -------
    DataFrame
        Rows `alpha` and `within_client` for every scale of items and rater; `client_mean`,
        `therapist_mean` and (where there are items) `between_client` for every scale and declared
        rating that was given more than once; `difference` for outcomes. A coefficient that the data
        cannot support has its reason in place of a value.
    """
    consistent = consistency(answers, dataset, instruments, accepted)
    rows = consistent + _means(scores, tables["clients"], consistent)
    for outcome in outcomes:
        name, _, scale = outcome.partition(".")
        if name in instruments and name in answers:
            found = _difference(outcome, answers, dataset, instruments, tables["endings"], accepted)
            rows.append(
                {"instrument": name, "scale": scale, "rater": informant(name, dataset)}
                | found._asdict()
                | {"coefficient": "difference", "reason": found.reason or None}
            )
    return conform(pd.DataFrame(rows), "reliability") if rows else empty("reliability")
