"""Which images are taken: those of the kind that something was fitted to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ksfeat.errors import InputError
from ksfeat.image import StoneImage, unit_of
from ksfeat.io import ImageLike
from ksfeat.io.sequences import image_at
from ksfeat.roi.window import TO_HU

SMALLEST_SIDE = 8
_LARGEST_VALUE = 1e60  # fourth powers, summed over any image, stay finite


@dataclass(frozen=True)
class Admission:
    """What an image must be to be described.

    Parameters
    ----------
    units : tuple of str, optional
        Units that an image may have; any by default.
    masks : {"all", "none", "some"}, optional
        Which of the training images had a mask, so that this one needs one ("all") or may have
        none ("none"): a region and a whole image are described by other values.
    forced : bool, default=False
        Take images of one colour too, and coloured ones by their luminance where grey ones are
        expected.

    Examples
    --------
    >>> import numpy as np
    >>> Admission(units=("HU",)).read(0, np.eye(8, dtype=np.uint8))
    Traceback (most recent call last):
    ...
    ksfeat.errors.InputError: image 0: an image of unit 'grey'; expected 'HU', which the model \
was fitted on; read DICOM, or pass --unit HU (in Python unit='HU') if these NIfTI, NRRD or 16-bit \
values are HU
    """

    units: tuple[str, ...] | None = None
    masks: str | None = None
    forced: bool = False

    def read(self, position: int, source: ImageLike) -> StoneImage:
        """Return an image, given with its position.

        Raises
        ------
        InputError
            If it cannot be read, or is not to be taken.
        """
        image = image_at(position, source)
        if self.forced and self.units is not None:
            image = _as_grey(image, self.units)
        if self.units is not None and unit_of(image) not in self.units:
            raise InputError(_other_unit(image, self.units))
        if self.masks == ("all" if image.mask is None else "none"):
            raise InputError(_other_mask(image))
        _check(image, forced=self.forced)
        return image


def masks_among(masked: Iterable[bool]) -> str:
    """Return which of some images have a mask: "all", "none" or "some"."""
    found = set(masked)
    return "some" if len(found) > 1 else "all" if True in found else "none"


def check_size(image: StoneImage) -> None:
    """Refuse an image that is too small to be described.

    Raises
    ------
    InputError
        If a side has fewer than 8 pixels.
    """
    height, width = image.shape[-2:]
    if min(height, width) < SMALLEST_SIDE:
        raise InputError(
            f"{image.name}: an image of {width}x{height} pixels; "
            f"expected at least {SMALLEST_SIDE}x{SMALLEST_SIDE}; use a larger image or crop"
        )


def _other_unit(image: StoneImage, units: tuple[str, ...]) -> str:
    mend = (
        TO_HU
        if image.unit == "grey" and "HU" in units
        else "give images of that unit, or fit it on such as this one"
    )
    return (
        f"{image.name}: an image of unit {image.unit!r}; "
        f"expected {' or '.join(map(repr, units))}, which the model was fitted on; {mend}"
    )


def _other_mask(image: StoneImage) -> str:
    if image.mask is None:
        return (
            f"{image.name}: no mask; expected one, as each image had that the model was fitted on; "
            "give a manifest with the column mask, or put the mask beside the image (NAME_seg)"
        )
    return (
        f"{image.name}: a mask; expected none, as no image had one that the model was fitted on; "
        "leave the column mask out of the manifest, or move the mask from beside the image"
    )


def _as_grey(image: StoneImage, units: tuple[str, ...]) -> StoneImage:
    """Return the luminance of a coloured image where grey ones are known, and no coloured ones."""
    if unit_of(image) == "rgb" and "grey" in units and "rgb" not in units:
        return image.with_(pixels=image.grey(), unit="grey")
    return image


def _check(image: StoneImage, *, forced: bool = False) -> None:
    energies = (
        [image.pixels] if image.second_energy is None else [image.pixels, image.second_energy]
    )
    largest = max(abs(float(edge)) for values in energies for edge in (values.min(), values.max()))
    if largest > _LARGEST_VALUE:
        raise InputError(
            f"{image.name}: pixel values up to {largest:.1e}; "
            f"expected less than {_LARGEST_VALUE:.0e}; rescale it"
        )
    if image.mask is None:
        check_size(image)
        if not forced and (image.pixels == image.pixels[(0,) * len(image.shape)]).all():
            raise InputError(
                f"{image.name}: an image of one colour; expected something to describe; "
                "export it again, or leave it out"
            )
