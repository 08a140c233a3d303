"""What a user asks for beside the scores, read from options and the manifest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any


def load_asked(
    data: str,
    *,
    prevalence: dict[str, float],
    subgroups: str | None,
    covariates: tuple[str, ...] = (),
    **how: Any,
) -> tuple[Any, Any]:
    """Load a data set, and what is asked of it.

    Returns
    -------
    dataset : Dataset
        With the covariates alone; a column of subgroups is not shown to a model.
    asked : Asked
    """
    from ksfeat.dataset import load_dataset
    from ksfeat.evaluation.details import NOT_GIVEN, Asked

    read = covariates
    if subgroups is not None and subgroups not in covariates:
        read = (*covariates, subgroups)
    dataset = load_dataset(data, covariates=read, **how)
    if subgroups is None:
        return dataset, Asked(prevalence)
    assert dataset.covariates is not None
    cells = dataset.covariates[subgroups]
    named = [NOT_GIVEN if cell != cell or cell is None else _text(cell) for cell in cells]
    kept = dataset.covariates[list(covariates)] if covariates else None
    asked = Asked(prevalence, subgroups, dict(zip(dataset.keys, named, strict=True)))
    return replace(dataset, covariates=kept), asked


def _text(cell: Any) -> str:
    whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell)) if whole else str(cell)
