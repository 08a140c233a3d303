"""The stones that were found, on their slice and as rows of a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ksfeat.image import StoneImage
from ksfeat.io.atomic import replacing
from ksfeat.models.detections import Detections
from ksfeat.report.overlay import BOX_COLOUR, overlay

NO_HU, NO_MM = "not available: no HU in this file", "not available: no spacing in this file"
_ROOM = np.array([-4.0, -4.0, 4.0, 4.0])  # pixels: a frame that does not hide a small stone
_ABOVE = 3.0


def stone_rows(key: str, found: Detections) -> list[dict[str, Any]]:
    """Return one row a stone, the most probable first; x and y are the middle of its box.

    Examples
    --------
    >>> import numpy as np
    >>> at, box = np.array([[4.0, 5.0]]), np.array([[2.0, 3.0, 6.0, 7.0]])
    >>> rows = stone_rows("a.png", Detections(at, box, np.array([0.9]), np.array([4.0])))
    >>> rows[0]["probability"], rows[0]["diameter_mm"]
    (0.9, 'not available: no spacing in this file')
    """
    middles = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
    return [
        {
            "path": key,
            "stone": place + 1,
            "probability": round(float(found.scores[place]), 4),
            **dict(zip(("x", "y"), middles[place].round(1).tolist(), strict=True)),
            **dict(
                zip(("x0", "y0", "x1", "y1"), found.boxes[place].round(1).tolist(), strict=True)
            ),
            "diameter_px": round(float(found.diameters_px[place]), 2),
            "diameter_mm": _told(found.diameters_mm, place, NO_MM),
            "mean_hu": _told(found.hu_mean, place, NO_HU),
            "max_hu": _told(found.hu_maximum, place, NO_HU),
        }
        for place in range(len(found))
    ]


def write_detections(image: StoneImage, found: Detections, path: Path) -> None:
    """Draw numbered boxes round the stones of a slice, with their probability and size."""
    grown = found.boxes + _ROOM
    figure = overlay(image.with_(mask=None), boxes=grown)
    axes = figure.axes[0]
    width = image.shape[1] - 1.0
    for place, box in enumerate(grown):
        right = box[0] > width / 2  # the words run to the side where there is room
        text = axes.text(
            min(box[2], width) if right else max(box[0], 0.0),
            max(box[1] - _ABOVE, 0.0),
            _label(found, place),
            color=BOX_COLOUR,
            fontsize=8,
            ha="right" if right else "left",
            va="bottom" if box[1] > 2 * _ABOVE else "top",
        )
        text.set_bbox({"facecolor": "black", "alpha": 0.6, "pad": 1, "linewidth": 0})
    with replacing(path) as partial:
        figure.savefig(partial, format="png", metadata={"Software": "ksfeat"})


def _label(found: Detections, place: int) -> str:
    size = (
        f"{found.diameters_px[place]:.1f} px"
        if found.diameters_mm is None
        else f"{found.diameters_mm[place]:.1f} mm"
    )
    dense = "" if found.hu_maximum is None else f", {found.hu_maximum[place]:.0f} HU"
    return f"{place + 1}: {found.scores[place]:.2f}, {size}{dense}"


def _told(values: Any, place: int, missing: str) -> float | str:
    return missing if values is None else round(float(values[place]), 1)
