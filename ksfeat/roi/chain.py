"""`ProcessingChain`: from an image to the region to describe, by the steps of the IBSI."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi.discretise import Discretisation
from ksfeat.roi.interpolate import check_interpolation, interpolate
from ksfeat.roi.region import Region
from ksfeat.roi.resegment import resegment


@dataclass(frozen=True)
class ProcessingChain:
    """The image processing of the IBSI-1: interpolation, rounding, re-segmentation, grey levels.

    Parameters
    ----------
    spacing_mm : float or tuple of float or None, optional
        Spacing to interpolate to; a tuple names each axis, and None in it keeps one:
        ``(None, 2, 2)`` interpolates in the slices of a volume. By default nothing is.
    interpolation : {"linear", "cubic", "nearest"}, default="linear"
        As in `interpolate`.
    partial : float, default=0.5
        Share of a voxel that must lie in the interpolated mask.
    rounded : bool, optional
        Whether interpolated intensities are rounded to whole numbers; by default those in HU.
    limits : (low, high), optional
        Intensities that stay in the region.
    outliers_sd : float, optional
        Standard deviations around the mean that stay in the region.
    discretisation : int or Discretisation, default=32
        Grey levels of histogram and texture. A fixed bin size without a start begins at the lower
        end of `limits`.
    volume_discretisation : Discretisation, optional
        Grey levels of the intensity-volume histogram; by default intensities as they are.

    Raises
    ------
    InputError
        If spacing, interpolation, partial or discretisation cannot be used.

    References
    ----------
    .. [1] A. Zwanenburg et al., "The Image Biomarker Standardization Initiative", Radiology 295
           (2020) 328-338.

    Examples
    --------
    The IBSI's configuration C, but on a slice:

    >>> chain = ProcessingChain(2.0, limits=(-1000, 400), discretisation=Discretisation("fbs", 25))
    >>> pixels = np.array([[-1000.0, 30.0, 60.0, 3000.0]])
    >>> region = chain.apply(StoneImage(pixels, unit="HU", spacing_mm=(2.0, 2.0)))
    >>> region.levels(chain.grey_levels)
    array([[ 1, 42, 43,  0]], dtype=uint16)
    """

    spacing_mm: float | tuple[float | None, ...] | None = None
    interpolation: str = "linear"
    partial: float = 0.5
    rounded: bool | None = None
    limits: tuple[float, float] | None = None
    outliers_sd: float | None = None
    discretisation: int | Discretisation = 32
    volume_discretisation: Discretisation | None = None

    def __post_init__(self) -> None:
        spacing = self.spacing_mm if isinstance(self.spacing_mm, tuple) else (self.spacing_mm,)
        check_interpolation(spacing, self.interpolation, self.partial)
        Discretisation.of(self.discretisation)

    @property
    def grey_levels(self) -> Discretisation:
        """How histogram and texture see the region."""
        return self._started(Discretisation.of(self.discretisation))

    @property
    def volume_levels(self) -> Discretisation | None:
        """How the intensity-volume histogram sees the region; None for intensities."""
        how = self.volume_discretisation
        return None if how is None else self._started(how)

    def interpolated(self, image: StoneImage) -> StoneImage:
        """Return an image on the grid of the chain."""
        if self.spacing_mm is None:
            return image
        spacing = self.spacing_mm
        if not isinstance(spacing, tuple):
            spacing = (spacing,) * len(image.shape)
        elif spacing[0] is None:  # of a slice alone, those within slices
            spacing = spacing[-len(image.shape) :]
        result = interpolate(image, spacing, self.interpolation, self.partial)
        rounded = image.unit == "HU" if self.rounded is None else self.rounded
        return result.with_(pixels=np.rint(result.pixels)) if rounded else result

    def apply(self, image: StoneImage) -> Region:
        """Return the region of an image after all steps.

        Raises
        ------
        InputError
            If a step cannot be done; the message says why.
        """
        region = Region.of(self.interpolated(image))
        if self.limits is None and self.outliers_sd is None:
            return region
        try:
            return resegment(region, self.limits, self.outliers_sd)
        except InputError as error:
            raise InputError(f"{image.name}: {error}") from None

    def _started(self, how: Discretisation) -> Discretisation:
        """Let bins of a fixed size begin at the lower end of the range, as the IBSI asks."""
        low = -np.inf if self.limits is None else self.limits[0]
        if how.method != "fbs" or how.start is not None or not np.isfinite(low):
            return how
        return Discretisation("fbs", how.value, float(low))
