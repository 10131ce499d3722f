"""Change of each client by several methods side by side; models use the table `change`."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from attunement.score.change import classify, four_classes
from attunement.score.change_judging import FEW, Found, Judged, Setting, by_points, none, rows_of
from attunement.score.change_multilevel import predicted_change
from attunement.score.change_nhs import (
    CLASSES,
    in_words,
    nhs_classes,
    not_analysed,
    pair_of,
    thresholds_of,
)
from attunement.score.coefficients import FEWEST_CLIENTS
from attunement.score.criteria import (
    Criterion,
    edwards_nunnally,
    jacobson_truax,
    known_reliability,
)
from attunement.score.cutoffs import cutoff_for
from attunement.score.facts import usable, why_not
from attunement.score.keys import DECIMALS
from attunement.study.contracts import conform, empty

PCOMS = {
    "recovered": "clinically_significant_change",
    "improved": "reliable_change",
    "unchanged": "no_reliable_change",
    "deteriorated": "reliable_deterioration",
}
PCOMS_OUTCOMES = ("ors.total", "cors.total")


def _published(one: Judged, setting: Setting) -> Found:
    name, _, scale = one.outcome.partition(".")
    instrument = setting.instruments[name]
    fact = usable(instrument, "reliable_change", setting.accepted, scale)
    if fact is None:
        why = why_not(instrument, "reliable_change", setting.accepted, scale)
        return none("published", len(one.course.count), why)
    trust = "published" if fact.verified is True else "accepted though unverified"
    criterion = Criterion(
        "published", fact.value, fact.comparison or ">=", f"{trust}: {fact.source}"
    )
    return by_points("published", one, criterion)


def _by_reliability(one: Judged, setting: Setting) -> list[Found]:
    """Judge by Jacobson and Truax and by Edwards and Nunnally."""
    name, _, scale = one.outcome.partition(".")
    methods, course = ("jacobson_truax", "edwards_nunnally"), one.course
    intake = course.first[course.count > 0]
    if len(intake) < FEWEST_CLIENTS:
        why = f"fewer than {FEWEST_CLIENTS} scores at intake"
        return [none(method, len(course.count), why) for method in methods]
    instrument, answers = setting.instruments[name], setting.answers.get(name)
    reliability, source = known_reliability(
        instrument, scale, answers, setting.dataset, setting.accepted
    )
    sd, mean = float(np.std(intake, ddof=1)), float(np.mean(intake))
    if np.isnan(reliability) or not sd > 0:
        lacking = why_not(instrument, "reliability", setting.accepted, scale)
        said = f"{source}; {lacking}" if lacking and lacking not in source else source
        why = said if np.isnan(reliability) else "all scores at intake are equal"
        return [none(method, len(course.count), why) for method in methods]
    said = f"1.96 * sqrt(2) * SD * sqrt(1 - r), SD {sd:.2f} at intake in this sample, {source}"
    points = Criterion("jacobson_truax", jacobson_truax(sd, reliability), ">", said)
    improvement, band = edwards_nunnally(
        course.first, course.last, one.direction, mean, sd, reliability
    )
    corrected = Found(
        "edwards_nunnally",
        four_classes(
            improvement > band, -improvement > band, course.first, course.last, one.cutoff
        ),
        course.count >= 2,
        improvement,
        band,
        one.cutoff_value,
        one.told(
            "last score against M + r (first - M), 1.96 * SD * sqrt(1 - r), "
            f"M {mean:.2f}, SD {sd:.2f} at intake in this sample, {source}"
        ),
    )
    return [by_points("jacobson_truax", one, points), corrected]


def _multilevel(one: Judged, setting: Setting) -> Found:
    clients, course = setting.tables["clients"], one.course
    found = predicted_change(one.kept, course, clients["therapist"], setting.dataset.time)
    if found.reason:
        return none("multilevel", len(course.count), found.reason)
    improvement, band = one.direction * found.change, 1.96 * found.se
    able = ~np.isnan(improvement)
    why = np.where(course.count >= 2, "first and last score are of the same time", FEW)
    result = four_classes(
        improvement > band, -improvement > band, course.first, course.last, one.cutoff
    )
    said = one.told(f"predicted change beyond 1.96 standard errors; {found.said}")
    return Found("multilevel", result, able, improvement, band, one.cutoff_value, said, why)


def _nhs(one: Judged, setting: Setting) -> Found:
    method, n = "nhs_talking_therapies", len(one.course.count)
    pair = pair_of(setting.dataset)
    depression, anxiety = (setting.ends(setting.kept(name)) for name in pair)
    for name, course in zip(pair, (depression, anxiety), strict=True):
        if not course.count.any():
            return none(method, n, f"the rule reads {' and '.join(pair)}: no scores of {name}")
    first, second = (thresholds_of(name, setting.instruments, setting.accepted) for name in pair)
    for refused in (first, second):
        if isinstance(refused, str):
            return none(method, n, refused)
    assert not isinstance(first, str)
    assert not isinstance(second, str)
    own = nhs_classes(depression, anxiety, (first, second))
    why = not_analysed(
        depression, anxiety, setting.treatment.attended, setting.treatment.ended, pair
    )
    mine = (first, second)[pair.index(one.outcome)]
    return Found(
        method,
        pd.Series(own).map(CLASSES).to_numpy(dtype=object),
        why == "",
        np.round(one.direction * (one.course.last - one.course.first), DECIMALS),
        mine.reliable.value,
        mine.caseness.value,
        in_words((first, second), pair),
        why,
        own,
    )


def _pcoms(one: Judged, setting: Setting) -> Found:
    """Judge by the manual of ORS and SRS: its points and its cut-off, whatever the study chose."""
    name, _, scale = one.outcome.partition(".")
    instrument, n = setting.instruments[name], len(one.course.count)
    change = usable(instrument, "reliable_change", setting.accepted, scale)
    cutoff = usable(instrument, "cutoff", setting.accepted, scale)
    if change is None:
        why = why_not(instrument, "reliable_change", setting.accepted, scale)
        return none("pcoms", n, why)
    if cutoff is None:
        return none("pcoms", n, why_not(instrument, "cutoff", setting.accepted, scale))
    criterion = Criterion("pcoms", change.value, change.comparison or ">=", change.source)
    result = classify(one.course.first, one.course.last, one.direction, criterion, cutoff)
    found = by_points("pcoms", one, criterion)
    own = pd.Series(result).map(PCOMS).to_numpy(dtype=object)
    return Found(
        "pcoms",
        result,
        found.able,
        found.improvement,
        change.value,
        cutoff.value,
        f"{change.source}; cut-off: {cutoff.source}",
        own=own,
    )


def change_methods(outcomes: Collection[str], setting: Setting) -> pd.DataFrame:
    """Return the table `change_methods`: a row per client, outcome and method.

    Parameters
    ----------
    outcomes : of them those of an instrument with a direction are judged; others have no rows.
    setting : tables, scores and what they mean.

    Returns
    -------
    DataFrame
        Methods `published`, `jacobson_truax`, `edwards_nunnally` and `multilevel` for every
        outcome, `nhs_talking_therapies` for both measures of its pair, `pcoms` for ORS, CORS. All
        but the last two share the outcome's cut-off (`cutoff_for`); under all of them recovered is
        a reliable improvement from a clinical first score to a last one beyond the cut-off. Where
        a method is not estimable all its rows are `not evaluated`, with the reason.
    """
    clients = setting.tables["clients"]
    made = []
    for outcome in outcomes:
        name, _, scale = outcome.partition(".")
        if name not in setting.instruments:
            continue
        direction = setting.instruments[name].improvement_of(scale)
        if direction == 0:
            continue
        kept = setting.kept(outcome)
        course = setting.ends(kept)
        intake = course.first[course.count > 0]
        cutoff, nobody = cutoff_for(
            outcome, intake, setting.dataset, setting.instruments, setting.accepted
        )
        one = Judged(outcome, kept, course, direction, cutoff, nobody)
        found = [_published(one, setting), *_by_reliability(one, setting)]
        found.append(_multilevel(one, setting))
        if outcome in pair_of(setting.dataset):
            found.append(_nhs(one, setting))
        if outcome in PCOMS_OUTCOMES:
            found.append(_pcoms(one, setting))
        made += [rows_of(one, method, clients) for method in found]
    if not made:
        return empty("change_methods")
    return conform(pd.concat(made, ignore_index=True), "change_methods")
