"""A region and boxes drawn on their slice, as data that was read already."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io.atomic import replacing, require_folder
from ksfeat.roi.window import WINDOWS

# Okabe and Ito's: told apart by colour-blind readers, and the line's style tells them in print.
REGION_COLOUR, BOX_COLOUR = "#E69F00", "#56B4E9"
_LINE, _HALO = 1.6, 3.2  # a dark edge round each line: it is seen on bone and on air
_INCHES, _DPI = 6.0, 110


def overlay(image: StoneImage, mask: Any = None, boxes: Any = None) -> Figure:
    """Draw the outline of a region (orange) and boxes (blue, dashed) on a slice.

    Parameters
    ----------
    image : StoneImage
        One slice, or a photograph. HU are shown in the soft-tissue window, grey values from their
        lowest to their highest.
    mask : array-like of bool of shape (H, W), optional
        The region; by default the image's own. An empty one draws nothing.
    boxes : array-like of shape (n, 4), optional
        Half-open boxes x0, y0, x1, y1 in pixels; by default the image's own.

    Returns
    -------
    matplotlib Figure
        `write_overlay` writes it.

    Raises
    ------
    InputError
        If the image is a volume, or mask and boxes do not fit it.

    Examples
    --------
    >>> import numpy as np
    >>> mask = np.zeros((16, 16), dtype=bool)
    >>> mask[4:9, 5:12] = True
    >>> image = StoneImage(np.eye(16, dtype=np.uint8), mask=mask)
    >>> describe_overlay(image)
    'The region of 35 pixels is outlined.'
    >>> type(overlay(image)).__name__
    'Figure'
    """
    shown = _marked(image, mask, boxes)
    height, width = shown.shape
    ratio = _pixel_ratio(shown)
    scale = _INCHES / max(height * ratio, width)
    figure = Figure(figsize=(width * scale, height * ratio * scale), dpi=_DPI)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.axis("off")
    low, high = _shown_range(shown)
    pixels = shown.pixels if shown.unit == "rgb" else shown.grey()
    axes.imshow(pixels, cmap="gray", vmin=low, vmax=high, aspect=ratio, interpolation="nearest")
    if shown.mask is not None and shown.mask.any():
        _outline(axes, shown.mask)
    for box in shown.boxes if shown.boxes is not None else ():
        _frame(axes, box)
    axes.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
    return figure


def write_overlay(
    image: StoneImage, path: str | os.PathLike[str], mask: Any = None, boxes: Any = None
) -> Path:
    """Write an `overlay` as a PNG; a file that stands there is replaced in one step.

    Raises
    ------
    InputError
        As `overlay`, or if the folder is missing.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "overlay.png"
    >>> write_overlay(StoneImage(np.eye(16, dtype=np.uint8)), path).stat().st_size > 0
    True
    """
    target = Path(path)
    figure = overlay(image, mask, boxes)
    require_folder(target)
    with replacing(target) as partial:
        figure.savefig(partial, format="png", metadata={"Software": "ksfeat"})
    return target


def describe_overlay(image: StoneImage, mask: Any = None, boxes: Any = None) -> str:
    """Say what `overlay` draws, for who cannot see it."""
    shown = _marked(image, mask, boxes)
    area = 0 if shown.mask is None else int(shown.mask.sum())
    count = 0 if shown.boxes is None else len(shown.boxes)
    parts = [f"The region of {area} pixels is outlined."] if area else []
    if count:
        parts.append(f"{count} {'box is' if count == 1 else 'boxes are'} drawn.")
    return " ".join(parts) or "Nothing is marked."


def _marked(image: StoneImage, mask: Any, boxes: Any) -> StoneImage:
    if image.volume:
        raise InputError(f"{image.name}: a volume; expected one slice; take image.slice(index)")
    return image.with_(
        mask=image.mask if mask is None else np.asarray(mask),
        boxes=image.boxes if boxes is None else np.asarray(boxes),
    )


def _outline(axes: Axes, mask: np.ndarray) -> None:
    """Draw the borders between pixels inside and outside, the image's own edge among them."""
    padded = np.pad(mask, 1).astype(np.int8)
    rows, columns = np.nonzero(np.diff(padded, axis=0)[:, 1:-1])
    level = np.stack([np.stack([columns, rows], 1), np.stack([columns + 1, rows], 1)], 1)
    rows, columns = np.nonzero(np.diff(padded, axis=1)[1:-1])
    upright = np.stack([np.stack([columns, rows], 1), np.stack([columns, rows + 1], 1)], 1)
    edges = np.concatenate([level, upright]) - 0.5  # pixel i reaches from i - 0.5 to i + 0.5
    for colour, width, alpha in (("black", _HALO, 0.6), (REGION_COLOUR, _LINE, 1.0)):
        lines = LineCollection(
            list(edges), colors=colour, linewidths=width, alpha=alpha, capstyle="projecting"
        )
        lines.set_clip_on(False)
        axes.add_collection(lines, autolim=False)


def _frame(axes: Axes, box: np.ndarray) -> None:
    x0, y0, x1, y1 = box - 0.5
    styles = (("black", _HALO, 0.6, "-"), (BOX_COLOUR, _LINE, 1.0, "--"))
    for colour, width, alpha, style in styles:
        frame = Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, edgecolor=colour, alpha=alpha)
        frame.set(linewidth=width, linestyle=style, clip_on=False)
        axes.add_patch(frame)


def _shown_range(image: StoneImage) -> tuple[float | None, float | None]:
    return WINDOWS["soft_tissue"].bounds if image.unit == "HU" else (None, None)


def _pixel_ratio(image: StoneImage) -> float:
    """Return height of a pixel over its width: slices of 5 mm are shown as they lie."""
    return 1.0 if image.spacing_mm is None else image.spacing_mm[0] / image.spacing_mm[1]
