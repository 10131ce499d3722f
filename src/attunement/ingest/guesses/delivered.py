"""What sessions gave on the dimensions of the preference inventory, found among ratings.

A name that says delivered, erhalten, ... and a dimension is enough for two of them. Names of
dimensions alone are enough beside the inventory, on its scale and for three of the four; fewer, or
another scale, are asked about: a rating of warmth may be anything.
"""

from __future__ import annotations

from collections import Counter

from attunement.ingest.guesses import words as lexicon
from attunement.ingest.guesses.draft import Draft
from attunement.ingest.guesses.names import words
from attunement.ingest.guesses.occasions import Clock
from attunement.ingest.guesses.people import Roles
from attunement.ingest.guesses.questions import quoted
from attunement.ingest.guesses.ratings import Found, dimension_of, likely_range, span_of, step_of
from attunement.ingest.guesses.responses import fields_of_when, source_of
from attunement.ingest.guesses.write import flow

Rated = tuple[Roles, Found]
DIMENSIONS = ["TD_CD", "EI_ER", "PO_PR", "WS_FC"]
CODINGS = ("left_positive", "left_negative")
MOST = 3  # of the four dimensions
# Beginnings of words for the poles, in names (sess_direct) and in the file's labels.
_STEMS = {
    "TD_CD": ("direct", "direkt", "dirett", "therapeutengeleitet", "klientengeleitet", "lenk"),
    "EI_ER": ("emot", "emoz", "emoc", "intens", "zuruckhalt", "gefuhls"),
    "PO_PR": ("past", "vergang", "gegenwart", "verleden", "pasad", "passat"),
    "WS_FC": ("warm", "waerm", "unterstutz", "support", "steun", "herausford", "challeng",
              "konfront", "chaleur", "calid", "calor"),
}  # fmt: skip


def _dimension(roles: Roles, found: Found) -> str | None:
    """The dimension that a rating is about: by its name, else by the file's own label."""
    if found.dimension is not None:
        return found.dimension
    if found.items:
        return None
    for said in (words(found.label), words(roles.column(found.columns[0]).title)):
        known = dimension_of(said)
        hits = {
            one for one, stems in _STEMS.items() for word in said if word.startswith(stems)
        }  # fmt: skip
        if known is not None and hits <= {known}:
            return known
        if known is None and len(hits) == 1:
            return hits.pop()
    return None


def _says_given(roles: Roles, found: Found) -> bool:
    said = [*words(found.label), *words(roles.column(found.columns[0]).title)]
    return found.dimension is not None or any(word in lexicon.DELIVERED for word in said)


def _scale_of_wishes(draft: Draft) -> tuple[float, float] | None:
    """What items of the inventory can be, as the file has them; None without an inventory."""
    if "preference" not in draft.content:
        return None
    seven = draft.content["preference"]["coding"] == "one_to_seven_left_low"
    return (1.0, 7.0) if seven else (-3.0, 3.0)


def _on_scale(some: list[Rated], scale: tuple[float, float]) -> bool:
    """The ratings reach both ends of a scale, or nearly, and nothing beyond."""
    spans = [span_of(roles, found) for roles, found in some]
    low, high = min(one[0] for one in spans), max(one[1] for one in spans)
    return scale[0] <= low <= scale[0] + 1 and scale[1] - 1 <= high <= scale[1]


def add_delivered(ratings: list[Rated], clock: Clock, draft: Draft) -> set[int]:
    """Declare what sessions gave, or ask about what may be that.

    Returns
    -------
    set of int
        The ids of the ratings that were declared here.
    """
    groups: dict[tuple, list[Rated]] = {}
    told: dict[int, str] = {}
    for roles, found in ratings:
        dimension = _dimension(roles, found)
        if dimension is not None:
            told[id(found)] = dimension
            key = (roles.table.name, found.rater, tuple(found.occasions))
            groups.setdefault(key, []).append((roles, found))
    scale = _scale_of_wishes(draft)
    styles: dict[tuple, list[Rated]] = {}
    for key, some in groups.items():
        n = len({told[id(found)] for _, found in some})
        if n < 2:
            continue
        each_once = max(Counter(told[id(found)] for _, found in some).values()) == 1
        given = all(_says_given(roles, found) for roles, found in some)
        beside = scale is not None and n >= MOST and _on_scale(some, scale)
        if each_once and (given or beside):
            styles[key] = some
        elif scale is not None:
            _ask(some, told, clock, draft)
    for some in styles.values():
        for _, found in some:
            found.dimension = told[id(found)]
    if styles:
        _style(styles, clock, draft)
    return {id(found) for some in styles.values() for _, found in some}


def _ask(some: list[Rated], told: dict[int, str], clock: Clock, draft: Draft) -> None:
    """Ask whether ratings say what sessions gave, with the sections that would say it."""
    roles, first = some[0]
    low, high = (f(span_of(r, one)[at] for r, one in some) for at, f in ((0, min), (1, max)))
    low, high = likely_range(low, high) or (low, high)
    put = "{" + clock.key + "}"
    items = {told[id(found)]: found.template.replace("{when}", put) for _, found in some}
    when = {clock.key: put} if first.occasions else clock.rows.get(roles.table.name, {})
    source = source_of(roles, "given", first.rater, clock) | when | {"items": items}
    rating = {"meaning": "what the session gave", "low": low, "high": high,
              "items": list(items), "direction": "bipolar"}  # fmt: skip
    shown = ", ".join(f"'{found.columns[0]}' ({told[id(found)]})" for _, found in some)
    draft.ask(
        ("ratings",),
        f"Do {shown} say what a session gave on dimensions of the preference inventory? Then "
        "they belong together: a section delivery says which rating that is, and accommodation "
        "(how far a session gave what was wanted) is formed from it and the wishes. Put these in "
        "place of their entries under responses and ratings, one column for each dimension, and "
        "under delivery the coding, which says what end has the high numbers; else leave it.",
        "  - " + flow(source),
        f"  given: {flow(rating)}",
        f"delivery: {{rating: given, raters: [{first.rater}], commensurable: false}}",
    )


def _style(styles: dict[tuple, list[Rated]], clock: Clock, draft: Draft) -> None:
    """Ratings of what a session gave: one declared rating, whoever rated."""
    responses = draft.content["responses"]
    low, high = float("inf"), float("-inf")
    raters: list[str] = []
    dimensions: list[str] = []
    for (_, rater, occasions), some in styles.items():
        roles = some[0][0]
        place = ("responses", len(responses))
        fields, placeholder = fields_of_when(roles, list(occasions), clock, draft, place)
        put = "{" + (placeholder or "") + "}"
        items = {
            str(found.dimension): found.template.replace("{when}", put)
            for _, found in sorted(some, key=lambda one: DIMENSIONS.index(str(one[1].dimension)))
        }
        responses.append(
            source_of(roles, "delivered_style", rater, clock) | fields | {"items": items}
        )
        draft.because(place, f"the names say what a session gave on {', '.join(items)}; "
                      f"rated by the {rater}")  # fmt: skip
        raters.append(rater)
        dimensions += [one for one in items if one not in dimensions]
        labels = [quoted(r.column(found.columns[0])) for r, found in some
                  if r.column(found.columns[0]).title]  # fmt: skip
        if labels:
            draft.because(place, f"the file says of them: {'; '.join(labels)}")
        for one_roles, found in some:
            spans = span_of(one_roles, found)
            low, high = min(low, spans[0]), max(high, spans[1])
            draft.use(one_roles.table.name, *found.columns)
    span = likely_range(low, high) or (low, high)
    draft.content["ratings"]["delivered_style"] = {
        "meaning": "what the session gave on the dimensions of the preference inventory",
        "low": span[0], "high": span[1],
        "items": [one for one in DIMENSIONS if one in dimensions], "direction": "bipolar",
    }  # fmt: skip
    step = min(step_of(roles, found) for some in styles.values() for roles, found in some)
    if step < 1:
        draft.content["ratings"]["delivered_style"]["step"] = step
    beside = "preference" in draft.content
    poles = "" if beside else (
        ", and is the high end the pole named first (directive, intense, past, warm)"
    )  # fmt: skip
    draft.ask(
        ("ratings", "delivered_style"),
        f"The ratings go from {low:g} to {high:g}: are low and high what could be answered{poles}?",
        f"low: {span[0]:g}", f"high: {span[1]:g}",
    )  # fmt: skip
    if beside:
        draft.content["delivery"] = {
            "rating": "delivered_style", "raters": list(dict.fromkeys(raters)),
            "commensurable": False,
        }  # fmt: skip
        as_printed = draft.content["preference"]["coding"]
        codings = [as_printed, *(one for one in CODINGS if one != as_printed)]
        draft.ask(
            ("delivery",),
            "Which end of what sessions gave has the high numbers? Where nothing is said it is the "
            "pole named first (therapist directiveness, emotional intensity, past orientation, "
            "warm support). A form that is printed and coded like the inventory has the "
            "inventory's coding: add it below.",
            *(f"coding: {one}" for one in codings),
        )
        draft.ask(
            ("delivery", "commensurable"),
            "Were wishes and what sessions gave asked on the same scale by design: the same poles, "
            "middle and ends, so that wanting 2 and getting 2 is a match? Only then is "
            "accommodation formed. No file can tell this.",
            "commensurable: true",
        )
