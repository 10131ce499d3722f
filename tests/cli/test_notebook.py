"""A notebook is executed without traces of the time and the machine, or fails in plain words."""

from pathlib import Path

import nbformat
import pytest

from attunement.cli.notebook import execute, refuse_traces
from attunement.study.problems import StudyError


def notebook(folder: Path, *cells: str) -> Path:
    path = folder / "tour.ipynb"
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_code_cell(cell, id=f"cell-{n}") for n, cell in enumerate(cells)]
    path.write_text(nbformat.writes(made), encoding="utf-8")
    return path


@pytest.mark.workflow
@pytest.mark.filterwarnings("default")
def test_it_is_executed_twice_to_the_same_bytes_and_fails_in_plain_words(tmp_path: Path) -> None:
    path = notebook(tmp_path, "print(6 * 7)")
    for name in ("one", "two"):
        execute(path, tmp_path / name / "tour.ipynb", tmp_path / name / "tour.html")
    for name in ("tour.ipynb", "tour.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    page = (tmp_path / "one" / "tour.html").read_text(encoding="utf-8")
    assert "42" in page
    assert "https://" not in page
    assert page.startswith("<!doctype html>")
    assert "execution" not in nbformat.read(tmp_path / "one/tour.ipynb", 4).cells[0].metadata
    with pytest.raises(StudyError, match=r"A cell of the notebook fails: ZeroDivisionError"):
        execute(notebook(tmp_path, "1 / 0"), tmp_path / "x.ipynb", tmp_path / "x.html")
    assert not (tmp_path / "x.ipynb").exists()


def test_a_warning_and_a_path_of_the_machine_are_refused(tmp_path: Path) -> None:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x")])
    stream = nbformat.v4.new_output("stream", name="stderr", text="FutureWarning: old\n")
    made.cells[0].outputs = [stream]
    with pytest.raises(StudyError, match=r"Cell 1 of the notebook warns: FutureWarning"):
        refuse_traces(made, Path("tour.ipynb"), tmp_path)
    shown = nbformat.v4.new_output("display_data", {"text/plain": f"{tmp_path}/data"})
    made.cells[0].outputs = [shown]
    with pytest.raises(StudyError, match="a path of this machine"):
        refuse_traces(made, Path("tour.ipynb"), tmp_path)
    made.cells[0].outputs = [nbformat.v4.new_output("stream", name="stdout", text="fine\n")]
    refuse_traces(made, Path("tour.ipynb"), tmp_path)
