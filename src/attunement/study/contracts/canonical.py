"""The canonical tables that every dataset is brought into by `ingest`."""

from attunement.study.contracts.schema import Column, Table

CLIENT = Column("client", "id", "pseudonym of the client", required=True)
RATER = Column(
    "rater",
    "category",
    "who rated (the informant)",
    categories=("client", "therapist", "observer"),
    required=True,
)

THERAPISTS = Table(
    "therapists",
    "one therapist",
    ("therapist",),
    (Column("therapist", "id", "pseudonym of the therapist", required=True),),
    open=True,
)
CLIENTS = Table(
    "clients",
    "one client",
    ("client",),
    (
        CLIENT,
        Column("therapist", "id", "the client's therapist; missing means no therapist effect"),
        Column("site", "category", "place of treatment"),
        Column("case_order", "integer", "order of the client among the therapist's cases", low=1),
        Column(
            "open_cases_at_intake", "integer", "open cases of the therapist at this intake", low=0
        ),
    ),
    open=True,
)
SESSIONS = Table(
    "sessions",
    "one session of one client",
    ("client", "session"),
    (
        CLIENT,
        Column("session", "integer", "number of the session", "0 = intake", low=0, required=True),
        Column("day", "number", "days since the dataset's secret origin", "days"),
        Column("attended", "flag", "the client came"),
    ),
    open=True,
)
RESPONSES = Table(
    "responses",
    "one answer to one item on one occasion",
    ("client", "occasion", "rater", "instrument", "item"),
    (
        CLIENT,
        Column("occasion", "integer", "order of the occasion within client", low=0, required=True),
        Column("time", "number", "time of the occasion in the dataset's unit", required=True),
        Column("day", "number", "days since the dataset's secret origin", "days"),
        Column("session", "integer", "session, where the occasion is one", low=0),
        RATER,
        Column("instrument", "id", "instrument or declared rating", required=True),
        Column("item", "id", "item number, or the name of a scale total", required=True),
        Column("value", "number", "the answer as recorded, missing codes set missing"),
    ),
)
TYPE_PREFERENCES = Table(
    "type_preferences",
    "one stated preference for an activity, a therapist or a treatment",
    ("client", "occasion", "aspect"),
    (
        CLIENT,
        Column("occasion", "integer", "when it was stated", "0 = intake", low=0, required=True),
        Column("aspect", "id", "what the preference is about", required=True),
        Column(
            "kind",
            "category",
            "which of Swift's three kinds",
            categories=("activity", "therapist", "treatment"),
            required=True,
        ),
        Column("preferred", "text", "what was wanted; 'no preference' is a value, not a gap"),
        Column("received", "text", "what was given"),
        RATER,
    ),
)
ENDINGS = Table(
    "endings",
    "how one client's treatment ended",
    ("client",),
    (
        CLIENT,
        Column("last_session", "integer", "number of the last session attended", low=0),
        Column("last_day", "number", "day of the last session", "days"),
        Column(
            "ending",
            "category",
            "how treatment ended as recorded",
            categories=(
                "completed",
                "dropped_out",
                "referred",
                "ongoing",
                "other",
                "unknown",
            ),
        ),
        Column("therapist_judgement", "flag", "the therapist judged the ending a dropout"),
        Column(
            "last_appointment",
            "category",
            "what became of the last appointment made",
            categories=("attended", "missed", "cancelled", "unknown"),
        ),
        Column("sessions_planned", "integer", "sessions agreed at the start", low=1),
    ),
)
CONFLICTS = Table(
    "conflicts",
    "one value or row that could not be taken as it stood",
    (),
    (
        Column("source", "text", "file or source", required=True),
        Column("column", "text", "column in the source"),
        Column(
            "row",
            "integer",
            "row as the file's program shows it (a header is row 1; the first "
            "case of SPSS, Stata and Parquet is row 1)",
            low=1,
        ),
        Column("kind", "category", "what is wrong", required=True),
        Column("value", "text", "the value as it stood"),
        Column(
            "action",
            "category",
            "what was done",
            categories=("set missing", "kept", "row left out", "settled by rule"),
            required=True,
        ),
        Column("detail", "text", "in words"),
    ),
)
FLOW = Table(
    "flow",
    "one step of the participant flow",
    ("step",),
    (
        Column("step", "id", "short name of the step", required=True),
        Column("label", "text", "the step in words", required=True),
        Column("n_clients", "integer", "clients at this step", low=0),
        Column("n_therapists", "integer", "therapists at this step", low=0),
        Column("n_rows", "integer", "sessions or occasions at this step", low=0),
    ),
)
AVAILABILITY = Table(
    "availability",
    "one thing that an analysis may rest on",
    ("topic",),
    (
        Column("topic", "id", "what is asked for", required=True),
        Column("available", "flag", "it is there", required=True),
        Column("reason", "text", "why not, in words"),
    ),
)
INGESTED = (
    THERAPISTS,
    CLIENTS,
    SESSIONS,
    RESPONSES,
    TYPE_PREFERENCES,
    ENDINGS,
    CONFLICTS,
    FLOW,
    AVAILABILITY,
)
