"""`FeatureExtractor(chain=...)`: the IBSI's configurations, from images to columns."""

import numpy as np
import pytest

from ksfeat.errors import InputError
from ksfeat.features import FeatureExtractor, first_order, glcm, histogram, morphology
from ksfeat.image import StoneImage
from ksfeat.models.artifact import load_model, save_model
from ksfeat.models.pipeline import StoneClassifier
from ksfeat.roi import Discretisation, ProcessingChain

RANGE = "limits:-500:400"
CONFIGURATIONS = {
    # as the IBSI's B and E: what they differ in is settings
    "interpolate2d:2,limits:-500:400": (
        32,
        "2d_mrg",
        ProcessingChain((None, 2.0, 2.0), limits=(-500, 400), discretisation=32),
    ),
    "interpolate:2:cubic,limits:-1000:400,outliers:3": (
        "fbs25",
        "3d_mrg",
        ProcessingChain(
            2.0,
            "cubic",
            limits=(-1000, 400),
            outliers_sd=3.0,
            discretisation=Discretisation("fbs", 25),
        ),
    ),
}


def volumes(number=2):
    for seed in range(number):
        rng = np.random.default_rng(seed)
        pixels = rng.normal(-100, 300, (6, 16, 14)).round()
        z, y, x = np.indices(pixels.shape)
        mask = ((z - 2.5) / 3) ** 2 + ((y - 8) / 7) ** 2 + ((x - 7) / 6) ** 2 < 1
        yield StoneImage(pixels, "HU", mask=mask, volume=True, spacing_mm=(3.0, 1.5, 1.5))


@pytest.mark.parametrize("text", CONFIGURATIONS)
def test_columns_are_what_the_chain_in_python_gives(text):
    levels, aggregation, chain = CONFIGURATIONS[text]
    images = list(volumes())
    families = ["first_order", "histogram", "glcm", "morphology"]
    extractor = FeatureExtractor(families, levels=levels, aggregation=aggregation, chain=text)
    rows = extractor.fit(images).transform(images)
    for row, image in zip(rows, images, strict=True):
        region, how = chain.apply(image), chain.grey_levels
        expected = [
            first_order.compute(region),
            histogram.compute(region, how),
            glcm.compute(region, how, aggregation),
            morphology.compute(region),
        ]
        named = extractor.get_feature_names_out().tolist()
        order = [f for name in ("first_order", "histogram", "glcm", "morphology") for f in named
                 if f.startswith(f"{name}_")]  # fmt: skip
        found = [row[named.index(name)] for name in order]
        np.testing.assert_allclose(found, np.concatenate(expected), rtol=1e-12)


def test_limits_leave_the_shape_and_change_the_intensities():
    images = list(volumes())
    plain = FeatureExtractor(["first_order", "morphology"]).set_output(transform="pandas")
    before, after = (
        extractor.fit_transform(images)
        for extractor in (plain, FeatureExtractor(plain.features, chain=RANGE).set_output(
            transform="pandas"))
    )  # fmt: skip
    assert (after["first_order_minimum"] >= -500).all()
    assert (before["first_order_minimum"] < -500).all()
    assert (before["morphology_volume"] == after["morphology_volume"]).all()


def test_bins_of_a_size_begin_at_the_limit_and_those_of_pyradiomics_do_not():
    images = list(volumes(1))
    lowest = {
        levels: FeatureExtractor("histogram", levels=levels, chain="limits:-2000:400")
        .set_output(transform="pandas")
        .fit_transform(images)[f"histogram_minimum_{levels}"][0]
        for levels in ("fbs25", "fbw25")
    }
    assert lowest["fbs25"] > 1
    assert lowest["fbw25"] == 1


def test_a_chain_that_cannot_be_used_is_refused_before_any_image_is_read():
    with pytest.raises(InputError, match="chain term 'limits:1'"):
        FeatureExtractor(chain="limits:1").fit(["no-such-file.png"])


def test_nothing_left_in_the_range_is_an_error_that_names_the_image():
    with pytest.raises(InputError, match="image 0: no intensity of the region"):
        FeatureExtractor("first_order", chain="limits:5000:6000").fit_transform(list(volumes(1)))


def test_a_chain_stays_in_the_model_file(tmp_path):
    images = list(volumes(4))
    classifier = StoneClassifier(FeatureExtractor("first_order", chain=RANGE), random_state=0)
    classifier.fit(images, ["a", "b", "a", "b"])
    save_model(classifier, tmp_path / "model.ksfeat")
    loaded = load_model(tmp_path / "model.ksfeat")
    assert loaded.extractor_.chain == RANGE
    np.testing.assert_array_equal(loaded.predict_proba(images), classifier.predict_proba(images))
