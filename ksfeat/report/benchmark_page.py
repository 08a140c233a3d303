"""The page of a benchmark, and its folder of tables and pictures."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

import ksfeat
from ksfeat.evaluation.benchmark import Benchmark
from ksfeat.evaluation.compare import MARGIN
from ksfeat.io.atomic import replacing
from ksfeat.metrics.scores import group_cautions
from ksfeat.report.benchmark_gallery import PICTURES, draw_benchmark
from ksfeat.report.benchmark_tables import (
    class_tables,
    comparison_table,
    cost_rows,
    gap_table,
    main_table,
    outside_table,
    robustness_table,
)
from ksfeat.report.folder import check_folder
from ksfeat.report.page import Picture, environment

TABLES = ("folds", "scores", "comparisons", "costs", "gaps", "robustness", "outside")


def render_benchmark(benchmark: Benchmark) -> str:
    """Return the page of a benchmark, which needs no other file and no network.

    Parameters
    ----------
    benchmark : Benchmark
        From `run_benchmark`.

    Returns
    -------
    str
        HTML with its pictures inside. Every name in it is escaped; simulated data are called so.
    """
    with tempfile.TemporaryDirectory() as folder:
        return _rendered(benchmark, draw_benchmark(benchmark, Path(folder)))


def write_benchmark(benchmark: Benchmark, folder: str | os.PathLike[str]) -> Path:
    """Write the tables, the page and the pictures of a benchmark, each in one step.

    Files of the same names are replaced, and those of an earlier run that this one has no such
    result for are removed; all others, such as those of the running benchmark, are left alone.

    Parameters
    ----------
    benchmark : Benchmark
        From `run_benchmark`.
    folder : path
        Made if it is missing; its parent must be there. It receives folds.csv, scores.csv and the
        like, each row with the split's hash, index.html, and pictures/NAME.png.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    InputError
        If the folder is a file, or its parent is missing.
    """
    target = Path(folder)
    check_folder(target)
    with tempfile.TemporaryDirectory() as name:
        pictures = draw_benchmark(benchmark, Path(name))
        page = _rendered(benchmark, pictures)
        (target / "pictures").mkdir(parents=True, exist_ok=True)
        for name_ in PICTURES:
            _keep_picture(pictures.get(name_), target / "pictures" / f"{name_}.png")
    for table in TABLES:
        _keep_table(_frame(benchmark, table), target / f"{table}.csv")
    with replacing(target / "index.html") as partial:
        partial.write_text(page, encoding="utf-8")
    return target / "index.html"


def cautions(benchmark: Benchmark) -> list[str]:
    """Return what to know before the numbers of a benchmark are believed."""
    data = benchmark.material.dataset
    words = group_cautions(int(benchmark.codes[1].max()) + 1, data.unit)
    if data.grouping.kind == "none":
        words.append("the split is random: images of one patient may stand on both sides")
    if any(contender.is_cnn for contender in benchmark.contenders):
        words.append(
            "networks are trained by one fixed recipe, which is a lower bound of what they can do"
        )
    if data.simulated:
        words.append("the images are simulated: nothing here was measured on patients")
    return words


def verdicts_in_words(benchmark: Benchmark) -> str:
    """Return how many contenders came to which verdict against the reference."""
    table = benchmark.comparisons
    if table.empty:
        return f"{benchmark.reference} stands alone: there is nothing to compare."
    counts = Counter(table["verdict"])
    order = ("superior", "not inferior", "inferior", "undecided")
    parts = [f"{counts[word]} {word}" for word in order if counts[word]]
    return f"Against {benchmark.reference}, by AUROC: {', '.join(parts)}."


def _rendered(benchmark: Benchmark, pictures: Mapping[str, Picture]) -> str:
    data = benchmark.material.dataset
    count = len(benchmark.contenders)
    return (
        environment()
        .get_template("benchmark.html.j2")
        .render(
            title=f"Benchmark of {count} contender{'' if count == 1 else 's'}"
            + (", simulated images" if data.simulated else ""),
            lead=benchmark.title,
            classes=data.class_counts(),
            reference=benchmark.reference,
            is_network=benchmark.reference.startswith("cnn:"),
            verdicts=verdicts_in_words(benchmark),
            margin=MARGIN,
            cautions=cautions(benchmark),
            unit=data.unit,
            main=main_table(benchmark),
            by_class=class_tables(benchmark),
            comparisons=comparison_table(benchmark),
            costs=cost_rows(benchmark),
            gaps=gap_table(benchmark),
            robustness=robustness_table(benchmark),
            n_sampled=len(benchmark.material.sample),
            outside=outside_table(benchmark),
            pictures=pictures,
            version=ksfeat.__version__,
        )
    )


def _frame(benchmark: Benchmark, name: str) -> pd.DataFrame:
    """Return a table with the split's hash in each row."""
    table: pd.DataFrame = getattr(benchmark, name)
    if name == "costs":
        table = table.reset_index()
    return table.assign(split=benchmark.split.hash)


def _keep_table(table: pd.DataFrame, file: Path) -> None:
    if table.empty:
        file.unlink(missing_ok=True)
        return
    with replacing(file) as partial:
        table.to_csv(partial, index=False)


def _keep_picture(picture: Picture | None, file: Path) -> None:
    if picture is None:
        file.unlink(missing_ok=True)
        return
    with replacing(file) as partial:
        shutil.copyfile(picture.file, partial)
