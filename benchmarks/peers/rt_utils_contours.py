"""Contours that rt-utils draws on a simulated series, for tests/reference/rt_utils.

rt-utils asks for `opencv-python`, which overwrites the headless one, so it has an environment of
its own: ``python -m venv peers && peers/bin/pip install rt-utils==1.2.7``, and from the checkout
``peers/bin/python -m benchmarks.peers.rt_utils_contours``.
"""

from __future__ import annotations

import csv
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pydicom

from benchmarks.made_dicom import STEP, as_bytes, made_slice

PLACE = Path(__file__).parents[2] / "tests" / "reference" / "rt_utils"
SHAPE = 5, 40, 48  # slices, rows, columns
# Square: rt-utils 1.2.7 takes the spacing of rows for that of columns (image_helper.py).
CORNER, SPACING = (-17.5, 22.25, -40.0), (0.8, 0.8)  # mm
MADE_BY = ("rt-utils", "opencv-python", "pydicom", "numpy")


def regions() -> dict[str, np.ndarray]:
    """Return a kidney with a hole and an islet in it, and stones down to one pixel."""
    _, rows, columns = np.indices(SHAPE)
    apart = np.hypot((rows - 20) / 1.2, columns - 17)
    kidney = (apart < 11) & ~((apart < 6) & (apart > 2))
    kidney[[0, 4]] = False
    stones = np.zeros(SHAPE, dtype=bool)
    stones[1, 30, 40] = True  # one pixel
    stones[2, 30:32, 38:43] = True
    stones[3, range(25, 33), range(36, 44)] = True  # a line, corner to corner
    stones[3, 5:9, 0:4] = True  # at the edge of the image
    return {"kidney": kidney, "stones": stones}


def write() -> None:
    """Write the series, the contours and, as a table of voxels, what was drawn."""
    from rt_utils import RTStructBuilder

    PLACE.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(0).normal(1064, 10, SHAPE).astype(np.uint16)
    with tempfile.TemporaryDirectory() as folder:
        for place, pixels in enumerate(noise):
            header = made_slice(pixels, place)
            header.PixelSpacing = list(SPACING)
            header.ImagePositionPatient = [*CORNER[:2], CORNER[2] + STEP * place]
            header.InstanceCreationDate = header.InstanceCreationTime = ""
            Path(folder, f"{place}.dcm").write_bytes(as_bytes(header))
        structures = RTStructBuilder.create_new(dicom_series_path=folder)
        for name, region in regions().items():
            structures.add_roi(mask=region.transpose(1, 2, 0), name=name)
        structures.save(str(Path(folder, "contours")))
        scan = PLACE / "scan"
        shutil.rmtree(scan, ignore_errors=True)
        scan.mkdir()
        for file in Path(folder).glob("?.dcm"):
            shutil.copy(file, scan)
        shutil.copy(Path(folder, "contours.dcm"), PLACE / "contours.dcm")
    pydicom.dcmread(PLACE / "contours.dcm")  # or it is of no use
    versions = " ".join(f"{name} {version(name)}" for name in MADE_BY)
    with (PLACE / "voxels.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("roi", "slice", "row", "column", "source"))
        for number, region in enumerate(regions().values(), 1):
            table.writerows((number, *place, versions) for place in np.argwhere(region).tolist())


if __name__ == "__main__":
    write()
