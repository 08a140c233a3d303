"""From pixels to named numbers."""

from ksfeat.features.extractor import FeatureExtractor
from ksfeat.features.identity import Family, Feature
from ksfeat.features.registry import DEFAULT, FAMILIES, PRESETS, families, resolve

__all__ = [
    "DEFAULT",
    "FAMILIES",
    "PRESETS",
    "Family",
    "Feature",
    "FeatureExtractor",
    "families",
    "resolve",
]
