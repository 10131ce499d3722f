"""The tables of results: estimates, variances and their challenges."""

from attunement.study.contracts.schema import Column, Table

STATUS = Column(
    "status",
    "category",
    "what the number is worth",
    categories=("estimated", "singular", "not converged", "not estimable", "withheld"),
    required=True,
)
VERDICTS = (
    "associated",
    "associated, less than meaningful",
    "no meaningful effect",
    "inconclusive",
    "no bound declared",
)
IDENTITY = (
    Column("dataset", "id", "dataset", required=True),
    Column("specification", "id", "name of the specification", required=True),
)
PLANNED = (
    Column("hypothesis_family", "category", "family for multiplicity"),
    Column(
        "role", "category", "declared before results?", categories=("confirmatory", "exploratory")
    ),
    Column("estimand", "text", "population, contrast, outcome, summary, handling of leaving"),
    Column("outcome", "text", "what is explained"),
    Column("scoring", "category", "scoring of accommodation"),
    Column("dimension", "category", "dimension, or all"),
    Column("centring", "category", "what the predictor is centred on"),
    Column("dropout_definition", "category", "definition of dropout"),
)
COUNTS = (
    Column("n_obs", "integer", "rows analysed", low=0),
    Column("n_events", "integer", "dropouts among the rows (event models)", low=0),
    Column("n_clients", "integer", "clients analysed", low=0),
    Column("n_therapists", "integer", "therapists analysed", low=0),
    Column("engine", "category", "what fitted it"),
    Column("blinded", "flag", "preferences were exchanged between clients"),
    STATUS,
    Column("reason", "text", "why, in words"),
)
ESTIMATES = Table(
    "estimates",
    "one coefficient of one specification on one dataset",
    ("dataset", "specification", "term", "metric", "scale"),
    (
        *IDENTITY,
        *PLANNED,
        Column("term", "id", "coefficient", required=True),
        Column(
            "level", "category", "which effect", categories=("within", "between", "therapist", "-")
        ),
        Column("metric", "category", "b, OR, hOR, HR, RR, d, r", required=True),
        Column("scale", "category", "unit of the metric", categories=("raw", "sd", "log", "ratio")),
        Column("direction", "text", "what a larger value means"),
        Column("informant", "text", "who rated accommodation and outcome"),
        Column("estimate", "number", "point estimate"),
        Column("se", "number", "standard error (of the log, for ratios)", low=0),
        Column("df", "number", "denominator degrees of freedom", low=0),
        Column("df_method", "category", "how they were found"),
        Column("statistic", "number", "t or z"),
        Column("p", "number", "two-sided p value", low=0, high=1),
        Column("p_adjusted", "number", "adjusted within the family (confirmatory)", low=0, high=1),
        Column("ci_low", "number", "lower 95% limit"),
        Column("ci_high", "number", "upper 95% limit"),
        Column("ci90_low", "number", "lower 90% limit (focal coefficients)"),
        Column("ci90_high", "number", "upper 90% limit (focal coefficients)"),
        Column("bound", "number", "what means something, in the unit of the coefficient", low=0),
        Column("verdict", "category", "what it comes to", categories=VERDICTS),
        *COUNTS,
        Column(
            "n_before_risk",
            "integer",
            "clients with the event who left before they were at risk",
            low=0,
        ),
    ),
)
VARIANCE = Table(
    "variance",
    "one variance, correlation or intraclass correlation of one specification",
    ("dataset", "specification", "level", "term_1", "term_2", "metric"),
    (
        *IDENTITY,
        Column(
            "level",
            "category",
            "therapist, client, residual, residual correlation",
            required=True,
        ),
        Column("term_1", "id", "random term", required=True),
        Column("term_2", "id", "second random term (itself for a variance)", required=True),
        Column(
            "metric",
            "category",
            "variance, covariance, sd, correlation, icc, range (units of time over which the "
            "correlation of residuals falls to 1/e)",
            required=True,
        ),
        Column("estimate", "number", "estimate"),
        Column("ci_low", "number", "lower 95% limit"),
        Column("ci_high", "number", "upper 95% limit"),
        *COUNTS,
    ),
)
INFLUENCE = Table(
    "influence",
    "how far one coefficient moves when each therapist is left out in turn",
    ("dataset", "specification", "term"),
    (
        *IDENTITY,
        Column("term", "id", "coefficient", required=True),
        Column("metric", "category", "metric of the estimate"),
        Column("estimate", "number", "with all therapists"),
        Column("lowest", "number", "smallest estimate with one therapist left out"),
        Column("highest", "number", "largest estimate with one therapist left out"),
        Column("n_refits", "integer", "refits that converged", low=0),
        Column("n_failed", "integer", "refits that did not", low=0),
        Column("sign_changes", "integer", "refits with the other sign", low=0),
        Column(
            "significance_changes",
            "integer",
            "refits on the other side of p = .05, adjusted",
            low=0,
        ),
        STATUS,
        Column("reason", "text", "why, in words"),
    ),
)
