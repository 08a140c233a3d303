"""From encoded columns back to features: a feature's attribution is its value plus indicator."""

from __future__ import annotations

import numpy as np

from ksfeat.models.encoding import TableEncoder


def sum_by_origin(parts: np.ndarray, encoder: TableEncoder, n_features: int) -> np.ndarray:
    """Add up attributions of encoded columns by the feature that they come from.

    Parameters
    ----------
    parts : ndarray of shape (n, n_encoded, k)
        Attributions of the encoded columns.
    encoder : TableEncoder
        The encoder that made the columns.
    n_features : int
        Number of features, d.

    Returns
    -------
    ndarray of shape (n, d, k)
        Zero for a feature that the encoder dropped.
    """
    values = np.zeros((len(parts), n_features, parts.shape[2]))
    for column, feature in enumerate(encoder.origin_):
        values[:, feature] += parts[:, column]
    return values
