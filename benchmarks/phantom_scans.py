"""Whole scans of simulated patients for `benchmarks.stones_phantom`, kept in a folder if asked.

Stones and look-alikes are drawn as everywhere in the phantom; bone islands, which it does not have,
are added here: lumps of compact bone in the marrow of spine, ribs and pelvis (how often and how
large: a choice, not verified).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ksfeat.image import StoneImage, handed_over
from ksfeat.phantom import growth
from ksfeat.phantom.compositions import StoneMatter
from ksfeat.phantom.make.case import Case, draw_case
from ksfeat.phantom.materials import matter
from ksfeat.phantom.scanner import Scan, scan_slices, scan_volume
from ksfeat.phantom.shapes import Shape, Tube
from ksfeat.phantom.stones import Stone, draw_waves


class View(NamedTuple):
    """What of a patient is scanned, and how.

    Parameters
    ----------
    scan : Scan
        How.
    span_mm : tuple of float
        Lowest and highest z: from the mouths of the ureters to above the kidneys.
    rows : tuple of int
        First and last row, half-open: the body, without the air before and behind it.
    """

    scan: Scan = Scan(size=400, field_mm=365.0, thickness_mm=3.0)
    span_mm: tuple[float, float] = (-250.0, 80.0)
    rows: tuple[int, int] = (64, 344)

    @property
    def name(self) -> str:
        """Part of a file's name."""
        numbers = (self.scan.size, self.scan.thickness_mm, *self.span_mm, *self.rows)
        return "_".join(f"{number:g}" for number in numbers)


WITHOUT = 4  # every fourth patient has no stone
KEPT_IN = "KSFEAT_PHANTOM_SCANS"  # a folder, where scans stay from one run to the next
_THROUGH_STONE, _ELSEWHERE, _LOOK_ALIKES = 3, 3, 6  # slices of a part of a scan
_ISLANDS = 0.5  # a patient, on average
_ISLAND_MM = (4.0, 12.0)


@contextmanager
def scans_folder() -> Iterator[Path]:
    """Yield where scans are kept: for good in the folder that is named, else for this run."""
    named = os.environ.get(KEPT_IN)
    if named is not None:
        yield Path(named)
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def phantom_case(number: int, seed: int) -> Case:
    """Draw a patient; every fourth one has no stone."""
    label = "nostone" if number % WITHOUT == WITHOUT - 1 else "stone"
    case = draw_case(number, label, seed, ureter=True)
    return replace(case, look_alikes=(*case.look_alikes, *_bone_islands(case)))


def phantom_scan(case: Case, view: View, folder: Path) -> StoneImage:
    """Return the volume of a patient, with the mask of the stones; kept in the folder."""
    hu, mask = _kept(folder, case, view, None)
    return _image(case, view, hu, mask)


def phantom_part(case: Case, view: View, folder: Path) -> tuple[np.ndarray, list[StoneImage]]:
    """Return some slices of a patient: through what is calcified, and elsewhere.

    Returns
    -------
    indices : ndarray of float64
        Where they would lie among the slices of the whole scan.
    slices : list of StoneImage
        With the mask of the stones.
    """
    indices = _chosen(case, view)
    hu, mask = _kept(folder, case, view, indices)
    whole = _image(case, view, hu, mask)
    return indices, [whole.slice(at) for at in range(len(hu))]


def _image(case: Case, view: View, hu: np.ndarray, mask: np.ndarray) -> StoneImage:
    pixel = view.scan.pixel_mm
    return StoneImage(
        handed_over(hu),
        unit="HU",
        spacing_mm=(view.scan.thickness_mm, pixel, pixel),
        mask=handed_over(mask),
        key=case.name,
        volume=True,
    )


def _chosen(case: Case, view: View) -> np.ndarray:
    rng = np.random.default_rng([case.random_state, case.number, 3])
    low, step = view.span_mm[0], view.scan.thickness_mm
    heights = [rng.uniform(low, view.span_mm[1], _ELSEWHERE)]
    for stone in case.shown:
        heights.append(rng.uniform(*stone.span, _THROUGH_STONE))
    for place in rng.permutation(len(case.look_alikes))[:_LOOK_ALIKES]:
        heights.append(rng.uniform(*case.look_alikes[place].span, 1))
    every = np.sort(np.concatenate(heights))
    return (every[(every > low) & (every < view.span_mm[1])] - low) / step - 0.5


def _kept(
    folder: Path, case: Case, view: View, indices: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    part = "" if indices is None else "_part"
    path = folder / f"{case.random_state}_{case.number:03d}_{view.name}{part}.npz"
    if not path.exists():
        _keep(path, *(_scanned(case, view) if indices is None else _cut(case, view, indices)))
    with np.load(path) as kept:
        mask = np.unpackbits(kept["mask"], axis=-1, count=kept["hu"].shape[-1])
        return kept["hu"], mask.astype(bool)


def _cut(case: Case, view: View, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    heights = view.span_mm[0] + (indices + 0.5) * view.scan.thickness_mm
    cuts = scan_slices(
        *(case.patient, case.shown, case.look_alikes, heights.tolist(), view.scan),
        *(case.noise(), view.rows),
    )
    hu, mask = zip(*((hu[0], mask) for hu, mask in cuts), strict=True)
    return np.stack(hu), np.stack(mask)


def _keep(path: Path, hu: np.ndarray, mask: np.ndarray) -> None:
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.savez(file, hu=hu, mask=np.packbits(mask, axis=-1))
    part.replace(path)


def _scanned(case: Case, view: View) -> tuple[np.ndarray, np.ndarray]:
    hu, mask = scan_volume(
        *(case.patient, case.shown, case.look_alikes, view.scan, case.noise()),
        *(view.span_mm, view.rows),
    )
    return hu[0], mask


def _bone_islands(case: Case) -> tuple[Stone, ...]:
    rng = np.random.default_rng([case.random_state, case.number, 2])
    marrow = [shape for shape in case.patient.shapes if shape.part == "marrow"]
    chosen = rng.integers(len(marrow), size=int(rng.poisson(_ISLANDS)))
    return tuple(_island(marrow[at], rng) for at in chosen)


def _island(marrow: Shape | Tube, rng: np.random.Generator) -> Stone:
    widest = 2 * min(marrow.radii)
    diameter = min(float(rng.uniform(*_ISLAND_MM)), widest)
    parts = growth.grow_stone(np.asarray(marrow.row()[:3]), diameter, rng)
    stuff = matter(cortical_bone=0.8, spongiosa=0.2)
    whole = StoneMatter(stuff, stuff, 0.5, stuff.parts, 0.8)
    return Stone("bone island", whole, *parts, draw_waves(rng), 0.1, "bone")
