"""One contender in one fold: fitted, tested on what it has not seen, and what that cost."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ksfeat.attribution.explain import explain_table
from ksfeat.evaluation.benchmark.contenders import STONES, Contender
from ksfeat.evaluation.benchmark.cost import Cost, measured
from ksfeat.evaluation.benchmark.forest import Forest
from ksfeat.evaluation.benchmark.material import Material
from ksfeat.evaluation.benchmark.tables import PartTable
from ksfeat.models.classifiers import fit_grouped, make_classifier
from ksfeat.models.covariates import CovariateEncoder
from ksfeat.models.payload import dump_model
from ksfeat.models.staged import StagedClassifier
from ksfeat.models.staged_record import describe_stones
from ksfeat.models.stone_features import StoneFeatures

_EXPLAINED = 5  # test images whose explanation is timed

Decide = Callable[[Any], np.ndarray]


@dataclass(frozen=True, eq=False)
class Fold:
    """What a contender said in one fold; margins have one column for two classes.

    Parameters
    ----------
    test : ndarray of int, shape (n_test,)
        Rows that were tested.
    margins : ndarray of shape (n_test, k)
        Of them.
    corrupted : ndarray of shape (n_corruptions, n_sampled, k)
        Of the corrupted versions of those in the sample.
    outside : dict of str to ndarray of shape (n_other, k)
        Of the other data sets.
    facts : dict of str to float or None
        ``fit_cpu_s``, ``predict_ms``, ``peak_mb``, ``model_mb`` and ``energy_j`` count what
        describes the images; ``fit_wall_s`` and ``explain_ms`` do not.
    """

    test: np.ndarray
    margins: np.ndarray
    corrupted: np.ndarray
    outside: dict[str, np.ndarray]
    facts: dict[str, float | None] = field(default_factory=dict)


def fit_table_fold(
    contender: Contender,
    material: Material,
    tables: Mapping[str, PartTable],
    train: np.ndarray,
    test: np.ndarray,
    random_state: int,
) -> Fold:
    """Fit a model to the descriptions of a fold's training images, and test it."""
    parts = [tables[part] for part in contender.parts]
    beside = _covariates(contender, material, train)
    rows = _table(parts, [part.rows for part in parts], beside)
    data = material.dataset
    labels = data.known_labels()
    model = _model(contender, len(data.classes), random_state)
    with measured() as fit:
        fit_grouped(model, rows.iloc[train], labels[train], data.select(train).groups)
    with measured() as predict:
        margins = _columns(model.decision_function(rows.iloc[test]))
    places = material.sampled(test)
    sampled = beside.iloc[material.sample[places]]
    versions = [
        _table(parts, [part.corrupted[k, places] for part in parts], sampled)
        for k in range(len(material.corruptions))
    ]
    shape = (len(versions), len(places), margins.shape[1])
    # In one call: a forest asks each of its trees at every call.
    corrupted = model.decision_function(pd.concat(versions)) if 0 not in shape else []
    others = () if contender.covariates else material.outside  # whose covariates nobody gave
    outside = {
        name: _columns(
            model.decision_function(_table(parts, [part.outside[name] for part in parts]))
        )
        for name in others
    }
    facts = _facts(contender, parts, fit, predict, len(train), len(test))
    facts |= _explained(model, rows.iloc[test[:_EXPLAINED]], parts)
    return Fold(test, margins, np.reshape(corrupted, shape), outside, facts)


def _model(contender: Contender, n_classes: int, random_state: int) -> Any:
    if contender.model == "forest":
        return Forest(random_state=random_state)
    model = make_classifier(contender.model, random_state=random_state)
    if STONES not in contender.parts:
        return model
    # Of many classes no label says where a stone is: boxes do, or the most prominent is taken.
    learnt = "labels" if n_classes == 2 else "prominence"
    supervision = "boxes" if contender.boxed else learnt
    stones = StoneFeatures(supervision=supervision, random_state=random_state)
    return StagedClassifier(model, stones)


def fit_cnn_fold(  # noqa: PLR0913 - as a table's, and where a network keeps its state
    contender: Contender,
    material: Material,
    train: np.ndarray,
    test: np.ndarray,
    random_state: int,
    settings: Mapping[str, Any],
    checkpoint: Path,
) -> Fold:
    """Train a network on a fold's training images, from its checkpoint if there is one."""
    from ksfeat.cnn import FineTunedCNN  # torch is loaded only where a network is asked for

    data = material.dataset
    network = FineTunedCNN(
        contender.model, random_state=random_state, checkpoint=checkpoint, **settings
    )
    chosen = data.select(train)
    with measured() as fit:
        network.fit(chosen.images, chosen.known_labels(), groups=chosen.groups)
    with measured() as predict:
        margins = _columns(network.decision_function(data.select(test).images))
    places = material.sampled(test)
    corrupted = [
        network.decision_function([item.sources[place] for place in places])
        for item in material.corruptions
    ]
    outside = {
        name: _columns(network.decision_function(other.images))
        for name, other in material.outside.items()
    }
    # After a kill, the epochs before it count too, which only the checkpoint knows.
    fit.cpu_s = max(fit.cpu_s, network.cpu_seconds_)
    values = network.network_.state_dict().values()
    facts = _facts(contender, [], fit, predict, len(train), len(test))
    facts |= {
        "model_mb": sum(v.numel() * v.element_size() for v in values) / 1e6,
        "explain_ms": None,
    }
    return Fold(test, margins, _stacked(corrupted, len(places), margins.shape[1]), outside, facts)


def _covariates(contender: Contender, material: Material, train: np.ndarray) -> pd.DataFrame:
    """Return the covariates of all rows, encoded as the training rows say; none if not asked."""
    found = material.dataset.covariates if contender.covariates else None
    if found is None:
        return pd.DataFrame(index=range(len(material.dataset)))
    encoder = CovariateEncoder().fit(found.iloc[train])
    return pd.DataFrame(encoder.transform(found), columns=encoder.get_feature_names_out())


def _table(
    parts: list[PartTable], blocks: list[np.ndarray], covariates: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Put the parts of a description side by side; a column of two parts stands once."""
    tables = [
        pd.DataFrame(block, columns=part.names) for part, block in zip(parts, blocks, strict=True)
    ]
    if covariates is not None:
        tables.append(covariates.reset_index(drop=True))
    table = pd.concat(tables, axis=1)
    return table.loc[:, ~table.columns.duplicated()]


def _columns(margins: np.ndarray) -> np.ndarray:
    return margins.reshape(len(margins), -1)


def _stacked(margins: list[np.ndarray], n_sampled: int, k: int) -> np.ndarray:
    if not margins:
        return np.empty((0, n_sampled, k))
    return np.stack([part.reshape(n_sampled, k) for part in margins])


def _facts(
    contender: Contender,
    parts: list[PartTable],
    fit: Cost,
    predict: Cost,
    n_train: int,
    n_test: int,
) -> dict[str, float | None]:
    """Return the costs; what describes an image is paid for each of them, cache cold."""
    describe_ms = sum(part.cpu_ms for part in parts)
    energies = [fit.energy_j] + [p.energy_j and p.energy_j * n_train for p in parts]
    peaks = [peak for peak in (fit.peak_mb, predict.peak_mb, *(p.peak_mb for p in parts)) if peak]
    return {
        "fit_cpu_s": fit.cpu_s + describe_ms * n_train / 1e3,
        "fit_wall_s": fit.wall_s,
        "predict_ms": 1e3 * predict.cpu_s / n_test + sum(part.predict_ms for part in parts),
        "peak_mb": max(peaks, default=None),
        "energy_j": None if None in energies else sum(filter(None, energies)),
    }


def _explained(model: Any, rows: pd.DataFrame, parts: list[PartTable]) -> dict[str, float | None]:
    """Return the size of a model and how long an explanation takes, where there is one today."""
    backbone = sum(part.bytes_ for part in parts)
    if isinstance(model, Forest):
        import pickle

        size = len(pickle.dumps(model.forest))  # never loaded: a size alone
        return {"model_mb": (size + backbone) / 1e6, "explain_ms": None}
    with measured() as cost:
        explain_table(model, rows, tuple(map(str, rows.index)))
    size = _size(model)
    return {"model_mb": (size + backbone) / 1e6, "explain_ms": 1e3 * cost.cpu_s / len(rows)}


def _size(model: Any) -> int:
    if not isinstance(model, StagedClassifier):
        return len(dump_model(model)[1])
    return _size(model.model_) + len(json.dumps(describe_stones(model.stones_)))
