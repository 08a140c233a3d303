"""Curves of a benchmark's handful: ROC with bands, and whether probabilities come true."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from ksfeat.evaluation.benchmark import Benchmark
from ksfeat.metrics import reliability_curve, roc_band
from ksfeat.report.benchmark_cast import aurocs, handful, plain, titled
from ksfeat.report.certainty import draw_reliability


def reliability_curves(benchmark: Benchmark) -> dict[str, pd.DataFrame]:
    """Return the reliability of each of the handful's probabilities, by name."""
    data = benchmark.material.dataset
    return {
        one.name: reliability_curve(
            data.known_labels(),
            benchmark.probabilities(one.name),
            data.classes,
            groups=data.groups,
            random_state=benchmark.random_state,
        )
        for one in handful(benchmark)
    }


def roc_diagram(benchmark: Benchmark) -> Figure:
    """Draw the ROC curve of each of the handful, with a 95 % band over groups."""
    figure = Figure(figsize=(6, 6.4), layout="constrained")
    axes = figure.add_subplot()
    many = len(benchmark.material.dataset.classes) > 2
    words = "ROC, mean of each class against the rest" if many else "ROC"
    figure.suptitle(
        titled(f"{words}: pointwise 95 % bands over groups", benchmark),
        fontsize=10,
        x=0.01,
        ha="left",
    )
    areas = aurocs(benchmark)
    for one in handful(benchmark):
        band = roc_band(
            benchmark.margins(one.name), *benchmark.codes, random_state=benchmark.random_state
        )
        x, y = band["false_positive_rate"], band["sensitivity"]
        value, low, high = areas.loc[one.name]
        label = plain(f"{one.title}: {value:.3f} ({low:.3f}-{high:.3f})")
        axes.fill_between(x, band["low"], band["high"], color=one.colour, alpha=0.13, linewidth=0)
        axes.plot(
            [0, *x], [0, *y], color=one.colour, linestyle=one.line, marker=one.marker,
            markevery=(5, 20), markersize=5, label=label,
        )  # fmt: skip
    axes.plot([0, 1], [0, 1], color="black", linewidth=1, linestyle=":", label="chance")
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    axes.set(xlabel="false positive rate", ylabel="sensitivity")
    figure.legend(loc="outside lower left", fontsize=8.5, frameon=False, title="AUROC")
    return figure


def reliability_panels(benchmark: Benchmark, curves: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw how often each class came true against its probability, a panel a contender."""
    drawn = handful(benchmark)
    columns = min(2, len(drawn))
    rows = -(-len(drawn) // columns)
    figure = Figure(figsize=(4 * columns, 3.8 * rows + 0.8), layout="constrained")
    figure.suptitle(
        titled("reliability: 95 % intervals over groups", benchmark), fontsize=10, x=0.01, ha="left"
    )
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axes, one in zip(panels, drawn, strict=False):
        draw_reliability(axes, curves[one.name])
        axes.set_title(plain(one.title), fontsize=9, loc="left")
        axes.label_outer()
    for axes in panels[len(drawn) :]:
        axes.set_axis_off()
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3, fontsize=8.5)
    return figure
