"""The table of clients most worth learning from: private, whatever a dataset declares."""

from attunement.study.contracts.canonical import CLIENT
from attunement.study.contracts.schema import Column, Table

LEARNING_CLIENTS = Table(
    "learning_clients",
    "one client who was not on track, was then given more of what was wanted, and improved",
    ("client",),
    (
        CLIENT,
        Column("therapist", "id", "the client's therapist"),
        Column("flagged_at", "number", "first session not on track with delivery rated before it"),
        Column("gap_before", "number", "mean |delivery - preference| before it", low=0, high=2),
        Column("gap_after", "number", "the same from that session on", low=0, high=2),
        Column("moved", "number", "gap_before - gap_after", low=0, high=2),
        Column("first", "number", "first score, instrument's own points"),
        Column("last", "number", "last score, instrument's own points"),
        Column("result", "category", "class of change", categories=("recovered", "improved")),
    ),
)
PRIVATE = (LEARNING_CLIENTS,)
