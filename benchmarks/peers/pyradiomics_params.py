"""tests/reference/pyradiomics_params.*: what pyradiomics makes of whole parameter files.

Run by pyradiomics' own Python (pyradiomics.txt): ``python benchmarks/peers/pyradiomics_params.py``.
"""

from __future__ import annotations

import csv
import logging
from pathlib import Path

import numpy as np
import radiomics
import SimpleITK as sitk  # noqa: N813
from radiomics.featureextractor import RadiomicsFeatureExtractor

REFERENCE = Path(__file__).resolve().parents[2] / "tests" / "reference"
FOLDER = REFERENCE / "pyradiomics_params"
logging.getLogger("radiomics").setLevel(logging.ERROR)


def random_images() -> dict[str, np.ndarray]:
    """Return a slice and a volume of noise (int16), and masks of two labels away from the edge."""
    rng = np.random.default_rng(5)
    made = {}
    for name, shape in (("slice", (40, 44)), ("volume", (14, 20, 22))):
        mask = np.zeros(shape, np.uint8)
        mask[tuple(slice(4, size - 5) for size in shape)] = 1
        mask[tuple(slice(6, 8) for _ in shape)] = 0
        mask[tuple(slice(size // 2, size - 4) for size in shape)] = 2
        made[name] = rng.integers(-100, 400, shape).astype(np.int16)
        made[f"{name}_mask"] = mask
    return made


def extract(file: Path, pixels: np.ndarray, mask: np.ndarray) -> dict[str, float]:
    """Return all features; force2D takes a slice as a volume of one."""
    described = RadiomicsFeatureExtractor(str(file))
    if pixels.ndim == 2 and described.settings["force2D"]:
        pixels, mask = pixels[None], mask[None]
    found = described.execute(sitk.GetImageFromArray(pixels), sitk.GetImageFromArray(mask))
    return {key: float(value) for key, value in found.items() if not key.startswith("diagnostics")}


def main() -> None:
    """Write the images and the table."""
    images = random_images()
    np.savez_compressed(REFERENCE / "pyradiomics_params.npz", **images)
    source = f"pyradiomics {radiomics.__version__}"
    with (REFERENCE / "pyradiomics_params.csv").open("w", newline="") as table:
        rows = csv.writer(table, lineterminator="\n")
        rows.writerow(["params", "image", "feature", "value", "source"])
        for file in sorted(FOLDER.glob("*.yaml")):
            for name in ("slice", "volume"):
                found = extract(file, images[name], images[f"{name}_mask"])
                rows.writerows(
                    [file.stem, name, feature, repr(value), source]
                    for feature, value in found.items()
                )


if __name__ == "__main__":
    main()
