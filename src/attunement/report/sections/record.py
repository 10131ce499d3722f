"""What cannot be estimated, what the gate decided, and how it was done."""

from __future__ import annotations

import re
from typing import Any

from attunement.report import words
from attunement.report.counts import counted
from attunement.report.measures import measures
from attunement.report.numbers import DASH, count, missing
from attunement.report.pieces import Grid, Released, Section

NEEDED = ("NNTB", "NNTH")
METHODS = (
    "Time is counted in {unit}s ({shape}); one unit of time in the models is {per}. Outcomes are "
    "turned so that higher is better and are in {scale}. Accommodation is in standard deviations "
    "between clients{main_effects}. p values of confirmatory coefficients are adjusted within "
    "each family ({rule}). The word is association throughout: who was accommodated was not left "
    "to chance. \u2018Inconclusive\u2019 means that the adjusted p value is not below .05 and the "
    "90% interval not inside the bounds declared in advance, \u2018not shown\u2019 that none were "
    "declared; neither means that there is no effect. Models were fitted with {engines}."
)
IN_SD = "standard deviations of the clients\u2019 first score"
SCALES = {
    frozenset(("raw",)): "points as they were recorded",
    frozenset(("sd", "raw")): f"{IN_SD}, or in the unit named beside an estimate",
}


def main_effects(released: Released) -> str:
    """Say which models of accommodation hold preference and delivery too, as their formulas do."""
    models = {
        name: str(one["formula"])
        for name, one in released.specifications.items()
        if "accommodation" in str(one["formula"])
    }
    wanted = [
        re.compile(rf"\b{part}_{dimension}(?:_(?:within|between|past|therapist))?\b")
        for part in ("preference", "delivery")
        for dimension in released.about.get("dimensions", {})
    ]
    if not models or not wanted:
        return ""
    without = [
        name for name, formula in models.items() if not all(one.search(formula) for one in wanted)
    ]
    if len(without) == len(models):
        return ""
    but = f" but {', '.join(without)}" if without else ""
    return (
        f"; every model of accommodation{but} holds the main effects of preference and delivery "
        "on every dimension"
    )


def fitted(planned: dict[str, Any], released: Released) -> list[str]:
    """Return formula and random part of a model as fitted, or as planned where it was not."""
    formula, name = str(planned["formula"]), planned["name"]
    parts = [f"{level}: {terms}" for level, terms in planned["random"].items()]
    estimates, variance = released.table("estimates"), released.table("variance")
    rows = estimates[estimates["specification"] == name]
    rows = rows[rows["status"] != "not estimable"]
    if rows.empty:
        return [formula, f"not fitted; planned: {'; '.join(parts) or DASH}"]
    further = str(planned.get("therapist_terms") or "")
    if further and rows["term"].str.contains("_therapist(?:$|:)").any():
        formula = f"{formula} + {further}"
    spread = variance[(variance["specification"] == name) & (variance["level"] != "residual")]
    spread = spread[spread["term_1"] == spread["term_2"]]
    used = [
        f"{level}: {' + '.join(dict.fromkeys('1' if t == 'Intercept' else t for t in terms))}"
        for level, terms in spread.groupby("level", sort=False)["term_1"]
    ]
    if str(planned.get("residual", "independent")) != "independent":
        used.append(f"residuals {planned['residual']}")
    if not planned.get("reml", True):
        used.append("maximum likelihood")
    return [formula, "; ".join(used) or "none"]


def not_estimable(released: Released) -> Section:
    """Specifications that the data cannot support, grouped by reason, and topics not available."""
    estimates = released.table("estimates")
    rows = estimates[estimates["status"].isin(("not estimable", "withheld"))]
    # The other side of a number needed to treat is not missing: it has none.
    rows = rows[~(rows["metric"].isin(NEEDED) & (rows["status"] == "not estimable"))]
    parts: list[object] = []
    lines = []
    for reason, held in rows.groupby(rows["reason"].fillna("no reason recorded"), sort=False):
        models = list(
            dict.fromkeys(
                words.plain(name.partition(".")[0]) for name in held["specification"].astype(str)
            )
        )
        whole = held.groupby("specification").size()
        lines.append(
            [
                words.sentence_case(str(reason)),
                ", ".join(models),
                count(len(whole)),
                count(len(held)),
            ]
        )
    if lines:
        heads = ["Reason", "Models", "Specifications", "Coefficients"]
        caption = "Planned estimates that these data do not support. Nothing was filled in."
        parts.append(Grid(caption, heads, lines))
    else:
        parts.append("Everything that was planned could be estimated.")
    odd = estimates[estimates["status"].isin(("singular", "not converged"))]
    if len(odd):
        names = sorted(set(odd["specification"].astype(str)))
        parts.append(
            Grid(
                "Fits with a warning.",
                ["Specification", "Status", "In words"],
                [_warning(odd[odd["specification"] == name]) for name in names],
                folded=f"{len(names)} fits with a warning",
            )
        )
    absent = released.table("availability")
    absent = absent[~absent["available"].astype(bool)]
    topics = [
        [words.sentence_case(_topic(str(row["topic"]), released)), str(row["reason"])]
        for row in absent.to_dict("records")
    ]
    if topics:
        parts.append(Grid("What the dataset does not hold.", ["What", "Why"], topics))
    return Section("not-estimable", "What cannot be said, and why", "model", parts)


def _warning(rows: object) -> list[str]:
    row = rows.iloc[0]  # type: ignore[attr-defined]
    reason = "" if missing(row["reason"]) else str(row["reason"])
    return [str(row["specification"]), str(row["status"]), reason]


def _topic(topic: str, released: Released) -> str:
    kind, _, name = topic.partition(".")
    if kind == "outcome":
        return words.outcome(name, released.about)
    if kind == "dropout":
        return f"dropout: {words.definition(name, released.about)}"
    if kind == "change":
        return f"classes of change: {words.outcome(name, released.about)}"
    if kind == "missing_items":
        return f"scores of {name} where items are missing"
    return words.plain(topic)


def gate(released: Released) -> Section:
    """Conflicts in the data and the decisions of the disclosure gate."""
    parts: list[object] = []
    conflicts = [
        [
            str(row["source"]),
            str(row["column"]),
            str(row["kind"]),
            str(row["action"]),
            "withheld" if bool(row["withheld"]) else count(row["n_rows"]),
        ]
        for row in released.table("conflict_counts").to_dict("records")
    ]
    if conflicts:
        heads = ["Source", "Column", "What was wrong", "What was done", "Rows"]
        parts.append(Grid("Conflicts in the data as they came.", heads, conflicts))
    else:
        parts.append("No conflicts were found in the data as they came.")
    decisions = [
        [
            words.plain(str(row["table"])),
            str(row["rule"]),
            str(row["decision"]),
            counted(row["n_rows"], released),
            DASH if missing(row["reason"]) else str(row["reason"]),
        ]
        for row in released.table("decisions").to_dict("records")
    ]
    rules = released.about.get("rules", {})
    disclosure = released.about.get("disclosure")
    if disclosure in ("public", "simulated"):
        parts.append(f"These data are {disclosure}: exact counts are shown by declaration.")
    else:
        parts.append(
            f"These data are confidential: cells of fewer than {rules.get('smallest_cell')} are "
            f"emptied and counts rounded to {rules.get('rounding')}."
        )
    heads = ["Table", "Rule", "Decision", "Table rows", "Reason"]
    parts.append(
        Grid("Decisions of the disclosure gate.", heads, decisions, folded="Decisions of the gate")
    )
    return Section("gate", "What was found in the data, and what was let out", "release", parts)


def methods(released: Released) -> Section:
    """How it was done: models, time, engine, instruments, facts accepted, licence and citation."""
    about = released.about
    time = about["time"]
    per, unit = words.units(time["unit"], float(time["per"])), time["unit"]
    shape = {"linear": "straight line", "log": "logarithm", "square_root": "square root"}
    rule = words.MULTIPLICITY.get(str(about.get("multiplicity")), str(about.get("multiplicity")))
    engines = ", ".join(about.get("engine") or []) or "none (no model could be fitted)"
    estimates = released.table("estimates")
    linear = estimates[estimates["metric"] == "b"]
    parts: list[object] = [
        METHODS.format(
            unit=unit,
            shape=shape.get(time["shape"], time["shape"]),
            per=per,
            rule=rule,
            engines=engines,
            main_effects=main_effects(released),
            scale=SCALES.get(frozenset(linear["scale"].dropna().astype(str)), IN_SD),
        )
    ]
    specifications = [
        [
            str(one["name"]),
            str(one["role"]),
            *fitted(one, released),
            str(one["df"]),
        ]
        for one in about.get("specifications", [])
    ]
    heads = ["Specification", "Role", "Formula", "Random part", "Degrees of freedom"]
    parts.append(
        Grid(
            "The plan for this dataset, as far as it was fitted.",
            heads,
            specifications,
            folded="The planned models",
            note="Formulae and random parts are those fitted: with terms of therapists only where "
            "these were used, without random parts that the data do not support. Categories left "
            "out of a model of dropout are named under What cannot be said. Of a model that was "
            "not fitted the plan is shown.",
        )
    )
    parts += measures(released)
    accepted = [
        [str(one["fact"]), str(one.get("value", DASH)), str(one.get("source", DASH))]
        for one in about.get("accepted_unverified", [])
    ]
    if accepted:
        caption = "Facts about instruments used although nobody could verify them in print."
        parts.append(Grid(caption, ["Fact", "Value", "Source"], accepted))
    else:
        parts.append("No unverified fact about an instrument was used.")
    instruments = [
        [str(one["name"]), " ".join(one["citation"])] for one in about.get("instruments", [])
    ]
    if instruments:
        parts.append(
            Grid("Instruments.", ["Instrument", "Citation"], instruments, folded="Instruments")
        )
    cited = "; ".join(text.rstrip(".") for text in about.get("citation", []))
    parts.append(f"Data: {cited or 'no citation declared'}. Licence: {about['licence']}.")
    return Section("methods", "How it was done", "report", parts)
