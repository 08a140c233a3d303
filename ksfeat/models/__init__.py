"""From a table, or from images, to a class; and the file that a model is kept in."""

from ksfeat.models.artifact import load_model, save_model
from ksfeat.models.classifiers import make_classifier
from ksfeat.models.pipeline import StoneClassifier

__all__ = ["StoneClassifier", "load_model", "make_classifier", "save_model"]
