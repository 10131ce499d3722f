"""Run the report stage: read the released folder, write the page and its figures."""

from __future__ import annotations

from pathlib import Path

from attunement.report.page import render, render_codebook
from attunement.report.pieces import Released
from attunement.study.files import read_json, read_tables, write_text
from attunement.study.published import load_published


def run(released: Path, out: Path, published: Path | None = None) -> None:
    """Write the page, the codebook and `figures/*.svg` from a released folder, and nothing else.

    `published` names the file of published effects; without it the page has no section of them.
    """
    released, out = Path(released), Path(out)
    beside = {} if published is None else {"published": load_published(published)}
    found = Released(read_tables(released), read_json(released / "about.json"), **beside)
    page, figures = render(found)
    folder = out / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    for stale in sorted(set(folder.glob("*.svg")) - {folder / name for name in figures}):
        stale.unlink()
    for name, svg in figures.items():
        write_text(folder / name, svg.decode("utf-8"))
    write_text(out / "index.html", page)
    write_text(out / "codebook.html", render_codebook(found))
