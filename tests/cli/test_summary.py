"""What a run says of each dataset in the end."""

from pathlib import Path

import pytest

from attunement.cli.run import _say_where_to_look
from attunement.cli.summary import TOLD, conflicts_line, page_line
from attunement.study.contracts import TABLES

FILE = "results/my_clinic/private/ingest/conflicts.csv"


def put(root: Path, *actions: str) -> None:
    file = root / FILE
    file.parent.mkdir(parents=True)
    rows = [f'visits.csv,mood,{n},out of range,"4,5",{action},' for n, action in enumerate(actions)]
    text = "\n".join(["source,column,row,kind,value,action,detail", *rows]) + "\n"
    file.write_text(text, encoding="utf-8")


def test_every_action_has_its_words() -> None:
    contract = next(column for column in TABLES["conflicts"].columns if column.name == "action")
    assert set(TOLD) == set(contract.categories)


def test_conflicts_are_counted_by_what_was_done(tmp_path: Path) -> None:
    put(tmp_path, *["set missing"] * 1857, "row left out")
    assert conflicts_line(tmp_path, "my_clinic") == (
        f"  my_clinic            1,857 values set missing, 1 row left out: see {FILE}"
    )


def test_no_conflicts_no_line(tmp_path: Path) -> None:
    assert conflicts_line(tmp_path, "my_clinic") == ""
    put(tmp_path)
    assert conflicts_line(tmp_path, "my_clinic") == ""


def test_the_run_ends_with_conflicts_index_and_pages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path, "kept")
    (tmp_path / "results/index.html").write_text("", encoding="utf-8")
    _say_where_to_look(tmp_path, ["my_clinic"], failed=False)
    assert capsys.readouterr().out.splitlines() == [
        f"  my_clinic            1 kept though odd: see {FILE}",
        "Look at results/index.html.",
        "  my_clinic            results/my_clinic/release/index.html",
    ]
    assert page_line("a").endswith("results/a/release/index.html")
