"""The pictures of a benchmark, written into a folder, each with words for who cannot see it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from ksfeat.evaluation.benchmark import Benchmark
from ksfeat.report import plots
from ksfeat.report.benchmark_cast import HOW_CHOSEN, aurocs, handful, titled
from ksfeat.report.benchmark_curves import reliability_curves, reliability_panels, roc_diagram
from ksfeat.report.benchmark_plots import (
    cost_diagram,
    cost_table,
    gap_diagram,
    robustness_diagram,
)
from ksfeat.report.certainty import describe_reliability
from ksfeat.report.page import Picture

PICTURES = ("cost", "roc", "reliability", "robustness", "gaps")


def draw_benchmark(benchmark: Benchmark, folder: Path) -> dict[str, Picture]:
    """Write the pictures of a benchmark, by the names in `PICTURES`; none of what was not tested.

    Parameters
    ----------
    benchmark : Benchmark
    folder : Path
        Must be there.

    Returns
    -------
    dict of str to Picture
        With the PNG of each.
    """
    pictures = _of_scores(benchmark, folder)
    if not benchmark.robustness.empty:
        pictures["robustness"] = _saved(
            robustness_diagram(benchmark),
            folder / "robustness",
            f"AUROC lost to corruption, by kind and severity. {HOW_CHOSEN}",
            titled(_losses_in_words(benchmark), benchmark),
        )
    if not benchmark.gaps.empty:
        pictures["gaps"] = _saved(
            gap_diagram(benchmark),
            folder / "gaps",
            "What a split at random would have claimed, against the split by group",
            titled(_gaps_in_words(benchmark.gaps), benchmark),
        )
    return pictures


def _of_scores(benchmark: Benchmark, folder: Path) -> dict[str, Picture]:
    curves = reliability_curves(benchmark)
    return {
        "cost": _saved(
            cost_diagram(benchmark),
            folder / "cost",
            "AUROC against the CPU-seconds of fitting. Named are the reference and the Pareto "
            "front: nothing as cheap is better, nothing as good is cheaper",
            titled(_front_in_words(benchmark), benchmark),
        ),
        "roc": _saved(
            roc_diagram(benchmark),
            folder / "roc",
            f"ROC curves. {HOW_CHOSEN}",
            titled(_areas_in_words(benchmark), benchmark),
        ),
        "reliability": _saved(
            reliability_panels(benchmark, curves),
            folder / "reliability",
            f"How often each class came true against its probability. {HOW_CHOSEN}",
            titled(
                " ".join(f"{name}: {describe_reliability(c)}" for name, c in curves.items()),
                benchmark,
            ),
        ),
    }


def _saved(figure: Figure, stem: Path, caption: str, alt: str) -> Picture:
    return Picture(plots.save(figure, stem)[0], caption, alt)


def _front_in_words(benchmark: Benchmark) -> str:
    table = cost_table(benchmark).sort_values("fit_cpu_s")
    parts = [
        f"{name} (AUROC {row['value']:.3f}, {row['fit_cpu_s']:.3g} CPU-seconds)"
        for name, row in table[table["front"]].iterrows()
    ]
    return f"On the Pareto front of AUROC and cost, the cheapest first: {', '.join(parts)}"


def _areas_in_words(benchmark: Benchmark) -> str:
    areas = aurocs(benchmark)["value"]
    parts = [f"{one.title} {areas[one.name]:.3f}" for one in handful(benchmark)]
    return f"Areas under the ROC curves: {', '.join(parts)}"


def _losses_in_words(benchmark: Benchmark) -> str:
    table = benchmark.robustness
    means = table[table["kind"] == "mean"].set_index("contender")["auroc_loss"]
    parts = [f"{one.title} {means[one.name]:.3f}" for one in handful(benchmark)]
    return f"AUROC lost to corruption, mean over kinds and severities: {', '.join(parts)}"


def _gaps_in_words(gaps: pd.DataFrame) -> str:
    parts = [
        f"{row['contender']} {row['by_group']:.3f} by group, {row['at_random']:.3f} at random"
        for row in gaps.to_dict("records")
    ]
    return f"AUROC: {'; '.join(parts)}"
