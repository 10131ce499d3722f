"""Where the results of each stage lie. The rules, the stages and the publisher all read it here."""

from __future__ import annotations

STAGES = ("ingest", "score", "accommodate", "model", "challenge", "release", "report")

OUTPUTS: dict[str, tuple[str, ...]] = {
    "ingest": (
        "therapists.parquet",
        "clients.parquet",
        "sessions.parquet",
        "responses.parquet",
        "type_preferences.parquet",
        "endings.parquet",
        "conflicts.csv",
        "flow.csv",
        "availability.csv",
    ),
    "score": (
        "scores.parquet",
        "change.parquet",
        "change_methods.parquet",
        "dropout.parquet",
        "reliability.csv",
        "item_checks.csv",
        "floor_ceiling.csv",
        "accepted_facts.csv",
        "availability.csv",
    ),
    "accommodate": (
        "preferences.parquet",
        "delivery.parquet",
        "accommodation.parquet",
        "availability.csv",
    ),
    "model": ("estimates.csv", "variance.csv", "therapist_effects.csv"),
    "challenge": ("influence.csv",),
    "release": (
        "estimates.csv",
        "variance.csv",
        "influence.csv",
        "participant_flow.csv",
        "description.csv",
        "profiles.csv",
        "trajectories.csv",
        "dropout_rates.csv",
        "dropout_overlap.csv",
        "dropout_curves.csv",
        "dropout_accounting.csv",
        "change_classes.csv",
        "change_method_classes.csv",
        "change_agreement.csv",
        "accommodation_summary.csv",
        "therapist_effects.csv",
        "conflict_counts.csv",
        "reliability.csv",
        "availability.csv",
        "decisions.csv",
        "targets.csv",
        "about.json",
    ),
    "report": ("index.html", "figures"),
}
