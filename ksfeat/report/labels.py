"""Labels beside points, where they hide neither each other nor what is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

_MARKER = 6.0  # pixels from a point's centre that a label keeps away
_DISTANCES = (10, 20, 34, 50, 70)  # points, near ones tried first


def place_labels(
    axes: Axes, points: Sequence[tuple[float, float]], texts: Sequence[str], taken: Sequence[Bbox]
) -> list[Annotation]:
    """Write a text beside each point, with a thin line to it; the figure's layout must be final.

    Parameters
    ----------
    axes : matplotlib Axes
        With its limits and scales.
    points : sequence of (x, y)
        In the units of the axes.
    texts : sequence of str
        One a point.
    taken : sequence of Bbox
        In pixels: what labels must not hide, beside each other and the points.

    Returns
    -------
    list of Annotation
        Each where it hides least; where nothing is hidden, as near as it can be.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().add_subplot()
    >>> [label.get_text() for label in place_labels(axes, [(0.5, 0.5)], ["here"], [])]
    ['here']
    """
    renderer = FigureCanvasAgg(axes.figure).get_renderer()  # type: ignore[arg-type]
    hidden = [*taken, *(_around(*axes.transData.transform(point)) for point in points)]
    placed = []
    for point, text in sorted(zip(points, texts, strict=True), key=lambda pair: -pair[0][1]):
        label = _annotation(axes, point, text)
        best = min(_places(), key=lambda place: _cost(label, place, hidden, axes, renderer))
        _put(label, best)
        hidden.append(_words(label, renderer))
        placed.append(label)
    return placed


def _annotation(axes: Axes, point: tuple[float, float], text: str) -> Annotation:
    label = axes.annotate(
        text.replace("$", r"\$"),  # a name is no formula
        point,
        xytext=(0, 0),
        textcoords="offset points",
        fontsize=8.5,
        arrowprops={"arrowstyle": "-", "color": "#57606a", "linewidth": 0.6, "shrinkB": 4},
    )
    label.set_in_layout(False)
    return label


def _places() -> Iterator[tuple[float, float]]:
    """Yield offsets in points, round the point, right of it first."""
    angles = np.deg2rad([0, 180, 35, -35, 145, -145, 90, -90])
    for distance, angle in product(_DISTANCES, angles):
        yield float(distance * np.cos(angle)), float(distance * np.sin(angle))


def _put(label: Annotation, place: tuple[float, float]) -> None:
    dx, dy = place
    label.set_position(place)
    label.set_horizontalalignment("center" if abs(dx) < 1 else "left" if dx > 0 else "right")
    label.set_verticalalignment("center" if abs(dy) < 1 else "bottom" if dy > 0 else "top")


def _cost(
    label: Annotation, place: tuple[float, float], hidden: list[Bbox], axes: Axes, renderer: Any
) -> float:
    """Return the area that a label would hide there, or that would stick out of the axes."""
    _put(label, place)
    own = _words(label, renderer)
    inside = _shared(own, axes.get_window_extent())
    return sum(_shared(own, box) for box in hidden) + own.width * own.height - inside


def _words(label: Annotation, renderer: Any) -> Bbox:
    """Return the box of the words alone: an annotation's own holds its line too."""
    label.update_positions(renderer)
    return Text.get_window_extent(label, renderer)


def _around(x: float, y: float) -> Bbox:
    return Bbox.from_extents(x - _MARKER, y - _MARKER, x + _MARKER, y + _MARKER)


def _shared(one: Bbox, other: Bbox) -> float:
    found = Bbox.intersection(one, other)
    return 0.0 if found is None else float(found.width * found.height)
