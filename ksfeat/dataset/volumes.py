"""Files that hold volumes to their slices, or to one region each, and the masks beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from ksfeat.dataset.dataset import Dataset
from ksfeat.dataset.dicom import frames, is_dicom_file
from ksfeat.dataset.identity import part_name, shown_name
from ksfeat.dataset.location import local_copy
from ksfeat.dataset.reading import Reading
from ksfeat.dataset.source import DatasetSource
from ksfeat.errors import InputError
from ksfeat.image import AXES
from ksfeat.io import SlicePlace
from ksfeat.io.alignment import grid_of
from ksfeat.io.formats import FORMATS, decode, format_of

MASK_ENDINGS = ("_seg", "_mask", "-label", "_label", ".seg")
IMAGE_ENDINGS = ("", "_ct")
_VOLUME_SUFFIXES = tuple(
    suffix for kind in FORMATS if kind.volumes and kind.name != "DICOM" for suffix in kind.suffixes
)


def with_slices(dataset: Dataset, reading: Reading) -> Dataset:
    """Return the data set with one image a slice for every file that holds a volume.

    Labels, groups, splits and covariates of a file are those of each of its slices. Slices in
    which a given mask is empty are left out.
    """
    if reading.volume == "region":
        return dataset
    parts = [list(_slices(source, reading.axis)) for source in dataset.images]
    rows = np.repeat(np.arange(len(parts)), [len(found) for found in parts])
    images = tuple(source for found in parts for source in found)
    return replace(dataset.select(rows), images=images)


def holds_volume(path: Path) -> bool:
    """Tell whether a file's format can hold a volume; a folder is a DICOM series."""
    if path.is_dir():
        return True
    kind = format_of(path) if path.is_file() else None
    return kind is not None and kind.volumes


def pair_masks(
    paths: Iterable[Path], root: Path, *, hidden: bool = False
) -> dict[Path, Path | None]:
    """Return each image among some files, and its mask where one lies beside it.

    NAME_seg, NAME_mask, NAME-label, NAME_label and NAME.seg are masks of NAME or NAME_ct in the
    same folder, in any volume format: ``case_ct.nii.gz`` and ``case_seg.nii.gz``,
    ``Case.nrrd`` and ``Case-label.nrrd``. A mask is never taken for an image.

    Parameters
    ----------
    paths : iterable of Path
        Files of any format below `root`.
    root : Path
        The folder of the data.
    hidden : bool, default=False
        Whether an error calls files by keyed hashes; beside DICOM it does in any case.

    Raises
    ------
    InputError
        If a volume is named as a mask and there is no image for it, or an image has two masks.

    Examples
    --------
    >>> root = Path("data")
    >>> pairs = pair_masks([root / "a_ct.nii.gz", root / "a_seg.nii.gz", root / "b.nrrd"], root)
    >>> {image.name: mask and mask.name for image, mask in pairs.items()}
    {'a_ct.nii.gz': 'a_seg.nii.gz', 'b.nrrd': None}
    """
    files = list(paths)
    volumes = [(path, stem) for path in files if (stem := _stem(path)) is not None]
    images = {(path.parent, stem): path for path, stem in volumes if _masked(stem) is None}
    masks: dict[Path, Path] = {}
    for path, stem in volumes:
        if (name := _masked(stem)) is not None:
            keys = [(path.parent, name + ending) for ending in IMAGE_ENDINGS]
            image = next((images[key] for key in keys if key in images), None)
            if image is None or image in masks:
                raise _unpaired(path, image, masks, root, hidden)
            masks[image] = path
    taken = set(masks.values())
    return {path: masks.get(path) for path in files if path not in taken}


def mask_beside(image: Path, *, hidden: bool = False) -> Path | None:
    """Return the mask of one volume that lies beside it, as `pair_masks` pairs a whole folder.

    What is named as a mask itself has none.
    """
    stem = _stem(image)
    if stem is None or _masked(stem) is not None:
        return None
    named = {stem.removesuffix(ending) for ending in IMAGE_ENDINGS}
    near = {
        path: other
        for path in image.parent.iterdir()
        if not path.name.startswith(".") and (other := _stem(path)) is not None
    }
    # Masks of other images are none of this one's business, nor what is wrong with them.
    files = [path for path, other in near.items() if _masked(other) in {None, *named}]
    return pair_masks(sorted(files), image.parent, hidden=hidden)[image]


def _stem(path: Path) -> str | None:
    """Return the name of a volume without its ending, None for other files."""
    lower = path.name.casefold()
    ending = next((end for end in _VOLUME_SUFFIXES if lower.endswith(end)), None)
    return None if ending is None else lower.removesuffix(ending)


def _masked(stem: str) -> str | None:
    """Return the name that a mask's name is made of, None for what is not named as a mask."""
    ending = next((end for end in MASK_ENDINGS if stem.endswith(end)), None)
    return None if ending is None else stem.removesuffix(ending)


def _unpaired(
    mask: Path, image: Path | None, masks: dict[Path, Path], root: Path, hidden: bool
) -> InputError:
    name = shown_name(mask, root, hidden=hidden)
    if image is None:
        return InputError(
            f"{name}: named as a mask, but there is no image for it beside it; "
            f"expected the same name without {', '.join(MASK_ENDINGS)}, or with _ct; "
            "rename it, or write a manifest with the columns path and mask"
        )
    of, other = (shown_name(path, root, hidden=hidden) for path in (image, masks[image]))
    return InputError(
        f"{name}: {of} has another mask, {other}; expected one; "
        "move one away, or write a manifest with the columns path and mask"
    )


def _slices(source: DatasetSource, axis: str) -> Iterator[DatasetSource]:
    length = _length(source, axis)
    if length is None:
        yield source
        return
    base = source.key.removesuffix(part_name("", None, source.crop))
    for index in _filled(source, axis, length):
        place = SlicePlace(axis, index)
        yield replace(source, place=place, key=part_name(base, place, source.crop))


def _length(source: DatasetSource, axis: str) -> int | None:
    """Return how many slices a file has, None where it holds a single one or is not there."""
    if not holds_volume(source.path) or (is_dicom_file(source.path) and frames(source.path) == 1):
        return None
    path = local_copy(source.path)
    try:
        grid = grid_of(path, source.key)
        # Without a header that says it all, the volume itself does.
        shape = decode(path, source.key).shape if grid is None else grid.shape
    except InputError:
        return None  # told again when the image is read, where it can be skipped
    return shape[AXES.index(axis)] if len(shape) == 3 and min(shape) > 1 else None


def _filled(source: DatasetSource, axis: str, length: int) -> list[int]:
    """Return the slices in which the mask holds something; all of them without a mask."""
    if source.mask is None:
        return list(range(length))
    region = _region(source, length, AXES.index(axis))
    others = tuple(number for number in range(3) if number != AXES.index(axis))
    found = np.flatnonzero(region.any(axis=others)).tolist()
    if not found:
        raise InputError(
            f"mask of {source.key}: empty; expected a region; leave it out, or draw it"
        )
    return found


def _region(source: DatasetSource, length: int, place: int) -> np.ndarray:
    """Return the mask on the grid of its volume, without decoding the volume where that goes."""
    name = f"mask of {source.key}"
    # DICOM's masks need the image that they are placed in.
    if source.mask is not None and source.mask.is_file() and not is_dicom_file(source.mask):
        pixels = decode(local_copy(source.mask), name).pixels
        if pixels.ndim == 3 and pixels.shape[place] == length:
            return pixels != 0 if source.mask_label is None else pixels == source.mask_label
    mask = replace(source, crop=None).read().mask  # which says what does not fit
    assert mask is not None  # a source with a mask file reads it
    return mask
