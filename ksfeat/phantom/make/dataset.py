"""`make_phantom`: patients to a folder of images with a manifest."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import numpy as np

from ksfeat.errors import InputError
from ksfeat.phantom.make.case import draw_case
from ksfeat.phantom.make.files import require_writer, write_case, write_photographs
from ksfeat.phantom.make.folder import new_folder
from ksfeat.phantom.make.manifest import Row, write_manifest
from ksfeat.phantom.make.parameters import Order
from ksfeat.phantom.scanner import Scan
from ksfeat.scale import map_ordered
from ksfeat.scale.compiled import compile_kernels


def make_phantom(  # noqa: PLR0913 - what may be asked of a data set; two or three are usual
    out: str | os.PathLike[str],
    *,
    task: str = "stone",
    patients: int = 40,
    slices: int = 6,
    scan: Scan | None = None,
    format: str = "png",  # noqa: A002 - what the command calls it
    window: tuple[float, float] | None = None,
    phleboliths: bool = False,
    ureter: bool = False,
    random_state: int = 0,
    n_jobs: int | None = None,
) -> Path:
    """Write a simulated data set of patients with known stones, and a manifest.

    Attenuation is physics (formula and density through tabulated cross sections); anatomy is
    parametric shapes; the scanner has partial volume, a point spread and noise of a dose. With and
    without stones, patients are drawn alike, with calcified vessels and phleboliths as look-alikes.

    Parameters
    ----------
    out : path-like
        Folder to make; it must not exist, or be empty. It gets ``manifest.csv``, ``images/CLASS``,
        ``masks/CLASS`` and, of two energies, ``second_energy/CLASS``.
    task : {"stone", "half", "type", "photograph"}, default="stone"
        On CT: patients with or without stones; the halves of slices of patients with stones, of
        which one shows a stone and the other is its control; or five compositions, the stone
        outlined as readers do before they ask which kind it is. Or the five as endoscopic
        photographs. Every slice of a stone patient shows a stone. Whole slices hold much else
        that differs between patients, so "stone" is hard: see `ksfeat.cli.demo`.
    patients : int, default=40
        Number of patients, spread evenly over the classes.
    slices : int, default=6
        Slices a patient, evenly spaced through the largest stone, or photographs of the stone.
        They look alike, as in a real examination. Of halves, slices with stones on both sides are
        left out.
    scan : Scan, optional
        How patients are scanned; ``Scan()`` by default. Photographs take its size alone.
    format : {"png", "nifti", "dicom"}, default="png"
        8-bit pictures; one volume a patient, in HU; or CT slices in HU, in folders by patient.
    window : tuple of float, optional
        What becomes black and white, in HU: -400 to 1600 in a PNG by default; in DICOM it only
        tells viewers what to show.
    phleboliths : bool, default=False
        Whether pelvic phleboliths are a sixth class of task "type".
    ureter : bool, default=False
        Whether one stone in five lies in the ureter, down to the pelvis; by default all lie in the
        kidney, so that all slices show kidneys.
    random_state : int, default=0
        Seed: the same seed gives the same bytes.
    n_jobs : int, optional
        Processes; -1 takes all cores. The bytes do not depend on it.

    Returns
    -------
    Path
        `out`. Columns of the manifest, one row an image: path, label, group (the patient), slice,
        x0, y0, x1, y1 (the half); mask (of task "type": features describe the stone), or else
        stone_mask (one pixel where a stone is too small to be counted, or was breathed out of the
        slice); stone_box ("x0 y0 x1 y1", half-open, in pixels of the half); type, composition
        (share of the volume by mineral), diameter_mm and location of the largest stone;
        contrast (phase), kvp, second_path, second_kvp and beams; unit; simulated (yes). What does
        not apply is empty.

    Raises
    ------
    InputError
        If a parameter is out of range, `out` holds something already, or there are no halves.
    MissingExtraError
        For NIfTI without nibabel.

    Examples
    --------
    >>> import tempfile
    >>> small = Scan(size=64)
    >>> folder = make_phantom(tempfile.mkdtemp(), patients=2, slices=1, scan=small)
    >>> sorted(path.relative_to(folder).as_posix() for path in folder.glob("images/*/*.png"))
    ['images/nostone/patient_000_00.png', 'images/stone/patient_001_00.png']
    """
    order = Order(
        task=task,
        patients=patients,
        slices=slices,
        scan=Scan() if scan is None else scan,
        format=format,
        window=window,
        phleboliths=phleboliths,
        ureter=ureter,
        random_state=random_state,
    )
    require_writer(order)
    with new_folder(Path(out)) as folder:
        if task != "photograph":
            compile_kernels()  # before workers start, which find them in the cache
        write = partial(_write_patient, order=order, folder=folder)
        made = map_ordered(write, list(enumerate(_labels(order))), n_jobs)
        rows = [row for rows in made for row in rows]
        if not rows:
            raise InputError(
                f"{patients} patients, all with stones on both sides; ask for more of them"
            )
        write_manifest(folder / "manifest.csv", rows)
    return Path(out)


def _write_patient(numbered: tuple[int, str], order: Order, folder: Path) -> list[Row]:
    number, label = numbered
    if order.task == "photograph":
        return write_photographs(number, label, order, folder)
    return write_case(draw_case(number, label, order.random_state, order.ureter), order, folder)


def _labels(order: Order) -> list[str]:
    """Return one class a patient: as many of each as can be, in an order that tells nothing."""
    classes, patients = order.patient_classes, order.patients
    rng = np.random.default_rng([order.random_state, len(classes), patients])
    return [classes[index] for index in rng.permutation(np.arange(patients) % len(classes))]
