"""Real and simulated coronal slices beside each other: pairs to tell apart, and a picture."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from benchmarks.coronal import HEIGHT, draw_many
from benchmarks.harness import real_data

CREDIT = "real: coronal_ct, Yildirim et al. 2021, CC BY 4.0"
_GAP = 12  # pixels between two slices
_LINE = 26  # pixels of a line of text
_GREY = 128


def write_pairs(folder: Path, pairs: int, seed: int) -> Path:
    """Write pairs of a real and a simulated slice, in an order that the seed gives.

    Both have been stored as JPEG of the same quality; nothing but the pixels differs.

    Returns
    -------
    Path
        Of the key, beside the folder: which side is simulated.
    """
    left = np.random.default_rng([seed, 3]).random(pairs) < 0.5
    made, real = draw_many(pairs, seed), real_slices(pairs, seed)
    folder.mkdir(parents=True)
    for number in range(pairs):
        sides = [made[number].pixels, real[number]]
        shown = sides if left[number] else sides[::-1]
        cv2.imwrite(str(folder / f"pair_{number:02d}.png"), _in_a_row(shown))
    key = folder.with_name(f"{folder.name}_key.csv")
    simulated = np.where(left, "left", "right")
    pd.DataFrame({"pair": range(pairs), "simulated": simulated}).to_csv(key, index=False)
    return key


def write_grid(path: Path, columns: int, seed: int) -> Path:
    """Write real slices above simulated ones, labelled, with the credit."""
    made = [picture.pixels for picture in draw_many(columns, seed)]
    rows = [_in_a_row(real_slices(columns, seed)), _in_a_row(made)]
    wide = rows[0].shape[1]
    words = (CREDIT, "simulated: the ksfeat phantom")
    parts = [
        part for word, row in zip(words, rows, strict=True) for part in (_text(word, wide), row)
    ]
    small = cv2.resize(np.vstack(parts), None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(path), small)
    return path


def real_slices(number: int, seed: int) -> list[np.ndarray]:
    """Return slices (320, 391) of `coronal_ct`, one an exam, drawn by the seed."""
    data = real_data()
    if data is None:
        raise SystemExit("no coronal_ct; set KSFEAT_DATA to the folder that holds it")
    boxes = pd.read_csv(data / "coronal_ct" / "boxes.csv")
    rng = np.random.default_rng([seed, 4])
    exams = rng.permutation(sorted(boxes["group"].unique()))[:number]
    paths = [rng.choice(sorted(boxes.loc[boxes["group"] == exam, "path"])) for exam in exams]
    files = [str(data / "coronal_ct" / path) for path in paths]
    return [np.asarray(cv2.imread(file, cv2.IMREAD_GRAYSCALE), dtype=np.uint8) for file in files]


def _in_a_row(slices: list[np.ndarray]) -> np.ndarray:
    gap = np.full((HEIGHT, _GAP), _GREY, dtype=np.uint8)
    parts = [part for one in slices for part in (gap, one)]
    return np.hstack(parts[1:])


def _text(words: str, wide: int) -> np.ndarray:
    line = np.full((2 * _LINE, wide), 255, dtype=np.uint8)
    place = (8, 2 * _LINE - 16)
    return cv2.putText(line, words, place, cv2.FONT_HERSHEY_SIMPLEX, 1.1, 0, 2, cv2.LINE_AA)
