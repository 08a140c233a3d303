"""Where a fitted classifier sees stones, image by image."""

from __future__ import annotations

from typing import Any

from ksfeat.errors import InputError
from ksfeat.models.detections import Detections
from ksfeat.models.pipeline import StoneClassifier
from ksfeat.models.stone_candidates import StoneCandidates
from ksfeat.models.supervision import tells_of_none


def detect_stones(classifier: StoneClassifier, images: Any) -> list[Detections | InputError]:
    """Return the possible stones, or the error, of each image; no image stops the others.

    Parameters
    ----------
    classifier : StoneClassifier
        Fitted to "stones" among others.
    images : sequence of image-like
        Slices.

    Raises
    ------
    InputError
        If the classifier has no detector, or one that has learnt nothing.

    Examples
    --------
    >>> import tempfile, ksfeat
    >>> from ksfeat.models.extractors import make_extractor
    >>> folder = ksfeat.make_phantom(tempfile.mkdtemp(), patients=8, slices=2, random_state=0)
    >>> data = ksfeat.load_dataset(folder / "manifest.csv")
    >>> extractor = make_extractor("stones", stones={"copies": 0, "n_estimators": 20})
    >>> classifier = ksfeat.StoneClassifier(extractor).fit(data.images, data.labels)
    >>> len(detect_stones(classifier, data.images[:3]))
    3
    """
    detector = check_detects(classifier)
    cells = _candidates(classifier).transform_each(images)
    return [cell if isinstance(cell, InputError) else detector.detect(cell[0][0]) for cell in cells]


def check_detects(classifier: StoneClassifier) -> Any:
    """Return the detector of a classifier.

    Raises
    ------
    InputError
        If it has none, or one that has learnt nothing.
    """
    stones = getattr(classifier.model_, "stones_", None)
    if stones is None:
        raise InputError("the model sees no stones; fit it with 'stones' among its features")
    if stones.detector_.booster_ is None:
        raise InputError(
            "the model's candidates are ranked by prominence alone, since many classes without "
            "boxes say of none that it is a stone; fit it with masks or boxes"
        )
    none, _ = classes = [str(name) for name in stones.detector_.classes_]
    if stones.detector_.supervision_ == "labels" and not tells_of_none(none):
        raise InputError(
            f"the model's detector learnt what tells {' from '.join(classes)}, and not what a "
            "stone is; fit it with masks or boxes, or with images of a class called 'normal'"
        )
    return stones.detector_


def _candidates(classifier: StoneClassifier) -> StoneCandidates:
    extractor = classifier.extractor_
    parts = [part for _, part in getattr(extractor, "parts_", ())] or [extractor]
    return next(part for part in parts if isinstance(part, StoneCandidates))
