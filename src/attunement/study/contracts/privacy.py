"""What keeps persons from being found, and what each variable is: made by `ingest`, released."""

from attunement.study.contracts.schema import Column, Table

PRIVACY = Table(
    "privacy",
    "one decision that keeps persons from being found",
    ("what", "kind", "decision"),
    (
        Column("what", "id", "source.column, table.covariate, or ids", required=True),
        Column("place", "text", "file, or table"),
        Column("kind", "id", "kind of identifier", required=True),
        Column(
            "n_rows", "integer", "rows or values it touches; missing: all, or not counted", low=0
        ),
        Column(
            "decision",
            "category",
            "what was done",
            categories=("dropped", "allowed", "pooled", "kept", "pseudonyms", "as given", "days"),
            required=True,
        ),
        Column("reason", "text", "why, in words"),
    ),
)
ANONYMITY = Table(
    "anonymity",
    "one set of quasi-identifiers: how many clients share the same values",
    ("variables", "ages"),
    (
        Column("variables", "id", "covariates, joined by +; '-': none", required=True),
        Column(
            "ages", "category", "ages as they stand, or in bands of five years",
            categories=("exact", "bands of 5", "-"), required=True,
        ),
        Column("n_variables", "integer", "how many covariates", low=0),
        Column("n_clients", "integer", "clients", low=0),
        Column("n_classes", "integer", "different combinations of values", low=0),
        Column("smallest_class", "integer", "k: clients in the smallest class", low=1),
        Column("n_unique", "integer", "clients whom nobody shares the values with", low=0),
        Column("n_below_5", "integer", "clients in classes of fewer than 5", low=0),
        Column("n_below_10", "integer", "clients in classes of fewer than 10", low=0),
        Column("reason", "text", "why it is not counted"),
    ),
)  # fmt: skip
CODEBOOK = Table(
    "codebook",
    "one variable of one table, as one informant gave it from one source",
    ("table", "variable", "informant", "source", "column"),
    (
        Column("table", "id", "table", required=True),
        Column("variable", "id", "variable; instrument.item or instrument.scale", required=True),
        Column("meaning", "text", "what it is"),
        Column("type", "category", "number, integer, flag, category, id, text", required=True),
        Column("unit", "text", "unit"),
        Column("low", "number", "lowest possible value, not the lowest found"),
        Column("high", "number", "highest possible value, not the highest found"),
        Column("levels", "text", "categories, in order; the first is the reference"),
        Column("informant", "id", "who told it; '-' where that is not said", required=True),
        Column(
            "source",
            "id",
            "source in dataset.yaml; '-': made of others",
            required=True,
        ),
        Column("file", "text", "file of the source"),
        Column("column", "id", "column of the source, or how it is made", required=True),
        Column("title", "text", "the file's own words for the column"),
        Column("n_rows", "integer", "rows of the table that could hold it", low=0),
        Column("n_missing", "integer", "of these, without a value", low=0),
        Column("share_missing", "number", "share without a value", low=0, high=1),
    ),
)
GUARDED = (PRIVACY, ANONYMITY, CODEBOOK)
