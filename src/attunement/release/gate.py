"""The one gate: all candidate tables of a dataset together, rule after rule, with a record."""

from __future__ import annotations

import pandas as pd

from attunement.release import coarser, levels, ratios, rounding, subtraction, words
from attunement.release import rules as disclosure_rules
from attunement.release.dropout_patterns import linked_endings, pooled_patterns
from attunement.release.rules import Decision, Rule, decided
from attunement.study.config import Release
from attunement.study.contracts import TABLES, conform
from attunement.study.files import Tables

# In the order in which they act. A rule sees what the rules before it left; further rules take
# their place in these lists.
CONFIDENTIAL: tuple[Rule, ...] = (
    disclosure_rules.therapists_shown,
    disclosure_rules.coarser_curves,
    pooled_patterns,
    levels.small_levels,
    ratios.small_categories,
    coarser.coarser_means,
    words.words_without_counts,
    subtraction.small_groups,
    subtraction.first_scores,
    disclosure_rules.small_cells,
    ratios.ratio_rows,
    ratios.linked_risks,
    ratios.linked_influence,
    disclosure_rules.second_cells,
    subtraction.rests_of_arms,
    disclosure_rules.second_cells,  # what the rests took may be alone in its total
    subtraction.curves_of_arms,
    disclosure_rules.linked_counts,
    linked_endings,
    disclosure_rules.small_counts,
    rounding.rounded_counts,
    rounding.rounded_effects,
)
OPEN: tuple[Rule, ...] = (disclosure_rules.therapists_shown,)


def gate(candidates: Tables, disclosure: str, rules: Release) -> tuple[Tables, pd.DataFrame]:
    """Pass the candidate tables of one dataset through the disclosure rules.

    Parameters
    ----------
    candidates : dict of DataFrame
        All tables of `attunement.release.candidates`, exact.
    disclosure : {"confidential", "public", "simulated"}
        What the dataset declares. Public and simulated data may show exact counts: that exception
        is itself a row of the decisions.
    rules : Release
        Smallest cell, rounding, and what therapists' effects need.

    Returns
    -------
    tables : dict of DataFrame
        The released tables, in the order and types of their contracts.
    decisions : DataFrame
        What each rule did to each table (contract `decisions`).
    """
    tables = dict(candidates)
    decisions: list[Decision] = []
    for rule in OPEN if disclosure in ("public", "simulated") else CONFIDENTIAL:
        changed, said = rule(tables, rules)
        tables |= changed
        decisions += said
    tables.pop("category_counts", None)  # exact, and only for the rules
    if disclosure in ("public", "simulated"):
        reason = f"{disclosure} data: exact counts by declaration"
        decisions += [
            decided(name, "declared exception", "pass", len(tables[name]), reason)
            for name in sorted(tables)
        ]
    else:
        touched = {str(row["table"]) for row in decisions}
        decisions += [
            decided(name, "all rules", "pass", len(tables[name]), "nothing to withhold or round")
            for name in sorted(tables)
            if name not in touched
        ]
    frame = pd.DataFrame(decisions, columns=TABLES["decisions"].names)
    if disclosure not in ("public", "simulated"):
        # How many rows a rule met is itself a count: small ones would tell what it hid.
        few = disclosure_rules.small(frame["n_rows"], rules)
        frame["n_rows"] = rounding.rounded(frame["n_rows"], rules).mask(few)
    record = frame.sort_values(["table", "rule", "decision"], kind="stable")
    released = {name: conform(tables[name], name) for name in tables}
    return released, conform(record, "decisions")
