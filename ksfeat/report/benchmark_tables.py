"""What the tables of a benchmark's page show: numbers in words, row by row."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from ksfeat.evaluation.benchmark import Benchmark
from ksfeat.metrics import Score
from ksfeat.report.page import BY_CLASS, OVERALL, with_interval

MAIN = (*OVERALL, ("brier", "Brier"), ("ece", "ECE"))
OF_CLASS = (*BY_CLASS[:3], ("f1", "F1"), *BY_CLASS[3:])
_NONE = "\N{EN DASH}"
_COSTS = {
    "fit_cpu_s": "fit, CPU-s",
    "predict_ms": "predict, ms an image",
    "explain_ms": "explain, ms an image",
    "model_mb": "model, MB",
}
_MORE_COSTS = {"fit_wall_s": "fit, s on the clock", "peak_mb": "peak, MB", "energy_j": "fit, J"}
Cell = tuple[str, str]  # a number, and its interval below it or nothing
Row = tuple[str, list[Cell]]
Table = tuple[list[str], list[Row]]


def interval_cell(value: float, low: float, high: float) -> Cell:
    """Return a value and its interval; a dash where it is not defined.

    Examples
    --------
    >>> interval_cell(0.81, 0.7, 0.9)
    ('0.810', '(0.700-0.900)')
    """
    number, _, interval = with_interval(Score("", None, value, low, high)).partition(" ")
    return number, interval


def signed_cell(value: float, low: float, high: float) -> Cell:
    """Return a difference, with its sign, and its interval.

    Examples
    --------
    >>> signed_cell(-0.02, -0.05, 0.01)
    ('-0.020', '(-0.050 to +0.010)')
    """
    return (_NONE, "") if pd.isna(value) else (f"{value:+.3f}", f"({low:+.3f} to {high:+.3f})")


def number_cell(value: Any) -> Cell:
    """Return a cost in three digits; a dash where the machine does not tell it.

    Examples
    --------
    >>> number_cell(1234.5), number_cell(0.0123), number_cell(None)[1]
    (('1,234', ''), ('0.0123', ''), '')
    """
    if value is None or pd.isna(value):
        return _NONE, ""
    return (f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"), ""


def main_table(benchmark: Benchmark) -> Table:
    """Return scores over all classes, the verdict, and costs of each contender."""
    scores, verdicts = _indexed(benchmark), _verdicts(benchmark)
    costs = benchmark.costs.astype(float)
    rows = []
    for contender in benchmark.contenders:
        name = contender.name
        cells = [(verdicts[name], "")]
        cells += [interval_cell(*scores[name, part, ""]) for part, _ in MAIN]
        rows.append((name, cells + [number_cell(costs.loc[name, cost]) for cost in _COSTS]))
    return ["AUROC: verdict", *(words for _, words in MAIN), *_COSTS.values()], rows


def class_tables(benchmark: Benchmark) -> list[tuple[str, Table]]:
    """Return the scores of each class against the rest, a table a class."""
    scores = _indexed(benchmark)
    names = [contender.name for contender in benchmark.contenders]
    headers = [words for _, words in OF_CLASS]
    return [
        (
            of,
            (
                headers,
                [
                    (name, [interval_cell(*scores[name, part, of]) for part, _ in OF_CLASS])
                    for name in names
                ],
            ),
        )
        for of in benchmark.material.dataset.classes
    ]


def comparison_table(benchmark: Benchmark) -> Table:
    """Return how each contender compares with the reference."""
    headers = ["AUROC difference", "verdict", "McNemar p", "p, Holm"]
    rows = [
        (
            row["contender"],
            [
                signed_cell(row["auroc_difference"], row["low"], row["high"]),
                (row["verdict"], ""),
                number_cell(row["mcnemar_p"]),
                number_cell(row["mcnemar_holm"]),
            ],
        )
        for row in benchmark.comparisons.to_dict("records")
    ]
    return headers, rows


def cost_rows(benchmark: Benchmark) -> Table:
    """Return all costs, and how the CPU-seconds compare with the reference's."""
    costs = benchmark.costs.astype(float)
    told = [name for name in (*_COSTS, *_MORE_COSTS) if costs[name].notna().any()]
    whole = costs["fit_cpu_s"] / costs["fit_cpu_s"].to_dict()[benchmark.reference]
    rows = [
        (name, [number_cell(whole[name]), *(number_cell(costs.loc[name, what]) for what in told)])
        for name in costs.index
    ]
    words = {**_COSTS, **_MORE_COSTS}
    return ["fit CPU-s, times the reference's", *(words[name] for name in told)], rows


def gap_table(benchmark: Benchmark) -> Table:
    """Return AUROC by group and at random."""
    rows = [
        (
            row["contender"],
            [
                *((f"{row[part]:.3f}", "") for part in ("by_group", "at_random")),
                (f"{row['gap']:+.3f}", ""),
                (f"{row['random_folds']}", ""),
            ],
        )
        for row in benchmark.gaps.to_dict("records")
    ]
    return ["AUROC by group", "AUROC at random", "gap", "random folds tested"], rows


def robustness_table(benchmark: Benchmark) -> Table:
    """Return the mean AUROC lost, against the reference too, and the mean of each kind."""
    table = benchmark.robustness
    if table.empty:
        return [], []
    means = table[table["kind"] == "mean"].set_index("contender")
    kinds = [kind for kind in table["kind"].unique() if kind != "mean"]
    of_kind = table.groupby(["contender", "kind"])["auroc_loss"].mean()
    more = means.reindex(columns=["more_than_reference", "more_low", "more_high"]).astype(float)
    rows = [
        (
            name,
            [
                signed_cell(*means.loc[name, ["auroc_loss", "low", "high"]].astype(float)),
                signed_cell(*more.loc[name]),
                *((f"{of_kind[name, kind]:+.3f}", "") for kind in kinds),
            ],
        )
        for name in means.index
    ]
    return ["mean AUROC lost", "more than the reference", *kinds], rows


def outside_table(benchmark: Benchmark) -> Table:
    """Return how the models do on other data sets; the score is named in each row."""
    others = benchmark.material.outside
    rows = []
    for row in benchmark.outside.to_dict("records"):
        simulated = " (simulated)" if others[row["data"]].simulated else ""
        score = "AUROC" if row["score"] == "auroc" else row["score"]
        cells: list[Cell] = [(f"{row['data']}{simulated}", ""), (str(row["images"]), "")]
        cells += [(score, ""), interval_cell(row["value"], row["low"], row["high"])]
        rows.append((row["contender"], cells))
    return ["data", "images", "score", "value"], rows


def _indexed(benchmark: Benchmark) -> dict[tuple[str, str, str], tuple[float, float, float]]:
    """Return value, low and high of each contender, score and class; "" is all classes."""
    found: dict[Hashable, Any] = {
        (row["contender"], row["score"], "" if pd.isna(row["class"]) else row["class"]): (
            row["value"],
            row["low"],
            row["high"],
        )
        for row in benchmark.scores.to_dict("records")
    }
    return found  # type: ignore[return-value]


def _verdicts(benchmark: Benchmark) -> dict[str, str]:
    table = benchmark.comparisons
    told = {} if table.empty else dict(zip(table["contender"], table["verdict"], strict=True))
    return {**told, benchmark.reference: "the reference"}
