"""The page: complete, self-contained, accessible, the same twice."""

from __future__ import annotations

import re
import subprocess
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from attunement.report import Released, render, run
from attunement.report.pieces import Grid

FIGURES = {
    "flow",
    "profiles",
    "trajectories",
    "change",
    "dropout_rates",
    "dropout_curves",
    "estimates",
    "influence",
    "therapists",
    "targets",
}


class Reader(HTMLParser):
    """Headings, images, addresses, ids and tables of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def every(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.fixture(scope="module")
def rendered(simulated: Released) -> tuple[str, dict[str, bytes]]:
    return render(simulated)


def test_every_figure_is_drawn_and_embedded(rendered) -> None:
    page, figures = rendered
    assert set(figures) == {f"{name}.svg" for name in FIGURES}
    assert len(Reader(page).every("img")) == len(FIGURES)


def test_the_page_stands_alone(rendered) -> None:
    reader = Reader(rendered[0])
    assert not reader.every("script", "link", "iframe")
    assert all(str(image["src"]).startswith("data:image/svg+xml") for image in reader.every("img"))
    addresses = [str(link["href"]) for link in reader.every("a")]
    assert all(a.startswith("#") or re.fullmatch(r"\w+\.csv|codebook\.html", a) for a in addresses)
    assert "http://" not in re.sub(r"data:image[^\"]*", "", rendered[0])
    ids = {str(one["id"]) for one in reader.every("section")}
    assert {a[1:] for a in addresses if a.startswith("#")} <= ids


def test_headings_descend_in_order(rendered) -> None:
    levels = [int(tag[1]) for tag, _ in Reader(rendered[0]).tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_what_cannot_be_seen_is_said(rendered) -> None:
    reader = Reader(rendered[0])
    assert next(one for one in reader.every("html"))["lang"] == "en-GB"
    assert all(len(str(image["alt"])) > 60 for image in reader.every("img"))
    assert len(reader.every("caption")) == len(reader.every("table"))


def test_simulated_data_say_so_everywhere(rendered) -> None:
    page, figures = rendered
    assert "SIMULATED DATA" in page
    assert all(str(i["alt"]).startswith("Simulated data.") for i in Reader(page).every("img"))
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", page, re.DOTALL)
    assert len(captions) == len(figures)
    assert all("Simulated data." in caption for caption in captions)


def test_text_is_escaped_and_code_set(rendered) -> None:
    assert "<h1>Small &lt;study&gt;</h1>" in rendered[0]
    assert "<code>hand</code>" in rendered[0]
    assert "Evidence &amp; truth." in rendered[0]


def test_the_reader_finds_estimates_and_counts(rendered) -> None:
    page = rendered[0]
    for text in (
        "21% [14, 30]",
        "70 (58%)",
        "41.3 (12.0), n\u00a0=\u00a0118",
        ".047",
        "0.14",
        "no event",
    ):
        assert text in page, text
    assert "with at least two PHQ-9 scores" in page


def test_what_is_missing_has_a_sentence(nothing: Released) -> None:
    page, figures = render(nothing)
    assert figures == {}
    assert "SIMULATED" not in page
    for text in (
        "No figure of preferences against what was given, and no accommodation: no preferences",
        "No figure of outcomes over time",
        "No figure of dropout rates",
        "No figure of estimates",
        "Leaving one therapist out at a time is not possible",
        "Therapists&#39; effects are not shown: no therapists recorded",
    ):
        assert text in page, text


def test_the_same_bytes_twice(simulated: Released, rendered) -> None:
    assert render(simulated) == rendered


def test_figures_hold_no_date_and_no_text_that_needs_a_font(rendered) -> None:
    for name, svg in rendered[1].items():
        text = svg.decode("utf-8")
        assert "<dc:date>" not in text, name
        assert "font-family" not in text, name


def test_it_reads_nothing_but_the_released_folder(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "a page")
    stale = tmp_path / "a page" / "figures" / "gone.svg"
    stale.write_text("<svg/>", encoding="utf-8")
    run(folder, tmp_path / "a page")
    assert not stale.exists()
    assert {path.stem for path in (tmp_path / "a page" / "figures").iterdir()} == FIGURES
    assert (tmp_path / "a page" / "index.html").read_text("utf-8").startswith("<!DOCTYPE html>")


def test_columns_of_words_are_told_from_columns_of_numbers() -> None:
    grid = Grid("c", ["a", "n", "w"], [["x", "12 of 20", "because"], ["y", "withheld", ""]])
    assert grid.looks == ["words", "", "words"]


def test_the_settings_of_the_reader_do_not_matter(simulated: Released, rendered) -> None:
    import matplotlib

    with matplotlib.rc_context({"font.size": 30, "svg.hashsalt": "other"}):
        assert render(simulated)[1] == rendered[1]


@pytest.mark.browser
def test_nothing_is_wider_than_a_telephone(rendered, chromium: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    told = "<script>document.title=document.documentElement.scrollWidth</script></body>"
    page.write_text(rendered[0].replace("</body>", told), encoding="utf-8")
    flags = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking"
    flags += f" --user-data-dir={tmp_path / 'profile'} --window-size=500,900 --dump-dom"
    dom = subprocess.run(
        [str(chromium), *flags.split(), page.as_uri()], capture_output=True, text=True, timeout=120
    ).stdout
    width = re.search(r"<title>(\d+)</title>", dom)
    assert width is not None
    assert int(width[1]) <= 500
