"""Where voxels lie in the patient, and how they are turned to superior, posterior and left."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations, product

import numpy as np

from ksfeat.errors import InputError
from ksfeat.image import AXES, StoneImage, handed_over

# A matrix on (right, anterior, superior), as NIfTI has it, to (left, posterior, superior): DICOM's.
RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0])
_QUARTER_VOXEL = 0.25
_LEAST_VOLUME = 0.99  # of a voxel at right angles: a tilt of 8 degrees (of the gantry, say)


@dataclass(frozen=True, eq=False)
class Grid:
    """Where the voxels of an array lie, in millimetres to the patient's left, back and head.

    Parameters
    ----------
    shape : tuple of int
        Of the array.
    steps : ndarray of shape (3, 3)
        Row i leads from a voxel to the next one along axis i of the array.
    origin_mm : ndarray of shape (3,) or None
        Centre of the first voxel; None where nobody says it.
    """

    shape: tuple[int, ...]
    steps: np.ndarray
    origin_mm: np.ndarray | None

    @property
    def spacing_mm(self) -> tuple[float, ...]:
        """Distance of neighbours along each axis."""
        return tuple(float(length) for length in np.linalg.norm(self.steps, axis=1))

    @property
    def direction(self) -> np.ndarray:
        """Unit vectors along the axes, one a row."""
        # Zero is added because -0 is read as a direction.
        return self.steps / np.linalg.norm(self.steps, axis=1, keepdims=True) + 0.0

    def corners(self) -> np.ndarray:
        """Centres of the eight voxels at the corners, seen from the first one, (8, 3)."""
        places = np.array(list(product(*((0, length - 1) for length in self.shape))), dtype=float)
        return places @ self.steps

    def reaches(self, other: Grid) -> bool:
        """Whether every corner lies within a quarter of a voxel of the other grid's.

        Only turn and spacing are compared where one of them does not know its origin.
        """
        apart = self.corners() - other.corners()
        if self.origin_mm is not None and other.origin_mm is not None:
            apart = apart + (self.origin_mm - other.origin_mm)
        return bool(np.linalg.norm(apart, axis=1).max() <= _QUARTER_VOXEL * min(self.spacing_mm))


def checked_grid(
    shape: tuple[int, ...], steps: np.ndarray, origin_mm: np.ndarray | None, name: str
) -> Grid:
    """Return a `Grid`, or an `InputError` if its axes do not span a volume."""
    lengths = np.linalg.norm(steps, axis=1)
    placed = origin_mm is None or np.isfinite(origin_mm).all()
    sound = placed and np.isfinite(steps).all() and (lengths > 0).all()
    if not sound or abs(np.linalg.det(steps / lengths[:, None])) < _LEAST_VOLUME:
        words = "; ".join(" ".join(f"{value:g}" for value in row) for row in steps)
        raise InputError(
            f"{name}: voxel axes of ({words}) mm; expected three that are finite, not zero and "
            "at right angles; resample the volume, or mend its header"
        )
    return Grid(shape, steps, origin_mm)


def upright(array: np.ndarray, grid: Grid) -> tuple[np.ndarray, Grid]:
    """Return a view whose axes run to superior, posterior and left, and its grid.

    Oblique axes go to the nearest of the three and nothing is resampled: the grid's direction
    keeps the angle.

    Examples
    --------
    >>> import numpy as np
    >>> stored = np.arange(6).reshape(3, 2, 1)  # to the left, to the front, to the head
    >>> grid = Grid((3, 2, 1), np.diag([1.0, -1.0, 5.0]), np.zeros(3))
    >>> view, turned = upright(stored, grid)
    >>> view
    array([[[1, 3, 5],
            [0, 2, 4]]])
    >>> turned.spacing_mm, turned.origin_mm
    ((5.0, 1.0, 1.0), array([ 0., -1.,  0.]))
    """
    # cosines[i, t]: how far axis i runs to the head (t = 0), the back (1) or the left (2).
    cosines = grid.direction[:, ::-1]
    order = max(permutations(range(3)), key=lambda axes: np.abs(cosines[axes, range(3)]).sum())
    backward = cosines[order, range(3)] < 0
    view = array.transpose(order)[tuple(slice(None, None, -1 if flip else 1) for flip in backward)]
    steps = np.where(backward[:, None], -1.0, 1.0) * grid.steps[list(order)]
    ends = np.where(backward, np.array(view.shape) - 1, 0)
    origin = None if grid.origin_mm is None else grid.origin_mm - ends @ steps
    return view, Grid(view.shape, steps, origin)


def image_of(
    voxels: np.ndarray, name: str, grid: Grid | None, spacing_mm: tuple[float, ...] | None
) -> StoneImage:
    """Return upright voxels as a volume of unit "grey"; a single slice as the slice it is."""
    volume = StoneImage(
        handed_over(_native(voxels)),
        spacing_mm=spacing_mm if grid is None else grid.spacing_mm,
        direction=None if grid is None else grid.direction,
        origin_mm=None if grid is None else grid.origin_mm,
        key=name,
        volume=True,
    )
    single = [axis for axis, length in zip(AXES, volume.shape, strict=True) if length == 1]
    return volume.slice(0, single[0]) if single else volume


def _native(voxels: np.ndarray) -> np.ndarray:
    """Swap bytes in place: compiled kernels take only the machine's own order."""
    if voxels.dtype.isnative:
        return voxels
    return voxels.byteswap(inplace=True).view(voxels.dtype.newbyteorder("="))
