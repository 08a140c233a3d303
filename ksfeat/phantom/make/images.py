"""`phantom_slices` and `phantom_volume`: a simulated patient in memory."""

from __future__ import annotations

from collections.abc import Iterator

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.phantom.compositions import COMPOSITIONS, PHLEBOLITH
from ksfeat.phantom.make.case import Case, draw_case
from ksfeat.phantom.make.parameters import NO_STONE, require_scan, require_whole
from ksfeat.phantom.make.pictures import Picture, edge_mm, image_of, scan_case, stack, top_mm
from ksfeat.phantom.scanner import Scan, scan_volume
from ksfeat.phantom.scanner.volume import rows_averaged


def phantom_slices(
    patient: int = 0,
    *,
    composition: str | None = "calcium_oxalate",
    slices: int = 6,
    scan: Scan | None = None,
    ureter: bool = False,
    random_state: int = 0,
) -> Iterator[StoneImage]:
    """Yield simulated slices of one patient in Hounsfield units.

    Parameters
    ----------
    patient : int, default=0
        Number of the patient; another number is another patient.
    composition : str or None, default="calcium_oxalate"
        One of the five compositions, or "phlebolith"; None for a patient without stones.
    slices : int, default=6
        Number of slices through the largest stone.
    scan : Scan, optional
        How the patient is scanned; ``Scan()`` by default.
    ureter : bool, default=False
        Whether stones may lie in the ureter, or in the kidney only.
    random_state : int, default=0
        Seed: the same seed gives the same pixels.

    Yields
    ------
    StoneImage
        Of unit "HU", with `spacing_mm`, position, `kvp`, the `mask` of the stones (None without),
        a `key`, and `second_energy` where the scan has two beams.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Examples
    --------
    >>> image = next(phantom_slices(composition="uric_acid", scan=Scan(size=96)))
    >>> image.unit, image.shape, bool(image.mask.any())
    ('HU', (96, 96), True)
    """
    scan = Scan() if scan is None else scan
    require_whole(slices=slices)
    case = _case(patient, composition, scan, random_state, ureter)
    return (
        image_of(case, scan, picture, f"{case.name}_{number:02d}")
        for number, picture in enumerate(scan_case(case, scan, slices))
    )


def phantom_volume(
    patient: int = 0,
    *,
    composition: str | None = "calcium_oxalate",
    scan: Scan | None = None,
    span_mm: tuple[float, float] | None = None,
    ureter: bool = False,
    random_state: int = 0,
) -> StoneImage:
    """Return a simulated patient as a volume in Hounsfield units.

    Parameters
    ----------
    patient, composition, scan, ureter, random_state
        As in `phantom_slices`; slices lie next to each other, one thickness apart.
    span_mm : tuple of float, optional
        Lowest and highest z, to the head, where 0 is about the middle of the kidneys; all that
        was drawn by default.

    Returns
    -------
    StoneImage
        (Z, H, W), to head, back and left; `slice` cuts it along any axis. With
        ``Scan(plane="coronal")`` rows of pixels are averaged from front to back as coronal slices
        have them.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Examples
    --------
    >>> volume = phantom_volume(scan=Scan(size=64), span_mm=(-15, 15))
    >>> volume.shape, volume.slice(32, "coronal").shape
    ((10, 64, 64), (10, 64))
    """
    scan = Scan() if scan is None else scan
    case = _case(patient, composition, scan, random_state, ureter)
    hu, mask = scan_volume(case.patient, case.shown, case.look_alikes, scan, case.noise(), span_mm)
    low = (case.patient.span if span_mm is None else span_mm)[0]
    edge, count = edge_mm(scan), hu.shape[1]
    if scan.plane == "axial":
        step = scan.thickness_mm
        origins = [(edge, edge, low + step * (number + 0.5)) for number in range(count)]
    else:
        step, top = rows_averaged(scan) * scan.pixel_mm, top_mm(low, scan, hu.shape[2])
        origins = [
            (edge, step * (number + 0.5) - scan.field_mm / 2, top) for number in range(count)
        ]
    pictures = [
        Picture(hu[:, number], mask[number], origin, step) for number, origin in enumerate(origins)
    ]
    return stack(case, scan, pictures)


def _case(
    patient: int, composition: str | None, scan: Scan, random_state: int, ureter: bool
) -> Case:
    known = (*COMPOSITIONS, PHLEBOLITH)
    if composition is not None and composition not in known:
        raise InputError(
            f"composition {composition!r}; expected one of {', '.join(known)}, or None"
        )
    require_whole(patient=patient, random_state=random_state)
    require_scan(scan)
    return draw_case(patient, composition or NO_STONE, random_state, ureter)
