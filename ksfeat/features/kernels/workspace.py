"""Arrays that kernels use again and again: one set a thread."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import DTypeLike

_kept = threading.local()


def workspace(name: str, size: int, dtype: DTypeLike) -> np.ndarray:
    """Return an array that lives on between calls in this thread.

    It is zero when it is new; what a kernel leaves in it, the next one of that name finds.

    Parameters
    ----------
    name : str
        Whose array it is.
    size : int
        Number of elements.
    dtype : dtype
        Their type.

    Returns
    -------
    ndarray, shape (size,)
    """
    arrays = _kept.__dict__
    array = arrays.get(name)
    if array is None or array.size < size:
        array = arrays[name] = np.zeros(size, dtype)
    return array[:size]
