"""`run_benchmark`: every contender in every fold of one saved split, to be stopped at any time."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ksfeat.dataset import Dataset, Grouping
from ksfeat.errors import InputError
from ksfeat.evaluation.benchmark.asked import check_contenders
from ksfeat.evaluation.benchmark.contenders import (
    NETWORKS,
    STANDARD,
    WITH_COVARIATES,
    Contender,
    parse_contenders,
)
from ksfeat.evaluation.benchmark.fold import Fold, fit_cnn_fold, fit_table_fold
from ksfeat.evaluation.benchmark.folder import BenchmarkFolder
from ksfeat.evaluation.benchmark.inspection import asked_of, inspect
from ksfeat.evaluation.benchmark.material import Material, Variants, gather
from ksfeat.evaluation.benchmark.results import Benchmark
from ksfeat.evaluation.benchmark.tables import PartTable, describe_part
from ksfeat.evaluation.crossval import check_split, split_dataset
from ksfeat.evaluation.holdout import with_known_groups
from ksfeat.splits import Split, read_split, write_split

GROUPED, RANDOM = "grouped", "random"


@dataclass(frozen=True)
class Settings:
    """How a benchmark is run.

    Parameters
    ----------
    n_folds : int
        Of the split by group.
    random_folds : int
        How many folds of a random split are tested too, to show what it would have claimed.
    n_sampled : int
        Images whose corrupted versions are tested; 0 for none.
    view : {"whole", "crop"}
        What networks look at, frozen ones too: the whole image, or the box around its mask or
        boxes, for stones whose place is known.
    cnn : dict
        Parameters of `FineTunedCNN`; what it has by default is its fixed recipe.
    random_state : int
        Seed of all chance.
    """

    n_folds: int = 5
    random_folds: int = 1
    n_sampled: int = 150
    view: str = "whole"
    cnn: dict[str, Any] = field(default_factory=dict)
    random_state: int = 0

    @property
    def of_networks(self) -> dict[str, Any]:
        """Parameters of `FineTunedCNN`, with what it looks at."""
        return {"view": self.view, **self.cnn}


def run_benchmark(  # noqa: PLR0913 - what is tested, on what, and how
    dataset: Dataset,
    out: str | os.PathLike[str],
    *,
    contenders: tuple[str, ...] | None = None,
    settings: Settings | None = None,
    split_file: str | os.PathLike[str] | None = None,
    outside: Mapping[str, Dataset] | None = None,
    variants: Variants | None = None,
    tell: Callable[[str], None] | None = None,
) -> Benchmark:
    """Test contenders on the same split of the same images.

    Parameters
    ----------
    dataset : Dataset
        With labels. Where nobody has said what the groups are, proxy groups are found.
    out : path-like
        Folder where each fold is kept as soon as it is done: a benchmark that was stopped goes on
        from there, a network from its last epoch, and ends with the same numbers.
    contenders : tuple of str, optional
        Names for `parse_contenders`; by default the standard ones, those with covariates where
        the data have some, and the networks.
    settings : Settings, optional
        How it is run.
    split_file : path-like, optional
        Folds that `ksfeat split` or another tool has written, instead of new ones.
    outside : dict of str to Dataset, optional
        Other data sets on which every model is tested as well.
    variants : dict of str to five Datasets, optional
        More kinds of corruption, for `gather`.
    tell : callable, optional
        Is given a line about each fold as soon as it is done.

    Returns
    -------
    Benchmark

    Raises
    ------
    InputError
        If an image cannot be used, a contender is unknown, or `out` holds something else.

    Examples
    --------
    >>> import tempfile, ksfeat
    >>> folder = ksfeat.make_phantom(tempfile.mkdtemp(), patients=12, slices=2, random_state=0)
    >>> data = ksfeat.load_dataset(folder / "manifest.csv")
    >>> names = ("thumbnails/forest", "density/linear")
    >>> settings = Settings(n_folds=2, random_folds=0, n_sampled=0)
    >>> found = run_benchmark(data, folder / "bench", contenders=names, settings=settings)
    >>> found.folds.groupby("contender")["fold"].count().tolist()
    [2, 2]
    """
    how = settings or Settings()
    chosen = parse_contenders(contenders or _usual(dataset))
    check_contenders(chosen, dataset, how.view, how.cnn)
    dataset = with_known_groups(dataset)
    splits = _splits(dataset, how, split_file)
    material = gather(
        dataset,
        n_sampled=how.n_sampled,
        outside=outside,
        variants=variants,
        random_state=how.random_state,
    )
    folder = BenchmarkFolder(Path(out), _identity(splits, material, how))
    asked = asked_of(chosen, material, how.view)
    inspect([thing for thing in asked if thing not in folder.inspected], material)
    folder.begin(asked)
    for scheme, split in splits.items():
        groups = dataset.groups if scheme == GROUPED else None
        write_split(
            split,
            folder.path / f"{scheme}.csv",
            labels=dataset.known_labels(),
            groups=groups,
            grouping=str(dataset.grouping) if scheme == GROUPED else str(Grouping("none")),
        )
    runner = _Runner(material, folder, splits, how)
    folds = runner.run(chosen, tell or _say_nothing)
    return Benchmark(material, splits[GROUPED], chosen, folds, how.random_state)


class _Runner:
    """The loop over contenders and folds."""

    def __init__(
        self, material: Material, folder: BenchmarkFolder, splits: dict[str, Split], how: Settings
    ) -> None:
        self.material, self.folder, self.splits, self.how = material, folder, splits, how
        self.tables: dict[str, PartTable] = {}

    def run(
        self, contenders: tuple[Contender, ...], tell: Callable[[str], None]
    ) -> dict[tuple[str, str, int], Fold]:
        """Return every fold; those that were tested before are read."""
        work = [
            (contender, scheme, number)
            for contender in contenders
            for scheme, split in self.splits.items()
            for number in range(split.n_folds if scheme == GROUPED else self.how.random_folds)
        ]
        folds = {}
        for place, (contender, scheme, number) in enumerate(work, start=1):
            found = self.folder.fold(contender, scheme, number)
            if found is None:
                found = self._test(contender, scheme, number)
                self.folder.keep_fold(contender, scheme, number, found)
                of = self.splits[scheme].n_folds
                tell(
                    f"{place} of {len(work)}: {contender.name}, {scheme} fold {number + 1} of "
                    f"{of}, {found.facts['fit_cpu_s']:.1f} CPU-seconds"
                )
            folds[contender.name, scheme, number] = found
        return folds

    def _test(self, contender: Contender, scheme: str, number: int) -> Fold:
        fold = self.splits[scheme].fold
        train, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        material = self.material if scheme == GROUPED else self.material.plain()
        seed = self.how.random_state
        if contender.is_cnn:
            path = self.folder.checkpoint(contender, scheme, number)
            how = {**self.how.of_networks, **contender.network_size}
            return fit_cnn_fold(contender, material, train, test, seed, how, path)
        tables = {part: self._part(part) for part in contender.parts}
        return fit_table_fold(contender, material, tables, train, test, seed)

    def _part(self, part: str) -> PartTable:
        if part not in self.tables:
            found = self.folder.part(part)
            if found is None:
                found = describe_part(part, self.material, self.how.view)
                self.folder.keep_part(part, found)
            self.tables[part] = found
        return self.tables[part]


def _say_nothing(_: str) -> None:
    return


def _usual(dataset: Dataset) -> tuple[str, ...]:
    more = () if dataset.covariates is None else WITH_COVARIATES
    return (*STANDARD, *more, *NETWORKS)


def _splits(
    dataset: Dataset, how: Settings, split_file: str | os.PathLike[str] | None
) -> dict[str, Split]:
    """Return the split by group, and a random one of as many folds: the gap is of nothing else."""
    grouped = _grouped(dataset, how, split_file)
    if not 0 <= how.random_folds <= grouped.n_folds:
        raise InputError(
            f"{how.random_folds} folds of a random split; it has {grouped.n_folds}, as the split "
            "by group; ask for no more"
        )
    if not how.random_folds:
        return {GROUPED: grouped}
    alone = dataset.with_groups(np.arange(len(dataset)), Grouping("none"))
    random = split_dataset(alone, n_folds=grouped.n_folds, random_state=how.random_state)
    return {GROUPED: grouped, RANDOM: random}


def _grouped(dataset: Dataset, how: Settings, split_file: str | os.PathLike[str] | None) -> Split:
    if split_file is not None:
        split = read_split(split_file, keys=dataset.keys)
        check_split(dataset, split)
        return split
    return split_dataset(dataset, n_folds=how.n_folds, random_state=how.random_state)


def _identity(splits: dict[str, Split], material: Material, how: Settings) -> dict[str, Any]:
    return {
        "split": splits[GROUPED].hash,
        "data": material.data_digest(),
        "images_tested": material.digest(),
        "settings": asdict(how),
    }
