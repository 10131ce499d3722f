"""The names under which instruments stand in files, and which instruments a name may mean."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from attunement.ingest.guesses import words as lexicon
from attunement.ingest.guesses.names import Piece, pieces
from attunement.study.instruments import Instrument

# Beside the id and what it says when split before its number (`phq9`, `phq 9`).
ALIASES: dict[str, tuple[str, ...]] = {
    "bdi2": ("bdi 2", "bdi ii", "bdi", "bdiii"),
    "bsi18": ("bsi 18", "bsi"),
    "care_measure": ("care measure", "care", "caremeasure"),
    "cnip": ("c nip", "cnip"),
    "core10": ("core 10", "core"),
    "core_om": ("core om", "coreom", "core 34", "core"),
    "dass21": ("dass 21", "dass"),
    "gad7": ("gad 7", "gad"),
    "k10": ("k 10", "kessler 10", "kessler", "k 6"),
    "miti421": ("miti",),
    "oq45": ("oq 45", "oq 45 2", "oq"),
    "ors": ("ors",),
    "srs": ("srs",),
    "pcl5": ("pcl 5", "pcl"),
    "phq9": ("phq 9", "phq"),
    "scl90r": ("scl 90 r", "scl 90", "scl 90r", "scl"),
    "seq5": ("seq 5", "seq"),
    "swemwbs": ("swemwbs", "s wemwbs"),
    "wemwbs": ("wemwbs",),
    "wai_s": ("wai s", "wais", "wai 12", "wai"),
    "wai_sr": ("wai sr", "waisr", "wai 12", "wai"),
    "wsas": ("wsas", "wasas", "w sas"),
}


@dataclass(frozen=True)
class Alias:
    """A name in pieces, and the instruments that it may mean."""

    parts: tuple[str, ...]
    instruments: tuple[str, ...]


class Known:
    """The instruments that a project knows, by the names that columns give them."""

    def __init__(self, instruments: dict[str, Instrument]) -> None:
        self.instruments = instruments
        names: dict[tuple[str, ...], list[str]] = {}
        for one in instruments:
            for text in (one, instruments[one].name, *ALIASES.get(one, ())):
                parts = tuple(piece.text for piece in pieces(text.replace("_", " ")))
                for form in {parts, ("".join(parts),) if not parts[-1].isdigit() else parts}:
                    if one not in names.setdefault(form, []):
                        names[form].append(one)
        self._aliases = [
            Alias(parts, tuple(some))
            for parts, some in sorted(names.items(), key=lambda pair: (-len(pair[0]), pair[0]))
        ]

    def find(self, parts: list[Piece]) -> list[tuple[Alias, int, int]]:
        """Each alias that stands in a name: longest first, with its place and length."""
        texts = [piece.text for piece in parts]
        found = []
        for alias in self._aliases:
            length = len(alias.parts)
            for start in range(len(texts) - length + 1):
                if tuple(texts[start : start + length]) == alias.parts:
                    found.append((alias, start, length))
        return found

    @cached_property
    def _scales(self) -> dict[str, dict[tuple[str, ...], str]]:
        made = {}
        for name, one in self.instruments.items():
            forms = {}
            for scale in one.scales:
                parts = tuple(piece.text for piece in pieces(scale.replace("_", " ")))
                forms[parts] = scale
                forms[("".join(parts),)] = scale
            made[name] = forms
        return made

    def scales_of(self, alias: Alias) -> dict[tuple[str, ...], str]:
        """The scales of the instruments of an alias, by their name in pieces."""
        return {key: one for name in alias.instruments for key, one in self._scales[name].items()}

    def is_mean(self, alias: Alias) -> bool:
        """The total of every instrument of an alias is a mean of its items."""
        totals = [self.instruments[name].scales.get("total") for name in alias.instruments]
        return all(scale is not None and scale.method == "mean" for scale in totals)

    def item_word(self, alias: Alias, word: str) -> int | None:
        """The item of a form whose items have names, as `ors_social`."""
        for name in alias.instruments:
            for item, some in lexicon.ITEM_WORDS.get(name, {}).items():
                if word in some:
                    return item
        return None
