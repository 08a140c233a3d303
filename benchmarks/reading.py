"""Reading beside the decoders alone: raster (Pillow, OpenCV), DICOM (pydicom), NIfTI (nibabel)."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from benchmarks.harness import Target, main, real_data
from ksfeat.errors import KsfeatError
from ksfeat.io import read_image

MOST_SLOWER = 1.10  # of the decoder's own time


@dataclass(frozen=True)
class Race:
    """One file (or the files of one series, one after the other) and the decoder that reads it."""

    kind: str
    what: str
    decoder: str
    files: list[Path]
    decode: Callable[[Path], Any]
    is_target: bool = True


def measure(quick: bool, seed: int) -> tuple[list[dict[str, Any]], list[Target]]:
    """Time every race; a target is the slowest ratio of its format."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [_raced(race, 5 if quick else 25) for race in _races(Path(folder), quick, seed)]
    targets = []
    for kind in ("raster", "DICOM", "NIfTI"):
        ratios = [row["ratio"] for row in rows if row["format"] == kind and row["target"]]
        value = max((ratio for ratio in ratios if ratio is not None), default=None)
        holds = None if value is None else value <= MOST_SLOWER
        targets.append(Target(f"{kind}: time of the decoder", value, f"<= {MOST_SLOWER}", holds))
    return rows, targets


def _raced(race: Race, repeats: int) -> dict[str, Any]:
    row = {
        "format": race.kind,
        "what": race.what,
        "decoder": race.decoder,
        "files": len(race.files),
        "decoder_ms": None,
        "ksfeat_ms": None,
        "ratio": None,
        "target": race.is_target,
        "skipped": "",
    }
    try:
        theirs, ours = _timed(race, repeats)
    except (KsfeatError, ImportError) as error:  # an extra that is not installed
        return {**row, "skipped": f"skipped: {error}"}
    return {
        **row,
        "decoder_ms": round(1000 * statistics.median(theirs), 3),
        "ksfeat_ms": round(1000 * statistics.median(ours), 3),
        # Of two readings one after the other, so that a busy machine slows both.
        "ratio": round(statistics.median(o / t for o, t in zip(ours, theirs, strict=True)), 3),
    }


def _timed(race: Race, repeats: int) -> tuple[list[float], list[float]]:
    times: tuple[list[float], list[float]] = ([], [])
    readers = (race.decode, read_image)
    for turn in range(repeats + 1):
        order = (0, 1) if turn % 2 else (1, 0)
        for place in order:
            start = time.perf_counter()
            for file in race.files:
                readers[place](file)
            if turn:  # the first one imports and fills the page cache
                times[place].append(time.perf_counter() - start)
    return times


def _races(folder: Path, quick: bool, seed: int) -> Iterator[Race]:
    generator = np.random.default_rng(seed)
    smooth = cv2.GaussianBlur(generator.normal(0, 400, (512, 512)), (0, 0), 3)
    slice_ = np.clip(smooth * 10 + 128, 0, 255).astype(np.uint8)
    yield from _raster_races(folder, slice_)
    data = real_data()
    if data is not None:
        plain, packed = _some(data, "contrast_series"), _some(data, "jpeg2000_series")
        yield Race("DICOM", "CT slices 512x512", "pydicom", plain, _pydicom)
        yield Race("DICOM", "CT slices, JPEG2000", "pydicom", packed, _pydicom)
        yield Race("DICOM", "CT slices 512x512", "pydicom to HU", plain, _pydicom_hu, False)
        kidneys = data / "dicom" / "volume" / "kidneys_ct.nii.gz"
        yield Race("NIfTI", "CT 122x101x30, .nii.gz", "nibabel", [kidneys], _nibabel)
    side = 128 if quick else 256
    volume = generator.normal(0, 30, (side, side, side)).astype(np.int16)
    for ending in (".nii.gz", ".nii"):
        file = folder / f"volume{ending}"
        what = f"simulated {side}x{side}x{side}, {ending}"
        yield Race("NIfTI", what, "nibabel", _written(volume, file), _nibabel)


def _raster_races(folder: Path, pixels: np.ndarray) -> Iterator[Race]:
    for ending in (".png", ".jpg", ".tif"):
        file = folder / f"slice{ending}"
        Image.fromarray(pixels).save(file)
        what = f"simulated 512x512, {ending}"
        yield Race("raster", what, "Pillow", [file], _pillow)
        # Another decoder than the one that is used: printed beside, and no target.
        yield Race("raster", what, "OpenCV", [file], _opencv, is_target=False)


def _some(data: Path, series: str) -> list[Path]:
    return sorted((data / "dicom" / series).glob("*.dcm"))[:6]


def _written(volume: np.ndarray, file: Path) -> list[Path]:
    try:
        import nibabel
    except ImportError:
        return [file]  # the race itself says why it is skipped
    nibabel.Nifti1Image(volume, np.diag([1.0, 1.0, 1.0, 1.0])).to_filename(file)
    return [file]


def _pillow(file: Path) -> np.ndarray:
    with Image.open(file) as image:
        return np.array(image)


def _opencv(file: Path) -> np.ndarray:
    return cv2.imread(str(file), cv2.IMREAD_UNCHANGED)


def _pydicom(file: Path) -> np.ndarray:
    import pydicom

    return pydicom.dcmread(file).pixel_array


def _pydicom_hu(file: Path) -> np.ndarray:
    import pydicom

    dataset = pydicom.dcmread(file)
    return pydicom.pixels.apply_rescale(dataset.pixel_array, dataset)


def _nibabel(file: Path) -> np.ndarray:
    import nibabel

    # Read and not mapped into memory, which would put the reading off.
    return np.asanyarray(nibabel.load(file, mmap=False).dataobj)


if __name__ == "__main__":
    main("reading", __doc__ or "", measure)
