"""A split as a file that any tool reads: a CSV of paths and folds, and its hash beside it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from ksfeat.errors import InputError
from ksfeat.io.atomic import require_folder
from ksfeat.splits.split import Split

_FORMAT = 1


def write_split(
    split: Split,
    path: str | os.PathLike[str],
    *,
    labels: Sequence[str] | np.ndarray,
    groups: Sequence[str] | np.ndarray | None,
    grouping: str = "",
) -> Path:
    """Write a split: columns path, label, group and fold, and a JSON file of the same name.

    Parameters
    ----------
    split : Split
    path : path-like
        Of the CSV file.
    labels, groups : sequence of str
        Of the images, in the split's order.
    grouping : str
        Where the groups come from, in words.

    Returns
    -------
    Path
        The CSV file.

    Raises
    ------
    InputError
        If the folder is missing.

    Examples
    --------
    >>> import tempfile
    >>> from ksfeat.splits import make_split
    >>> labels, groups = ["a", "b"] * 4, list("uuvvwwxx")
    >>> split = make_split(labels, groups, n_folds=2)
    >>> file = write_split(split, tempfile.mkdtemp() + "/s.csv", labels=labels, groups=groups)
    >>> read_split(file, keys=split.keys).hash == split.hash
    True
    """
    target = Path(path)
    require_folder(target)
    table = pd.DataFrame({"path": split.keys, "label": np.asarray(labels, dtype=str)})
    if groups is not None:
        table["group"] = np.asarray(groups, dtype=str)
    table["fold"] = split.fold
    about = {
        "format": _FORMAT,
        "hash": split.hash,
        "n_folds": split.n_folds,
        "n_groups": split.n_groups,
        "grouping": grouping,
        "hash_of": "SHA-256 of the sorted lines 'path<TAB>fold', its first 12 hexadecimal digits",
    }
    for file, text in (
        (target, table.to_csv(index=False, lineterminator="\n")),
        (_beside(target), json.dumps(about, indent=1) + "\n"),
    ):
        draft = file.with_name(f".{file.name}.part")
        draft.write_text(text, encoding="utf-8")
        draft.replace(file)
    return target


def read_split(path: str | os.PathLike[str], *, keys: Sequence[str]) -> Split:
    """Read a split for some images; theirs must be the paths in the file, in any order.

    Parameters
    ----------
    path : path-like
        A CSV file with the columns path and fold (0, 1, ...), and group where groups matter. If
        there is a JSON file of the same name beside it, its hash must be the split's.
    keys : sequence of str
        Names of the images.

    Returns
    -------
    Split
        In the order of `keys`.

    Raises
    ------
    InputError
        If the file is missing, lacks a column or an image, has other images, has a group in two
        folds, or was changed since its hash was written.
    """
    source = Path(path)
    table = _read_table(source)
    fold = _folds(table["fold"], source.name)
    place = {name: row for row, name in enumerate(table["path"])}
    if len(place) < len(table):
        raise InputError(f"{source.name}: a path stands twice; expected one row an image")
    missing = [key for key in keys if key not in place]
    if missing or len(place) > len(keys):
        found = f"no fold for {missing[0]}" if missing else f"{len(place)} images for {len(keys)}"
        raise InputError(
            f"{source.name}: {found}; expected exactly the images of the data; "
            "make it anew with ksfeat split"
        )
    rows = [place[key] for key in keys]
    n_groups = None
    if "group" in table:
        _require_whole(table["group"], fold, source.name)
        n_groups = int(table["group"].nunique())
    split = Split(fold=fold[rows], keys=tuple(keys), n_groups=n_groups)
    _require_hash(source, split)
    return split


def has_groups(path: str | os.PathLike[str]) -> bool:
    """Whether a split file says what was kept together."""
    return "group" in _read_table(Path(path))


def _beside(path: Path) -> Path:
    return path.with_suffix(".json")


def _read_table(source: Path) -> pd.DataFrame:
    if not source.is_file():
        raise InputError(f"{source.name}: no such split file; check the path")
    try:
        table = pd.read_csv(source, dtype=str, keep_default_na=False)
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{source.name}: not a CSV file ({error})") from error
    for column in ("path", "fold"):
        if column not in table:
            raise InputError(
                f"{source.name}: has no column {column!r} (found: {', '.join(map(str, table))}); "
                "expected path and fold, and group"
            )
    return table


def _folds(column: pd.Series, name: str) -> np.ndarray:
    numbers = pd.to_numeric(column, errors="coerce")
    good = numbers.notna() & (numbers >= 0) & (numbers % 1 == 0)
    if not good.all():
        raise InputError(f"{name}: fold {column[~good].iloc[0]!r}; expected whole numbers from 0")
    fold = numbers.to_numpy(int)
    if len(fold) == 0 or fold.max() == 0 or len(np.unique(fold)) != fold.max() + 1:
        raise InputError(f"{name}: folds are not 0, 1, ... without a gap; expected at least two")
    return fold


def _require_whole(groups: pd.Series, fold: np.ndarray, name: str) -> None:
    first = dict(zip(groups, fold, strict=True))
    cut = [group for group, number in zip(groups, fold, strict=True) if first[group] != number]
    if cut:
        raise InputError(
            f"{name}: group {cut[0]!r} stands in several folds; expected each group in one fold"
        )


def _require_hash(source: Path, split: Split) -> None:
    beside = _beside(source)
    if not beside.is_file():
        return
    try:
        told = json.loads(beside.read_text(encoding="utf-8"))["hash"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{beside.name}: holds no hash; expected what ksfeat split wrote"
        ) from error
    if told != split.hash:
        raise InputError(
            f"{source.name}: its hash is {split.hash}, but {beside.name} says {told}: it was "
            "changed; make it anew with ksfeat split, or remove the JSON file"
        )
