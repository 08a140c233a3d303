"""Scores of a classifier with 95 % intervals from a bootstrap over groups."""

from ksfeat.metrics.predictions import score_predictions
from ksfeat.metrics.scores import FEW_GROUPS, Score, Scores

__all__ = ["FEW_GROUPS", "Score", "Scores", "score_predictions"]
