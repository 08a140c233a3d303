"""Whether a feature says the same of the same stone twice: ICC under small changes of an image."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import cv2
import numpy as np
import pandas as pd

from ksfeat.errors import InputError
from ksfeat.evaluation.description import Description
from ksfeat.image import StoneImage
from ksfeat.io.changed import ChangedSource
from ksfeat.models.pipeline import StoneClassifier
from ksfeat.roi.intensity import typed_like
from ksfeat.roi.warp import shift, turn

Perturbation = Literal["noise", "rotation", "translation", "mask growth"]
PERTURBATIONS: tuple[Perturbation, ...] = ("noise", "rotation", "translation", "mask growth")
MOST_IMAGES = 60
_NOISE = 0.02  # of the image's own standard deviation
_DEGREES = 3.0
_PIXELS = 0.4  # a whole number would move every pixel as it is, and change no feature


@dataclass(frozen=True, eq=False)
class Retest:
    """Features of images and of changed versions of them.

    Parameters
    ----------
    values : ndarray of shape (n, k, d)
        Of n images, each once as it is and once a perturbation.
    rows : ndarray of int, shape (n,)
        Which rows of the table they are.
    names : ndarray of str
        The d features.
    perturbations : tuple of str
        What was changed, k - 1 of them.
    """

    values: np.ndarray
    rows: np.ndarray
    names: np.ndarray
    perturbations: tuple[str, ...]

    def among(self, rows: np.ndarray) -> Retest:
        """Return the part whose images stand among some rows: those that a fold trains on."""
        kept = np.isin(self.rows, rows)
        return replace(self, values=self.values[kept], rows=self.rows[kept])

    def icc(self) -> pd.DataFrame:
        """Return ICC(2,1) and ICC(3,1) of each feature; NaN where one is constant or missing."""
        found = [
            intraclass_correlation(self.values[:, :, place]) for place in range(len(self.names))
        ]
        return pd.DataFrame(found, columns=["icc21", "icc31"], index=self.names)

    def unstable(self, least: float) -> list[str]:
        """Return the features whose ICC(2,1) is below a bound; one that is not known is kept."""
        table = self.icc()["icc21"]
        return [str(name) for name in table.index[table < least]]


@dataclass(frozen=True, eq=False)
class Steadiness:
    """Which features a fold may use: those that stay what they are under small changes.

    Parameters
    ----------
    retest : Retest
        Of the training images.
    least : float
        ICC(2,1) below which a feature is not used.
    """

    retest: Retest
    least: float

    def dropped(self, rows: np.ndarray) -> list[str]:
        """Return the features that are unstable among some rows, those that a fold trains on.

        Raises
        ------
        InputError
            If no feature is stable.
        """
        part = self.retest.among(rows)
        # A constant has no ICC and is kept, but it is nothing to fit a model to.
        if not (part.icc()["icc21"] >= self.least).any():
            raise InputError(
                f"no feature has an ICC of {self.least:g} or above among the training images; "
                "ask for less, or for other features"
            )
        return part.unstable(self.least)


def without_features(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return a table in which some features say nothing: a constant enters no model.

    The columns stay, so that a model takes whole tables.

    Examples
    --------
    >>> without_features(pd.DataFrame({"a": [1, 2], "b": [3, 4]}), ["b"]).to_numpy().tolist()
    [[1.0, 0.0], [2.0, 0.0]]
    """
    return table.assign(**dict.fromkeys(names, 0.0))


def intraclass_correlation(values: np.ndarray) -> tuple[float, float]:
    """Return ICC(2,1), absolute agreement, and ICC(3,1), consistency, of a table.

    Parameters
    ----------
    values : ndarray of shape (n, k)
        n subjects measured k times; rows with a NaN are left out.

    Returns
    -------
    tuple of float
        NaN where fewer than two subjects are left, or nothing varies.

    References
    ----------
    .. [1] P. E. Shrout, J. L. Fleiss, "Intraclass correlations: uses in assessing rater
           reliability", Psychological Bulletin 86 (1979) 420-428.

    Examples
    --------
    >>> ratings = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8],
    ...                     [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    >>> [round(value, 2) for value in intraclass_correlation(ratings)]
    [0.29, 0.71]
    """
    table = np.asarray(values, dtype=float)
    table = table[~np.isnan(table).any(axis=1)]
    n, k = table.shape
    if n < 2 or k < 2:
        return np.nan, np.nan
    # Deviations from the first value: sums of large numbers would lose what varies.
    table = table - table[0, 0]
    subjects, raters, mean = table.mean(axis=1), table.mean(axis=0), table.mean()
    between = k * ((subjects - mean) ** 2).sum() / (n - 1)
    judges = n * ((raters - mean) ** 2).sum() / (k - 1)
    rest = table - subjects[:, None] - raters + mean
    error = (rest**2).sum() / ((n - 1) * (k - 1))
    agreement = between + (k - 1) * error + k * (judges - error) / n
    consistency = between + (k - 1) * error
    if agreement <= 0 or consistency <= 0:
        return np.nan, np.nan
    return float((between - error) / agreement), float((between - error) / consistency)


def retest(
    classifier: StoneClassifier,
    described: Description,
    *,
    perturbations: tuple[Perturbation, ...] = PERTURBATIONS,
    most_images: int = MOST_IMAGES,
    random_state: int = 0,
) -> Retest:
    """Describe images again after small changes.

    Parameters
    ----------
    classifier : StoneClassifier
        Whose extractor was fitted to the images.
    described : Description
        The images and their features.
    perturbations : tuple of {"noise", "rotation", "translation", "mask growth"}
        White noise of 2 % of the image's own spread, other noise for each image; 3 degrees; 0.4 of
        a pixel to the right and down, interpolated; the mask grown by one pixel, which is left out
        where an image has none.
    most_images : int, default=60
        Drawn from all at random; each is described once a perturbation.
    random_state : int, default=0
        Seed of the draw and of the noise.

    Returns
    -------
    Retest

    Raises
    ------
    InputError
        If a perturbation is unknown, or none is left.

    Examples
    --------
    >>> import tempfile, ksfeat
    >>> from ksfeat.evaluation import describe_dataset
    >>> folder = ksfeat.make_phantom(tempfile.mkdtemp(), patients=6, slices=2, random_state=0)
    >>> data = ksfeat.load_dataset(folder / "manifest.csv")
    >>> classifier = ksfeat.StoneClassifier(ksfeat.FeatureExtractor("first_order"), "linear")
    >>> described = describe_dataset(classifier, data, fit=True)
    >>> retest(classifier, described, perturbations=("noise",)).values.shape[:2]
    (12, 2)
    """
    unknown = sorted(set(perturbations) - set(PERTURBATIONS))
    if unknown:
        raise InputError(f"perturbation {unknown[0]!r}; expected {', '.join(PERTURBATIONS)}")
    if classifier.extractor_.masks_ != "all":
        perturbations = tuple(name for name in perturbations if name != "mask growth")
    if not perturbations:
        raise InputError("no perturbation is left: to grow the mask, every image must have one")
    rng = np.random.default_rng(random_state)
    count = len(described.dataset)
    rows = np.sort(rng.permutation(count)[:most_images])
    sources = [
        ChangedSource.of(
            described.dataset.images[row],
            name,
            partial(perturb, perturbation=name, seed=random_state),
        )
        for row in rows
        for name in perturbations
    ]
    outcomes = classifier.extractor_.transform_each(sources)
    names = classifier.extractor_.get_feature_names_out()
    again = np.array(
        [np.full(len(names), np.nan) if isinstance(row, InputError) else row for row in outcomes]
    ).reshape(len(rows), len(perturbations), len(names))
    first = described.table.to_numpy(dtype=float)[rows, None, : len(names)]
    return Retest(np.concatenate([first, again], axis=1), rows, names, tuple(perturbations))


def perturb(image: StoneImage, perturbation: Perturbation, seed: int = 0) -> StoneImage:
    """Return an image after one small change, in its own type of pixel.

    Examples
    --------
    >>> image = StoneImage(np.eye(5, dtype=np.uint8), mask=np.eye(5, dtype=bool))
    >>> int(perturb(image, "mask growth").mask.sum())
    13
    """
    if perturbation == "rotation":
        return typed_like(turn(image, _DEGREES), image)
    if perturbation == "translation":
        return typed_like(shift(image, _PIXELS), image)
    if perturbation == "mask growth":
        return image if image.mask is None else image.with_(mask=_grown(image.mask))
    rng = np.random.default_rng([seed, zlib.crc32(image.name.encode())])
    noise = rng.normal(0.0, _NOISE * image.pixels.std(), image.pixels.shape)
    return typed_like(image.with_(pixels=image.pixels + noise), image)


def _grown(mask: np.ndarray) -> np.ndarray:
    cross = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)
    flat = mask.reshape(-1, *mask.shape[-2:]).astype(np.uint8)
    return np.stack([cv2.dilate(part, cross) for part in flat]).reshape(mask.shape) > 0
