"""Publishing: finished results replace released ones by rename, each dataset whole or not at all.

The workflow's rules write below `private` only. What stands in `results/<dataset>/release` was put
there here, in one step: a run that failed or was killed leaves the earlier release as it was.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from attunement.cli.paths import (
    INDEX,
    NOTEBOOKS,
    PUBLISHED_COMBINED,
    PUBLISHED_NOTEBOOKS,
    RESULTS,
    SNAKEMAKE_REPORT,
    all_outputs,
    notebook_names,
    notebook_outputs,
    release_of,
    stage_folder,
)
from attunement.cli.publish_combined import made_of, publish_combined
from attunement.cli.swapping import fresh, put
from attunement.study.config import load_config
from attunement.study.dataset import load_dataset
from attunement.study.files import read_json, sha256, write_json, write_text
from attunement.study.layout import OUTPUTS, blinded_run
from attunement.study.manifest import dataset_manifest, run_manifest
from attunement.study.problems import StudyError

RELEASED_STAGES = ("release", "report")
TEMPLATES = Path(__file__).parent / "templates"


def heal(root: Path) -> None:
    """Undo a swap that was cut off: the earlier release is back, or its remains are gone."""
    for old in sorted((root / RESULTS).glob("*/.release.old")):
        place = old.with_name("release")
        if place.exists():
            shutil.rmtree(old)
        else:
            old.rename(place)


def publish_dataset(root: Path, name: str) -> bool:
    """Publish one dataset; return whether its release changed.

    Raises
    ------
    StudyError
        One of its outputs is not there.
    """
    missing = [path for path in all_outputs(name) if not (root / path).exists()]
    if missing:
        raise StudyError(
            f"The results of '{name}' are not complete and are not published",
            file=missing[0],
            advice="Run again.",
        )
    new = fresh(root / RESULTS / name / ".release.new")
    for stage in RELEASED_STAGES:
        folder = root / stage_folder(name, stage)
        for output in OUTPUTS[stage]:
            if (folder / output).is_dir():
                shutil.copytree(folder / output, new / output, copy_function=shutil.copyfile)
            else:
                shutil.copyfile(folder / output, new / output)
    # Snakemake marks folders that are outputs with a file that holds a time.
    for mark in new.rglob(".snakemake_timestamp"):
        mark.unlink()
    dataset = load_dataset(root / "data" / name / "dataset.yaml")
    write_json(new / "manifest.json", dataset_manifest(root, dataset, new))
    return put(new, root / release_of(name))


def publish_notebooks(root: Path) -> bool:
    """Publish the executed notebooks that stand complete; return whether something changed."""
    new = fresh(root / RESULTS / ".notebooks.new")
    for name in notebook_names(root):
        outputs = notebook_outputs(name)
        if all((root / path).exists() for path in outputs):
            for path in outputs:
                shutil.copyfile(root / path, new / path.name)
        else:
            # One that failed keeps what was published of it before.
            for earlier in sorted((root / PUBLISHED_NOTEBOOKS).glob(f"{name}.*")):
                shutil.copyfile(earlier, new / earlier.name)
    if not any(new.iterdir()):
        shutil.rmtree(new)
        return False
    return put(new, root / PUBLISHED_NOTEBOOKS)


def released_datasets(root: Path) -> list[dict[str, Any]]:
    """What the index says of each release: those of config.yaml first, then by name."""
    order = load_config(root / "config.yaml").datasets
    names = sorted(
        (path.parent.parent.name for path in (root / RESULTS).glob("*/release/index.html")),
        key=lambda name: (order.index(name) if name in order else len(order), name),
    )
    found = []
    for name in names:
        about = read_json(root / release_of(name) / "about.json")
        found.append(
            {
                "name": name,
                "title": about.get("title", name),
                "about": about.get("about", ""),
                "is_not": about.get("is_not", ""),
                "simulated": bool(about.get("simulated", False)),
                "page": (release_of(name) / "index.html").relative_to(RESULTS).as_posix(),
                "manifest": (release_of(name) / "manifest.json").relative_to(RESULTS).as_posix(),
            }
        )
    return found


def _title_of(notebook: Path) -> str:
    """The first heading of a notebook, else its name."""
    for cell in json.loads(notebook.read_text(encoding="utf-8")).get("cells", []):
        if cell.get("cell_type") == "markdown":
            for line in "".join(cell.get("source", "")).splitlines():
                if line.startswith("# "):
                    return line.removeprefix("# ").strip()
    return notebook.stem


def _code(text: str) -> Markup:
    """Text for a page; what stands between backticks is shown as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def write_index(root: Path) -> None:
    """Write results/index.html: every release, the notebooks, and how it was made."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["code"] = _code
    notebooks = [
        {"page": page.relative_to(root / RESULTS).as_posix(), "title": _title_of(source)}
        for page in sorted((root / PUBLISHED_NOTEBOOKS).glob("*.html"))
        if (source := page.with_suffix(".ipynb")).exists()
    ]
    report = SNAKEMAKE_REPORT.name if (root / SNAKEMAKE_REPORT).exists() else ""
    text = environment.get_template("index.html.j2").render(
        datasets=released_datasets(root),
        notebooks=notebooks,
        snakemake_report=report,
        blinded=blinded_run(),
        combined=(root / PUBLISHED_COMBINED / "index.html").is_file(),
        combined_of=made_of(root, PUBLISHED_COMBINED),
    )
    _write_if_new(root / INDEX, text)


def _write_if_new(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_text(path, text)


def write_manifest(root: Path) -> None:
    """Write results/manifest.json: what the last run shares, and each release by its manifest."""
    releases = {
        path.parent.parent.name: sha256(path)
        for path in sorted((root / RESULTS).glob("*/release/manifest.json"))
    }
    text = json.dumps({**run_manifest(root), "releases": releases}, indent=2, ensure_ascii=False)
    _write_if_new(root / RESULTS / "manifest.json", text + "\n")


def publish(root: Path, datasets: list[str]) -> list[str]:
    """Publish the datasets, the notebooks, the index and the manifest.

    Parameters
    ----------
    root : Path
        The project's folder.
    datasets : list of str
        Datasets whose every output stands.

    Returns
    -------
    list of str
        The datasets whose release changed.
    """
    heal(root)
    changed = [name for name in datasets if publish_dataset(root, name)]
    if (root / NOTEBOOKS).is_dir():
        publish_notebooks(root)
    publish_combined(root)
    write_index(root)
    write_manifest(root)
    return changed
