"""Notebooks as outputs: executed from top to bottom, without times, as a file and as a page."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attunement.study.files import write_text
from attunement.study.problems import StudyError

TEMPLATES = Path(__file__).parent / "templates"
SECONDS_PER_CELL = 600
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@contextmanager
def _own_settings() -> Iterator[None]:
    """Keep the settings of the person who runs it out, and leave no traces in them."""
    names = ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")
    before = {name: os.environ.get(name) for name in names}
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update({name: str(Path(folder) / name.lower()) for name in names})
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


def _texts(outputs: list[Any]) -> Iterator[str]:
    for output in outputs:
        yield "".join(output.get("text", ""))
        for kind, content in output.get("data", {}).items():
            if kind.startswith("text/"):
                yield "".join(content)


def refuse_traces(notebook: Any, file: Path, root: Path) -> None:
    """Refuse warnings and paths of this machine among the outputs.

    Raises
    ------
    StudyError
        A cell wrote to the error stream or printed a path of this machine.
    """
    traces = [str(root.resolve()), str(Path.home()), tempfile.gettempdir() + os.sep]
    for number, cell in enumerate(notebook.cells, start=1):
        outputs = cell.get("outputs", [])
        if any(output.get("name") == "stderr" for output in outputs):
            said = " ".join("".join(o["text"]) for o in outputs if o.get("name") == "stderr")
            raise StudyError(f"Cell {number} of the notebook warns: {said[:300]}", file=file)
        if any(trace in text for text in _texts(outputs) for trace in traces if len(trace) > 2):
            raise StudyError(
                f"Cell {number} of the notebook prints a path of this machine",
                file=file,
                advice="Print names relative to the project's folder.",
            )


def _page(executed: Any, title: str, source: str) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup
    from nbconvert import HTMLExporter
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]

    body, _ = HTMLExporter(template_name="basic").from_notebook_node(executed)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("notebook.html.j2").render(
        title=title,
        source=source,
        body=Markup(body),
        colours=Markup(HtmlFormatter(style="sas").get_style_defs(".highlight")),
    )


def execute(notebook: Path, executed: Path, page: Path) -> None:
    """Execute a notebook in its own folder; write it with its outputs, and as a page.

    Raises
    ------
    StudyError
        A cell fails, warns, or prints a path of this machine.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    content = nbformat.read(notebook, as_version=4)
    client = NotebookClient(
        content,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(notebook.parent)}},
    )
    try:
        with _own_settings():
            client.execute()
    except (CellExecutionError, CellTimeoutError) as error:
        last = [line for line in COLOURS.sub("", str(error)).splitlines() if line.strip()][-1]
        raise StudyError(f"A cell of the notebook fails: {last}", file=notebook) from error
    refuse_traces(content, notebook, Path())
    content.metadata.pop("signature", None)
    write_text(executed, nbformat.writes(content) + "\n")
    write_text(page, _page(content, f"Attunement: {notebook.stem}", executed.name))
