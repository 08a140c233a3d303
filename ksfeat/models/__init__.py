"""From a table, or from images, to a class; stones that are seen; and the file of a model."""

from ksfeat.models.artifact import load_model, save_model
from ksfeat.models.classifiers import make_classifier
from ksfeat.models.detections import Detections
from ksfeat.models.detector import StoneDetector
from ksfeat.models.extractors import make_extractor
from ksfeat.models.pipeline import StoneClassifier
from ksfeat.models.stone_features import StoneFeatures

__all__ = [
    "Detections",
    "StoneClassifier",
    "StoneDetector",
    "StoneFeatures",
    "load_model",
    "make_classifier",
    "make_extractor",
    "save_model",
]
