"""The base of the course's widgets: plain HTML controls with labels, which every keyboard and screen reader knows.

(ipywidgets' sliders are reachable by keyboard too, but carry no accessible name, and cut long labels short.)
"""

from __future__ import annotations

from pathlib import Path

import anywidget

BROWSER = Path(__file__).parent / "browser"


def source(name: str) -> str:
    """The widget's JavaScript: what all share, then its own."""
    return (BROWSER / "shared.js").read_text("utf-8") + (BROWSER / f"{name}.js").read_text("utf-8")


class Widget(anywidget.AnyWidget):
    """An anywidget in the course's style."""

    _css = (BROWSER / "lab.css").read_text("utf-8")

    def mime(self) -> dict:
        """The part of a display bundle that shows this widget."""
        return {"application/vnd.jupyter.widget-view+json":
                {"version_major": 2, "version_minor": 0, "model_id": self.model_id}}
