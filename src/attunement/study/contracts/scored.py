"""What `score` adds to the canonical tables."""

from attunement.study.contracts.canonical import CLIENT, RATER
from attunement.study.contracts.change import CHANGE_METHODS
from attunement.study.contracts.pcoms import DROPOUT_DEFINITIONS, PCOMS_SCORED
from attunement.study.contracts.schema import Column, Table

COEFFICIENTS = (
    "alpha",
    "within_client",
    "between_client",
    "client_mean",
    "therapist_mean",
    "difference",
)

SCORES = Table(
    "scores",
    "one scale score on one occasion",
    ("client", "occasion", "rater", "instrument", "scale"),
    (
        CLIENT,
        Column("occasion", "integer", "order of the occasion within client", low=0, required=True),
        Column("time", "number", "time of the occasion in the dataset's unit", required=True),
        Column("day", "number", "days since the dataset's secret origin", "days"),
        Column("session", "integer", "session, where the occasion is one", low=0),
        RATER,
        Column("instrument", "id", "instrument or declared rating", required=True),
        Column("scale", "id", "scale of the instrument", required=True),
        Column("value", "number", "score in the instrument's own points and direction"),
        Column("n_items", "integer", "items of the scale", low=1, required=True),
        Column("n_answered", "integer", "items answered", low=0, required=True),
        Column("prorated", "flag", "missing items were filled by the published rule"),
    ),
)
CHANGE = Table(
    "change",
    "one client's change on one outcome under one method",
    ("client", "outcome", "method"),
    (
        CLIENT,
        Column("outcome", "id", "instrument.scale", required=True),
        Column("method", "id", "published, accepted or jacobson_truax", required=True),
        Column("criterion", "number", "points that count as reliable", low=0),
        Column("cutoff", "number", "the clinical cut-off used; missing where none is known"),
        Column("first", "number", "first score, instrument's own points"),
        Column("last", "number", "last score, instrument's own points"),
        Column(
            "clinical_first",
            "flag",
            "the first score lies on the clinical side of the cut-off; missing where either is",
        ),
        Column("improvement", "number", "change towards health, points"),
        Column("n_observations", "integer", "scores between first and last", low=0),
        Column(
            "result",
            "category",
            "reliable and clinically significant change (Jacobson & Truax 1991)",
            categories=("recovered", "improved", "unchanged", "deteriorated", "not evaluated"),
            required=True,
        ),
        Column("reason", "text", "why not evaluated, or where the criterion comes from"),
    ),
)
DROPOUT = Table(
    "dropout",
    "one client under one definition of dropout",
    ("client", "definition"),
    (
        CLIENT,
        Column(
            "definition",
            "category",
            "definition of dropout",
            categories=DROPOUT_DEFINITIONS,
            required=True,
        ),
        Column(
            "status",
            "category",
            "stayed: not dropout by this definition; censored: still open",
            categories=("dropped_out", "stayed", "censored", "unknown"),
            required=True,
        ),
        Column("last_time", "number", "last session (or assessment) in treatment", low=0),
        Column("planned_ending", "flag", "treatment is recorded as ended as planned"),
    ),
)
RELIABILITY = Table(
    "reliability",
    "one kind of reliability of one scale: internal consistency at intake, of means, of change",
    ("instrument", "scale", "rater", "coefficient"),
    (
        Column("instrument", "id", "instrument", required=True),
        Column("scale", "id", "scale", required=True),
        RATER,
        Column(
            "coefficient",
            "category",
            "alpha at intake; within_client: of change over sessions (R_C); between_client: of "
            "client means over the same sessions (R_kF); client_mean, therapist_mean: over a "
            "sample of sessions and clients; difference: of last minus first score",
            categories=COEFFICIENTS,
            required=True,
        ),
        Column("value", "number", "estimate", high=1),
        Column("ci_low", "number", "lower 95% limit", high=1),
        Column("ci_high", "number", "upper 95% limit", high=1),
        Column("n_clients", "integer", "clients it rests on", low=0),
        Column("n_observations", "integer", "occasions it rests on", low=0),
        Column("per_client", "number", "sessions of a client (harmonic mean)", low=0),
        Column("per_therapist", "number", "clients of a therapist (harmonic mean)", low=0),
        Column("lowest_item_rest", "number", "smallest item-rest correlation", low=-1, high=1),
        Column("reason", "text", "why not estimable, or a warning on orientation"),
    ),
)
ACCEPTED_FACTS = Table(
    "accepted_facts",
    "one fact about an instrument that config.yaml accepts although not verified",
    ("fact",),
    (
        Column("fact", "id", "name, as phq9.reliable_change", required=True),
        Column("instrument", "id", "instrument", required=True),
        Column("value", "text", "what is accepted", required=True),
        Column("verified", "category", "verified", categories=("yes", "in part", "no")),
        Column("source", "text", "where it stands", required=True),
    ),
)
ITEM_CHECKS = Table(
    "item_checks",
    "one item of one scale against the rest of the scale, at intake",
    ("instrument", "scale", "rater", "item"),
    (
        Column("instrument", "id", "instrument", required=True),
        Column("scale", "id", "scale", required=True),
        RATER,
        Column("item", "integer", "number of the item", required=True),
        Column("item_rest", "number", "correlation with the sum of the others", low=-1, high=1),
        Column("ci_low", "number", "lower 95% limit", low=-1, high=1),
        Column("ci_high", "number", "upper 95% limit", low=-1, high=1),
        Column("n_clients", "integer", "clients with complete items", low=0),
        Column("reason", "text", "why not estimable, or a warning on the coding of its poles"),
    ),
)
FLOOR_CEILING = Table(
    "floor_ceiling",
    "how many scores of one scale lie at the ends of its range",
    ("instrument", "scale", "rater", "occasions"),
    (
        Column("instrument", "id", "instrument", required=True),
        Column("scale", "id", "scale", required=True),
        RATER,
        Column("occasions", "category", "occasions", categories=("intake", "all"), required=True),
        Column("n_clients", "integer", "clients with a score", low=0),
        Column("n_scores", "integer", "scores", low=0),
        Column("floor", "number", "share at the lowest possible score", low=0, high=1),
        Column("ceiling", "number", "share at the highest possible score", low=0, high=1),
        Column("reason", "text", "why not estimable"),
    ),
)
SCORED = (
    SCORES,
    CHANGE,
    DROPOUT,
    RELIABILITY,
    ITEM_CHECKS,
    FLOOR_CEILING,
    ACCEPTED_FACTS,
    CHANGE_METHODS,
    *PCOMS_SCORED,
)
