"""docs/feature_maps.png: what each texture family sees, on a simulated and on a real slice.

The real one, coronal_ct, is shown where the data is at hand (KSFEAT_DATA or ../shared/data).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import cv2
import matplotlib.pyplot as plt
import numpy as np

from ksfeat.features.registry import families
from ksfeat.io import read_image
from ksfeat.phantom.make import phantom_slices
from ksfeat.roi import Region
from ksfeat.scale.compiled import compile_kernels

HOUSE = Path(__file__).resolve().parents[1]
PAGE = HOUSE / "docs" / "feature_maps.png"
_CREDIT = "coronal CT slice: Yildirim et al. 2021, CC BY 4.0 (feature maps computed from it)"
_WINDOW, _STEP, _LEVELS = 13, 2, 16
_SEEN = {
    "first_order": "first_order_variance",
    "histogram": f"histogram_entropy_fbn{_LEVELS}",
    "glcm": f"glcm_contrast_d1_fbn{_LEVELS}",
    "glrlm": f"glrlm_run_percentage_fbn{_LEVELS}",
    "glszm": f"glszm_zone_percentage_fbn{_LEVELS}",
    "gldzm": f"gldzm_small_distance_emphasis_fbn{_LEVELS}",
    "ngtdm": f"ngtdm_complexity_fbn{_LEVELS}",
    "ngldm": f"ngldm_high_dependence_emphasis_fbn{_LEVELS}",
}


def feature_map(pixels: np.ndarray, family: str, column: str) -> np.ndarray:
    """Return a feature of the window around every second pixel; NaN where it is not defined.

    Parameters
    ----------
    pixels : ndarray, shape (H, W)
        Intensities.
    family, column : str
        Which feature.
    """
    described = families(_LEVELS)[family]
    place = described.columns.index(column)
    windows = np.lib.stride_tricks.sliding_window_view(pixels, (_WINDOW, _WINDOW))
    windows = windows[::_STEP, ::_STEP]
    everywhere = np.ones((_WINDOW, _WINDOW), dtype=bool)
    compute: Callable[[Region], np.ndarray] = described.compute
    values = [
        [compute(Region(np.ascontiguousarray(one), everywhere))[place] for one in row]
        for row in windows
    ]
    return np.array(values)


def _slices() -> dict[str, np.ndarray]:
    made = [item for _, item in zip(range(40), phantom_slices(), strict=False)]
    shown = max(made, key=lambda image: float(np.sort(image.pixels[40:-40], axis=None)[-30:].sum()))
    slices = {"simulated": np.clip(shown.pixels, -160, 400).astype(np.float64)}
    folder = Path(os.environ.get("KSFEAT_DATA", HOUSE.parent / "shared" / "data"))
    real = sorted((folder / "coronal_ct" / "slices").glob("*"))
    if real:
        grey = read_image(real[0]).grey()
        slices["coronal CT"] = grey[: grey.shape[0] * 4 // 5]
    return {name: cv2.resize(pixels, (150, 120), interpolation=cv2.INTER_AREA)
            for name, pixels in slices.items()}  # fmt: skip


def main() -> None:
    """Draw the page."""
    compile_kernels()
    slices = _slices()
    columns = 1 + len(_SEEN)
    figure, axes = plt.subplots(
        len(slices), columns, figsize=(1.55 * columns, 1.5 * len(slices) + 0.5), squeeze=False
    )
    for row, (name, pixels) in zip(axes, slices.items(), strict=True):
        row[0].imshow(pixels, cmap="gray")
        row[0].set_title(name, fontsize=8)
        for axis, (family, column) in zip(row[1:], _SEEN.items(), strict=True):
            seen = feature_map(pixels, family, column)
            low, high = np.nanpercentile(seen, (2, 98))
            axis.imshow(seen, cmap="cividis", vmin=low, vmax=high)
            what = column.removeprefix(f"{family}_").split("_fbn")[0].removesuffix("_d1")
            axis.set_title(f"{family}\n{what.replace('_', ' ')}", fontsize=7)
    for axis in axes.flat:
        axis.axis("off")
    if len(slices) > 1:
        figure.text(0.01, 0.01, _CREDIT, fontsize=6)
    figure.tight_layout(rect=(0, 0.03, 1, 1))
    figure.savefig(PAGE, dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    main()
