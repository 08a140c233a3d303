"""`ksfeat export`: a mask, an overlay or an image as a file that other programs open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from ksfeat.cli import options
from ksfeat.errors import InputError

if TYPE_CHECKING:
    from ksfeat.image import StoneImage
    from ksfeat.io import ImageSource


@click.command()
@click.argument("image")
@click.option("--out", required=True, metavar="FILE", help="Ends in .png, .nii.gz, .nrrd or .dcm.")
@click.option(
    "--mask",
    metavar="FILE",
    help="The region: any format that is read, DICOM SEG and RTSTRUCT among them.",
)
@click.option(
    "--mask-label",
    type=int,
    help="Value, segment or ROI number of the region, where the mask holds several.",
)
@click.option("--overlay", is_flag=True, help="Draw the region's outline on the image, as PNG.")
@click.option(
    "--slice",
    "index",
    type=int,
    show_default="of a PNG the one with most of the region",
    help="Which slice of a volume, from 0.",
)
@click.option(
    "--window",
    type=click.Choice(["soft_tissue", "bone", "stone"]),
    show_default="soft_tissue",
    help="Of a picture (.png) of an image in HU: black and white are its ends.",
)
@options.axis
@options.unit
@options.pseudonyms
@options.as_json
def export(image: str, out: str, as_json: bool, **settings: Any) -> None:
    """Write the mask of IMAGE, or a picture of it, on the grid of IMAGE.

    IMAGE is a file, or the folder of a DICOM series. With --mask the region is written (.dcm is a
    DICOM segmentation, which needs a DICOM image, and names its patient unless --pseudonyms is
    given); with --overlay a picture of it; with neither the image itself.
    """
    from ksfeat.cli import console

    result = export_image(image, Path(out), **settings)
    if result["note"] is not None:
        console.note(result["note"])
    if as_json:
        console.print_json(result)
        return
    place = "" if result["slice"] is None else f" ({result['axis']} slice {result['slice']})"
    console.say(f"{result['what']}{place} in {out}")
    if result["alt"] is not None:
        console.say(result["alt"])


def export_image(
    image: str,
    out: Path,
    *,
    mask: str | None = None,
    mask_label: int | None = None,
    overlay: bool = False,
    index: int | None = None,
    axis: str = "axial",
    window: str | None = None,
    unit: str | None = None,
    pseudonyms: bool = False,
) -> dict[str, Any]:
    """Write the mask, the overlay or the image; return what was written."""
    from ksfeat.io.write import write_image, write_mask
    from ksfeat.report.overlay import describe_overlay, write_overlay

    _check(out, mask, mask_label, overlay)
    is_picture = out.suffix.lower() == ".png" and mask is None and not overlay
    if window is not None and not is_picture:
        raise InputError(
            f"window {window!r}: only a picture of the image itself has one; expected a name that "
            "ends in .png, no --mask and no --overlay; leave --window out"
        )
    region = None if mask is None else Path(mask)
    source = replace(_one_source(image, unit, pseudonyms), mask=region, mask_label=mask_label)
    _spare_what_is_read(out, Path(image), source)
    shown, index = _as_shown(source.read(), out, index, axis)
    if overlay:
        write_overlay(shown, out)
    elif shown.mask is not None:
        write_mask(shown.mask, out, shown, series=_series(source, out, pseudonyms))
    else:
        write_image(_windowed(shown, window) if is_picture else shown, out)
    return {
        "out": str(out),
        "what": "overlay" if overlay else "image" if shown.mask is None else "mask",
        "shape": list(shown.shape),
        "region_pixels": None if shown.mask is None else int(shown.mask.sum()),
        "axis": None if index is None else axis,
        "slice": index,
        "alt": describe_overlay(shown) if overlay else None,
        "note": _note(out, pseudonyms),
    }


def _check(out: Path, mask: str | None, mask_label: int | None, overlay: bool) -> None:
    """Refuse before the work what could not be written after it."""
    from ksfeat.io.atomic import require_folder

    require_folder(out)
    if overlay and out.suffix.lower() != ".png":
        raise InputError(f"{out.name}: an overlay is a picture; expected a name that ends in .png")
    if mask is None and out.suffix.lower() == ".dcm":
        raise InputError(f"{out.name}: a DICOM segmentation of no region; give --mask FILE, too")
    if mask is None and mask_label is not None:
        raise InputError(f"mask label {mask_label} without a mask; give --mask FILE, too")


def _spare_what_is_read(out: Path, given: Path, source: ImageSource) -> None:
    """Refuse a place among the files that are read: one is lost, or the next reading differs."""
    read = {path for path in (given, source.path, source.mask) if isinstance(path, Path)}
    folders = [path.resolve() for path in read if path.is_dir()]
    files = {file.resolve() for folder in folders for file in folder.iterdir()}
    target = out.resolve()
    if target in files | {path.resolve() for path in read}:
        raise InputError(f"{out.name}: it would take the place of what is read; choose another")
    if any(target.is_relative_to(folder) for folder in folders):
        raise InputError(
            f"{out.name}: lies in the folder that is read; choose a place outside of it"
        )


def _one_source(path: str, unit: str | None, pseudonyms: bool) -> ImageSource:
    """Return the one image at a path; a volume whole."""
    from ksfeat.cli.inputs import load_images

    reading = {"volume": "region", "unit": unit, "pseudonyms": pseudonyms}
    found = load_images(path, reading=reading).images
    if len(found) != 1:
        raise InputError(
            f"{len(found)} images; expected one file, or the folder of one DICOM series and "
            "nothing else; give one of the files, or the folder of one series"
        )
    return found[0]


def _as_shown(
    image: StoneImage, out: Path, index: int | None, axis: str
) -> tuple[StoneImage, int | None]:
    """Return what is written, the image or one slice of it, and which slice that is."""
    if not image.volume:
        if index is not None:
            raise InputError(f"{image.name}: one slice; leave --slice {index} out")
        return image, None
    if index is None and out.suffix.lower() == ".png":
        index = _fullest(image, axis)
    elif index is not None and out.suffix.lower() == ".dcm":
        raise InputError(
            f"{image.name}: a DICOM segmentation holds all slices; leave --slice {index} out"
        )
    return (image, None) if index is None else (image.slice(index, axis), index)


def _windowed(image: StoneImage, name: str | None) -> StoneImage:
    """Return an image in HU as a picture of 8 bit: a window's ends are black and white."""
    from ksfeat.roi.window import WINDOWS, window

    if name is None and image.unit != "HU":
        return image
    shown = window(image, name or "soft_tissue")
    low, high = WINDOWS[name or "soft_tissue"].bounds
    return shown.with_(pixels=np.rint((shown.pixels - low) / (high - low) * 255).astype(np.uint8))


def _fullest(volume: StoneImage, axis: str) -> int:
    from ksfeat.image import AXES

    if volume.mask is None:
        raise InputError(
            f"{volume.name}: a volume, and a PNG holds one slice; say which: --slice INDEX"
        )
    others = tuple(number for number in range(3) if number != AXES.index(axis))
    return int(volume.mask.sum(axis=others).argmax())


def _note(out: Path, pseudonyms: bool) -> str | None:
    """Return what a person should know of whom a file names."""
    if out.suffix.lower() != ".dcm":
        return None
    if pseudonyms:
        return (
            f"{out.name}: names patient and study by keyed hashes, so that archives do not file it "
            "under either; the UIDs of series, slices and frame of reference are the scan's"
        )
    return (
        f"{out.name}: names the patient and the study, as its series does; it is as confidential "
        "as the scan (--pseudonyms leaves them out)"
    )


def _series(source: ImageSource, out: Path, pseudonyms: bool) -> list[Any] | None:
    from ksfeat.io.segmentation import read_slices, without_patient

    if out.suffix.lower() != ".dcm":
        return None
    slices = read_slices(source.path, source.key)
    return without_patient(slices) if pseudonyms and slices else slices
