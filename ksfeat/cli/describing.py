"""What the options of `options.describing` ask for."""

from __future__ import annotations

from typing import Any

_OF_EMBEDDING = {"embedding_model": "model", "cache": "cache"}


def make_asked_extractor(
    defaults: dict[str, Any],
    *,
    jobs: int,
    seed: int = 0,
    features: tuple[str, ...] = ("auto",),
    preprocess: tuple[str, ...] = (),
    **options: Any,
) -> Any:
    """Return the extractor that the options ask for, and `defaults` where they ask for nothing.

    An option that is None asks for nothing.
    """
    from ksfeat.models.extractors import STONES, make_extractor

    given = {name: value for name, value in options.items() if value is not None}
    embedding = {_OF_EMBEDDING[name]: given.pop(name) for name in _OF_EMBEDDING if name in given}
    if features != ("auto",):
        given["features"] = features
    if STONES in features:
        given["stones"] = {"random_state": seed}
    if preprocess:
        given["preprocess"] = ",".join(preprocess)
    extractor = make_extractor(embedding=embedding, n_jobs=jobs, **{**defaults, **given})
    extractor.check()  # before the long work
    return extractor
