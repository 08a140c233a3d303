"""Preprocessing as scikit-learn transformers: image-likes in, a list of `StoneImage`s out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags

from ksfeat.image import StoneImage
from ksfeat.io.sequences import as_sequence, image_at
from ksfeat.roi.crop import check_margin, crop_to_body, crop_to_mask
from ksfeat.roi.intensity import CLIP_LIMIT, TILES, check_clahe, clahe, zscore
from ksfeat.roi.isotropic import check_spacing, resample_isotropic
from ksfeat.roi.resample import check_size, resize_longest
from ksfeat.roi.window import check_window, window


class ImageTransformer(TransformerMixin, BaseEstimator, ABC):
    """Base of the transformers that change one image at a time and learn nothing.

    A subclass says what is done to one image in `apply`, and in `check` which parameters cannot
    be used. `transform` holds all images in memory; ``FeatureExtractor(preprocess=...)`` takes the
    same steps image by image, in its workers.

    Examples
    --------
    >>> class Inverted(ImageTransformer):
    ...     def apply(self, image):
    ...         return image.with_(pixels=image.pixels.max() - image.pixels)
    >>> Inverted().transform([np.array([[1, 2], [3, 4]])])[0].pixels.tolist()
    [[3, 2], [1, 0]]
    """

    def __init_subclass__(cls, **options: Any) -> None:
        # Where tables are asked for, scikit-learn would make one of the images, too.
        super().__init_subclass__(auto_wrap_output_keys=None, **options)

    def fit(self, X: Any, y: Any = None) -> ImageTransformer:
        """Check the parameters and that there are images; none is read."""
        self.check()
        as_sequence(X)
        return self

    def transform(self, X: Any) -> list[StoneImage]:
        """Return the changed images.

        Parameters
        ----------
        X : sequence of image-like
            Paths, arrays, `StoneImage`s or `ImageSource`s; or one array (N, H, W).

        Returns
        -------
        list of StoneImage
            In the order of `X`; an array is called by its place in it.

        Raises
        ------
        InputError
            If a parameter, or an image, cannot be used.
        """
        return [self.apply(image_at(place, item)) for place, item in enumerate(as_sequence(X))]

    @abstractmethod
    def apply(self, image: StoneImage) -> StoneImage:
        """Return one changed image; the given one stays as it is."""

    def check(self) -> None:
        """Raise an `InputError` if a parameter cannot be used."""

    def set_output(self, *, transform: str | None = None) -> ImageTransformer:
        """Return itself: images are no table, whatever comes after them in a pipeline is."""
        return self

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return no names: images have no columns, what describes them names its own."""
        return np.array([], dtype=object)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags


class _Step(ImageTransformer):
    """A function of this package over one image; its parameters are the transformer's own."""

    _function: ClassVar[Callable[..., StoneImage]]
    _check: ClassVar[Callable[..., None]] = staticmethod(lambda: None)

    def check(self) -> None:
        """Refuse parameters that the function would refuse."""
        self._check(**self.get_params(deep=False))

    def apply(self, image: StoneImage) -> StoneImage:
        """Return what the function makes of the image."""
        return self._function(image, **self.get_params(deep=False))


class Window(_Step):
    """Clip images in HU to a window; see `ksfeat.roi.window`.

    Parameters
    ----------
    name : {"soft_tissue", "bone", "stone"}, default="soft_tissue"
        A preset of this library.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from ksfeat import FeatureExtractor
    >>> rng = np.random.default_rng(0)
    >>> scan = StoneImage(rng.normal(40, 300, (64, 64)), unit="HU", spacing_mm=(0.8, 0.8))
    >>> steps = make_pipeline(Window("stone"), ResampleIsotropic(1.0), FeatureExtractor("glcm"))
    >>> steps.fit_transform([scan]).shape
    (1, 25)
    """

    _function = staticmethod(window)
    _check = staticmethod(check_window)

    def __init__(self, name: str = "soft_tissue") -> None:
        self.name = name


class Resize(_Step):
    """Resample images so that their longest side is `size`; see `ksfeat.roi.resize_longest`.

    Parameters
    ----------
    size : int, default=256
        Length of the longest side, 1 to 8192 pixels.

    Examples
    --------
    >>> Resize(16).transform([np.zeros((32, 20))])[0].shape
    (16, 10)
    """

    _function = staticmethod(resize_longest)
    _check = staticmethod(check_size)

    def __init__(self, size: int = 256) -> None:
        self.size = size


class ResampleIsotropic(_Step):
    """Resample slices and volumes to one spacing; see `ksfeat.roi.resample_isotropic`.

    Parameters
    ----------
    mm : float, default=1.0
        The spacing, in millimetres.

    Examples
    --------
    An image that does not know its spacing is refused:

    >>> ResampleIsotropic(1.0).transform([np.zeros((32, 20))])
    Traceback (most recent call last):
    ...
    ksfeat.errors.InputError: image 0: no spacing in millimetres; expected spacing_mm to resample \
to 1 mm; read DICOM or NIfTI, or resize to a number of pixels
    """

    _function = staticmethod(resample_isotropic)
    _check = staticmethod(check_spacing)

    def __init__(self, mm: float = 1.0) -> None:
        self.mm = mm


class ZScore(_Step):
    """Scale intensities to mean 0 and standard deviation 1 in the region; see `ksfeat.roi.zscore`.

    Examples
    --------
    >>> pixels = np.array([[1.0, 3.0, 9.0]])
    >>> ZScore().transform([StoneImage(pixels, mask=pixels < 5)])[0].pixels
    array([[-1.,  1.,  7.]])
    """

    _function = staticmethod(zscore)


class Clahe(_Step):
    """Equalise local contrast; see `ksfeat.roi.clahe`.

    Parameters
    ----------
    clip_limit : float, default=2.0
        How far the histogram of a tile may rise above its mean.
    tiles : int, default=8
        Tiles along each axis.

    Examples
    --------
    >>> Clahe(tiles=2).transform([np.eye(8) * 100])[0].pixels.dtype
    dtype('uint8')
    """

    _function = staticmethod(clahe)
    _check = staticmethod(check_clahe)

    def __init__(self, clip_limit: float = CLIP_LIMIT, tiles: int = TILES) -> None:
        self.clip_limit = clip_limit
        self.tiles = tiles


class _Crop(_Step):
    """What crops share: a margin around what is kept."""

    _check = staticmethod(check_margin)

    def __init__(self, margin: float = 0, unit: str = "px") -> None:
        self.margin = margin
        self.unit = unit


class CropToMask(_Crop):
    """Crop to the mask and a margin; see `ksfeat.roi.crop_to_mask`.

    Parameters
    ----------
    margin : float, default=0
        What to keep around the mask.
    unit : {"px", "mm"}, default="px"
        Unit of the margin.

    Examples
    --------
    >>> mask = np.zeros((9, 9), dtype=bool)
    >>> mask[4, 3:5] = True
    >>> CropToMask(1).transform([StoneImage(np.eye(9), mask=mask)])[0].shape
    (3, 4)
    """

    _function = staticmethod(crop_to_mask)


class CropToBody(_Crop):
    """Crop to the body and a margin; see `ksfeat.roi.crop_to_body`.

    Parameters
    ----------
    margin : float, default=0
        What to keep around the body.
    unit : {"px", "mm"}, default="px"
        Unit of the margin.

    Examples
    --------
    >>> pixels = np.zeros((32, 32))
    >>> pixels[8:24, 4:30] = 40.0
    >>> CropToBody(margin=2).transform([pixels])[0].shape
    (20, 30)
    """

    _function = staticmethod(crop_to_body)
