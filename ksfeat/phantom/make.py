"""`make_phantom`: patients to a folder of images with a manifest."""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.phantom.anatomy import draw_patient
from ksfeat.phantom.materials import COMPOSITIONS
from ksfeat.phantom.scanner import FIELD_MM, THICKNESS_MM, acquire, make_grid, to_bytes
from ksfeat.phantom.stones import Stone, draw_look_alikes, draw_stones

TASKS = {"stone": ("nostone", "stone"), "type": tuple(sorted(COMPOSITIONS))}
_COLUMNS = ("path", "label", "group", "slice", "stone_mask", "stone_box")
_LIMITS = {"patients": (2, 100_000), "slices": (1, 500), "size": (64, 1024)}


def make_phantom(
    out: str | os.PathLike[str],
    *,
    task: str = "stone",
    patients: int = 40,
    slices: int = 6,
    size: int = 192,
    random_state: int = 0,
) -> Path:
    """Write a simulated data set: axial CT slices of kidneys with known stones, and a manifest.

    A first, simple form: parametric anatomy, one energy, 3 mm slices, an 8-bit window of -400 to
    1600 HU. Stone densities are a first calculation at 75 keV from formula and density with a
    packing fraction of 0.6 (uric acid 425, struvite 465, cystine 506, whewellite 1086, carbonate
    apatite 2201 HU); packing varies between stones by 12 %, so that types overlap. With and
    without stones, patients are drawn alike, with calcified vessels and phleboliths as look-alikes.

    Parameters
    ----------
    out : path-like
        Folder to make; it must not exist, or be empty. Holds ``manifest.csv``, 8-bit
        ``images/CLASS/PATIENT_SLICE.png`` and ``masks/CLASS/PATIENT_SLICE.png`` of the stones.
    task : {"stone", "type"}, default="stone"
        Stone or no stone, or five compositions; every slice of a stone patient shows a stone.
    patients : int, default=40
        Number of patients, spread evenly over the classes.
    slices : int, default=6
        Slices a patient. They lie next to each other and look alike, as in a real examination.
    size : int, default=192
        Side of an image in pixels; the field of view is 365 mm.
    random_state : int, default=0
        Seed: the same seed gives the same bytes.

    Returns
    -------
    Path
        `out`. Columns of the manifest: path, label, group (the patient), slice, stone_mask, and
        stone_box ("x0 y0 x1 y1", half-open, in pixels; empty without a stone).

    Raises
    ------
    InputError
        If a parameter is out of range, or `out` holds something already.

    Examples
    --------
    >>> import tempfile
    >>> folder = make_phantom(tempfile.mkdtemp(), patients=2, slices=1, random_state=0)
    >>> sorted(path.relative_to(folder).as_posix() for path in folder.glob("images/*/*.png"))
    ['images/nostone/patient_000_00.png', 'images/stone/patient_001_00.png']
    """
    folder = Path(out)
    _check(task, random_state, patients=patients, slices=slices, size=size)
    _require_room(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target, so that the finished folder can take its place in one step.
    workplace = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _write(workplace, _labels(task, patients, random_state), slices, size, random_state)
        workplace.chmod(0o755)  # a temporary folder is private; a data set is not
        if folder.exists():
            folder.rmdir()
        workplace.rename(folder)
    except BaseException:
        shutil.rmtree(workplace, ignore_errors=True)
        raise
    return folder


def phantom_slices(
    patient: int = 0,
    *,
    composition: str | None = "calcium_oxalate",
    slices: int = 6,
    size: int = 192,
    random_state: int = 0,
) -> Iterator[StoneImage]:
    """Yield simulated slices of one patient in Hounsfield units.

    Parameters
    ----------
    patient : int, default=0
        Number of the patient; another number is another patient.
    composition : str or None, default="calcium_oxalate"
        One of the five compositions; None for a patient without stones.
    slices, size, random_state : int
        As in `make_phantom`.

    Yields
    ------
    StoneImage
        Of unit "HU", with `spacing_mm`, the `mask` of the stones (None without) and a `key`.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Examples
    --------
    >>> image = next(phantom_slices(composition="uric_acid", size=96))
    >>> image.unit, image.shape, bool(image.mask.any())
    ('HU', (96, 96), True)
    """
    if composition is not None and composition not in COMPOSITIONS:
        raise InputError(
            f"composition {composition!r}; expected one of {', '.join(COMPOSITIONS)}, or None"
        )
    _check("stone", random_state, patient=patient, slices=slices, size=size)
    label = "nostone" if composition is None else composition
    return _scan(patient, label, slices, size, random_state)


def _scan(
    patient: int, label: str, slices: int, size: int, random_state: int
) -> Iterator[StoneImage]:
    """Draw a patient and scan it; the label decides only which stones are shown."""
    rng = np.random.default_rng([random_state, patient])
    body = draw_patient(rng)
    stones = draw_stones(body, label if label in COMPOSITIONS else None, rng)
    heights = _heights(stones, slices)
    span = (heights[0] - THICKNESS_MM, heights[-1] + THICKNESS_MM)
    look_alikes = draw_look_alikes(body, span, rng)
    grid = make_grid(body, size)
    # Without stones the slices are chosen as if there were some, so that only stones differ.
    shown = () if label == "nostone" else stones
    for number, z in enumerate(heights):
        pixels, mask = acquire(grid, shown, look_alikes, z, rng)
        yield StoneImage(
            pixels,
            unit="HU",
            spacing_mm=(FIELD_MM / size, FIELD_MM / size),
            mask=mask if shown else None,
            modality="CT",
            key=f"{_name(patient)}_{number:02d}",
        )


def _heights(stones: tuple[Stone, ...], slices: int) -> list[float]:
    """Spread slices evenly over the heights at which some stone is well inside a slice."""
    spans = np.array([stone.span for stone in stones])
    # Not to the very poles, where a sliver of stone fills next to nothing of a slice.
    spans += (spans[:, 1] - spans[:, 0])[:, None] * np.array([0.15, -0.15])
    steps = np.linspace(spans.min(), spans.max(), 2000)
    visible = steps[((steps[:, None] > spans[:, 0]) & (steps[:, None] < spans[:, 1])).any(axis=1)]
    chosen = np.linspace(0, len(visible) - 1, slices + 2)[1:-1]
    return [float(visible[round(position)]) for position in chosen]


def _write(folder: Path, labels: list[str], slices: int, size: int, random_state: int) -> None:
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
        table.writeheader()
        for patient, label in enumerate(labels):
            for number, image in enumerate(_scan(patient, label, slices, size, random_state)):
                table.writerow(_save(folder, image, label, _name(patient), number))


def _save(
    folder: Path, image: StoneImage, label: str, group: str, number: int
) -> dict[str, str | int]:
    path, mask_path = f"images/{label}/{image.key}.png", ""
    _save_png(folder / path, to_bytes(image.pixels))
    if image.mask is not None:
        mask_path = f"masks/{label}/{image.key}.png"
        _save_png(folder / mask_path, image.mask.astype(np.uint8) * 255)
    cells = (path, label, group, number, mask_path, _box(image.mask))
    return dict(zip(_COLUMNS, cells, strict=True))


def _save_png(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def _box(mask: np.ndarray | None) -> str:
    if mask is None:
        return ""
    rows, columns = np.nonzero(mask)
    return f"{columns.min()} {rows.min()} {columns.max() + 1} {rows.max() + 1}"


def _name(patient: int) -> str:
    return f"patient_{patient:03d}"


def _labels(task: str, patients: int, random_state: int) -> list[str]:
    """Return one class a patient: as many of each as can be, in an order that tells nothing."""
    classes = TASKS[task]
    rng = np.random.default_rng([random_state, len(classes), patients])
    return [classes[index] for index in rng.permutation(np.arange(patients) % len(classes))]


def _check(task: str, random_state: int, **numbers: int) -> None:
    if task not in TASKS:
        raise InputError(f"task {task!r}; expected one of {', '.join(map(repr, TASKS))}")
    for name, value in {**numbers, "random_state": random_state}.items():
        low, high = _LIMITS.get(name, (0, 2**32 - 1))
        if name == "patients":
            low = len(TASKS[task])
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise InputError(f"{name}={value!r}; expected a whole number")
        if not low <= value <= high:
            raise InputError(f"{name}={value}; expected a whole number from {low} to {high}")


def _require_room(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            f"{folder.name}: exists and is not an empty folder; "
            "nothing was written; give a new folder, or empty this one"
        )
