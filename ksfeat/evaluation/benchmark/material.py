"""`Material`: all images that a benchmark looks at, and in which folds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ksfeat.dataset import Dataset
from ksfeat.errors import InputError
from ksfeat.evaluation.corruption import SEVERITIES, corrupted, kinds_for
from ksfeat.io import ImageSource, image_digest

_LOOKED_AT = 16  # images of each data set whose pixels are hashed
Variants = Mapping[str, Sequence[Dataset]]


@dataclass(frozen=True, eq=False)
class Corruption:
    """One kind of corruption at one severity, of the images of a sample.

    Parameters
    ----------
    kind : str
    severity : int
        1 to 5.
    sources : tuple of ImageSource
        The corrupted images, in the order of the sample.
    """

    kind: str
    severity: int
    sources: tuple[ImageSource, ...]


@dataclass(frozen=True, eq=False)
class Material:
    """The images of a benchmark.

    Parameters
    ----------
    dataset : Dataset
        With labels and groups.
    sample : ndarray of int, shape (m,)
        Rows whose corrupted versions are tested, in the fold that tests the row.
    corruptions : tuple of Corruption
        Of the sample.
    outside : dict of str to Dataset
        Other data sets, with labels of the same classes, on which every fold's model is tested.
    """

    dataset: Dataset
    sample: np.ndarray
    corruptions: tuple[Corruption, ...]
    outside: dict[str, Dataset]

    def sampled(self, test: np.ndarray) -> np.ndarray:
        """Return the places in the sample of those rows that a fold tests."""
        return np.flatnonzero(np.isin(self.sample, test))

    def plain(self) -> Material:
        """Return the data alone: a random split is there for its score, which is no result."""
        return replace(self, sample=self.sample[:0], corruptions=(), outside={})

    def data_digest(self) -> str:
        """Return a hash of labels, groups and some pixels: of other data under the same names.

        Pixels of every image would have to be read before a benchmark that goes on; those of a few
        tell a data set that was made anew, which is how the same names come to hold other images.
        """
        lines = []
        for data in (self.dataset, *self.outside.values()):
            groups = [""] * len(data) if data.groups is None else data.groups
            lines += [f"{a}\t{b}" for a, b in zip(data.known_labels(), groups, strict=True)]
            places = np.linspace(0, len(data) - 1, min(_LOOKED_AT, len(data))).astype(int)
            lines += [image_digest(data.images[place]) for place in places]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]

    def digest(self) -> str:
        """Return a hash of what is tested beside the split: other images are another benchmark."""
        lines = [f"sample\t{self.dataset.keys[row]}" for row in self.sample]
        lines += [
            f"{item.kind}\t{item.severity}\t{s.key}"
            for item in self.corruptions
            for s in item.sources
        ]
        lines += [f"{name}\t{key}" for name, data in self.outside.items() for key in data.keys]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


def gather(
    dataset: Dataset,
    *,
    n_sampled: int,
    outside: Mapping[str, Dataset] | None = None,
    variants: Variants | None = None,
    random_state: int = 0,
) -> Material:
    """Choose a sample and say how it is corrupted.

    Parameters
    ----------
    dataset : Dataset
        With labels and groups.
    n_sampled : int
        Images whose corrupted versions are tested, the classes as frequent as in the data.
    outside : dict of str to Dataset, optional
        Other data sets.
    variants : dict of str to five Datasets, optional
        More kinds of corruption: the data again with the same keys, at severities 1 to 5, such as
        a phantom that was scanned at other doses.
    random_state : int, default=0
        Seed of the sample and of the noise.

    Raises
    ------
    InputError
        If an outside set has a class that the data lack, or a variant has other images.
    """
    for name, other in (outside or {}).items():
        unknown = sorted(set(other.known_labels().tolist()) - set(dataset.classes))
        if unknown:
            raise InputError(
                f"{name}: class {unknown[0]!r}; expected classes of the benchmark's data: "
                f"{', '.join(dataset.classes)}"
            )
    sample = _sample(dataset.known_labels(), n_sampled, random_state)
    chosen = [dataset.images[row] for row in sample]
    kinds = kinds_for(chosen[0].read()) if chosen else ()
    corruptions = [
        Corruption(
            kind,
            severity,
            tuple(corrupted(source, kind, severity, random_state) for source in chosen),
        )
        for kind in kinds
        for severity in SEVERITIES
    ]
    for kind, versions in (variants or {}).items() if chosen else ():
        for severity, version in zip(SEVERITIES, versions, strict=True):
            if version.keys != dataset.keys:
                raise InputError(f"variant {kind} {severity}: has other images than the data")
            sources = tuple(version.images[row] for row in sample)
            corruptions.append(Corruption(kind, severity, sources))
    return Material(dataset, sample, tuple(corruptions), dict(outside or {}))


def _sample(labels: np.ndarray, n_sampled: int, random_state: int) -> np.ndarray:
    """Return rows, sorted, the classes as frequent as among all."""
    rng = np.random.default_rng(random_state)
    share = min(1.0, n_sampled / len(labels))
    parts = []
    for name in np.unique(labels):
        rows = np.flatnonzero(labels == name)
        wanted = max(round(share * len(rows)), min(n_sampled, 1))  # a rare class has one
        parts.append(rng.choice(rows, wanted, replace=False))
    return np.sort(np.concatenate(parts))
