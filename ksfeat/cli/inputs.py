"""Whatever a person points at, as a data set: an image, a folder, class folders, a manifest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ksfeat.errors import InputError

if TYPE_CHECKING:
    from ksfeat.dataset import Dataset
    from ksfeat.models.pipeline import StoneClassifier


def load_images(
    path: str, *, covariates: tuple[str, ...] = (), class_folders: bool = False
) -> Dataset:
    """Return the images at a path; a manifest's labels are kept, a folder's names where asked."""
    from ksfeat.dataset import Dataset, list_images, load_dataset
    from ksfeat.dataset.manifest import SUFFIXES

    place = Path(path)
    if place.suffix.lower() in SUFFIXES:
        return load_dataset(place, covariates=covariates, labelled=False)
    if place.is_dir():
        nested = any(child.is_dir() for child in place.iterdir())
        return load_dataset(place, labelled=class_folders and nested)
    return Dataset(place.parent, tuple(list_images(place)))


def images_for(classifier: StoneClassifier, path: str) -> Dataset:
    """Return the images at a path, with the covariates that a model needs."""
    encoder = classifier.covariates_
    names = () if encoder is None else tuple(encoder.categories_)
    dataset = load_images(path, covariates=names)
    if names and dataset.covariates is None:
        raise InputError(
            f"{Path(path).name}: the model needs the covariates {', '.join(names)}; "
            "give a manifest that has them as columns"
        )
    return dataset
