"""Words of a declaration that must differ from one another, and keys as they are written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator

QUOTES = "write it in quotation marks: YAML takes yes, no, on, off, true, false for truth values"


def demand_once(words: Iterable[object], *, names: bool = False) -> None:
    """Demand that no word comes twice, blanks at its ends aside.

    Parameters
    ----------
    words : iterable
        What a list of the declaration holds.
    names : bool
        They are names of groups: none may be blank, and capitals tell no two apart.

    Raises
    ------
    ValueError
        A word stands twice, or a name is blank.
    """
    seen: dict[str, str] = {}
    for word in map(str, words):
        plain = " ".join(word.split()).casefold() if names else word.strip()
        if names and not plain:
            raise ValueError("an entry is blank; write a word, or take it out")
        if plain in seen:
            alike = "" if seen[plain] == word else f" (as '{seen[plain]}' and '{word}')"
            raise ValueError(f"'{word.strip()}' stands twice{alike}; each entry stands once")
        seen[plain] = word


def _once(words: Any) -> Any:
    if words is not None:
        demand_once(words)
    return words


def _once_as_names(words: Any) -> Any:
    if words is not None:
        demand_once(words, names=True)
    return words


# A list none of whose entries may come twice.
Once = AfterValidator(_once)
Words = Annotated[list[str], Once]
Names = Annotated[list[str], AfterValidator(_once_as_names)]


def text_keys(content: Any) -> Any:
    """A map with its keys as text, as cells are compared with them; other content as it is.

    Raises
    ------
    ValueError
        A key is a truth value or nothing, or two keys are the same text.
    """
    if not isinstance(content, dict):
        return content
    found: dict[str, Any] = {}
    for key, value in content.items():
        if key is None or isinstance(key, bool):
            raise ValueError(f"the word '{key}' on the left is no text; {QUOTES}")
        text = str(key).strip()
        if text in found:
            raise ValueError(f"the word '{text}' stands twice on the left; each stands once")
        found[text] = value
    return found


def as_words(content: Any) -> Any:
    """A list of words and numbers as text; other content as it is.

    Raises
    ------
    ValueError
        An entry is a truth value, nothing, a list or a map.
    """
    if not isinstance(content, list):
        return content
    for one in content:
        if isinstance(one, bool):
            raise ValueError(f"an entry is the truth value {one}; {QUOTES}")
        if one is None or isinstance(one, list | dict):
            raise ValueError("an entry is no word or number; write '' for a blank cell")
    return [str(one) for one in content]
