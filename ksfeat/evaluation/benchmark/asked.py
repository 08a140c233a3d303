"""What a benchmark is asked for, judged before the long work begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ksfeat.dataset import Dataset
from ksfeat.embedding import CNNEmbedding
from ksfeat.embedding.require import require, require_zoo
from ksfeat.errors import InputError
from ksfeat.evaluation.benchmark.contenders import EMBEDDING, STONES, THUMBNAILS, Contender
from ksfeat.features import FeatureExtractor
from ksfeat.models.stone_candidates import StoneCandidates


def check_contenders(
    contenders: Sequence[Contender], dataset: Dataset, view: str, cnn: dict[str, Any]
) -> None:
    """Refuse contenders that could not be fitted, whatever the images.

    Parameters
    ----------
    contenders : sequence of Contender
        Who is to be tested.
    dataset : Dataset
        Whose covariates are asked for.
    view : {"whole", "crop"}
        What networks look at.
    cnn : dict
        Parameters of the networks that are trained.

    Raises
    ------
    InputError
        If a feature, a network or a parameter is none that there is, or the data have no
        covariates.
    MissingExtraError
        If a network is asked for, and torch is not installed.

    Examples
    --------
    >>> from pathlib import Path
    >>> from ksfeat.evaluation.benchmark import parse_contenders
    >>> data = Dataset(Path(), ())
    >>> check_contenders(parse_contenders(("textur/svm",)), data, "whole", {})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ksfeat.errors.InputError: no features named 'textur'; expected ...
    """
    for contender in contenders:
        if contender.covariates and dataset.covariates is None:
            raise InputError(
                f"contender {contender.name!r}: the data have no covariates; name their columns "
                "with --covariates, or leave it out"
            )
        if contender.is_cnn:
            _check_network(contender.model, {"view": view, **cnn, **contender.network_size})
        for part in contender.parts:
            if part != THUMBNAILS:
                extractor_of(part, view).check()


def extractor_of(part: str, view: str) -> CNNEmbedding | FeatureExtractor | StoneCandidates:
    """Return what describes images by a part; one process, so that its CPU time is all there is."""
    if part == STONES:
        return StoneCandidates(n_jobs=1)
    if part == EMBEDDING:
        return CNNEmbedding(view=view)
    return FeatureExtractor("auto" if part == "auto" else tuple(part.split("+")), n_jobs=1)


def _check_network(name: str, parameters: dict[str, Any]) -> None:
    require("torch", "a CNN", "cnn")
    from ksfeat.cnn import FineTunedCNN  # torch is there

    FineTunedCNN(name, **parameters).check()
    zoo, of_a_zoo, _ = name.partition(":")
    if of_a_zoo:
        require_zoo(zoo)
