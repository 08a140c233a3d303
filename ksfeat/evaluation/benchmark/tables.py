"""Descriptions of a benchmark's images, each made once and kept in its folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ksfeat.embedding.extractor import CNNEmbedding
from ksfeat.evaluation.benchmark.asked import extractor_of
from ksfeat.evaluation.benchmark.contenders import THUMBNAILS
from ksfeat.evaluation.benchmark.cost import measured
from ksfeat.evaluation.benchmark.forest import thumbnails
from ksfeat.evaluation.benchmark.material import Material
from ksfeat.models.stone_candidates import StoneCandidates

_WARM = 2  # images: kernels are compiled and weights read before anything is timed


@dataclass(frozen=True, eq=False)
class PartTable:
    """What one part of a description says of all images.

    Parameters
    ----------
    names : tuple of str
        Of the d columns.
    rows : ndarray of shape (n, d)
        Of the data; objects where they are candidates for stones.
    corrupted : ndarray of shape (k, m, d)
        Of the corrupted versions of the sample.
    outside : dict of str to ndarray of shape (n_other, d)
        Of the other data sets.
    cpu_ms : float
        CPU time of an image of the data, and of its copies if it has some, reading included.
    peak_mb : float or None
        Most memory meanwhile.
    bytes_ : int
        Size of what a model file does not hold but prediction needs: a backbone's weights.
    energy_j : float or None
        Joules an image of the data; None where the machine does not tell.
    views : int
        The image and its copies: how often it is described in training.
    """

    names: tuple[str, ...]
    rows: np.ndarray
    corrupted: np.ndarray
    outside: dict[str, np.ndarray]
    cpu_ms: float
    peak_mb: float | None
    bytes_: int
    energy_j: float | None = None
    views: int = 1

    @property
    def predict_ms(self) -> float:
        """CPU time of an image that is predicted."""
        return self.cpu_ms / self.views


def describe_part(part: str, material: Material, view: str = "whole") -> PartTable:
    """Describe all images by one part, in this process, so that its CPU time is all there is.

    Raises
    ------
    InputError
        If the part is no name of features, or an image cannot be described by it.
    """
    extractor: Any = _Thumbnails() if part == THUMBNAILS else extractor_of(part, view)
    images = material.dataset.images
    extractor.fit(images[:_WARM])
    extractor.transform(images[:_WARM])
    with measured() as cost:
        rows = extractor.fit_transform(images)
    shape = (len(material.corruptions), len(material.sample), rows.shape[1])
    changed = [source for item in material.corruptions for source in item.sources]
    return PartTable(
        names=tuple(map(str, extractor.get_feature_names_out())),
        rows=rows,
        corrupted=np.reshape(extractor.transform(changed) if changed else [], shape),
        outside={name: extractor.transform(d.images) for name, d in material.outside.items()},
        cpu_ms=1e3 * cost.cpu_s / len(images),
        peak_mb=cost.peak_mb,
        bytes_=_backbone_bytes(extractor),
        energy_j=None if cost.energy_j is None else cost.energy_j / len(images),
        views=1 + extractor.stage.copies if isinstance(extractor, StoneCandidates) else 1,
    )


def _backbone_bytes(extractor: Any) -> int:
    if not isinstance(extractor, CNNEmbedding):
        return 0
    from ksfeat.embedding.backbones import load_backbone  # torch is there: it made the vectors

    values = load_backbone(extractor.model).network.state_dict().values()
    return sum(tensor.numel() * tensor.element_size() for tensor in values)


class _Thumbnails:
    """Thumbnails behind the interface of the extractors."""

    def fit(self, images: Any) -> _Thumbnails:
        return self

    def transform(self, images: Any) -> np.ndarray:
        return thumbnails(images)

    fit_transform = transform

    def get_feature_names_out(self) -> list[str]:
        return [f"thumbnail_{place}" for place in range(len(thumbnails([np.zeros((2, 2))])[0]))]
