"""`FeatureExtractor` on volumes, and on slices where a volume is asked for."""

import numpy as np
import pytest

from ksfeat.errors import InputError
from ksfeat.features import FeatureExtractor, glcm
from ksfeat.image import StoneImage
from ksfeat.roi import Region


def slices(count, shape=(24, 30)):
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, shape).astype(np.uint8) for _ in range(count)]


def volumes(count, **fields):
    rng = np.random.default_rng(0)
    given = {"unit": "HU", "spacing_mm": (3.0, 1.0, 1.0), **fields}
    masks = rng.random((count, 5, 12, 10)) < 0.8
    return [
        StoneImage(rng.normal(40, 20, (5, 12, 10)), mask=mask, volume=True, key=f"{n}.nii", **given)
        for n, mask in enumerate(masks)
    ]


def test_auto_describes_a_volume_by_what_knows_volumes():
    extractor = FeatureExtractor().fit(volumes(2))
    assert extractor.families_ == ("first_order", "histogram", "hounsfield")
    assert extractor.left_out_["lbp"] == "it describes slices, and 0.nii is a volume"
    needs = "0.nii is a volume, which needs an aggregation, such as '3d_mrg' (--aggregation 3d_mrg)"
    assert extractor.left_out_["glcm"] == needs


@pytest.mark.parametrize("aggregation", ["2d_mrg", "2.5d_avg", "3d_mrg"])
def test_texture_of_a_volume_is_aggregated_as_asked(aggregation):
    images = volumes(2)
    extractor = FeatureExtractor("ibsi", aggregation=aggregation)
    table = extractor.fit_transform(images)
    assert table.shape == (2, 174)
    assert np.isfinite(table).all()
    names = list(extractor.get_feature_names_out())
    whole = Region.of(images[1])
    expected = glcm.compute(whole, 32, aggregation)
    column = glcm.family(32, aggregation).columns[0]
    assert table[1, names.index(column)] == expected[0]
    assert set(extractor.describe()["name"]) == set(names)


@pytest.mark.parametrize(
    ("images", "parameters", "message"),
    [
        (volumes(1), {"features": "glcm"}, "'glcm' cannot be computed: 0.nii is a volume"),
        (volumes(1), {"features": "lbp"}, "'lbp' cannot be computed: it describes slices"),
        (volumes(1), {"features": "spots"}, "no features are left: 'bright_spots' was left out"),
        (slices(1), {"features": "morphology_2d"}, "it needs a spacing in millimetres, and image"),
        (slices(1), {"features": "glcm", "aggregation": "3d_avg"}, "'3d_avg' needs a volume, and"),
        (slices(1), {"aggregation": "4d"}, "aggregation '4d'; expected one of 2d_avg, 2d_mrg"),
    ],
)
def test_what_does_not_fit_the_dimensions_is_told(images, parameters, message):
    with pytest.raises(InputError, match=message):
        FeatureExtractor(**parameters).fit(images)


def test_a_slice_with_a_spacing_has_its_shape_in_millimetres():
    image = StoneImage(slices(1)[0], spacing_mm=(0.5, 0.5), mask=np.ones((24, 30)))
    extractor = FeatureExtractor("morphology_2d")
    values = extractor.set_output(transform="pandas").fit_transform([image])
    assert values["morphology_2d_pixel_area"].tolist() == [24 * 30 / 4]
