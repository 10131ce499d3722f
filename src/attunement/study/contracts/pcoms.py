"""Tables of the expected trajectory, of flags, of periods at risk, and what is released of them."""

from attunement.study.contracts.canonical import CLIENT
from attunement.study.contracts.schema import Column, Table

DROPOUT_DEFINITIONS = (
    "therapist_judgement",
    "missed_last_appointment",
    "protocol_not_completed",
    "fewer_than_n_sessions",
    "no_reliable_change",
    "below_expected",
    "study_attrition",
)
FLAGS_OF_SCORES = ("not_on_track", "alliance_alert", "alliance_item_alert")
FLAGS_OF_CLIENTS = ("first_above_32", "fewer_than_two_scores", "sawtooth")
PERIODS = ("at_risk", "dropped_out", "planned_ending", "other_ending", "censored")
POOLED = "other patterns"


def _count(name: str, meaning: str) -> Column:
    return Column(name, "integer", meaning, low=0)


def _share(name: str, meaning: str) -> Column:
    return Column(name, "number", meaning, low=0, high=1)


WITHHELD = Column("withheld", "flag", "the disclosure rules emptied this row", required=True)
OUTCOME = Column("outcome", "id", "instrument.scale", required=True)

FLAGS = Table(
    "flags",
    "one score of one client, held against what is expected or against a published border",
    ("client", "flag", "outcome", "occasion"),
    (
        CLIENT,
        Column("flag", "category", "flag", categories=FLAGS_OF_SCORES, required=True),
        OUTCOME,
        Column("occasion", "integer", "order of the occasion within client", low=0, required=True),
        Column("time", "number", "time of the occasion in the dataset's unit", required=True),
        Column("session", "integer", "session, where the occasion is one", low=0),
        Column("value", "number", "the score, or the lowest item", required=True),
        Column("expected", "number", "mean expected from other clients with this first score"),
        Column("sd", "number", "standard deviation about it of one new client's score", low=0),
        Column("limit", "number", "worse than this is flagged", required=True),
        Column("z", "number", "(value - expected) / sd, higher is better"),
        Column("flagged", "flag", "the flag is up", required=True),
    ),
)
VALIDITY_FLAGS = Table(
    "validity_flags",
    "one client under one rule on whether ORS scores can be trusted",
    ("client", "flag"),
    (
        CLIENT,
        Column("flag", "category", "flag", categories=FLAGS_OF_CLIENTS, required=True),
        Column("value", "number", "first score, number of scores, or longest run of swings"),
        Column("flagged", "flag", "the flag is up; missing where it cannot be told"),
    ),
)
PERSON_PERIODS = Table(
    "person_periods",
    "one client in one period: what became of it under each definition of dropout",
    ("client", "clock", "period"),
    (
        CLIENT,
        Column(
            "clock",
            "category",
            "what counts the periods: sessions, or due times of assessment (study attrition)",
            categories=("session", "assessment"),
            required=True,
        ),
        Column("period", "number", "session, or due time", low=0, required=True),
        *(
            Column(
                name,
                "category",
                "at_risk: in treatment and stays on; dropped_out, planned_ending, other_ending: "
                "leaves after this period; censored: still open, not yet decided, not at risk; "
                "missing: cannot be classified",
                categories=PERIODS,
            )
            for name in DROPOUT_DEFINITIONS
        ),
    ),
)
EXPECTED_TRAJECTORY = Table(
    "expected_trajectory",
    "scores expected at one time of clients with one first score, while in treatment",
    ("outcome", "band", "time"),
    (
        OUTCOME,
        Column("band", "integer", "fifth of the first scores, 1 the lowest", low=1, required=True),
        Column("intake", "number", "mean first score of the band"),
        Column("time", "number", "time since the first score, dataset's unit", required=True),
        _count("n_clients", "clients of the band with a score then"),
        Column("mean", "number", "expected score"),
        Column("sd", "number", "standard deviation of one new client's score", low=0),
        *(Column(f"p{p}", "number", f"percentile {p} of the score") for p in (10, 25, 50, 75, 90)),
        Column("limit", "number", "worse than this is not on track"),
        _count("n_below", "clients of the band not on track then (by other clients' trajectory)"),
        Column("reason", "text", "how it was estimated"),
        WITHHELD,
    ),
)
FLAG_COUNTS = Table(
    "flag_counts",
    "one flag: how often it is up",
    ("flag", "outcome"),
    (
        Column("flag", "id", "flag", required=True),
        Column("outcome", "id", "instrument.scale, or 'client'", required=True),
        _count("n_clients", "clients for whom it can be told"),
        _count("n_flagged", "clients for whom it was ever up"),
        _count("n_scores", "scores"),
        _count("n_scores_flagged", "scores with the flag up"),
        Column("reason", "text", "why it is not used"),
        WITHHELD,
    ),
)
MEASURES = ("sensitivity", "specificity", "ppv", "npv")
FLAG_VALIDITY = Table(
    "flag_validity",
    "one flag at the landmark against one later event",
    ("flag", "outcome", "event"),
    (
        Column("flag", "id", "flag", required=True),
        Column("outcome", "id", "instrument.scale that the flag looks at", required=True),
        Column("event", "id", "definition of dropout, or kind of poor outcome", required=True),
        Column("landmark", "number", "last time at which the flag counts", low=0),
        _count("n_clients", "clients still in treatment then whose event is known"),
        _count("n_flagged", "of them flagged at their last score by then"),
        _count("n_events", "of them with the event later"),
        _count("n_both", "flagged, with the event"),
        _count("n_neither", "not flagged, without the event"),
        _share("base_rate", "n_events / n_clients"),
        *(
            _share(f"{name}{end}", f"{name} {words}".strip())
            for name in MEASURES
            for end, words in (("", ""), ("_low", "lower 95% limit"), ("_high", "upper 95% limit"))
        ),
        _share("auc", "chance that z is worse with the event than without"),
        _share("auc_low", "lower 95% limit"),
        _share("auc_high", "upper 95% limit"),
        Column("note", "text", "what makes the event hang together with the flag by itself"),
        Column("reason", "text", "why not estimable"),
        WITHHELD,
    ),
)
DROPOUT_PATTERNS = Table(
    "dropout_patterns",
    "clients who are dropouts under exactly these definitions",
    ("pattern",),
    (
        Column(
            "pattern",
            "id",
            "definitions joined by ' + ', 'none', or pooled small patterns",
            required=True,
        ),
        Column("compared", "text", "definitions that are compared, joined by ' + '"),
        _count("n_definitions", "definitions that call these clients dropouts"),
        _count("n_clients", "clients"),
        _count("n_compared", "clients whom every compared definition classifies"),
        WITHHELD,
    ),
)
PCOMS_SCORED = (FLAGS, VALIDITY_FLAGS, PERSON_PERIODS)
PCOMS_RELEASED = (EXPECTED_TRAJECTORY, FLAG_COUNTS, FLAG_VALIDITY, DROPOUT_PATTERNS)
