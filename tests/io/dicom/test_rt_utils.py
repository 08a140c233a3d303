"""Contours that another program drew come back as the mask it was given.

`benchmarks/peers/rt_utils_contours.py` made them, on a simulated series, with rt-utils 1.2.7, which
draws from centre to centre of the outermost pixels. No pixel at an edge is off.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ksfeat.io import ImageSource

PLACE = Path(__file__).parents[2] / "reference" / "rt_utils"


@pytest.mark.parametrize(("roi", "voxels"), [(1, 1017), (2, 35)])
def test_every_voxel_is_the_one_that_was_drawn(roi, voxels):
    """Holes, an islet in a hole, a single pixel, a line from corner to corner, the image's edge."""
    table = pd.read_csv(PLACE / "voxels.csv")
    found = ImageSource(PLACE / "scan", "scan", mask=PLACE / "contours.dcm", mask_label=roi).read()
    drawn = np.zeros(found.shape, dtype=bool)
    drawn[tuple(table.loc[table["roi"] == roi, ["slice", "row", "column"]].to_numpy().T)] = True
    assert drawn.sum() == voxels
    np.testing.assert_array_equal(found.mask, drawn)
