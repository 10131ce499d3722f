"""The curves of dropout that are released: all clients and arms, and by early accommodation."""

from attunement.study.contracts.counting import WITHHELD, count
from attunement.study.contracts.schema import Column, Table

DEFINITION = Column("definition", "id", "definition", required=True)
STEPS = (
    Column("time", "number", "session or assessment", required=True),
    count("n_at_risk", "at risk"),
    count("n_events", "dropouts"),
    count("n_competing", "endings that the definition does not call dropout"),
    count("n_planned", "of them recorded as planned"),
    count("n_censored", "open cases last seen here: no longer at risk"),
    Column("dropped_out", "number", "share who have dropped out", low=0, high=1),
    Column("ci_low", "number", "lower 95% limit (log-log, clustered)", low=0, high=1),
    Column("ci_high", "number", "upper 95% limit (log-log, clustered)", low=0, high=1),
    Column("planned", "number", "share whose treatment has ended as planned", low=0, high=1),
    Column("planned_low", "number", "its lower 95% limit", low=0, high=1),
    Column("planned_high", "number", "its upper 95% limit", low=0, high=1),
    WITHHELD,
)
DROPOUT_CURVES = Table(
    "dropout_curves",
    "share who have left by one session, by dropout and as planned (cumulative incidence)",
    ("definition", "group", "time"),
    (DEFINITION, Column("group", "id", "arm, or 'all'", required=True), *STEPS),
)
LANDMARK_CURVES = Table(
    "landmark_curves",
    "as dropout_curves, of those in treatment at a landmark, by accommodation up to it",
    ("definition", "group", "time"),
    (
        DEFINITION,
        Column(
            "group", "id", "low, middle or high accommodation up to the landmark", required=True
        ),
        Column("landmark", "number", "session up to which accommodation counts", required=True),
        count("n_clients", "clients of the group at the landmark"),
        *STEPS,
    ),
)
