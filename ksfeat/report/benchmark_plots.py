"""Pictures of a benchmark: what quality costs, what corruption and a random split do to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator
from matplotlib.transforms import Bbox

from ksfeat.evaluation.benchmark import Benchmark
from ksfeat.report.benchmark_cast import (
    Drawn,
    aurocs,
    colours,
    description_of,
    handful,
    plain,
    titled,
)
from ksfeat.report.labels import place_labels
from ksfeat.report.pareto import pareto_front

MODEL_MARKERS = {"xgboost": "o", "svm": "s", "linear": "^", "forest": "D"}
_NETWORK_MARKERS = ("P", "X", "*", "p", "h")
_SOFT = "#57606a"
_BY_GROUP, _AT_RANDOM = "#0072B2", "#E69F00"
_LEAST_S = 1e-3  # CPU-seconds: less is no matter of a logarithm


def cost_table(benchmark: Benchmark) -> pd.DataFrame:
    """Return cost, AUROC with interval, and whether it is on the Pareto front, by contender."""
    table = aurocs(benchmark).assign(
        fit_cpu_s=benchmark.costs["fit_cpu_s"].astype(float).clip(lower=_LEAST_S)
    )
    front = pareto_front(table["fit_cpu_s"].to_numpy(), table["value"].to_numpy())
    return table.assign(front=front)


def cost_diagram(benchmark: Benchmark) -> Figure:
    """Draw AUROC against the CPU-seconds of fitting; who is on the Pareto front is named."""
    table = cost_table(benchmark)
    figure = Figure(figsize=(9, 5.2), layout="constrained")
    axes = figure.add_subplot()
    figure.suptitle(
        titled("what quality costs: 95 % intervals over groups", benchmark),
        fontsize=10,
        x=0.01,
        ha="left",
    )
    paint, shapes = colours(benchmark.contenders), _markers(benchmark)
    for contender in benchmark.contenders:
        row = table.loc[contender.name]
        _point(axes, row, paint[description_of(contender)], shapes[contender.name])
    _cost_axes(axes, table)
    _front(axes, table[table["front"]].sort_values("fit_cpu_s"))
    _keys(axes, benchmark, paint, shapes)
    _name_front(figure, axes, table, benchmark)
    return figure


def gap_diagram(benchmark: Benchmark) -> Figure:
    """Draw the AUROC by group and that of a random split, one row a contender."""
    table = benchmark.gaps.sort_values("by_group").reset_index(drop=True)
    figure = Figure(figsize=(8, 1.6 + 0.34 * len(table)), layout="constrained")
    axes = figure.add_subplot()
    figure.suptitle(
        titled("split by group against split at random", benchmark), fontsize=10, x=0.01, ha="left"
    )
    axes.hlines(table.index, table["by_group"], table["at_random"], color=_SOFT, linewidth=1.5)
    for column, colour, marker, words in (
        ("by_group", _BY_GROUP, "o", "by group"),
        ("at_random", _AT_RANDOM, "D", "at random"),
    ):
        axes.plot(table[column], table.index, marker, color=colour, label=words, markersize=7)
    for place, row in table.iterrows():
        x = max(row["by_group"], row["at_random"])
        axes.annotate(
            f"{row['gap']:+.3f}",
            (x, place),
            xytext=(9, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
        )
    axes.set_yticks(table.index, [plain(name) for name in table["contender"]])
    axes.margins(x=0.14)
    axes.set(xlabel="AUROC (number: at random less by group)", ylim=(-0.7, len(table) - 0.3))
    axes.grid(axis="x", color="#e6e9ed", linewidth=0.6)
    axes.set_axisbelow(True)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def robustness_diagram(benchmark: Benchmark) -> Figure:
    """Draw the AUROC that each kind of corruption costs a handful, a panel a kind."""
    table, drawn = benchmark.robustness, handful(benchmark)
    kinds = [kind for kind in table["kind"].unique() if kind != "mean"]
    columns = min(3, len(kinds))
    rows = -(-len(kinds) // columns)
    figure = Figure(figsize=(3.1 * columns + 0.4, 2.5 * rows + 1.4), layout="constrained")
    figure.suptitle(
        titled("AUROC lost to corrupted test images: 95 % intervals over groups", benchmark),
        fontsize=10,
        x=0.01,
        ha="left",
    )
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axes, kind in zip(panels, kinds, strict=False):
        _losses(axes, table[table["kind"] == kind], drawn)
        axes.set_title(kind, fontsize=9, loc="left")
        axes.set_xlabel("severity", fontsize=9)
        axes.label_outer()
    for axes in panels[len(kinds) :]:
        axes.set_axis_off()
    figure.supylabel("AUROC lost", fontsize=9)
    means = table[table["kind"] == "mean"].set_index("contender")
    handles = [_handle(one, f"{one.name}: mean {_told(means.loc[one.name])}") for one in drawn]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, fontsize=8.5)
    return figure


def _losses(axes: Axes, table: pd.DataFrame, drawn: Sequence[Drawn]) -> None:
    axes.axhline(0, color="black", linewidth=0.8, linestyle=":")
    for place, one in enumerate(drawn):
        part = table[table["contender"] == one.name]
        x = part["severity"] + 0.1 * (place - (len(drawn) - 1) / 2)  # bars beside each other
        axes.vlines(x, part["low"], part["high"], color=one.colour, linewidth=0.9, alpha=0.6)
        axes.plot(
            x, part["auroc_loss"], color=one.colour, marker=one.marker, linestyle=one.line,
            markersize=4.5, linewidth=1.2,
        )  # fmt: skip
    axes.set_xticks(sorted(table["severity"].unique()))


def _told(mean: Any) -> str:
    return f"{mean['auroc_loss']:.3f} ({mean['low']:.3f} to {mean['high']:.3f})"


def _handle(one: Drawn, words: str) -> Line2D:
    return Line2D(
        [], [], color=one.colour, marker=one.marker, linestyle=one.line, label=plain(words)
    )


def _markers(benchmark: Benchmark) -> dict[str, str]:
    """Return a marker a contender: by model, and each network has its own."""
    networks = [c.name for c in benchmark.contenders if c.is_cnn]
    own = {n: _NETWORK_MARKERS[p % len(_NETWORK_MARKERS)] for p, n in enumerate(networks)}
    return {c.name: own.get(c.name) or MODEL_MARKERS[c.model] for c in benchmark.contenders}


def _point(axes: Axes, row: Any, colour: str, marker: str) -> None:
    reach = [[max(row["value"] - row["low"], 0)], [max(row["high"] - row["value"], 0)]]
    axes.errorbar(
        row["fit_cpu_s"], row["value"], yerr=reach, color=colour, marker=marker,
        markersize=10 if marker == "*" else 7, markeredgecolor="#1b1f24", markeredgewidth=0.6,
        elinewidth=0.9, capsize=2, zorder=3,
    )  # fmt: skip


def _front(axes: Axes, front: pd.DataFrame) -> None:
    """Draw the AUROC that a cost can buy, up to the right edge: more money buys no less."""
    costs = [*front["fit_cpu_s"], axes.get_xlim()[1]]
    best = [*front["value"], front["value"].max()]
    axes.step(costs, best, where="post", color=_SOFT, linewidth=1, zorder=1)


def _cost_axes(axes: Axes, table: pd.DataFrame) -> None:
    axes.set_xscale("log")
    least, most = table["fit_cpu_s"].min(), table["fit_cpu_s"].max()
    wide = most / least > 50
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0,) if wide else (1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda value, _: ""))
    axes.set(xlabel="CPU-seconds of fitting, a fold (features included)", ylabel="AUROC")
    axes.set_xlim(least / 2, most * 2)
    low = np.nanmin(table["low"])
    axes.set_ylim(low - 0.12 * (1 - low) - 0.01, 1 + 0.06 * (1 - low) + 0.005)
    axes.grid(color="#e6e9ed", linewidth=0.6)
    axes.set_axisbelow(True)


def _keys(axes: Axes, benchmark: Benchmark, paint: dict[str, str], shapes: dict[str, str]) -> None:
    """Say outside of the axes what colours and markers mean."""
    shown = dict.fromkeys(map(description_of, benchmark.contenders))
    hues = [_key("o", paint[name], name) for name in shown]
    marks = {c.name if c.is_cnn else c.model: shapes[c.name] for c in benchmark.contenders}
    forms = [_key(marker, "white", name) for name, marker in marks.items()]
    line = Line2D([], [], color=_SOFT, linewidth=1, label="Pareto front")
    style: dict[str, Any] = {
        "loc": "upper left",
        "fontsize": 8.5,
        "frameon": False,
        "alignment": "left",
    }
    first = axes.legend(handles=hues, title="described by", bbox_to_anchor=(1.01, 1.02), **style)
    axes.add_artist(first)
    below = 1.0 - 0.052 * (len(hues) + 1.8)
    axes.legend(handles=[*forms, line], title="model", bbox_to_anchor=(1.01, below), **style)


def _treads(axes: Axes, table: pd.DataFrame) -> list[Bbox]:
    """Return where the level parts of the front's line are, in pixels."""
    front = table[table["front"]].sort_values("fit_cpu_s")[["fit_cpu_s", "value"]].to_numpy()
    ends = [*front[1:, 0], axes.get_xlim()[1]]
    at = axes.transData.transform
    return [
        Bbox([at((start, y)) - 2, at((end, y)) + 2])
        for (start, y), end in zip(front, ends, strict=True)
    ]


def _key(marker: str, colour: str, name: str) -> Line2D:
    return Line2D(
        [], [], linestyle="", marker=marker, markerfacecolor=colour, markeredgecolor="#1b1f24",
        markeredgewidth=0.6, markersize=7, label=plain(name),
    )  # fmt: skip


def _name_front(figure: Figure, axes: Axes, table: pd.DataFrame, benchmark: Benchmark) -> None:
    """Name who is on the front, and the reference, once nothing moves any more."""
    figure.draw_without_rendering()
    named = table[table["front"] | (table.index == benchmark.reference)]
    at = axes.transData.transform
    bars = [
        Bbox([at((x, low)) - 2, at((x, high)) + 2])
        for x, low, high in table[["fit_cpu_s", "low", "high"]].to_numpy()
    ]
    others = [
        Bbox([at((x, y)) - 5, at((x, y)) + 5]) for x, y in table[["fit_cpu_s", "value"]].to_numpy()
    ]
    points = list(map(tuple, named[["fit_cpu_s", "value"]].to_numpy().tolist()))
    place_labels(axes, points, list(named.index), [*bars, *others, *_treads(axes, table)])
