"""Candidates of many images as a few arrays, for files, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ksfeat.models.candidate_table import Proposed

_PLACES = (2, 6)  # where the boxes and the diameter begin, after the centre


def pack_cells(cells: Sequence[tuple[Proposed, ...]]) -> dict[str, np.ndarray]:
    """Return arrays that hold all candidates of all cells.

    Parameters
    ----------
    cells : sequence of tuple of Proposed
        Of each image, its candidates and those of its copies; as many copies of each.

    Returns
    -------
    dict of str to ndarray
        ``sizes``, ``pixel_mm`` (NaN where unknown) and ``marked`` (whether the image says where its
        stones are), each (n, views); and over all candidates in turn ``table`` (float32),
        ``places`` (centre, box and diameter) and ``is_stone``.

    Examples
    --------
    >>> none = np.zeros((0, 3), dtype=np.float32)
    >>> one = Proposed(none, none[:, :2], np.zeros((0, 4)), none[:, 0], None, None)
    >>> pack_cells([(one,)])["sizes"].tolist()
    [[0]]
    """
    every = [one for cell in cells for one in cell]
    views = len(cells[0])
    unknown = [np.nan if one.pixel_mm is None else one.pixel_mm for one in every]
    return {
        "sizes": np.array([len(one.table) for one in every]).reshape(-1, views),
        "pixel_mm": np.array(unknown, dtype=float).reshape(-1, views),
        "table": np.concatenate([one.table for one in every]),
        "places": np.concatenate(
            [np.column_stack([one.centres, one.boxes, one.diameters]) for one in every]
        ),
        "is_stone": np.concatenate([_stones(one) for one in every]),
        "marked": np.array([one.is_stone is not None for one in every]).reshape(-1, views),
    }


def unpack_cells(arrays: Mapping[str, np.ndarray]) -> list[tuple[Proposed, ...]]:
    """Return the cells that `pack_cells` was given."""
    views = arrays["sizes"].shape[1]
    every = list(_unpacked(arrays))
    return [tuple(every[at : at + views]) for at in range(0, len(every), views)]


def _unpacked(arrays: Mapping[str, np.ndarray]) -> Iterator[Proposed]:
    ends = np.cumsum(arrays["sizes"].ravel())
    box, diameter = _PLACES
    described = zip(
        ends - arrays["sizes"].ravel(),
        ends,
        arrays["pixel_mm"].ravel(),
        arrays["marked"].ravel(),
        strict=True,
    )
    for start, end, mm, marked in described:
        places = arrays["places"][start:end]
        yield Proposed(
            arrays["table"][start:end],
            places[:, :box],
            places[:, box:diameter],
            places[:, diameter],
            None if np.isnan(mm) else float(mm),
            arrays["is_stone"][start:end] if marked else None,
        )


def _stones(one: Proposed) -> np.ndarray:
    return np.zeros(len(one.table), dtype=bool) if one.is_stone is None else one.is_stone
