"""`make_extractor`: what describes images, from names of families and of the embedding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ksfeat.embedding import CNNEmbedding
from ksfeat.errors import InputError
from ksfeat.features import FeatureExtractor
from ksfeat.models.union import JointExtractor

if TYPE_CHECKING:
    from ksfeat.cnn import FineTunedCNN
    from ksfeat.cnn.pictures import PictureExtractor

EMBEDDING = "embedding"
Extractor: TypeAlias = "FeatureExtractor | CNNEmbedding | JointExtractor | PictureExtractor"
_OF_PICTURES = {"size": "size", "window": "channels", "preprocess": "preprocess"}


def make_extractor(
    features: str | Sequence[str] = "auto",
    *,
    embedding: dict[str, Any] | None = None,
    n_jobs: int | None = None,
    **settings: Any,
) -> Extractor:
    """Make what describes images.

    Parameters
    ----------
    features : str or sequence of str, default="auto"
        Families and presets as `FeatureExtractor` takes them, and "embedding": a `CNNEmbedding`
        beside the families, or alone. "all" is every family and the embedding.
    embedding : dict, optional
        Parameters of the `CNNEmbedding`.
    n_jobs : int, optional
        As in `FeatureExtractor`.
    **settings
        Parameters of the `FeatureExtractor`. `preprocess` is of both, and a `window` is shown to
        the network too; `size` is its picture's where it stands alone.

    Raises
    ------
    InputError
        If a setting has no use.

    Examples
    --------
    >>> make_extractor("density")
    FeatureExtractor(features='density')
    >>> make_extractor(["density", "embedding"], window="stone").parts[1]
    ('embedding', CNNEmbedding(channels='stone'))
    """
    asked = (features,) if isinstance(features, str) else tuple(features)
    families = tuple(name for name in asked if name != EMBEDDING)
    if families == asked and "all" not in asked:
        if embedding:
            raise InputError(
                f"{', '.join(embedding)} of an embedding, and none is asked for; "
                f"add {EMBEDDING!r} to the features"
            )
        return FeatureExtractor(features, n_jobs=n_jobs, **settings)
    shown = {_OF_PICTURES[name]: value for name, value in settings.items() if name in _OF_PICTURES}
    if not families:
        _refuse_idle(settings)
        return CNNEmbedding(**shown, **(embedding or {}), n_jobs=n_jobs)
    shown.pop("size", None)
    parts = [
        ("features", FeatureExtractor("auto" if families == ("auto",) else families, **settings)),
        (EMBEDDING, CNNEmbedding(**shown, **(embedding or {}))),
    ]
    return JointExtractor(parts, n_jobs=n_jobs)


def _refuse_idle(settings: dict[str, Any]) -> None:
    idle = [name for name in settings if name not in _OF_PICTURES]
    if idle:
        raise InputError(
            f"{', '.join(idle)} says how families are computed, and only the embedding is asked "
            "for; leave it out, or add families to the features"
        )


def make_picture_extractor(model: FineTunedCNN, **settings: Any) -> PictureExtractor:
    """Make what shows images to a CNN, of the size, view and channels that it asks for."""
    from ksfeat.cnn.pictures import PictureExtractor

    shown = {name: getattr(model, name) for name in ("size", "view", "channels")}
    return PictureExtractor(**shown, **settings)
