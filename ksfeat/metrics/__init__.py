"""Scores of a classifier with 95 % intervals from a bootstrap over groups."""

from ksfeat.metrics.decision import decision_curve, predictive_values, score_subgroups
from ksfeat.metrics.predictions import draw_auroc, score_predictions
from ksfeat.metrics.probabilities import reliability_curve, score_probabilities
from ksfeat.metrics.roc import roc_band
from ksfeat.metrics.scores import FEW_GROUPS, Score, Scores
from ksfeat.metrics.sets import score_sets

__all__ = [
    "FEW_GROUPS",
    "Score",
    "Scores",
    "decision_curve",
    "draw_auroc",
    "predictive_values",
    "reliability_curve",
    "roc_band",
    "score_predictions",
    "score_probabilities",
    "score_sets",
    "score_subgroups",
]
