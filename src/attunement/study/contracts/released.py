"""The aggregated tables that `release` may let out and that `report` reads. All sums, no client."""

from attunement.study.contracts.accommodated import ACCOMMODATION_SUMMARY
from attunement.study.contracts.change import CHANGE_AGREEMENT, CHANGE_METHOD_CLASSES
from attunement.study.contracts.counting import WITHHELD
from attunement.study.contracts.counting import count as _count
from attunement.study.contracts.curves import DROPOUT_CURVES, LANDMARK_CURVES
from attunement.study.contracts.estimated import ESTIMATES, INFLUENCE, VARIANCE
from attunement.study.contracts.pcoms import PCOMS_RELEASED
from attunement.study.contracts.schema import Column, Table

GROUP = Column("group", "id", "arm, or 'all'", required=True)

PARTICIPANT_FLOW = Table(
    "participant_flow",
    "one step of the participant flow",
    ("step",),
    (
        Column("step", "id", "short name", required=True),
        Column("label", "text", "the step in words", required=True),
        _count("n_clients", "clients"),
        _count("n_therapists", "therapists"),
        _count("n_rows", "sessions, scores or occasions at this step; of sources their rows"),
        WITHHELD,
    ),
)
DESCRIPTION = Table(
    "description",
    "one line of table 1",
    ("level", "variable", "category", "group"),
    (
        Column("level", "category", "client, therapist or outcome", required=True),
        Column("variable", "id", "variable", required=True),
        Column("label", "text", "the variable in words"),
        Column("category", "id", "category, or 'mean' for a number", required=True),
        GROUP,
        _count("n", "with this category, or with a value"),
        _count("n_missing", "without a value"),
        Column("mean", "number", "mean"),
        Column("sd", "number", "standard deviation", low=0),
        WITHHELD,
    ),
)
PROFILES = Table(
    "profiles",
    "preference or delivery on one dimension",
    ("dimension", "role", "rater"),
    (
        Column("dimension", "id", "dimension", required=True),
        Column("label", "text", "poles in words"),
        Column("role", "category", "preference or delivery", required=True),
        Column("rater", "category", "informant", required=True),
        Column("mean", "number", "mean of client means, -1 to 1"),
        Column("sd", "number", "standard deviation between clients", low=0),
        Column(
            "strong_first", "number", "share in the strong band of the first pole", low=0, high=1
        ),
        Column(
            "strong_other", "number", "share in the strong band of the other pole", low=0, high=1
        ),
        _count("n_clients", "clients"),
        WITHHELD,
    ),
)
TRAJECTORIES = Table(
    "trajectories",
    "an outcome at one time in one group",
    ("outcome", "group", "time"),
    (
        Column("outcome", "id", "instrument.scale", required=True),
        Column("label", "text", "outcome in words"),
        GROUP,
        Column("time", "number", "time in the dataset's unit", required=True),
        _count("n_clients", "clients with a score"),
        Column("mean", "number", "mean score"),
        Column("sd", "number", "standard deviation", low=0),
        WITHHELD,
    ),
)
DROPOUT_RATES = Table(
    "dropout_rates",
    "one definition of dropout in one group",
    ("definition", "group"),
    (
        Column("definition", "id", "definition", required=True),
        GROUP,
        _count("n_clients", "clients classified"),
        _count("n_dropped_out", "dropped out"),
        _count("n_censored", "still in treatment, may yet drop out under this definition"),
        _count("n_unknown", "cannot be classified"),
        _count("n_planned", "stayed: treatment ended as planned, which competes with dropout"),
        _count("n_other", "stayed: another ending, none recorded, or can no longer drop out"),
        _count("n_before_risk", "dropped out before any time at risk in the models"),
        Column("rate", "number", "share of those classified who dropped out", low=0, high=1),
        Column("ci_low", "number", "lower 95% limit (Wilson, clustered)", low=0, high=1),
        Column("ci_high", "number", "upper 95% limit (Wilson, clustered)", low=0, high=1),
        Column("design_effect", "number", "variance by therapists / by clients, at least 1", low=1),
        Column("reason", "text", "why not estimable"),
        WITHHELD,
    ),
)
DROPOUT_OVERLAP = Table(
    "dropout_overlap",
    "two definitions of dropout compared",
    ("definition_1", "definition_2"),
    (
        Column("definition_1", "id", "definition", required=True),
        Column("definition_2", "id", "definition", required=True),
        _count("n_both", "dropouts under both"),
        _count("n_either", "dropouts under either"),
        _count("n_only_1", "dropouts under the first alone"),
        _count("n_only_2", "dropouts under the second alone"),
        Column("agreement", "number", "both / either (Jaccard)", low=0, high=1),
        WITHHELD,
    ),
)
DROPOUT_ACCOUNTING = Table(
    "dropout_accounting",
    "clients under one definition of dropout, by what can be said of their accommodation",
    ("definition", "step"),
    (
        Column("definition", "id", "definition", required=True),
        Column("step", "id", "short name", required=True),
        Column("part_of", "id", "the step that this one and its siblings add up to", required=True),
        Column("label", "text", "the step in words", required=True),
        _count("n_clients", "clients"),
        WITHHELD,
    ),
)
CHANGE_CLASSES = Table(
    "change_classes",
    "clients in one class of change",
    ("outcome", "method", "result"),
    (
        Column("outcome", "id", "instrument.scale", required=True),
        Column("method", "id", "method", required=True),
        Column("result", "id", "class", required=True),
        Column("part_of", "id", "the total that this class and its siblings add up to"),
        _count("n_clients", "clients in this class"),
        _count("n_analysed", "clients evaluated"),
        _count("n_available", "clients in the study"),
        Column("criterion", "number", "points that count as reliable"),
        Column("cutoff", "number", "clinical cut-off"),
        Column("reason", "text", "where the criterion comes from, or why there is none"),
        WITHHELD,
    ),
)
THERAPIST_EFFECTS = Table(
    "therapist_effects",
    "one therapist's effect on the level of the primary outcome, in order, without a name",
    ("outcome", "rank"),
    (
        Column("outcome", "id", "instrument.scale", required=True),
        Column("rank", "integer", "order of the effect", low=1, required=True),
        Column("effect", "number", "predicted level of the outcome (higher is better, SD)"),
        Column("ci_low", "number", "lower 95% limit"),
        Column("ci_high", "number", "upper 95% limit"),
        Column("caseload", "category", "clients: exact before the gate, a band after it"),
    ),
)
CONFLICT_COUNTS = Table(
    "conflict_counts",
    "one kind of conflict in one column",
    ("source", "column", "kind", "action"),
    (
        Column("source", "id", "source", required=True),
        Column("column", "id", "column", required=True),
        Column("kind", "id", "what is wrong", required=True),
        Column("action", "id", "what was done", required=True),
        _count("n_rows", "rows"),
        WITHHELD,
    ),
)
DECISIONS = Table(
    "decisions",
    "one decision of the disclosure gate",
    ("table", "rule", "decision"),
    (
        Column("table", "id", "released table", required=True),
        Column("rule", "id", "disclosure rule", required=True),
        Column("decision", "category", "pass, withheld or rounded", required=True),
        _count("n_rows", "rows decided on"),
        Column("reason", "text", "why"),
    ),
)
TARGETS = Table(
    "targets",
    "what a planned specification targets in a simulated world",
    ("specification", "term"),
    (
        Column("specification", "id", "specification", required=True),
        Column("term", "id", "coefficient", required=True),
        Column("metric", "category", "metric", required=True),
        Column("target", "number", "the same specification on a very large simulated sample"),
        Column("target_se", "number", "its standard error", low=0),
        Column(
            "coverage", "number", "share of intervals over other seeds that hold it", low=0, high=1
        ),
        Column("n_studies", "integer", "other seeds", low=0),
    ),
)
RELEASED = (
    ESTIMATES,
    VARIANCE,
    INFLUENCE,
    PARTICIPANT_FLOW,
    DESCRIPTION,
    PROFILES,
    TRAJECTORIES,
    DROPOUT_RATES,
    DROPOUT_OVERLAP,
    DROPOUT_CURVES,
    LANDMARK_CURVES,
    DROPOUT_ACCOUNTING,
    CHANGE_CLASSES,
    ACCOMMODATION_SUMMARY,
    THERAPIST_EFFECTS,
    CONFLICT_COUNTS,
    DECISIONS,
    TARGETS,
    CHANGE_METHOD_CLASSES,
    CHANGE_AGREEMENT,
    *PCOMS_RELEASED,
)
