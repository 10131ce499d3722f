"""What `accommodate` adds: preferences in force, delivery, accommodation, its reliability."""

from attunement.study.contracts.canonical import CLIENT, RATER
from attunement.study.contracts.counting import WITHHELD, count
from attunement.study.contracts.schema import Column, Table

SCORINGS = (
    "distance",
    "weighted_distance",
    "signed_gap",
    "strong_met",
    "strong_sign",
    "profile",
    "normative",
    "distinctive",
    "rated",
    "type_matched",
)
# Those that know clients without a (strong) preference as a group of their own.
WITH_THIRD_GROUP = ("strong_met", "strong_sign", "type_matched")
# Those that compare no preference with any delivery on a common scale.
WITHOUT_COMMON_SCALE = ("rated", "type_matched")
RELIABILITY_OF_SCORINGS = (
    "difference",
    "within_client",
    "between_client",
    "client_mean",
    "therapist_mean",
    "share_therapist",
    "share_client",
    "share_session",
)

DIMENSION = Column("dimension", "id", "dimension of preference, or 'all'", required=True)
PREFERENCES = Table(
    "preferences",
    "what one client wants on one dimension, from one session on",
    ("client", "from_session", "dimension"),
    (
        CLIENT,
        Column("from_session", "integer", "first session it holds for", low=0, required=True),
        DIMENSION,
        Column("preference", "number", "P = sum / largest possible sum", low=-1, high=1),
        Column("band", "integer", "1 strong first pole, -1 strong other pole, 0 neither"),
    ),
)
DELIVERY = Table(
    "delivery",
    "what was given in one session on one dimension, as one informant rated it",
    ("client", "session", "rater", "dimension"),
    (
        CLIENT,
        Column("session", "integer", "number of the session", low=0, required=True),
        RATER,
        DIMENSION,
        Column("delivery", "number", "D = rating / largest rating", low=-1, high=1),
        Column("band", "integer", "the preference bands, rescaled alike"),
    ),
)
ACCOMMODATION = Table(
    "accommodation",
    "how far one session gave one client what was wanted, under one scoring",
    ("client", "session", "rater", "scoring", "dimension"),
    (
        CLIENT,
        Column("session", "integer", "number of the session", low=0, required=True),
        RATER,
        Column("scoring", "category", "scoring", categories=SCORINGS, required=True),
        DIMENSION,
        Column(
            "value",
            "number",
            "0 nothing to 1 all of what was wanted; -1 to 1 for profile and distinctive; delivered "
            "minus wanted, -2 to 2, for signed_gap",
            low=-2,
            high=2,
        ),
        Column("n_dimensions", "integer", "dimensions it rests on", low=0, required=True),
        Column(
            "no_strong_preference",
            "flag",
            "the client has none, strong or (type_matched) any: a group of its own",
        ),
    ),
)
ACCOMMODATION_RELIABILITY = Table(
    "accommodation_reliability",
    "one reliability, or one share of variance, of one scoring as one informant rated it",
    ("scoring", "rater", "dimension", "coefficient"),
    (
        Column("scoring", "category", "scoring", categories=SCORINGS, required=True),
        RATER,
        DIMENSION,
        Column(
            "coefficient",
            "category",
            "difference: of a client's mean gap, from the reliabilities of preference and "
            "delivery; within_client, between_client, client_mean, therapist_mean: as of a scale; "
            "share_: part of the variance between therapists, clients of a therapist, sessions",
            categories=RELIABILITY_OF_SCORINGS,
            required=True,
        ),
        Column("value", "number", "estimate", high=1),
        Column("ci_low", "number", "lower 95% limit", high=1),
        Column("ci_high", "number", "upper 95% limit", high=1),
        Column("n_clients", "integer", "clients it rests on", low=0),
        Column("n_observations", "integer", "sessions it rests on", low=0),
        Column("per_client", "number", "sessions of a client (harmonic mean)", low=0),
        Column("per_therapist", "number", "clients of a therapist (harmonic mean)", low=0),
        Column("reason", "text", "why not estimable"),
    ),
)
SCORING_CORRELATIONS = Table(
    "scoring_correlations",
    "two scorings of the same sessions (or one, as two informants rated it), at one level",
    ("scoring_1", "rater_1", "scoring_2", "rater_2", "level"),
    (
        Column("scoring_1", "category", "scoring", categories=SCORINGS, required=True),
        Column("rater_1", "category", "informant", required=True),
        Column("scoring_2", "category", "scoring", categories=SCORINGS, required=True),
        Column("rater_2", "category", "informant", required=True),
        Column(
            "level",
            "category",
            "sessions about their client, clients about their therapist, or therapists",
            categories=("within", "between", "therapist"),
            required=True,
        ),
        Column("correlation", "number", "of observed values", low=-1, high=1),
        Column("ci_low", "number", "lower 95% limit", low=-1, high=1),
        Column("ci_high", "number", "upper 95% limit", low=-1, high=1),
        Column("n_clients", "integer", "clients with both", low=0),
        Column("n_sessions", "integer", "sessions with both", low=0),
        Column("n_therapists", "integer", "therapists (where they are the units)", low=0),
        Column("reason", "text", "why not estimable"),
    ),
)
ACCOMMODATION_SUMMARY = Table(
    "accommodation_summary",
    "accommodation under one scoring as one informant rated delivery",
    ("scoring", "rater", "dimension"),
    (
        Column("scoring", "id", "scoring", required=True),
        Column("rater", "id", "informant of delivery", required=True),
        Column("dimension", "id", "dimension of a signed gap, or 'all'"),
        count("n_clients", "clients with a value"),
        count("n_sessions", "sessions with a value"),
        count("n_no_strong_preference", "clients without a (strong) preference"),
        Column("mean", "number", "mean of client means", low=-2, high=2),
        Column("sd_between", "number", "standard deviation between clients", low=0),
        Column("sd_within", "number", "standard deviation within clients", low=0),
        Column("too_much", "number", "mean over clients of what a gap is above 0", low=0, high=2),
        Column("too_little", "number", "mean over clients of what it is below 0", low=0, high=2),
        Column("reason", "text", "why not estimable"),
        WITHHELD,
    ),
)
ACCOMMODATED = (
    PREFERENCES,
    DELIVERY,
    ACCOMMODATION,
    ACCOMMODATION_RELIABILITY,
    SCORING_CORRELATIONS,
)
