"""The picture of measured against true stones: ``python -m benchmarks.stones_phantom_pictures``."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from benchmarks.harness import RESULTS, ROOT
from benchmarks.scan_scores import SIZES
from benchmarks.stones_phantom import PAIRS
from ksfeat.metrics.agreement import bland_altman

PAGE = ROOT / "docs" / "stones_agreement.png"
_LOOKS = {"< 3 mm": ("#E69F00", "^"), "3-5 mm": ("#0072B2", "s"), "> 5 mm": ("#000000", "o")}


def main() -> None:
    """Draw how measured diameter and density differ from the true ones."""
    pairs = pd.read_csv(RESULTS / f"{PAIRS}.csv")
    figure, axes = plt.subplots(1, 2, figsize=(9, 4))
    _draw(axes[0], pairs, ("measured_mm", "true_mm"), "largest axial diameter, mm")
    _draw(axes[1], pairs, ("measured_hu", "true_hu"), "mean density, HU")
    axes[0].legend(frameon=False, fontsize=8, title="true diameter", title_fontsize=8)
    figure.suptitle(f"Simulated: {len(pairs)} stones that the detector found, measured less true")
    figure.tight_layout()
    figure.savefig(PAGE, dpi=130, metadata={"Software": None})


def _draw(axis: Axes, pairs: pd.DataFrame, columns: tuple[str, str], what: str) -> None:
    seen, true = (pairs[column].to_numpy() for column in columns)
    middle, difference = (seen + true) / 2, seen - true
    for name, (colour, marker) in _LOOKS.items():
        low, high = SIZES[name]
        own = ((pairs["true_mm"] >= low) & (pairs["true_mm"] < high)).to_numpy()
        axis.plot(middle[own], difference[own], marker, color=colour, label=name,
                  markersize=4, alpha=0.7, markeredgewidth=0)  # fmt: skip
    found = bland_altman(seen, true, pairs["patient"])
    bands = zip(
        (found.bias, found.low, found.high), ("-", "--", "--"), found.intervals, strict=True
    )
    for value, style, (bottom, top) in bands:
        axis.axhline(value, color="black", linestyle=style, linewidth=1)
        axis.axhspan(bottom, top, color="grey", alpha=0.2, linewidth=0)
        axis.annotate(f"{value:+.3g}", (1, value), xycoords=("axes fraction", "data"), fontsize=8,
                      xytext=(-2, 2), textcoords="offset points", ha="right")  # fmt: skip
    axis.axhline(0, color="grey", linestyle=":", linewidth=1)
    axis.set_xlabel(f"mean of measured and true: {what}")
    axis.set_ylabel("measured less true")
    axis.set_ylim(*(np.array([-1.1, 1.1]) * np.abs(np.append(difference, found[1:3])).max()))


if __name__ == "__main__":
    main()
