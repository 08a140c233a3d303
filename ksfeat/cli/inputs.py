"""Whatever a person points at, as a data set: an image, a folder, class folders, a manifest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ksfeat.errors import InputError

if TYPE_CHECKING:
    from ksfeat.dataset import Dataset
    from ksfeat.models.pipeline import StoneClassifier


def load_images(
    path: str,
    *,
    covariates: tuple[str, ...] = (),
    class_folders: bool = False,
    reading: dict[str, Any] | None = None,
) -> Dataset:
    """Return the images at a path; a manifest's labels are kept, a folder's names where asked."""
    from ksfeat.dataset import load_dataset
    from ksfeat.dataset.location import locate
    from ksfeat.dataset.manifest_file import manifest_of
    from ksfeat.dataset.table import SUFFIXES

    place = manifest_of(locate(path))
    if place.suffix.lower() in SUFFIXES:
        return load_dataset(path, covariates=covariates, labelled=False, **(reading or {}))
    nested = place.is_dir() and any(child.is_dir() for child in place.iterdir())
    return load_dataset(path, labelled=class_folders and nested, **(reading or {}))


def images_for(
    classifier: StoneClassifier, path: str, reading: dict[str, Any] | None = None
) -> Dataset:
    """Return the images at a path, with the covariates that a model needs."""
    encoder = classifier.covariates_
    names = () if encoder is None else tuple(encoder.categories_)
    dataset = load_images(path, covariates=names, reading=reading)
    if names and dataset.covariates is None:
        raise InputError(
            f"{Path(path).name}: the model needs the covariates {', '.join(names)}; "
            "give a manifest that has them as columns"
        )
    return dataset
