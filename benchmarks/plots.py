"""docs/texture_scale.png, drawn from the committed CSV: ``python -m benchmarks.plots``."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from benchmarks.harness import RESULTS, ROOT

PAGE = ROOT / "docs" / "texture_scale.png"
_COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#D55E00")  # Okabe and Ito's
_MARKERS = ("s", "^", "D", "v", "P")


def main() -> None:
    """Draw what an image costs against its pixels, ksfeat alone and beside the peers."""
    table = pd.read_csv(RESULTS / "texture.csv")
    figure, axis = plt.subplots(figsize=(6, 4))
    alone = table[table["table"] == "scale"]
    sides = alone["case"].str.extract(r"(\d+) px")[0].astype(int)
    axis.loglog(sides**2, alone["median_ms"], "o-", color="black", label="ksfeat")
    least = alone["median_ms"].iloc[-1] / sides.iloc[-1] ** 2
    axis.loglog(sides**2, least * sides**2, ":", color="grey", label="linear in pixels")
    beside = table[(table["table"] == "families") & table["case"].str.contains("px, 32 levels")]
    libraries = beside[beside["ratio"].notna()].groupby("library")
    for (name, rows), colour, marker in zip(libraries, _COLOURS, _MARKERS, strict=False):
        pixels = rows["case"].str.extract(r"(\d+) px")[0].astype(int) ** 2
        axis.loglog(pixels, rows["median_ms"], f"{marker}-", color=colour, label=name)
    axis.set_xticks(sides**2, [f"{side}²" for side in sides])
    axis.set_xlabel("pixels")
    axis.set_ylabel("ms, five texture families, 32 levels")
    axis.set_yticks(10.0 ** np.arange(-1, 4))
    axis.minorticks_off()
    axis.legend(frameon=False, fontsize=8)
    figure.tight_layout()
    figure.savefig(PAGE, dpi=130, metadata={"Software": None})


if __name__ == "__main__":
    main()
