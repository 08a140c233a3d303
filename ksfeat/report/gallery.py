"""The pictures of an explanation, written into a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from ksfeat.attribution import Explanation
from ksfeat.dataset import Dataset
from ksfeat.evaluation.certainty import Judgement
from ksfeat.io import ImageSource
from ksfeat.report import plots
from ksfeat.report.certainty import (
    decision_diagram,
    describe_decision,
    describe_learning,
    describe_reliability,
    learning_diagram,
    reliability_diagram,
)
from ksfeat.report.page import Picture


def draw_image(explanation: Explanation, source: ImageSource, folder: Path) -> list[Picture]:
    """Write the waterfall of the class that the model calls one image."""
    return [_waterfall(explanation, 0, called_output(explanation, 0), source, folder / "waterfall")]


def draw_dataset(explanation: Explanation, folder: Path, remark: str = "") -> list[Picture]:
    """Write a beeswarm and a bar plot for each explained margin."""
    pictures = []
    for output in explanation.outputs:
        name = file_name(output)
        words = f"{len(explanation)} images, margin for {output!r}"
        png, _ = plots.save(
            plots.beeswarm(explanation, output, remark), folder / f"beeswarm_{name}"
        )
        pictures.append(
            Picture(png, f"Each image's attributions: {words}", _in_words(explanation, output))
        )
        png, _ = plots.save(plots.bar(explanation, output, remark), folder / f"bar_{name}")
        pictures.append(
            Picture(png, f"Mean absolute attribution: {words}", _in_words(explanation, output))
        )
    return pictures


def draw_one_per_class(
    explanation: Explanation, dataset: Dataset, folder: Path, remark: str = ""
) -> list[Picture]:
    """Write one waterfall a class: the image of that class with the median margin for it."""
    pictures = []
    for name in explanation.classes:
        rows = np.flatnonzero(dataset.known_labels() == name)
        output = name if name in explanation.outputs else explanation.outputs[0]
        margins = explanation.margins[rows, explanation.of(output)]
        row = int(rows[np.argsort(margins, kind="stable")[len(rows) // 2]])
        stem = folder / f"waterfall_{file_name(name)}"
        source = dataset.images[row]
        pictures.append(_waterfall(explanation, row, output, source, stem, remark))
    return pictures


def draw_certainty(judgement: Judgement, folder: Path, remark: str = "") -> list[Picture]:
    """Write a reliability diagram of cross-validated probabilities, where there are any."""
    if judgement.curve is None:
        return []
    figure = reliability_diagram(judgement.curve, remark)
    png, _ = plots.save(figure, folder / "reliability")
    caption = "How often each class came true against its probability, in cross-validation"
    return [Picture(png, caption, describe_reliability(judgement.curve))]


def draw_decision(
    curves: Mapping[str, pd.DataFrame], folder: Path, remark: str = ""
) -> list[Picture]:
    """Write a decision curve of each class that can be acted on."""
    pictures = []
    for name, curve in curves.items():
        figure = decision_diagram(curve, name, remark)
        png, _ = plots.save(figure, folder / f"decision_{file_name(name)}")
        caption = f"What acting on the probability of {name!r} gains, by threshold"
        pictures.append(Picture(png, caption, describe_decision(curve, name)))
    return pictures


def draw_learning(curve: pd.DataFrame, folder: Path, remark: str = "") -> list[Picture]:
    """Write a learning curve by number of groups."""
    png, _ = plots.save(learning_diagram(curve, remark), folder / "learning")
    return [Picture(png, "What more groups brought", describe_learning(curve))]


def called_output(explanation: Explanation, row: int) -> str:
    """Return the margin to look at: the predicted class's where it has one of its own."""
    return explanation.outputs[int(explanation.margins[row].argmax())]


def file_name(name: str) -> str:
    """Return a class name as part of a file name.

    Examples
    --------
    >>> file_name("uric acid / mixed")
    'uric_acid_mixed'
    """
    kept = "".join(letter if letter.isalnum() or letter in "-." else " " for letter in name)
    return "_".join(kept.split()) or "class"


def _waterfall(
    explanation: Explanation,
    row: int,
    output: str,
    source: ImageSource,
    stem: Path,
    remark: str = "",
) -> Picture:
    figure = plots.waterfall(explanation, row, output, source.read(), remark)
    png, _ = plots.save(figure, stem)
    margin = explanation.margins[row, explanation.of(output)]
    caption = f"{explanation.keys[row]}: margin {margin:+.2f} for {output!r}"
    return Picture(png, caption, f"{caption}. {_in_words(explanation.select([row]), output)}")


def _in_words(explanation: Explanation, output: str) -> str:
    """Say what a plot shows, for who cannot see it."""
    strength = np.abs(explanation.values[:, :, explanation.of(output)]).mean(axis=0)
    strongest = np.argsort(-strength, kind="stable")[:3]
    parts = [f"{explanation.feature_names[place]} ({strength[place]:.2f})" for place in strongest]
    return f"Strongest features by mean absolute attribution: {', '.join(parts)}."
