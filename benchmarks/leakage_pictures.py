"""The pictures of docs/leakage.md: ``python -m benchmarks.leakage_pictures``.

They show the phantom and `coronal_ct` (CC BY 4.0, credited in the picture) only.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
import pandas as pd

from benchmarks.harness import RESULTS, ROOT, real_data
from ksfeat import make_phantom
from ksfeat.evaluation.duplicates import aligned_correlation, detail_of
from ksfeat.evaluation.pose import find_pairs
from ksfeat.evaluation.proxy import high_passed

mpl.use("Agg")
import matplotlib.pyplot as plt

CREDIT = "coronal_ct: Yildirim et al. 2021, Comput Biol Med 135:104569, CC BY 4.0"
_BLUE, _ORANGE = "#0072B2", "#E69F00"  # Okabe and Ito


def pairs() -> Path:
    """Draw two pairs of slices that a random split would part."""
    with tempfile.TemporaryDirectory() as name:
        folder = make_phantom(Path(name) / "p", patients=2, slices=4, random_state=0)
        files = sorted((folder / "images" / "stone").glob("*.png"))[1:3]
        rows = [("phantom (simulated)", [grey(file) for file in files])]
    data = real_data()
    if data is not None:
        rows.append(("coronal_ct", _alike_slices(data / "coronal_ct")))
    figure, axes = plt.subplots(len(rows), 2, figsize=(6, 2.9 * len(rows)), squeeze=False)
    for (title, images), line in zip(rows, axes, strict=True):
        for side, image, axis in zip(("in train", "in test"), images, line, strict=True):
            axis.imshow(image, cmap="gray")
            axis.set_title(f"{title}: {side}", fontsize=9)
            axis.axis("off")
    figure.text(0.5, 0.01, CREDIT, ha="center", fontsize=7)
    return saved(figure, "leakage_pairs.png")


def gap() -> Path:
    """Draw the AUROC of each model, split at random and by group, from the committed results."""
    table = pd.read_csv(RESULTS / "leakage.csv")
    parts = dict(list(table[table["part"] == "gap"].groupby("data", sort=False)))
    figure, axes = plt.subplots(
        1, len(parts), figsize=(3 + 2.2 * len(parts), 2.6), sharey=True, squeeze=False
    )
    for (title, part), axis in zip(parts.items(), axes.flat, strict=True):
        _draw_gap(axis, title, part)
    axes[0, 0].invert_yaxis()
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="upper center", ncols=2, fontsize=8, frameon=False)
    return saved(figure, "leakage_gap.png", top=0.9)


def _draw_gap(axis: plt.Axes, title: str, part: pd.DataFrame) -> None:
    grouped = [float(cell.split()[0]) for cell in part["auroc_grouped"]]
    places = np.arange(len(part))
    axis.hlines(places, grouped, part["auroc_random"], color="0.7", zorder=1)
    axis.scatter(part["auroc_random"], places, marker="s", color=_ORANGE, label="random split")
    axis.scatter(grouped, places, marker="o", color=_BLUE, label="split by group")
    axis.axvline(0.5, color="0.85", zorder=0)
    axis.set_yticks(places, part["model"], fontsize=8)
    axis.tick_params(axis="x", labelsize=7)
    axis.set_xlabel(f"AUROC, {title}", fontsize=8)


def _alike_slices(folder: Path) -> list[np.ndarray]:
    """Return the two slices of one exam that are most alike, though each was turned."""
    table = pd.read_csv(folder / "boxes.csv", dtype=str).drop_duplicates("path")
    exam = table["group"].value_counts().sort_index(kind="stable").idxmax()
    images = [grey(folder / path) for path in table.loc[table["group"] == exam, "path"]]
    found = find_pairs(np.array([high_passed(image) for image in images]), 0.2)
    work = [
        (detail_of(images[i]), detail_of(images[j]), int(pose))
        for i, j, pose in zip(found.first, found.second, found.pose, strict=True)
    ]
    best = int(np.argmax([aligned_correlation(item) for item in work]))
    return [images[found.first[best]], images[found.second[best]]]


def grey(file: Path) -> np.ndarray:
    """Return a slice as it was published."""
    return cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)


def saved(figure: plt.Figure, name: str, top: float = 1.0) -> Path:
    """Write a picture for the documentation."""
    target = ROOT / "docs" / name
    figure.tight_layout(rect=(0, 0.02, 1, top))
    figure.savefig(target, dpi=90)
    plt.close(figure)
    return target


if __name__ == "__main__":
    for made in (pairs(), gap()):
        print(made)
