"""The slices of different exams of `coronal_ct` that look most alike, to be judged by eye.

``python -m benchmarks.leakage_matches`` draws them in docs/leakage_matches.jpg and lists them in
results/leakage_matches.csv, where a verdict that somebody gave is kept: "one exam", "repeat exam"
(no false alarm), "different", or "cannot tell". Slices of `coronal_ct` (CC BY 4.0) only.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd

from benchmarks.harness import RESULTS, ROOT, commit, real_data
from benchmarks.leakage_pictures import CREDIT, grey, saved
from ksfeat.evaluation.duplicates import CONFIRMED, aligned_correlation, detail_of
from ksfeat.evaluation.pose import find_pairs
from ksfeat.evaluation.proxy import ALIKE, high_passed

mpl.use("Agg")
import matplotlib.pyplot as plt

LEAST = 0.25  # well below what links two images, so that the nearest misses are seen, too
OF_EACH = 14  # pairs of exams that are most alike as thumbnails, and as many in detail
COLUMNS = 4
VERDICTS = RESULTS / "leakage_matches.csv"


def matches(folder: Path) -> pd.DataFrame:
    """Return the pairs across exams, each pair of exams once for each order."""
    table = pd.read_csv(folder / "boxes.csv", dtype=str).drop_duplicates("path")
    images = [grey(folder / path) for path in table["path"]]
    exams, paths = table["group"].to_numpy(str), table["path"].to_numpy(str)
    found = find_pairs(np.array([high_passed(image) for image in images]), LEAST, n_jobs=-1)
    found = found.select(exams[found.first] != exams[found.second])
    details = [detail_of(image) for image in images]
    work = zip(found.first, found.second, found.pose, strict=True)
    correlation = [aligned_correlation((details[i], details[j], int(pose))) for i, j, pose in work]
    pairs = pd.DataFrame(
        {
            "first": paths[found.first],
            "second": paths[found.second],
            "similarity": found.similarity.round(3),
            "correlation": np.round(correlation, 3),
        }
    )
    pairs["linked"] = pairs["similarity"] >= ALIKE
    pairs["duplicate"] = pairs["linked"] & (pairs["correlation"] >= CONFIRMED)
    both = [exams[found.first], exams[found.second]]
    return _nearest(pairs.assign(exams=[" ".join(pair) for pair in zip(*both, strict=True)]))


def _nearest(pairs: pd.DataFrame) -> pd.DataFrame:
    chosen = [
        pairs.sort_values(by, ascending=False, kind="stable").drop_duplicates("exams").head(OF_EACH)
        for by in ("similarity", "correlation")
    ]
    alarms = pairs[pairs["linked"]]
    every = pd.concat([alarms, *chosen]).drop_duplicates(["first", "second"])
    return every.drop(columns="exams").reset_index(drop=True)


def judged(pairs: pd.DataFrame, earlier: Path = VERDICTS) -> pd.DataFrame:
    """Return the pairs with the verdicts that were given before, empty for new pairs."""
    if not earlier.is_file():
        return pairs.assign(verdict="")
    known = pd.read_csv(earlier, dtype=str, keep_default_na=False)
    return pairs.merge(known[["first", "second", "verdict"]], "left", ["first", "second"]).fillna(
        {"verdict": ""}
    )


def draw(pairs: pd.DataFrame, folder: Path) -> Path:
    """Draw each pair, numbered as in the table, with its two numbers."""
    rows = -(-len(pairs) // COLUMNS)
    figure, axes = plt.subplots(rows, COLUMNS, figsize=(11, 1.65 * rows), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for pair, axis in zip(pairs.itertuples(), axes.flat, strict=False):
        sides = [grey(folder / name) for name in (pair.first, pair.second)]
        axis.imshow(np.hstack(sides), cmap="gray")
        names = " | ".join(Path(name).stem for name in (pair.first, pair.second))
        numbers = f"{pair.similarity:.2f}, {pair.correlation:.2f}"
        axis.set_title(f"{pair.Index + 1}: {names}; {numbers}", fontsize=6.5)
    figure.text(0.5, 0.002, CREDIT, ha="center", fontsize=7)
    return saved(figure, "leakage_matches.jpg")


def main() -> None:
    """Draw the sheet and write the table."""
    data = real_data()
    if data is None:
        raise SystemExit("no coronal_ct: set KSFEAT_DATA to the folder of real images")
    pairs = judged(matches(data / "coronal_ct"))
    print(draw(pairs, data / "coronal_ct").relative_to(ROOT))
    pairs.index += 1
    pairs.assign(commit=commit()).to_csv(VERDICTS, index_label="number")
    print(pairs.to_string())


if __name__ == "__main__":
    main()
