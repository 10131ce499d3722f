"""Change by several methods: each client, and what of it may be released."""

from attunement.study.contracts.canonical import CLIENT
from attunement.study.contracts.counting import WITHHELD, count
from attunement.study.contracts.schema import Column, Table

METHODS_OF_CHANGE = (
    "published",
    "jacobson_truax",
    "edwards_nunnally",
    "multilevel",
    "nhs_talking_therapies",
    "pcoms",
)
CHANGE_METHODS = Table(
    "change_methods",
    "one client's change on one outcome by one of several methods",
    ("client", "outcome", "method"),
    (
        CLIENT,
        Column("outcome", "id", "instrument.scale", required=True),
        Column("method", "category", "method", categories=METHODS_OF_CHANGE, required=True),
        Column("first", "number", "first score, instrument's own points"),
        Column("last", "number", "last score, instrument's own points"),
        Column("n_observations", "integer", "scores between first and last", low=0),
        Column(
            "improvement",
            "number",
            "change towards health: last against first score; edwards_nunnally: last against "
            "estimated true first score; multilevel: predicted from first to last time",
        ),
        Column(
            "criterion",
            "number",
            "points of improvement that count as reliable; multilevel: 1.96 times the standard "
            "error of this client's predicted change",
            low=0,
        ),
        Column("cutoff", "number", "the clinical cut-off used; missing where none is known"),
        Column(
            "result",
            "category",
            "class, alike for all methods",
            categories=("recovered", "improved", "unchanged", "deteriorated", "not evaluated"),
            required=True,
        ),
        Column("own_class", "id", "class in the words of the method", required=True),
        Column("reason", "text", "why not evaluated, or where the criterion comes from"),
    ),
)
CHANGE_METHOD_CLASSES = Table(
    "change_method_classes",
    "clients in one class of change by one of several methods",
    ("outcome", "method", "own_class"),
    (
        Column("outcome", "id", "instrument.scale", required=True),
        Column("method", "id", "method", required=True),
        Column("own_class", "id", "class in the words of the method", required=True),
        Column("result", "id", "the class that it belongs to", required=True),
        Column("part_of", "id", "the total that this class and its siblings add up to"),
        count("n_clients", "clients in this class"),
        count("n_analysed", "clients evaluated by this method"),
        count("n_available", "clients in the study"),
        Column("criterion", "number", "points that count as reliable", low=0),
        Column("cutoff", "number", "clinical cut-off"),
        Column("reason", "text", "why not evaluated, or where the criterion comes from"),
        WITHHELD,
    ),
)
CHANGE_AGREEMENT = Table(
    "change_agreement",
    "two methods of judging change compared on one outcome",
    ("outcome", "method_1", "method_2"),
    (
        Column("outcome", "id", "instrument.scale", required=True),
        Column("method_1", "id", "method", required=True),
        Column("method_2", "id", "method", required=True),
        count("n_both", "clients evaluated by both"),
        count("n_same", "of them in the same class by both"),
        Column("agreement", "number", "same / both", low=0, high=1),
        Column("kappa", "number", "Cohen's kappa, two decimals", low=-1, high=1),
        Column(
            "weighted_kappa",
            "number",
            "Cohen's kappa with linear weights over the ordered classes, two decimals",
            low=-1,
            high=1,
        ),
        WITHHELD,
    ),
)
