"""Pictures of `benchmarks.stones`: the FROC curve, the worst misses and the worst false alarms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from benchmarks.stones_tasks import Material, Slices

_WORST = 10
_SIDE = 64  # pixels of a picture's side
_STYLES = (("#0072B2", "o", "-"), ("#D55E00", "s", "--"))
_CREDIT = "coronal_ct, CC BY 4.0"


def draw_froc(curve: pd.DataFrame, path: Path) -> None:
    """Draw sensitivity against false positives a slice, by part of the exams."""
    figure = Figure(figsize=(6, 4.2), dpi=120, layout="constrained")
    axes = figure.add_subplot()
    parts = curve.groupby("exams", sort=False)
    for (name, part), (colour, marker, line) in zip(parts, _STYLES, strict=False):
        axes.plot(
            part["false_positives"],
            part["sensitivity"],
            *(line,),
            color=colour,
            marker=marker,
            markevery=6,
            label=name,
        )
    axes.plot([0.25, 1], [0.90, 0.95], "k*", markersize=10, label="aimed at")
    axes.set(
        xscale="log",
        xlabel="false positives a slice",
        ylabel="share of stones found",
        ylim=(0.7, 1.0),
        title="Stones of coronal_ct slices, learnt from boxes",
    )
    axes.set_xticks([0.1, 0.25, 0.5, 1, 2, 4, 8], ["0.1", "0.25", "0.5", "1", "2", "4", "8"])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(path, metadata={"Software": "ksfeat"})


def draw_worst(of: Material, slices: Slices, folder: Path) -> pd.DataFrame:
    """Draw the ten worst misses and the ten worst false alarms; return what they are.

    Of exams that are not locked: those of locked ones would be looked at.
    """
    misses, alarms = _misses(of, slices), _alarms(slices)
    for name, table, title in (
        ("misses", misses, "Stones with the lowest score (dashed: drawn by the data's authors)"),
        ("alarms", alarms, "Highest scores where no stone is drawn (circle)"),
    ):
        _draw(of, table, title, folder / f"stones_{name}.jpg")
    return pd.concat([misses.assign(kind="miss"), alarms.assign(kind="false alarm")])


def _misses(of: Material, slices: Slices) -> pd.DataFrame:
    rows = []
    for i in np.flatnonzero(~slices.locked):
        scores, hit = slices.found[i].scores, slices.hit[i]
        for box, one in zip(of.slice(slices.paths[i]).boxes, hit.T, strict=True):  # type: ignore[arg-type]
            best = float(scores[one].max(initial=0.0))
            rows.append((slices.paths[i], *box, best, bool(one.any())))
    columns = ["path", "x0", "y0", "x1", "y1", "score", "proposed"]
    return _one_an_exam(pd.DataFrame(rows, columns=columns).sort_values("score", kind="stable"))


def _alarms(slices: Slices) -> pd.DataFrame:
    rows = []
    for i in np.flatnonzero(~slices.locked):
        false = ~slices.hit[i].any(axis=1)
        found = slices.found[i]
        for (x, y), score in zip(found.centres[false], found.scores[false], strict=True):
            rows.append((slices.paths[i], x, y, x, y, score, True))
    columns = ["path", "x0", "y0", "x1", "y1", "score", "proposed"]
    return _one_an_exam(
        pd.DataFrame(rows, columns=columns).sort_values("score", ascending=False, kind="stable")
    )


def _one_an_exam(table: pd.DataFrame) -> pd.DataFrame:
    """Return the first ten, at most two of an exam: one exam of staghorn stones would fill all."""
    exam = table["path"].str.split("_").str[0]
    return table[table.groupby(exam).cumcount() < 2].head(_WORST).reset_index(drop=True)


def _draw(of: Material, table: pd.DataFrame, title: str, path: Path) -> None:
    figure = Figure(figsize=(12, 5.4), dpi=90, layout="constrained")
    figure.suptitle(f"{title}\n{_CREDIT}; no locked exam")
    for place, row in table.iterrows():
        axes = figure.add_subplot(2, _WORST // 2, int(place) + 1)  # type: ignore[call-overload]
        pixels = of.slice(row["path"]).pixels
        _show(axes, pixels, row)
        name = Path(row["path"]).stem
        axes.set_title(f"{int(place) + 1}: {name}, {row['score']:.2f}", fontsize=9)  # type: ignore[call-overload]
    figure.savefig(path, pil_kwargs={"quality": 88})


def _show(axes: Axes, pixels: np.ndarray, row: pd.Series) -> None:
    x0, y0, x1, y1 = row[["x0", "y0", "x1", "y1"]].astype(float)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    half = max(_SIDE / 2, x1 - x0, y1 - y0)
    axes.imshow(pixels, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    if x1 > x0:
        size = (x1 - x0, y1 - y0)
        mark = Rectangle((x0 - 0.5, y0 - 0.5), *size, fill=False, color="#56B4E9", linestyle="--")
    else:
        mark = Circle((x - 0.5, y - 0.5), 6, fill=False, color="#E69F00")
    axes.add_patch(mark)
    axes.set(xlim=(x - half, x + half), ylim=(y + half, y - half), xticks=[], yticks=[])
