"""A part of a description is that of its extractor."""

from dataclasses import replace

import numpy as np

from ksfeat.evaluation.benchmark.material import gather
from ksfeat.evaluation.benchmark.tables import describe_part


def test_an_embedding_looks_at_what_is_asked_for_and_counts_its_network(stones):
    few = stones.select(np.arange(2))
    boxed = tuple(replace(source, boxes=((20, 20, 60, 60),), mask=None) for source in few.images)
    material = gather(replace(few, images=boxed), n_sampled=0)
    whole, crop = (describe_part("embedding", material, view) for view in ("whole", "crop"))
    assert whole.names == crop.names
    assert whole.rows.shape == crop.rows.shape == (2, 1280)
    assert not np.allclose(whole.rows, crop.rows)
    assert whole.bytes_ > 10e6  # EfficientNet-Lite0 has 3.4 million weights of 4 bytes
