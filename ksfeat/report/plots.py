"""Pictures of explanations, drawn by shap's own plots and saved the same way every time."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import shap
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.text import Text

from ksfeat.attribution import Explanation
from ksfeat.image import StoneImage

MOST_SHOWN = 12
# A fixed salt and no date: the same explanation gives the same bytes.
_REPAINT = (
    (shap.plots.colors.red_rgb, "#D55E00"),
    (shap.plots.colors.blue_rgb, "#0072B2"),
)
_STABLE: dict[Any, Any] = {"svg.hashsalt": "ksfeat", "svg.fonttype": "path"}


def waterfall(
    explanation: Explanation,
    row: int = 0,
    output: str | None = None,
    image: StoneImage | None = None,
    remark: str = "",
) -> Figure:
    """Draw how one image's margin comes about, from the base value up, and the image beside it.

    Parameters
    ----------
    explanation : Explanation
    row : int, default=0
        Which image.
    output : str, optional
        The class whose margin is drawn; the first explained one by default.
    image : StoneImage, optional
        The image that is explained.
    remark : str, optional
        What the title ends with, such as "simulated".

    Returns
    -------
    matplotlib Figure
        As all plots here: painted in colours that all eyes tell apart, held by nobody else.

    Examples
    --------
    >>> import ksfeat
    >>> images = list(np.random.default_rng(0).integers(0, 99, (12, 16, 16)).astype(np.uint8))
    >>> model = ksfeat.StoneClassifier(ksfeat.FeatureExtractor("first_order"), "linear")
    >>> model = model.fit(images, ["nostone", "stone"] * 6)
    >>> figure = waterfall(ksfeat.explain(model, images[:1]), remark="noise")
    >>> figure.axes[0].get_title(loc="left").splitlines()
    ['image 0', "margin for 'stone', game: interventional, noise"]
    """
    output = output or explanation.outputs[0]
    title = f"{explanation.keys[row]}\nmargin for {output!r}, game: {explanation.game}"
    title += f", {remark}" if remark else ""
    figure = _drawn(
        lambda: shap.plots.waterfall(
            explanation.to_shap(output)[row], max_display=MOST_SHOWN, show=False
        ),
        title,
    )
    if image is not None:
        # Right of the figure's own area, which is saved with all that stands in it.
        beside = figure.add_axes((1.0, 0.15, 0.5, 0.7))
        pixels = image.pixels if image.unit == "rgb" else image.grey()
        beside.imshow(pixels, cmap="gray")
        beside.axis("off")
    return figure


def beeswarm(explanation: Explanation, output: str | None = None, remark: str = "") -> Figure:
    """Draw every image's attributions, one row a feature.

    Parameters
    ----------
    explanation : Explanation
        Of several images.
    output : str, optional
        The class whose margin is drawn; the first explained one by default.
    remark : str, optional
        What the title ends with, such as "simulated".

    Returns
    -------
    matplotlib Figure

    Examples
    --------
    >>> import ksfeat
    >>> images = list(np.random.default_rng(0).integers(0, 99, (12, 16, 16)).astype(np.uint8))
    >>> model = ksfeat.StoneClassifier(ksfeat.FeatureExtractor("first_order"), "linear")
    >>> model = model.fit(images, ["nostone", "stone"] * 6)
    >>> beeswarm(ksfeat.explain(model, images)).axes[0].get_title(loc="left")
    "12 images, margin for 'stone'"
    """
    output = output or explanation.outputs[0]
    with _seeded(), warnings.catch_warnings():
        # A feature that no image has is drawn grey, as it should be.
        warnings.filterwarnings("ignore", "All-NaN slice encountered", RuntimeWarning)
        return _drawn(
            lambda: shap.plots.beeswarm(
                explanation.to_shap(output),
                max_display=MOST_SHOWN,
                show=False,
                plot_size=(9, 6),
                color=plt.get_cmap("cividis"),
            ),
            f"{len(explanation)} images, margin for {output!r}" + (f", {remark}" if remark else ""),
        )


def bar(explanation: Explanation, output: str | None = None, remark: str = "") -> Figure:
    """Draw the mean absolute attribution of the strongest features.

    Parameters
    ----------
    explanation : Explanation
    output, remark : str, optional
        As in `beeswarm`.

    Returns
    -------
    matplotlib Figure

    Examples
    --------
    >>> import ksfeat
    >>> images = list(np.random.default_rng(0).integers(0, 99, (12, 16, 16)).astype(np.uint8))
    >>> model = ksfeat.StoneClassifier(ksfeat.FeatureExtractor("first_order"), "linear")
    >>> model = model.fit(images, ["nostone", "stone"] * 6)
    >>> bar(ksfeat.explain(model, images)).axes[0].get_title(loc="left")
    "mean |attribution| over 12 images, margin for 'stone'"
    """
    output = output or explanation.outputs[0]
    return _drawn(
        lambda: shap.plots.bar(explanation.to_shap(output), max_display=MOST_SHOWN, show=False),
        f"mean |attribution| over {len(explanation)} images, margin for {output!r}"
        + (f", {remark}" if remark else ""),
    )


def save(figure: Figure, stem: Path) -> list[Path]:
    """Write a figure as PNG and SVG beside each other, the same bytes for the same figure.

    Parameters
    ----------
    figure : matplotlib Figure
        Of any plot of this package.
    stem : Path
        Where to, without an ending.

    Returns
    -------
    list of Path
        The PNG and the SVG.

    Examples
    --------
    >>> import tempfile
    >>> [file.name for file in save(Figure(), Path(tempfile.mkdtemp()) / "empty")]
    ['empty.png', 'empty.svg']
    """
    png, svg = stem.with_suffix(".png"), stem.with_suffix(".svg")
    with mpl.rc_context(_STABLE):
        figure.savefig(png, dpi=110, bbox_inches="tight", metadata={"Software": "ksfeat"})
        figure.savefig(svg, bbox_inches="tight", metadata={"Date": None, "Creator": "ksfeat"})
    return [png, svg]


@contextmanager
def _seeded() -> Iterator[None]:
    """Seed numpy's global generator, by which shap spreads points, and put it back."""
    state = np.random.get_state()  # noqa: NPY002 - shap draws from the legacy generator
    np.random.seed(0)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(state)  # noqa: NPY002


def _drawn(draw: Callable[[], Any], title: str) -> Figure:
    """Let shap draw on a new figure, which nobody but the caller then holds."""
    figure = plt.figure()
    try:
        draw()
    finally:
        plt.close(figure)
    figure.axes[0].set_title(title, fontsize=10, loc="left", pad=18)
    _recolour(figure)
    return figure


def _recolour(figure: Figure) -> None:
    """Paint shap's red and blue in Okabe and Ito's vermilion and blue: all eyes tell them apart."""
    for artist in figure.findobj():
        if isinstance(artist, Text):
            artist.set_color(_repainted(artist.get_color()))
        elif isinstance(artist, Patch):
            artist.set_edgecolor(_repainted(artist.get_edgecolor()))
            artist.set_facecolor(_repainted(artist.get_facecolor()))


def _repainted(colour: Any) -> Any:
    red, green, blue, alpha = to_rgba(colour)
    for theirs, ours in _REPAINT:
        if np.allclose((red, green, blue), theirs, atol=0.02):
            return (*to_rgba(ours)[:3], alpha)
    return colour
