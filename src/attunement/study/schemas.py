"""JSON schemas of `config.yaml`, `dataset.yaml` and the instruments, for editors that know YAML.

`python -m attunement.study.schemas` writes them; a test demands that they say what the models say.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from attunement.study.config import Config
from attunement.study.dataset import Dataset
from attunement.study.instruments import Instrument
from attunement.study.strict import Strict

FOLDER = Path("workflow/schemas")
MODELS: dict[str, type[Strict]] = {"config": Config, "dataset": Dataset, "instrument": Instrument}


def schema_text(name: str) -> str:
    """The JSON schema (draft 2020-12) of one of the models, as indented text."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **MODELS[name].model_json_schema(mode="validation"),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def write_schemas(root: Path) -> list[Path]:
    """Write all schemas of the project at `root`; return their paths."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in MODELS:
        path = folder / f"{name}.schema.json"
        path.write_text(schema_text(name), encoding="utf-8", newline="\n")
        written.append(path)
    return written


def main() -> int:
    """Write the schemas of the project in the current folder."""
    if not FOLDER.parent.is_dir():
        print("workflow/ is not here; run this in the project's folder.", file=sys.stderr)
        return 1
    for path in write_schemas(Path()):
        print(f"wrote {path.as_posix()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
