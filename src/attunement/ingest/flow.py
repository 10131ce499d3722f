"""Who is left at each step, and what the data can support."""

from __future__ import annotations

import pandas as pd

from attunement.ingest.declared import items_of
from attunement.ingest.privacy.texts import shown_file
from attunement.ingest.sheet import Sheet
from attunement.study.contracts import conform
from attunement.study.dataset import Dataset
from attunement.study.files import Tables
from attunement.study.instruments import Instrument

NO_PREFERENCES = "no preferences recorded"
NO_DELIVERY = "no delivery ratings recorded"
NO_SESSIONS = "no sessions recorded"
UNDECLARED_SESSIONS = "sessions are not declared under sessions: in dataset.yaml"


def _answers(tables: Tables, instrument: str, items: tuple[str, ...] | None = None) -> pd.DataFrame:
    responses = tables["responses"]
    chosen = (responses["instrument"] == instrument) & responses["value"].notna()
    if items is not None:
        chosen &= responses["item"].isin(items)
    return responses.loc[chosen, ["client", "occasion", "session", "time"]]


def _preferences(dataset: Dataset, tables: Tables) -> pd.DataFrame:
    instrument = dataset.preference.instrument if dataset.preference else ""
    return _answers(tables, instrument)


def _delivery(dataset: Dataset, tables: Tables) -> pd.DataFrame:
    return _answers(tables, dataset.delivery.rating if dataset.delivery else "")


def _outcome(
    outcome: str, dataset: Dataset, tables: Tables, instruments: dict[str, Instrument]
) -> pd.DataFrame:
    name, _, scale = outcome.partition(".")
    return _answers(tables, name, items_of(name, dataset, instruments, "outcomes").scales[scale])


def _named(sheets: dict[str, Sheet]) -> dict[str, str]:
    """What each source is called: by its file, and by its name where a file is read repeatedly."""
    files = {name: shown_file(name, sheet.label) for name, sheet in sheets.items()}
    told = list(files.values())
    return {
        name: f"{name} ({file})" if told.count(file) > 1 else file for name, file in files.items()
    }


def flow_table(
    dataset: Dataset,
    sheets: dict[str, Sheet],
    tables: Tables,
    instruments: dict[str, Instrument],
    left_out: int,
) -> pd.DataFrame:
    """The participant flow: clients, therapists and rows at every step from the sources on.

    Of outcomes and delivery the rows are occasions with any answer; scores are counted when they
    are formed (`release.flow`).
    """
    clients = tables["clients"]
    treated = clients.set_index("client")["therapist"]
    primary = _outcome(dataset.outcomes.primary, dataset, tables, instruments)
    occasions = primary.drop_duplicates(["client", "occasion"])
    twice = occasions["client"].value_counts(sort=False)
    preferences = _preferences(dataset, tables)
    # Where an occasion is no session, the clients' first time counts as intake.
    intake = preferences[(preferences["session"].fillna(preferences["time"]) <= 0).astype(bool)]
    delivery = _delivery(dataset, tables)
    endings, sessions = tables["endings"], tables["sessions"]
    ended = endings.drop(columns="client").notna().any(axis=1)
    steps: list[dict] = [
        {"step": f"rows_{name}", "label": f"rows in the source {told}",
         "n_rows": len(sheets[name].frame)}
        for name, told in _named(sheets).items()
    ]  # fmt: skip

    def step(name: str, label: str, ids: pd.Series, rows: int | None = None) -> None:
        unique = ids.drop_duplicates()
        n_therapists = treated.reindex(unique).dropna().nunique()
        steps.append({"step": name, "label": label, "n_clients": len(unique),
                      "n_therapists": n_therapists, "n_rows": rows})  # fmt: skip

    def rows_at(answers: pd.DataFrame) -> int:
        return len(answers.drop_duplicates(["client", "occasion"]))

    step("clients", "clients listed", clients["client"])
    step("with_therapist", "with a therapist", clients.loc[clients["therapist"].notna(), "client"])
    undeclared = f" ({UNDECLARED_SESSIONS})" if dataset.sessions is None else ""
    step("with_session", f"with at least one session{undeclared}", sessions["client"],
         len(sessions))  # fmt: skip
    step("with_preferences", "with a preference item at intake", intake["client"], rows_at(intake))
    step("with_outcome", f"with an answer to {dataset.outcomes.primary}", occasions["client"],
         len(occasions))  # fmt: skip
    repeated = occasions[occasions["client"].isin(twice.index[twice >= 2])]
    step("with_two_outcomes", f"with answers to {dataset.outcomes.primary} twice",
         repeated["client"], len(repeated))  # fmt: skip
    step("with_delivery", "with delivery ratings", delivery["client"], rows_at(delivery))
    step("with_ending", "with a recorded ending", endings.loc[ended, "client"])
    conflicts = tables["conflicts"]
    for name, label, chosen in (
        ("values_out_of_range", "values out of range, set missing",
         conflicts["kind"] == "out of range"),
        ("values_unreadable", "values unreadable or of unknown code, set missing",
         conflicts["kind"].isin(["text in a number column", "unknown code"])),
        ("duplicates_dropped", "rows that repeat another, dropped",
         conflicts["kind"].isin(["agreeing duplicate", "disagreeing duplicate"])
         & conflicts["column"].isna()),
        ("rows_left_out_conflict", "rows left out for a conflict",
         (conflicts["action"] == "row left out") & (conflicts["kind"] != "agreeing duplicate")),
    ):  # fmt: skip
        steps.append({"step": name, "label": label, "n_rows": int(chosen.sum())})
    steps.append({"step": "rows_left_out_declared", "n_rows": left_out,
                  "label": "rows that hold no occasion, left out as declared"})  # fmt: skip
    return conform(pd.DataFrame(steps), "flow")


def availability_table(
    dataset: Dataset, tables: Tables, instruments: dict[str, Instrument]
) -> pd.DataFrame:
    """What an analysis may rest on, and in words why not."""
    delivered = len(_delivery(dataset, tables)) > 0
    commensurable = delivered and dataset.delivery is not None and dataset.delivery.commensurable
    treated = bool(tables["clients"]["therapist"].notna().any())
    alliance = [name for name, one in instruments.items() if one.kind == "alliance"]
    topics: list[tuple[str, bool, str]] = [
        ("therapists", treated, "no therapists recorded"),
        ("sessions", len(tables["sessions"]) > 0,
         UNDECLARED_SESSIONS if dataset.sessions is None else NO_SESSIONS),
        ("endings", len(tables["endings"]) > 0, "no endings recorded"),
        ("preferences", len(_preferences(dataset, tables)) > 0, NO_PREFERENCES),
        ("delivery", delivered, NO_DELIVERY),
        ("commensurable", commensurable,
         "delivery and preference do not share a scale by design" if delivered else NO_DELIVERY),
        ("type_preferences", len(tables["type_preferences"]) > 0,
         "no preferences for a type of therapy recorded"),
        ("alliance", any(len(_answers(tables, name)) for name in alliance),
         "no alliance ratings recorded"),
    ]  # fmt: skip
    for outcome in [dataset.outcomes.primary, *dataset.outcomes.secondary]:
        found = len(_outcome(outcome, dataset, tables, instruments)) > 0
        topics.append((f"outcome.{outcome}", found, f"no values of {outcome} recorded"))
    frame = pd.DataFrame(
        [(topic, bool(there), None if there else reason) for topic, there, reason in topics],
        columns=["topic", "available", "reason"],
    )
    return conform(frame, "availability")
