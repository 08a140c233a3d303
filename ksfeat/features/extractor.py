"""`FeatureExtractor`: images to a table, as a scikit-learn transformer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from ksfeat.errors import InputError, unless_error
from ksfeat.features.aggregation import Aggregation
from ksfeat.features.formulas import formula_of
from ksfeat.features.identity import Family, Feature
from ksfeat.features.parameters import check_parameters
from ksfeat.features.pyradiomics_names import renamed
from ksfeat.features.recipe import Described, Outcome, Recipe
from ksfeat.features.registry import DEFAULT, LEVELS, families_of, named_singly, resolve
from ksfeat.io import ImageLike
from ksfeat.io.sequences import as_sequence
from ksfeat.roi.admission import masks_among
from ksfeat.roi.steps import parse_steps
from ksfeat.scale import map_ordered
from ksfeat.scale.compiled import compile_kernels


class FeatureExtractor(TransformerMixin, BaseEstimator):
    """Turn images into a table of named numbers.

    Each row depends on its own image alone, so extracting before a split leaks nothing.

    Parameters
    ----------
    features : str or sequence of str, default="auto"
        Families by name, of `ksfeat.features.FAMILIES` ("first_order", "glcm"...); an image that
        lacks what a named family needs is an error. Or presets: "texture", "density", "spots",
        "ibsi", "all", and "auto", the release's default set; of a preset, what some training image
        lacks is left out, and `left_out_` says why.
    size : int, optional
        Length that the longest side is resampled to, 8 to 8192 pixels; by default images keep
        their own size.
    window : {"soft_tissue", "bone", "stone"}, optional
        Clip images in HU to a window first. Families that measure HU see the unclipped image.
    levels : int or str, default=32
        Grey levels of the histogram and of the texture matrices: their number, 2 to 65535, or the
        size of a bin in the unit of the image: "fbs25" as the IBSI has it, from the lowest
        intensity of each region, or "fbw25" as pyradiomics' ``binWidth``, from a multiple of it.
    preprocess : str or sequence of str, optional
        Steps that each image goes through before all else, as `ksfeat.roi.parse_steps` reads them:
        "isotropic:1,clahe,crop:body". Every family sees what they leave: after "window:stone" no
        image is in HU.
    chain : str, optional
        The IBSI's image processing after them, as `ksfeat.roi.parse_chain` reads it, such as
        "interpolate:2:cubic,limits:-1000:400,outliers:3"; shape stays that of what was drawn.
    aggregation : str, optional
        How texture of slices and directions becomes one number: "2d_avg", "2d_mrg" (of slices, by
        default), "2.5d_avg", "2.5d_mrg", "3d_avg" or "3d_mrg". Texture of a volume needs one.
    names : {"ksfeat", "pyradiomics"}, default="ksfeat"
        "pyradiomics" calls what it has too ``original_glcm_Contrast``: the same numbers with the
        `aggregation` "2d_avg" of slices, "3d_avg" of volumes ("2.5d_avg" with ``force2D: true``).
    n_jobs : int, optional
        Number of processes, as in joblib; the result is the same whatever it is.

    Attributes
    ----------
    families_ : tuple of str
        Families that are computed. With the parameters, `units_` and `masks_`, all that
        `transform` needs.
    units_ : tuple of str or None
        Units of the training images, as they were read: `transform` refuses others, whose values
        mean something else. None, which refuses nothing, in a model file that does not say it.
    masks_ : {"all", "none", "some"} or None
        Which of the training images had a mask. Where all had one, `transform` refuses images
        without, and the other way round: it would describe something else. None as in `units_`.
    left_out_ : dict of str to str
        Families of a preset that were left out, and why.
    n_features_out_ : int
        Number of columns.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> images = [rng.integers(0, 256, (32, 40)).astype(np.uint8) for _ in range(3)]
    >>> extractor = FeatureExtractor(["glcm", "lbp"])
    >>> extractor.fit_transform(images).shape
    (3, 53)
    >>> extractor.get_feature_names_out()[0]
    'glcm_joint_maximum_d1_fbn32'

    One image is a list of one:

    >>> extractor.transform(images[0])
    Traceback (most recent call last):
    ...
    ksfeat.errors.InputError: an array of shape (32, 40), one image at most; \
expected a sequence of images; wrap it in a list
    """

    forced = False  # set by `ksfeat predict --force` alone, hence no parameter

    def __init__(  # noqa: PLR0913 - what a user may ask for; one is usual
        self,
        features: str | Sequence[str] = "auto",
        *,
        size: int | None = None,
        window: str | None = None,
        levels: int | str = LEVELS,
        preprocess: str | Sequence[str] | None = None,
        chain: str | None = None,
        aggregation: Aggregation | None = None,
        names: str = "ksfeat",
        n_jobs: int | None = None,
    ) -> None:
        self.features = features
        self.size = size
        self.window = window
        self.levels = levels
        self.preprocess = preprocess
        self.chain = chain
        self.aggregation = aggregation
        self.names = names
        self.n_jobs = n_jobs

    def check(self) -> None:
        """Raise an `InputError` if a parameter is one that no image can be described with."""
        self._recipe_to_fit()

    def fit(self, X: Any, y: Any = None) -> FeatureExtractor:
        """Read all images and settle which families are computed.

        Parameters
        ----------
        X : sequence of image-like
            Paths, arrays, `StoneImage`s or `ImageSource`s; or one array (N, H, W).
        y : ignored
            For scikit-learn.

        Returns
        -------
        FeatureExtractor
            Itself.

        Raises
        ------
        InputError
            If a parameter or an image cannot be used; the message names it.
        """
        recipe = self._recipe_to_fit()
        self._settle(recipe, self._map(recipe.inspect, as_sequence(X), stop=True))
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return one row of features an image.

        Parameters
        ----------
        X : sequence of image-like
            As in `fit`.

        Returns
        -------
        ndarray of float64, shape (n_images, n_features_out_)
            NaN where a feature is not defined for an image, as the registry says; never infinite.

        Raises
        ------
        InputError
            For the first image that cannot be used.
        """
        check_is_fitted(self)
        rows = self._rows(self._map(self._recipe().describe, as_sequence(X), stop=True))
        return np.stack([unless_error(row) for row in rows])

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> np.ndarray:
        """Fit and transform in one pass over the images."""
        recipe = self._recipe_to_fit()
        outcomes = self._map(recipe.describe, as_sequence(X), stop=True)
        self._settle(recipe, outcomes)
        return np.stack([unless_error(row) for row in self._rows(outcomes)])

    def transform_each(self, X: Any) -> list[np.ndarray | InputError]:
        """Return a row, or the error, of each image; no image stops the others."""
        check_is_fitted(self)
        return self._rows(self._map(self._recipe().describe, as_sequence(X)))

    def fit_transform_each(self, X: Any) -> list[np.ndarray | InputError]:
        """Fit on the images that can be used; return a row, or the error, of each.

        Raises
        ------
        InputError
            If a parameter, or not one image, can be used.
        """
        recipe = self._recipe_to_fit()
        outcomes = self._map(recipe.describe, as_sequence(X))
        usable: list[Outcome] = [item for item in outcomes if isinstance(item, Described)]
        self._settle(recipe, usable or outcomes)
        return self._rows(outcomes)

    @property
    def n_features_out_(self) -> int:
        """Number of columns."""
        return len(self._columns())

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of the columns; `input_features` is ignored, images have none."""
        return np.array([feature.name for feature in self._columns()], dtype=object)

    def describe(self) -> pd.DataFrame:
        """Return the identity of each column: family, title, formula, unit, range, IBSI id, NaN."""
        rows = [
            {
                "name": self._named(feature).name,
                "family": feature.family,
                "title": feature.title,
                "formula": formula_of(feature).text,
                "unit": feature.unit,
                "range": formula_of(feature).reach,
                "ibsi_id": feature.ibsi_id,
                "needs": ", ".join(self._table()[feature.family].needs),
                "undefined": feature.undefined,
            }
            for feature in self._features()
        ]
        return pd.DataFrame(rows)

    def _columns(self) -> list[Feature]:
        return [self._named(feature) for feature in self._features()]

    def _features(self) -> list[Feature]:
        check_is_fitted(self)
        table = self._table()
        return [feature for name in self.families_ for feature in table[name].features]

    def _named(self, feature: Feature) -> Feature:
        return feature if self.names == "ksfeat" else renamed(feature)

    def _table(self) -> dict[str, Family]:
        return families_of(self.levels, self.aggregation, self.chain)

    def _recipe_to_fit(self) -> Recipe:
        """Check the parameters and return the recipe that the training images go through."""
        given = (self.size, self.levels, self.names, self.window, self.aggregation, self.chain)
        check_parameters(*given)
        if isinstance(self.features, str) and self.features == "auto":
            return self._recipe_of(DEFAULT, frozenset())
        return self._recipe_of(resolve(self.features), named_singly(self.features))

    def _recipe(self) -> Recipe:
        names = self.families_
        return self._recipe_of(names, frozenset(names), self.units_, self.masks_)

    def _recipe_of(
        self,
        names: tuple[str, ...],
        required: frozenset[str],
        units: tuple[str, ...] | None = None,
        masks: str | None = None,
    ) -> Recipe:
        steps = parse_steps(self.preprocess)
        described = (names, required, self.size, self.window, self.levels, steps)
        return Recipe(*described, units, masks, self.aggregation, self.chain, self.forced)

    def _settle(self, recipe: Recipe, outcomes: list[Outcome]) -> None:
        left_out: dict[str, str] = {}
        units: set[str] = set()
        masked: set[bool] = set()
        for outcome in outcomes:
            described = unless_error(outcome)
            units.add(described.unit)
            masked.add(described.masked)
            for name, reason in described.lacks.items():
                left_out.setdefault(name, reason)
        self.families_ = tuple(name for name in recipe.names if name not in left_out)
        if not self.families_:
            name, reason = next(iter(left_out.items()))
            raise InputError(f"no features are left: {name!r} was left out as {reason}")
        self.left_out_ = left_out
        self.units_: tuple[str, ...] | None = tuple(sorted(units))
        self.masks_: str | None = masks_among(masked)

    def _map(
        self, work: Callable[..., Outcome], images: Sequence[ImageLike], stop: bool = False
    ) -> list[Outcome]:
        compile_kernels()
        until = (lambda outcome: isinstance(outcome, InputError)) if stop else None
        return map_ordered(work, list(enumerate(images)), self.n_jobs, until=until)

    def _rows(self, outcomes: list[Outcome]) -> list[np.ndarray | InputError]:
        return [
            outcome if isinstance(outcome, InputError) else outcome.row(self.families_)
            for outcome in outcomes
        ]
