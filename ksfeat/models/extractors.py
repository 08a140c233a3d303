"""`make_extractor`: what describes images, from names of families and of the embedding."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ksfeat.embedding import CNNEmbedding
from ksfeat.errors import InputError
from ksfeat.features import FeatureExtractor
from ksfeat.models.stone_candidates import StoneCandidates
from ksfeat.models.stone_features import StoneFeatures
from ksfeat.models.union import JointExtractor

if TYPE_CHECKING:
    from ksfeat.cnn import FineTunedCNN
    from ksfeat.cnn.pictures import PictureExtractor

EMBEDDING, STONES = "embedding", "stones"
Extractor: TypeAlias = (
    "FeatureExtractor | CNNEmbedding | StoneCandidates | JointExtractor | PictureExtractor"
)
# What of a `FeatureExtractor`'s settings the others have a use for, and what they call it.
_OF_PICTURES = {"size": "size", "window": "channels", "preprocess": "preprocess"}
_OF_STONES = ("preprocess",)


def make_extractor(
    features: str | Sequence[str] = "auto",
    *,
    embedding: dict[str, Any] | None = None,
    stones: dict[str, Any] | None = None,
    n_jobs: int | None = None,
    **settings: Any,
) -> Extractor:
    """Make what describes images.

    Parameters
    ----------
    features : str or sequence of str, default="auto"
        Families and presets as `FeatureExtractor` takes them; "embedding": a `CNNEmbedding`; and
        "stones": the candidates for stones, of which a `StoneClassifier` learns inside each fold
        which ones are stones (`StoneFeatures`). Side by side, or each alone. "all" is every family
        and the embedding.
    embedding : dict, optional
        Parameters of the `CNNEmbedding`.
    stones : dict, optional
        Parameters of the `StoneFeatures`.
    n_jobs : int, optional
        As in `FeatureExtractor`.
    **settings
        Parameters of the `FeatureExtractor`. `preprocess` is of all, and a `window` is shown to
        the network too; `size` is its picture's where there are no families.

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
    for name, what, told in _told_of(embedding, stones):
        if told and name not in asked and not (name == EMBEDDING and "all" in asked):
            raise InputError(
                f"{', '.join(told)} of {what}, and none is asked for; add {name!r} to the features"
            )
    families = tuple(name for name in asked if name not in (EMBEDDING, STONES))
    parts: list[tuple[str, Any]] = []
    if families:
        chosen = families[0] if len(families) == 1 else families
        parts.append(("features", FeatureExtractor(chosen, **settings)))
    else:
        _refuse_idle(settings, _OF_PICTURES if EMBEDDING in asked else _OF_STONES)
    if EMBEDDING in asked or "all" in asked:
        shown = {
            _OF_PICTURES[name]: value for name, value in settings.items() if name in _OF_PICTURES
        }
        if families:  # whose images it is the size of
            shown.pop("size", None)
        parts.append((EMBEDDING, CNNEmbedding(**shown, **(embedding or {}))))
    if STONES in asked:
        shown = {name: value for name, value in settings.items() if name in _OF_STONES}
        stage = StoneFeatures(**stones) if stones else None
        parts.append((STONES, StoneCandidates(stage, **shown)))
    if len(parts) > 1:
        return JointExtractor(parts, n_jobs=n_jobs)
    return parts[0][1].set_params(n_jobs=n_jobs)


def _told_of(*settings: dict[str, Any] | None) -> Iterator[tuple[str, str, Any]]:
    return zip((EMBEDDING, STONES), ("an embedding", "a detector"), settings, strict=True)


def _refuse_idle(settings: dict[str, Any], used: Container[str]) -> None:
    idle = [name for name in settings if name not in used]
    if idle:
        raise InputError(
            f"{', '.join(idle)} says how families are computed, and none is asked for; leave it "
            "out, or add families to the features"
        )


def make_picture_extractor(model: FineTunedCNN, **settings: Any) -> PictureExtractor:
    """Make what shows images to a CNN, of the size, view and channels that it asks for."""
    from ksfeat.cnn.pictures import PictureExtractor

    shown = {name: getattr(model, name) for name in ("size", "view", "channels")}
    return PictureExtractor(**shown, **settings)
