"""The naive floor: a random forest on thumbnails, which knows no kidney and no stone."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from sklearn.ensemble import RandomForestClassifier

from ksfeat.io.sequences import as_sequence, image_at

SIDE = 16


def thumbnails(images: Any) -> np.ndarray:
    """Return the grey values of images shrunk to 16 x 16 pixels, (n, 256).

    Examples
    --------
    >>> thumbnails([np.full((64, 80), 7, dtype=np.uint8)]).shape
    (1, 256)
    """
    rows = []
    for place, source in enumerate(as_sequence(images)):
        grey = image_at(place, source).grey().astype(np.float64)
        plane = grey.mean(axis=0) if grey.ndim == 3 else grey
        rows.append(cv2.resize(plane, (SIDE, SIDE), interpolation=cv2.INTER_AREA).ravel())
    return np.stack(rows)


class Forest:
    """Scikit-learn's random forest with margins: its shares of votes, about a half for two classes.

    Parameters
    ----------
    random_state : int
        Seed.

    Examples
    --------
    >>> X, y = np.array([[0.0], [0.1], [0.9], [1.0]]), np.array(["a", "a", "b", "b"])
    >>> bool(Forest(random_state=0).fit(X, y).decision_function([[0.95]])[0] > 0)
    True
    """

    def __init__(self, *, random_state: int) -> None:
        self.forest = RandomForestClassifier(
            300, class_weight="balanced", random_state=random_state, n_jobs=1
        )

    def fit(self, table: Any, labels: Any) -> Forest:
        """Fit the forest."""
        self.forest.fit(np.asarray(table), labels)
        return self

    def decision_function(self, table: Any) -> np.ndarray:
        """Return margins: (n,) for the second of two classes, else (n, n_classes)."""
        shares = self.forest.predict_proba(np.asarray(table))
        return shares[:, 1] - 0.5 if shares.shape[1] == 2 else shares
