"""The house style of figures: the same bytes from any process."""

from __future__ import annotations

from typing import Any

import pytest
from matplotlib import layout_engine
from matplotlib.figure import Figure

from attunement.report.figures.style import picture


def draw(figure: Figure) -> None:
    for axes in figure.subplots(3, 1, gridspec_kw={"height_ratios": [1.35, 2.7, 1.1]}):
        axes.plot([0, 1], [0, 1])
        axes.set_xlabel("months")
        axes.set_title("clients")


def test_last_digits_of_the_layout_do_not_change_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    once = picture(draw, 4.0, simulated=True)
    execute = layout_engine.ConstrainedLayoutEngine.execute

    def shaken(engine: Any, figure: Any) -> None:
        execute(engine, figure)
        for axes in figure.axes:
            left, bottom, width, height = axes.get_position().bounds
            axes._set_position((left + 3e-14, bottom - 2e-14, width, height + 1e-14))
        for text in figure.texts:
            text.set_y(text.get_position()[1] + 1e-14)

    monkeypatch.setattr(layout_engine.ConstrainedLayoutEngine, "execute", shaken)
    assert picture(draw, 4.0, simulated=True) == once
