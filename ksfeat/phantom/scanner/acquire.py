"""`scan_slices`: axial slices of a patient."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ksfeat.phantom.scanner.filling import fill_stone
from ksfeat.phantom.scanner.grid import Grid, at_height, make_grid, stretched
from ksfeat.phantom.scanner.noise import COARSE, noise
from ksfeat.phantom.scanner.painting import paint_shapes
from ksfeat.phantom.scanner.profile import sub_slices
from ksfeat.phantom.scanner.protocol import setting, transfer
from ksfeat.phantom.scanner.scan import Scan
from ksfeat.phantom.scanner.spread import fineness, spread, transfer_of

if TYPE_CHECKING:
    from ksfeat.phantom.anatomy import Patient
    from ksfeat.phantom.stones import Stone

HU_RANGE = (-1024, 3071)  # what 12 bits hold
_SUB_SLICE_MM = 1.25  # of the anatomy: three in a slice of 3 mm
_SUB_SLICE_OF_STONE_MM = 0.4
_BLUR_MM = 6.0  # further off, nothing of the softest kernel arrives
_TEXTURE_FROM_HU = -150.0  # fat and what is denser; not gas


def scan_slices(  # noqa: PLR0913 - who, with what, where and how
    patient: Patient,
    stones: Sequence[Stone],
    look_alikes: Sequence[Stone],
    heights: Iterable[float],
    scan: Scan,
    rng: np.random.Generator,
    rows: tuple[int, int] | None = None,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Scan axial slices.

    Parameters
    ----------
    patient : Patient
        Who is scanned.
    stones, look_alikes : sequence of Stone
        What is dense: the former are marked in the mask, the latter are not.
    heights : iterable of float
        Middles of the slices, in mm, of any number, order and distance; slices that overlap share
        noise.
    scan : Scan
        How the patient is scanned; its plane is not looked at.
    rng : Generator
        Source of the noise and the motion.
    rows : tuple of int, optional
        First and last row that is seen, half-open: for a coronal cut the rest need not be painted.
        All of them if not given.

    Yields
    ------
    hu : ndarray of int16, shape (beams, rows, size)
        Hounsfield units, clipped to 12 bits.
    mask : ndarray of bool, shape (rows, size)
        Pixels that a stone fills by at least half as much as its fullest pixel.
    """
    scene = _Scene(patient, tuple(stones), tuple(look_alikes), scan, rows)
    seed = int(rng.integers(2**63))
    for z in heights:
        # A breath along y blurs; along z it shows another height than the one asked for.
        phase = rng.uniform(0, 2 * np.pi)
        sway = round(abs(np.cos(phase)) * scan.motion_mm / 2, 1)
        shown = z + float(np.sin(phase)) * scan.motion_mm / 2
        fine, shares = scene.paint(shown)
        kernel = transfer_of(
            transfer(scan.kernel), fine.shape[1:], scene.factor, scene.step_mm, sway
        )
        hu = spread(fine, scene.step_mm, scene.factor, kernel)[:, scene.within]
        body = hu if rows is None else scene.overview(shown)
        hu += noise(scan, body, z, seed, rows)
        yield np.clip(np.rint(hu), *HU_RANGE).astype(np.int16), scene.mask(shares)


@dataclass(frozen=True)
class _Scene:
    """A patient with stones, on the fine grid of a scan."""

    patient: Patient
    stones: tuple[Stone, ...]
    look_alikes: tuple[Stone, ...]
    scan: Scan
    rows: tuple[int, int] | None = None

    @cached_property
    def factor(self) -> int:
        return fineness(self.scan.pixel_mm, transfer(self.scan.kernel))

    @property
    def step_mm(self) -> float:
        return self.scan.pixel_mm / self.factor

    def _grid(self, z: float) -> Grid:
        factor = self.factor
        whole = make_grid(self.patient, self.scan.size * factor, self.step_mm, z)
        return whole if self.rows is None else whole.band(*(factor * row for row in self._painted))

    @property
    def _painted(self) -> tuple[int, int]:
        """Return the rows that are painted: those that blur into the rows that are seen, too."""
        first, last = self.rows or (0, self.scan.size)
        margin = int(np.ceil((_BLUR_MM + self.scan.motion_mm / 2) / self.scan.pixel_mm))
        return max(first - margin, 0), min(last + margin, self.scan.size)

    @property
    def within(self) -> slice:
        """Return where in the painted rows those lie that are seen."""
        first, last = self.rows or (0, self.scan.size)
        return slice(first - self._painted[0], last - self._painted[0])

    def overview(self, z: float) -> np.ndarray:
        """Return the whole slice at a height, coarsely: the ways of the rays through it."""
        rows, hu = self._shapes
        grid = make_grid(self.patient, COARSE, self.scan.field_mm / COARSE, z)
        return paint_shapes(grid.points, rows, hu, np.array([[z, 1.0]]), grid.frame)

    @cached_property
    def _shapes(self) -> tuple[np.ndarray, np.ndarray]:
        rows = np.array([shape.row() for shape in self.patient.shapes], dtype=np.float64)
        matters = {shape.matter for shape in self.patient.shapes}
        hu = {matter: [matter.hu(beam) for beam in self.scan.beams] for matter in matters}
        return rows, np.array([hu[s.matter] for s in self.patient.shapes], dtype=np.float32)

    def _layers(self, z: float, step_mm: float) -> np.ndarray:
        layers = sub_slices(self.scan.thickness_mm, setting("collimation"), step_mm)
        layers[:, 0] += z
        return layers

    def paint(self, z: float) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return the slice at a height on the fine grid, and the share that each stone fills."""
        grid, (rows, hu) = self._grid(z), self._shapes
        layers = self._layers(z, _SUB_SLICE_MM)
        fine = paint_shapes(grid.points, rows, hu, layers, grid.frame)
        fine += np.where(fine[0] > _TEXTURE_FROM_HU, self._texture(z), 0)
        for stone in self.look_alikes:
            self._add(fine, stone, grid, z)
        shares = (self._add(fine, stone, grid, z) for stone in self.stones)
        return fine, [share for share in shares if share is not None]

    def _add(self, fine: np.ndarray, stone: Stone, grid: Grid, z: float) -> np.ndarray | None:
        """Mix a stone into a slice; return the share of each point that it fills."""
        layers = self._layers(z, _SUB_SLICE_OF_STONE_MM)
        low, high = stone.centres[0, 2] - stone.reach, stone.centres[0, 2] + stone.reach
        if layers[0, 0] > high or layers[-1, 0] < low:
            return None
        parts = np.ascontiguousarray(np.hstack([stone.centres, stone.radii]), dtype=np.float64)
        waves = np.ascontiguousarray(stone.waves, dtype=np.float64)
        surface = np.array([stone.roughness, stone.matter.core_share, stone.reach])
        shares = fill_stone(grid.points, parts, waves, surface, layers, grid.frame)
        filled = shares.sum(axis=0)
        for number, beam in enumerate(self.scan.beams):
            shell, core = stone.matter.shell.hu(beam), stone.matter.core.hu(beam)
            fine[number] += shares[0] * shell + shares[1] * core - filled * fine[number]
        return filled

    def mask(self, shares: list[np.ndarray]) -> np.ndarray:
        """Return the pixels of the image that are stone."""
        size, factor = self.scan.size, self.factor
        mask = np.zeros((self.within.stop - self.within.start, size), dtype=bool)
        for fine in shares:
            share = fine.reshape(-1, factor, size, factor).mean(axis=(1, 3))[self.within]
            mask |= (share > 0) & (share >= 0.5 * share.max())
        return mask

    def _texture(self, z: float) -> np.ndarray:
        """Return the patient's smooth unevenness at a height, in HU: it changes slowly along z."""
        top, bottom = (self.factor * row for row in self._painted)
        field = at_height(self.patient.texture_hu, z)
        return stretched(field, self.scan.size * self.factor)[top:bottom]
