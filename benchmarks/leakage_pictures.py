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
    table = table[table["part"] == "gap"]
    grouped = [float(cell.split()[0]) for cell in table["auroc_grouped"]]
    places = np.arange(len(table))
    figure, axis = plt.subplots(figsize=(7, 2.6))
    axis.hlines(places, grouped, table["auroc_random"], color="0.7", zorder=1)
    axis.scatter(table["auroc_random"], places, marker="s", color=_ORANGE, label="random split")
    axis.scatter(grouped, places, marker="o", color=_BLUE, label="split by group")
    axis.set_yticks(places, table["model"], fontsize=8)
    axis.set_xlabel(f"AUROC, {table['data'].iloc[0]}", fontsize=8)
    axis.legend(fontsize=8, loc="center")
    axis.invert_yaxis()
    return saved(figure, "leakage_gap.png")


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


def saved(figure: plt.Figure, name: str) -> Path:
    """Write a picture for the documentation."""
    target = ROOT / "docs" / name
    figure.tight_layout()
    figure.savefig(target, dpi=90)
    plt.close(figure)
    return target


if __name__ == "__main__":
    for made in (pairs(), gap()):
        print(made)
