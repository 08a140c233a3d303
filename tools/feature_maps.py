"""docs/feature_maps.png: what each family sees, on a simulated and on a real slice.

The real one, coronal_ct, is shown where the data is at hand (KSFEAT_DATA or ../shared/data). A
family that describes the layout or the shape of a whole region (hog, shape, zernike) has no map.
"""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.layout_engine import ConstrainedLayoutEngine

from ksfeat.features.registry import families
from ksfeat.image import StoneImage
from ksfeat.io import read_image
from ksfeat.phantom.make import phantom_slices
from ksfeat.roi import Region
from ksfeat.scale.compiled import compile_kernels

HOUSE = Path(__file__).resolve().parents[1]
PAGE = HOUSE / "docs" / "feature_maps.png"
_WINDOW, _STEP, _LEVELS = 13, 2, 16
_WIDTH, _HEIGHT, _MM = 150, 120, 2.0
_ACROSS = 8  # pictures in a row
# What a map shows, and how it is called there.
_SEEN = {
    "first_order": ("first_order_variance", "variance"),
    "histogram": (f"histogram_entropy_fbn{_LEVELS}", "entropy of the levels"),
    "glcm": (f"glcm_contrast_d1_fbn{_LEVELS}", "contrast"),
    "glrlm": (f"glrlm_run_percentage_fbn{_LEVELS}", "run percentage"),
    "glszm": (f"glszm_zone_percentage_fbn{_LEVELS}", "zone percentage"),
    "gldzm": (f"gldzm_small_distance_emphasis_fbn{_LEVELS}", "small distance emphasis"),
    "ngtdm": (f"ngtdm_complexity_fbn{_LEVELS}", "complexity"),
    "ngldm": (f"ngldm_high_dependence_emphasis_fbn{_LEVELS}", "high dependence emphasis"),
    "local_intensity": ("local_intensity_global_peak", "global peak"),
    "lbp": ("lbp_p8_r1_bin04", "edges: 4 of 8 bright"),
    "gabor": ("gabor_w4_a000_mean", "waves of 4 px in rows"),
    "wavelet": ("wavelet_first_order_hh_mad", "mean deviation, hh"),
    "log": ("log_first_order_s2_mean", "mean Laplacian, 2 px"),
    "fractal": ("fractal_increments", "dimension of increments"),
}
_CAPTION = f"""\
Each map: one feature of the {_WINDOW} x {_WINDOW} pixels around every second pixel, {_LEVELS} grey levels between the lowest and the highest intensity of those pixels; local_intensity, gabor, wavelet and log look around them. Each colour scale runs
from the 2nd to the 98th percentile of its map; grey is where the feature is not defined. Pixels count as {_MM:g} mm. Where all {_WINDOW} x {_WINDOW} pixels are of one value (air), they are one zone, which reaches the border:
its distance is 1, so that gldzm's small distance emphasis is the largest there is; and all neighbours are alike, so that ngldm's high dependence emphasis is the largest, too."""  # noqa: E501
_CREDIT = "Coronal CT slice: Yildirim et al. 2021, CC BY 4.0 (feature maps computed from it)."


def feature_map(pixels: np.ndarray, column: str) -> np.ndarray:
    """Return a feature of the window around every second pixel; NaN where it is not defined.

    Parameters
    ----------
    pixels : ndarray, shape (H, W)
        Intensities.
    column : str
        Which feature.
    """
    described = next(one for one in families(_LEVELS).values() if column in one.columns)
    place = described.columns.index(column)
    last = [size - _WINDOW + 1 for size in pixels.shape]
    return np.array(
        [
            [described.compute(_window(pixels, top, left))[place]
             for left in range(0, last[1], _STEP)]
            for top in range(0, last[0], _STEP)
        ]
    )  # fmt: skip


def _window(pixels: np.ndarray, top: int, left: int) -> Region:
    """Return a window as a region of its image, around which some families look."""
    mask = np.zeros(pixels.shape, dtype=bool)
    mask[top : top + _WINDOW, left : left + _WINDOW] = True
    return Region.of(StoneImage(pixels, spacing_mm=(_MM, _MM), mask=mask))


def _slices() -> dict[str, np.ndarray]:
    made = [item for _, item in zip(range(40), phantom_slices(), strict=False)]
    shown = max(made, key=lambda image: float(np.sort(image.pixels[40:-40], axis=None)[-30:].sum()))
    slices = {"simulated": np.clip(shown.pixels, -160, 400).astype(np.float64)}
    folder = Path(os.environ.get("KSFEAT_DATA", HOUSE.parent / "shared" / "data"))
    real = sorted((folder / "coronal_ct" / "slices").glob("*"))
    if real:
        grey = read_image(real[0]).grey()
        slices["coronal CT"] = grey[: grey.shape[0] * 4 // 5]
    return {name: cv2.resize(pixels, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA)
            for name, pixels in slices.items()}  # fmt: skip


def main() -> None:
    """Draw the page."""
    compile_kernels()
    draw(_slices()).savefig(PAGE, dpi=110, metadata={"Software": None})


def draw(slices: dict[str, np.ndarray]) -> Figure:
    """Return the page: each slice and its maps, with their scales, and what is to be seen."""
    rows = -(-(1 + len(_SEEN)) // _ACROSS)
    figure, axes = plt.subplots(
        rows * len(slices),
        _ACROSS,
        figsize=(14, 1.95 * rows * len(slices) + 0.8),
    )
    figure.set_layout_engine(
        ConstrainedLayoutEngine(rect=(0.005, 0.085, 0.99, 0.91), w_pad=0.06, h_pad=0.06)
    )
    for axis in axes.flat:
        axis.axis("off")
    for number, (name, pixels) in enumerate(slices.items()):
        _draw(list(axes[number * rows : (number + 1) * rows].flat), name, pixels)
    credit = f"\n{_CREDIT}" if len(slices) > 1 else ""
    figure.text(0.01, 0.008, _CAPTION + credit, fontsize=7.5, va="bottom")
    return figure


def _draw(axes: list[Axes], name: str, pixels: np.ndarray) -> None:
    first, *others = axes
    _scale(first, first.imshow(pixels, cmap="gray"))
    first.set_title(f"{name}\nas it is", fontsize=8)
    for axis, (family, (column, words)) in zip(others, _SEEN.items(), strict=False):
        seen = feature_map(pixels, column)
        low, high = np.nanpercentile(seen, (2, 98))
        colours = mpl.colormaps["cividis"].with_extremes(bad="0.75")
        _scale(axis, axis.imshow(seen, cmap=colours, vmin=low, vmax=high))
        axis.set_title(f"{family}\n{words}", fontsize=8)


def _scale(axis: Axes, picture: AxesImage) -> None:
    ends = picture.get_clim()
    bar = axis.figure.colorbar(
        picture, ax=axis, orientation="horizontal", fraction=0.05, pad=0.04, aspect=28
    )
    bar.set_ticks(ends, labels=[f"{end:.3g}" for end in ends])
    bar.ax.tick_params(labelsize=7, length=2, pad=1)
    low, high = bar.ax.get_xticklabels()
    low.set_horizontalalignment("left")  # so that neighbours do not meet
    high.set_horizontalalignment("right")


if __name__ == "__main__":
    main()
