"""`data/instruments/README.md`: what is shipped, what of it is verified, what is not known.

`python -m attunement.study.instrument_table` writes it; a test demands that it says what the files
say.
"""

from __future__ import annotations

import sys
from pathlib import Path

from attunement.study.facts import FACTS, fact_of, key_verified, named_facts
from attunement.study.instruments import Instrument, load_instruments, without_key

FOLDER = Path("data/instruments")
WORDS = {
    "cutoff": "cut-off",
    "reliable_change": "reliable change",
    "reliability": "reliability",
    "missing": "missing items",
    "bands": "bands",
    "key": "key",
    "skips": "skipped items",
    "cutoff_nhs_caseness": "NHS caseness",
}
DIRECTIONS = {
    "higher_better": "higher is better",
    "higher_worse": "lower is better",
    "bipolar": "two poles",
    "none": "neither",
}
HEAD = """# Instruments

One file for each questionnaire: which items form which scale, which are reversed, the range, the
missing rule, cut-offs and other published numbers, each with its source and whether it was verified
there. Keys only, never the wording of an item.

What is not verified (`verified: false`, or `partial` where only some of it was confirmed) is used
only if `config.yaml` names it under `accept_unverified`, by the names below: `gad7.missing`,
`oq45.SD.cutoff`, `wai_s.key`. What is not known stands nowhere, and what would rest on it is *not
estimable*. A file of your own goes into `data/<dataset>/instruments/`;
[data/README.md](../README.md) shows the shortest. This page is made by
`python -m attunement.study.instrument_table`.

"""


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _verified(instrument: Instrument) -> tuple[str, str]:
    """What is verified, in words, and the names of what is not."""
    facts = named_facts(instrument)
    keyed = [name for name in instrument.scales if key_verified(instrument, name) is True]
    sure = ["key" if len(keyed) == len(instrument.scales) else f"key of {', '.join(keyed)}"]
    sure = sure if keyed else []
    sure += [WORDS[n.rpartition(".")[2]] for n, fact in facts.items() if fact.verified is True]
    doubtful = [f"`{name}`" for name, fact in facts.items() if fact.verified is not True]
    return ", ".join(dict.fromkeys(sure)), " ".join(doubtful)


def _unknown(instrument: Instrument) -> str:
    """What no scale of an instrument has."""
    lacking = [
        WORDS[what]
        for what in FACTS
        if all(fact_of(instrument, scale, what)[1] is None for scale in instrument.scales)
    ]
    scales = instrument.scales.values()
    if instrument.missing is None and all(scale.missing is None for scale in scales):
        lacking.append(WORDS["missing"])
    return ", ".join(lacking)


def table_text(folder: Path) -> str:
    """Return the page for the instruments of a folder."""
    lines = [
        _row(["id", "name", "scales", "direction", "verified", "not verified", "not known"]),
        _row(["---"] * 7),
    ]
    for name, instrument in load_instruments(folder).items():
        verified, doubtful = _verified(instrument)
        scales, direction = ", ".join(instrument.scales), DIRECTIONS[instrument.direction]
        cells = [name, instrument.name, scales, direction, verified, doubtful]
        lines.append(_row([*cells, _unknown(instrument)]))
    lines += ["", "## Known, but without a key here", "", _row(["id", "name", "why"])]
    lines.append(_row(["---"] * 3))
    lines += [_row([one["id"], one["name"], one["why"]]) for one in without_key(folder)]
    return HEAD + "\n".join(lines) + "\n"


def main() -> int:
    """Write the page of the project in the current folder."""
    if not FOLDER.is_dir():
        print(f"{FOLDER} is not here; run this in the project's folder.", file=sys.stderr)
        return 1
    path = FOLDER / "README.md"
    path.write_text(table_text(FOLDER), encoding="utf-8", newline="\n")
    print(f"wrote {path.as_posix()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
