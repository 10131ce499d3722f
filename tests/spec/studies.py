"""Small studies built by hand: canonical tables, and the dataset that declares them."""

from typing import Any

import pandas as pd

from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset

DIMENSIONS = ["td_cd", "ei_er", "po_pr", "ws_fc"]


def dataset(**changes: Any) -> Dataset:
    """A dataset that declares the five instruments, delivery on -3..+3 and a goal rating."""
    sources = ["ors", "srs", "phq9", "bdi2", "cnip", "delivered", "goals"]
    content: dict[str, Any] = {
        "name": "hand_made",
        "title": "Hand-made cases",
        "about": "cases",
        "is_not": "data",
        "licence": "none",
        "sources": {"file": {"path": "file.csv"}},
        "time": {"unit": "session", "per": 10},
        "clients": {"source": "file", "columns": {"client": "id"}},
        "responses": [
            {
                "source": "file",
                "instrument": name,
                "rater": "client",
                "client": "id",
                "session": "session",
                "items": "{item}",
            }
            for name in sources
        ],
        "ratings": {
            "delivered": {"meaning": "style", "low": -3, "high": 3, "items": DIMENSIONS},
            "goals": {"meaning": "goal attainment", "low": 0, "high": 10},
        },
        "outcomes": {"primary": "ors.total"},
        "preference": {"instrument": "cnip", "coding": "left_positive"},
        "delivery": {
            "rating": "delivered",
            "raters": ["client", "observer"],
            "commensurable": True,
        },
    }
    return Dataset.model_validate(content | changes)


def answers(
    client: str,
    session: int | None,
    instrument: str,
    items: dict[str, float | None],
    rater: str = "client",
    time: float | None = None,
    day: float | None = None,
) -> pd.DataFrame:
    """Rows of `responses`: one occasion of one client with one instrument."""
    moment = time if session is None else session
    return pd.DataFrame(
        {
            "client": client,
            "occasion": int(moment),
            "time": float(moment if time is None else time),
            "day": day,
            "session": session,
            "rater": rater,
            "instrument": instrument,
            "item": list(items),
            "value": list(items.values()),
        }
    )


def tables(
    responses: list[pd.DataFrame],
    sessions: pd.DataFrame | None = None,
    endings: pd.DataFrame | None = None,
    clients: list[str] | None = None,
) -> dict[str, pd.DataFrame]:
    """The canonical tables; the clients are those who answered, unless they are named."""
    found = pd.concat(responses, ignore_index=True) if responses else None
    names = clients or list(dict.fromkeys(found["client"]))
    given = {
        "clients": pd.DataFrame({"client": names}),
        "responses": found,
        "sessions": sessions,
        "endings": endings,
    }
    built = {name: empty(name) if t is None else conform(t, name) for name, t in given.items()}
    earlier = pd.DataFrame({"topic": ["sessions"], "available": [True], "reason": [None]})
    return built | {"availability": conform(earlier, "availability")}
