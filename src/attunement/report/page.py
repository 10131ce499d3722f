"""One page per dataset, made of released tables only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attunement.report.answers import answers
from attunement.report.numbers import count
from attunement.report.pieces import Grid, Missing, Picture, Released, Section
from attunement.report.sections import people, record, results, truth

TEMPLATES = Path(__file__).parent / "templates"


def sections(released: Released) -> list[Section]:
    """Return the sections of a page, in the order in which a reader asks."""
    found = [
        people.participants(released),
        people.preferences(released),
        people.outcomes(released),
        people.dropout(released),
        results.models(released),
        results.challenge(released),
        results.therapists(released),
        record.not_estimable(released),
        truth.targets(released),
        record.gate(released),
        record.methods(released),
    ]
    return [section for section in found if section is not None]


def _kind(part: Any) -> str:
    return {Picture: "picture", Missing: "missing", Grid: "grid"}.get(type(part), "text")


def render(released: Released) -> tuple[str, dict[str, bytes]]:
    """Return the page and its figures.

    Parameters
    ----------
    released : Released
        The released tables and `about.json`.

    Returns
    -------
    page : str
        HTML that stands alone: no script, no address outside.
    figures : dict of bytes
        SVG by file name.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.tests["picture"] = lambda part: _kind(part) == "picture"
    environment.tests["missing_part"] = lambda part: _kind(part) == "missing"
    environment.tests["grid"] = lambda part: _kind(part) == "grid"
    environment.filters["count"] = count
    made = sections(released)
    page = environment.get_template("page.html.j2").render(
        about=released.about,
        simulated=released.simulated,
        answers=answers(released),
        sections=made,
        files=sorted(released.tables),
    )
    pictures = {
        f"{part.name}.svg": part.svg
        for section in made
        for part in section.parts
        if isinstance(part, Picture)
    }
    return page, pictures
