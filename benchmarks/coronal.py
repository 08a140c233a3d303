"""Coronal phantom slices that are cut, windowed and stored as the slices of `coronal_ct` are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from ksfeat.phantom.make.case import Case, draw_case
from ksfeat.phantom.make.halves import has_one_sided_stones
from ksfeat.phantom.scanner import Scan, scan_slices, scan_volume, window8
from ksfeat.scale import map_ordered

WIDTH, HEIGHT = 391, 320  # pixels of every slice of `coronal_ct`
JPEG_QUALITY = 90  # whose quantisation table is the one in those files
_SCAN = Scan(size=456, field_mm=365.0, thickness_mm=1.8)
_PATIENTS = 1000  # numbers of patients that are drawn again start here
_BLUR = (0.9, 0.4)  # pixels, across and down: what display and rotation left of the sharpness
_POLE = 0.15  # share of a stone left out at each end


@dataclass(frozen=True)
class View:
    """How a cut becomes a picture; estimated by eye from the slices of `coronal_ct`.

    Parameters
    ----------
    window : tuple of float
        What becomes 0 and what becomes 255, in HU.
    pixel_mm : float
        Side of a pixel of the picture.
    middle_mm : tuple of float
        x and z of its middle.
    thickness_mm : float
        How much is averaged from front to back.
    angle : float
        Rotation in degrees.
    mirrored : bool
        Whether left and right are swapped.
    dose : float
        Of the scan: as noisy as the real slices are.
    """

    window: tuple[float, float]
    pixel_mm: float
    middle_mm: tuple[float, float]
    thickness_mm: float
    angle: float
    mirrored: bool
    dose: float

    @property
    def span_mm(self) -> tuple[float, float]:
        """The lowest and the highest z that it shows, and a little more."""
        half = 0.5 * HEIGHT * self.pixel_mm + 4.0
        return self.middle_mm[1] - half, self.middle_mm[1] + half


@dataclass(frozen=True)
class Coronal:
    """A picture (320, 391) of bytes, the mask of its stones, and the patient's number."""

    number: int
    pixels: np.ndarray
    mask: np.ndarray


def draw_view(rng: np.random.Generator) -> View:
    """Draw the window, the zoom and the place of a picture, and its augmentation."""
    low = float(rng.normal(-113, 5))
    return View(
        window=(low, low + 350.0),
        pixel_mm=float(np.clip(rng.normal(0.77, 0.04), 0.68, 0.88)),
        middle_mm=(float(rng.normal(0, 5)), float(rng.normal(2, 13))),
        thickness_mm=float(rng.choice([2.0, 3.0, 5.0])),
        angle=float(rng.uniform(-10, 10)) if rng.random() < 0.5 else 0.0,
        mirrored=bool(rng.random() < 0.5),
        dose=float(0.7 * np.exp(rng.normal(0, 0.3))),
    )


def draw_coronal(number: int, seed: int) -> Coronal:
    """Scan a patient, cut through the largest stone, and store the cut as a JPEG would."""
    case = _plain_case(number, seed)
    rng = np.random.default_rng([seed, number, 2])
    view = draw_view(rng)
    cut, share = _cut(case, view, rng)
    shown = cv2.GaussianBlur(_seen(cut, view, -1000.0), (0, 0), sigmaX=_BLUR[0], sigmaY=_BLUR[1])
    field, mask = window8(shown, view.window), _seen(share, view, 0.0)
    pixels, mask = _augmented(field, view), _augmented(mask, view)
    return Coronal(number, _stored(pixels), (mask > 0) & (mask >= 0.5 * mask.max()))


def _plain_case(number: int, seed: int) -> Case:
    """Return the first patient without contrast, as those of `coronal_ct` are."""
    for attempt in count():
        case = draw_case(number + attempt * _PATIENTS, "stone", seed, ureter=False)
        if case.patient.contrast.phase == "none":
            return case
    raise AssertionError  # the count has no end


def _cut(case: Case, view: View, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of some rows of thin axial slices, head on top, and the share of stone."""
    deep = max(round(view.thickness_mm / _SCAN.pixel_mm), 1)
    first = int(np.clip(_row_of_main(case, rng) - deep // 2, 0, _SCAN.size - deep))
    hu, mask = scan_volume(
        case.patient,
        case.shown,
        case.look_alikes,
        replace(_SCAN, dose=view.dose),
        case.noise(),
        view.span_mm,
        (first, first + deep),
    )
    share = mask.mean(axis=1, dtype=np.float32)
    return hu[0].mean(axis=1, dtype=np.float32)[::-1], np.ascontiguousarray(share[::-1])


def _row_of_main(case: Case, rng: np.random.Generator) -> int:
    middle = [float(np.mean(case.main.span))]
    _, mask = next(scan_slices(case.patient, (case.main,), (), middle, _SCAN, case.noise()))
    rows = np.flatnonzero(mask.any(axis=1))
    return round(float(rng.uniform(*np.quantile(rows, [_POLE, 1 - _POLE]))))


def _seen(cut: np.ndarray, view: View, outside: float) -> np.ndarray:
    """Return the part of a cut that the view shows, at its pixels."""
    pixel, step = _SCAN.pixel_mm, _SCAN.thickness_mm
    across = view.pixel_mm / pixel
    down = view.pixel_mm / step
    left = view.middle_mm[0] / pixel + (_SCAN.size - 1) / 2 - across * (WIDTH - 1) / 2
    top = (len(cut) - 1) / 2 - down * (HEIGHT - 1) / 2
    matrix = np.array([[across, 0, left], [0, down, top]])
    return cv2.warpAffine(
        np.ascontiguousarray(cut),
        matrix,
        (WIDTH, HEIGHT),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderValue=outside,
    )


def _augmented(picture: np.ndarray, view: View) -> np.ndarray:
    """Mirror and turn a picture; what comes in from outside is black."""
    if view.mirrored:
        picture = np.ascontiguousarray(picture[:, ::-1])
    middle = ((WIDTH - 1) / 2, (HEIGHT - 1) / 2)
    turn = cv2.getRotationMatrix2D(middle, view.angle, 1.0)
    return cv2.warpAffine(picture, turn, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)


def _stored(pixels: np.ndarray) -> np.ndarray:
    _, code = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return np.asarray(cv2.imdecode(code, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def draw_many(patients: int, seed: int, n_jobs: int = 2) -> list[Coronal]:
    """Draw a picture of each patient; each costs some seconds."""
    return map_ordered(_draw, [(number, seed) for number in range(patients)], n_jobs=n_jobs)


def _draw(task: tuple[int, int]) -> Coronal:
    return draw_coronal(*task)


def write_halves(folder: Path, pictures: list[Coronal]) -> Path:
    """Write the halves of pictures with stones on one side only, as `coronal_ct` has them.

    Returns
    -------
    Path
        Of ``halves.csv``: path, label, group, side, and the crop, half-open.
    """
    rows = []
    for picture in pictures:
        if not has_one_sided_stones(picture.mask):
            continue
        path = f"simulated_{picture.number:03d}.png"
        cv2.imwrite(str(folder / path), picture.pixels)
        half = WIDTH // 2
        for side, first in (("L", 0), ("R", WIDTH - half)):
            stone = picture.mask[:, first : first + half].any()
            label = "stone" if stone else "nostone"
            rows.append((path, label, path[:-4], side, first, 0, first + half, HEIGHT))
    names = ["path", "label", "group", "side", "x0", "y0", "x1", "y1"]
    pd.DataFrame(rows, columns=names).to_csv(folder / "halves.csv", index=False)
    return folder / "halves.csv"
