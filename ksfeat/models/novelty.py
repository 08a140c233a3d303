"""Whether an image is of the kind that a model was trained on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold

from ksfeat.errors import ArtifactError, InputError
from ksfeat.image import StoneImage
from ksfeat.models.conformal import group_quantile

FLAGGED = 0.99  # of new groups stay below what is flagged; to know that takes 99 groups
SPARE = 1.5  # the largest distance of few groups is stretched before it refuses
FOLDS = 5
# Of 5 to 80 tried on phantom and coronal_ct, 10 and 20 told the pictures of docs/certainty.md best:
# how well those are told is no fair test of it.
_MOST_AXES = 10
_LEAST_RESIDUAL = 1e-6
_MOST = 1e60  # of a number in a model file: its square times another does not overflow
_CODE_STRING = re.compile("[A-Z0-9 _]{1,16}")
_ARRAYS = ("centre", "scale", "axes")


@dataclass(frozen=True, eq=False)
class Cloud:
    """Where the rows of a table lie, and how far from there another row is.

    Features are brought to one scale by median and quartiles, and large deviations are taken by
    their logarithm, so that one heavy tail does not hide all else. The distance joins what lies
    along the main axes of the rows (Mahalanobis) and what lies beside them (residual).

    Parameters
    ----------
    centre, scale : ndarray of shape (d,)
        Median and quartile range of each feature.
    axes : ndarray of shape (k, d)
        Main axes, each divided by the standard deviation along it.
    residual : float
        Mean squared deviation beside the axes.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(200, 3))
    >>> cloud = Cloud.of(rows)
    >>> bool(cloud.distances(rows).mean() < 2 < cloud.distances(rows + 100).min())
    True
    """

    centre: np.ndarray
    scale: np.ndarray
    axes: np.ndarray
    residual: float

    @classmethod
    def of(cls, rows: np.ndarray) -> Cloud:
        """Return where some rows lie, (n, d); NaN stands for the median."""
        known = np.where(np.isnan(rows).all(axis=0), 0.0, rows)
        low, centre, high = np.nanpercentile(known, [25, 50, 75], axis=0)
        wide = np.nanstd(known, axis=0)
        scale = np.where(high > low, high - low, np.where(wide > 0, wide, 1.0))
        moved = _compressed(rows, centre, scale)
        # The mean is not taken off: what is far from the median is far.
        _, spread, directions = np.linalg.svd(moved / np.sqrt(len(moved)), full_matrices=False)
        kept = min(_MOST_AXES, max(1, len(rows) // 5), int((spread > 1e-6 * spread[0]).sum()))
        axes = directions[:kept] / np.maximum(spread[:kept, None], 1e-9)
        residual = float((spread[kept:] ** 2).sum())
        return cls(centre, scale, axes, max(residual, _LEAST_RESIDUAL))

    def distances(self, rows: np.ndarray) -> np.ndarray:
        """Return the distance of each row, (n,): about 1 for rows like those it was made of."""
        moved = _compressed(rows, self.centre, self.scale)
        along = moved @ self.axes.T
        lengths = (self.axes**2).sum(axis=1)
        beside = (moved**2).sum(axis=1) - (along**2 / lengths).sum(axis=1)
        within = (along**2).mean(axis=1) if len(self.axes) else np.zeros(len(moved))
        return np.sqrt(within + np.maximum(beside, 0) / self.residual)


def _compressed(rows: np.ndarray, centre: np.ndarray, scale: np.ndarray) -> np.ndarray:
    deviation = np.where(np.isnan(rows), 0.0, (rows - centre) / scale)
    return np.sign(deviation) * np.log1p(np.abs(deviation))


@dataclass(frozen=True, eq=False)
class Novelty:
    """How far an image may be from the training images, and of which modality.

    Parameters
    ----------
    cloud : Cloud
        Where the features of the training images lie.
    limit : float
        Distances above it are flagged.
    refusal : float
        Distances above it are refused.
    modalities : tuple of str
        DICOM modalities of the training images; empty where no file told one.
    """

    cloud: Cloud
    limit: float
    refusal: float
    modalities: tuple[str, ...] = ()

    def reason_in(self, row: np.ndarray, names: np.ndarray) -> str | None:
        """Say why features are unlike all of training; None where they are near enough."""
        distance = float(self.cloud.distances(row[None])[0])
        if distance <= self.refusal:
            return None
        strange = np.abs(_compressed(row, self.cloud.centre, self.cloud.scale))
        place = int(strange.argmax())
        return (
            f"unlike the training images (distance {distance:.1f}, refused above "
            f"{self.refusal:.1f}); most of all {names[place]}: {row[place]:.3g}, in training "
            f"about {self.cloud.centre[place]:.3g}"
        )

    def reason_against(self, image: StoneImage) -> str | None:
        """Say why no model can tell anything of an image, by its pixels and modality alone."""
        if image.pixels.min() == image.pixels.max():
            return f"all pixels are {image.pixels.flat[0]}: nothing is shown"
        if self.modalities and image.modality and image.modality not in self.modalities:
            known = ", ".join(self.modalities)
            return f"its modality is {image.modality}; the model was trained on {known}"
        return None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            **{name: getattr(self.cloud, name).tolist() for name in _ARRAYS},
            "residual": self.cloud.residual,
            "limit": self.limit,
            "refusal": self.refusal,
            "modalities": list(self.modalities),
        }

    @classmethod
    def from_dict(cls, found: dict[str, Any], n_features: int) -> Novelty:
        """Return what `to_dict` wrote.

        Raises
        ------
        ArtifactError
            If the numbers do not fit a table of so many features.
        """
        centre, scale, axes = (np.array(found[name], dtype=float) for name in _ARRAYS)
        residual, limit, refusal = (float(found[key]) for key in ("residual", "limit", "refusal"))
        fits = centre.shape == scale.shape == (n_features,) and axes.shape[1:] == (n_features,)
        numbers = np.concatenate([centre, scale, axes.ravel(), [residual, limit, refusal]])
        steady = residual >= _LEAST_RESIDUAL and scale.min() >= 1 / _MOST
        if not (fits and (np.abs(numbers) <= _MOST).all() and steady):
            raise ArtifactError("novelty: numbers that are none; fit it again")
        if not (axes**2).sum(axis=1).all():
            raise ArtifactError("novelty: an axis without a direction; fit it again")
        modalities = found["modalities"]
        # They are printed when an image is refused: nothing but DICOM's code strings.
        if not (isinstance(modalities, list) and all(map(_CODE_STRING.fullmatch, modalities))):
            raise ArtifactError("novelty: modalities that are none; fit it again")
        return cls(Cloud(centre, scale, axes, residual), limit, refusal, tuple(modalities))


def fit_novelty(
    table: pd.DataFrame,
    groups: np.ndarray | None,
    *,
    modalities: tuple[str, ...] = (),
    random_state: int = 0,
) -> Novelty:
    """Learn where training images lie, and how far new groups of the same kind are from there.

    Parameters
    ----------
    table : DataFrame of shape (n, d)
        Features of the training images.
    groups : ndarray of shape (n,) or None
        What the folds that find the limits must not cut.
    modalities : tuple of str
        Of the training images, where their files tell it.
    random_state : int, default=0
        Seed of the folds.

    Returns
    -------
    Novelty
        Its `limit` is passed by about 1 % of new groups, its `refusal` is the largest distance that
        a training image had from the groups of other folds. With fewer than 99 groups, that
        distance is the limit, and one half more the refusal.

    Raises
    ------
    InputError
        If there are fewer than two groups.

    Examples
    --------
    >>> rows = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 3)))
    >>> found = fit_novelty(rows, None)
    >>> found.reason_in(np.array([0.0, 0.0, 1e6]), rows.columns)[:28]
    'unlike the training images ('
    """
    rows = table.to_numpy(dtype=float)
    units = np.arange(len(rows)) if groups is None else np.asarray(groups)
    n_groups = len(np.unique(units))
    if n_groups < 2:
        raise InputError("one group only; expected at least two, to learn how far a new one lies")
    folds = GroupKFold(min(FOLDS, n_groups), shuffle=True, random_state=random_state)
    distances = np.empty(len(rows))
    for train, test in folds.split(rows, groups=units):
        distances[test] = Cloud.of(rows[train]).distances(rows[test])
    largest = float(distances.max())
    limit = group_quantile(distances, units, FLAGGED)
    if limit is None:
        return Novelty(Cloud.of(rows), largest, SPARE * largest, modalities)
    return Novelty(Cloud.of(rows), limit, largest, modalities)
