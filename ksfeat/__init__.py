"""ksfeat: the honest baseline for kidney-stone imaging.

Features (texture, shape, density) into XGBoost, a support vector machine or a linear model; scores
on splits that never cut through a group; explanations that add up.

Names are loaded when they are first used: ``import ksfeat`` itself loads no scikit-learn, XGBoost
or numba.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ksfeat.attribution import Explanation, explain
    from ksfeat.cnn import FineTunedCNN
    from ksfeat.dataset import Dataset, load_dataset
    from ksfeat.embedding import CNNEmbedding
    from ksfeat.errors import ArtifactError, InputError, KsfeatError, MissingExtraError
    from ksfeat.evaluation import cross_validate, find_proxy_groups
    from ksfeat.features import FeatureExtractor
    from ksfeat.image import StoneImage
    from ksfeat.io import read_image
    from ksfeat.models import (
        Detections,
        StoneClassifier,
        StoneDetector,
        StoneFeatures,
        load_model,
        make_classifier,
        make_extractor,
        save_model,
    )
    from ksfeat.phantom import make_phantom

__version__ = "0.1.0"

_HOMES = {
    "ArtifactError": "ksfeat.errors",
    "CNNEmbedding": "ksfeat.embedding",
    "Dataset": "ksfeat.dataset",
    "Detections": "ksfeat.models",
    "Explanation": "ksfeat.attribution",
    "FeatureExtractor": "ksfeat.features",
    "FineTunedCNN": "ksfeat.cnn",
    "InputError": "ksfeat.errors",
    "KsfeatError": "ksfeat.errors",
    "MissingExtraError": "ksfeat.errors",
    "StoneClassifier": "ksfeat.models",
    "StoneDetector": "ksfeat.models",
    "StoneFeatures": "ksfeat.models",
    "StoneImage": "ksfeat.image",
    "cross_validate": "ksfeat.evaluation",
    "explain": "ksfeat.attribution",
    "find_proxy_groups": "ksfeat.evaluation",
    "load_dataset": "ksfeat.dataset",
    "load_model": "ksfeat.models",
    "make_classifier": "ksfeat.models",
    "make_extractor": "ksfeat.models",
    "make_phantom": "ksfeat.phantom",
    "read_image": "ksfeat.io",
    "save_model": "ksfeat.models",
}

__all__ = [
    "ArtifactError",
    "CNNEmbedding",
    "Dataset",
    "Detections",
    "Explanation",
    "FeatureExtractor",
    "FineTunedCNN",
    "InputError",
    "KsfeatError",
    "MissingExtraError",
    "StoneClassifier",
    "StoneDetector",
    "StoneFeatures",
    "StoneImage",
    "__version__",
    "cross_validate",
    "explain",
    "find_proxy_groups",
    "load_dataset",
    "load_model",
    "make_classifier",
    "make_extractor",
    "make_phantom",
    "read_image",
    "save_model",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'ksfeat' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
