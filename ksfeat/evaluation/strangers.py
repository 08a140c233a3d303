"""Images that are not of the kind that a model was trained on: told, and refused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ksfeat.dataset import Dataset
from ksfeat.errors import InputError
from ksfeat.evaluation.description import Description, OnError
from ksfeat.image import unit_of
from ksfeat.io import ImageSource
from ksfeat.models.novelty import Novelty
from ksfeat.models.pipeline import StoneClassifier
from ksfeat.models.stone_candidates import without_candidates
from ksfeat.scale import map_ordered


@dataclass(frozen=True, eq=False)
class Known:
    """What is left of described images once the strange ones are gone.

    Parameters
    ----------
    described : Description
        The images that may be judged; what was refused stands in its `skipped`.
    remarks : dict of str to str
        What is strange of images that are judged all the same, by key.
    """

    described: Description
    remarks: dict[str, str]


def without_strangers(
    classifier: StoneClassifier,
    described: Description,
    *,
    on_error: OnError = "stop",
    force: bool = False,
) -> Known:
    """Refuse images that are unlike all training images, and remark on those that nearly are.

    Parameters
    ----------
    classifier : StoneClassifier
        Fitted by `train`, or loaded; one without `Novelty` knows no strangers.
    described : Description
        Images and their features, by this classifier.
    on_error : {"stop", "skip"}, default="stop"
        Raise the first refusal, or leave these images out and say why.
    force : bool, default=False
        Refuse nothing; the reasons are remarks then.

    Returns
    -------
    Known

    Raises
    ------
    InputError
        For the first image that is refused, with "stop".

    Examples
    --------
    >>> import tempfile, ksfeat
    >>> from ksfeat.evaluation import describe_dataset, train
    >>> folder = ksfeat.make_phantom(tempfile.mkdtemp(), patients=12, slices=2, random_state=0)
    >>> data = ksfeat.load_dataset(folder / "manifest.csv")
    >>> classifier = ksfeat.StoneClassifier(ksfeat.FeatureExtractor("first_order"), "linear")
    >>> classifier = train(classifier, data, n_folds=3).classifier
    >>> described = describe_dataset(classifier, data, fit=False)
    >>> len(without_strangers(classifier, described).described.dataset)
    24
    """
    novelty = _novelty_of(classifier)
    if novelty is None:
        return Known(described, {})
    dataset = described.dataset
    reasons = reasons_to_refuse(classifier, described)
    remarks = _nearly_strange(novelty, described)
    if force:
        return Known(described, {**remarks, **reasons})
    if reasons and on_error == "stop":
        key, reason = next(iter(reasons.items()))
        raise InputError(
            f"{key}: {reason}; bring images such as the model was trained on, or give --force"
        )
    kept = np.array([place for place, key in enumerate(dataset.keys) if key not in reasons], int)
    refused = {key: f"{key}: {reason}" for key, reason in reasons.items()}
    table = described.table.iloc[kept].reset_index(drop=True)
    left = Description(_selected(dataset, kept), table, {**described.skipped, **refused})
    return Known(left, {key: remark for key, remark in remarks.items() if key not in reasons})


def _selected(dataset: Dataset, rows: np.ndarray) -> Dataset:
    return dataset if len(rows) == len(dataset) else dataset.select(rows)


def _novelty_of(classifier: StoneClassifier) -> Novelty | None:
    return None if classifier.certainty_ is None else classifier.certainty_.novelty


def reasons_to_refuse(classifier: StoneClassifier, described: Description) -> dict[str, str]:
    """Return why each refused image is, by key: by its pixels, else by its features."""
    novelty = _novelty_of(classifier)
    if novelty is None:
        return {}
    units = classifier.extractor_.units_
    looks = [_Look(novelty, source, units) for source in described.dataset.images]
    seen = map_ordered(_reason_of, looks, classifier.extractor_.n_jobs)
    numbers = without_candidates(described.table)
    names, rows = numbers.columns.to_numpy(), numbers.to_numpy(dtype=float)
    reasons = {}
    for key, row, reason in zip(described.dataset.keys, rows, seen, strict=True):
        found = reason or novelty.reason_in(row, names)
        if found is not None:
            reasons[key] = found
    return reasons


@dataclass(frozen=True, eq=False)
class _Look:
    novelty: Novelty
    source: ImageSource
    units: tuple[str, ...] | None


def _reason_of(look: _Look) -> str | None:
    image = look.source.read()
    found = look.novelty.reason_against(image)
    if found is None and look.units is not None and unit_of(image) not in look.units:
        return "its colours are unknown to the model; described by its luminance"
    return found


def _nearly_strange(novelty: Novelty, described: Description) -> dict[str, str]:
    distances = novelty.cloud.distances(without_candidates(described.table).to_numpy(dtype=float))
    return {
        key: f"further from the training images than others of their kind (distance "
        f"{distance:.1f}, usual up to {novelty.limit:.1f})"
        for key, distance in zip(described.dataset.keys, distances.tolist(), strict=True)
        if distance > novelty.limit
    }
