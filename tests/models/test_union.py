"""`JointExtractor`: several extractors side by side keep the contract of one."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from torch import nn

from ksfeat import CNNEmbedding, FeatureExtractor, InputError, StoneClassifier, StoneImage, explain
from ksfeat.models.extractors import make_extractor
from ksfeat.models.union import JointExtractor


@pytest.fixture(scope="module")
def network() -> nn.Module:
    torch.manual_seed(0)
    layers = nn.Conv2d(3, 6, 3, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    return nn.Sequential(*layers, nn.Linear(6, 4)).eval()


@pytest.fixture
def joint(network) -> JointExtractor:
    embedding = CNNEmbedding(network, size=32)
    return JointExtractor([("features", FeatureExtractor("first_order")), ("cnn", embedding)])


@settings(max_examples=10, deadline=None)
@given(count=st.integers(1, 8))
def test_the_columns_are_those_of_the_parts_in_their_order(network, images, count):
    parts = [FeatureExtractor("lbp"), CNNEmbedding(network, size=32)]
    joint = JointExtractor([(str(place), part) for place, part in enumerate(parts)])
    expected = np.column_stack([part.fit_transform(images[:count]) for part in parts])
    np.testing.assert_array_equal(joint.fit_transform(images[:count]), expected)
    np.testing.assert_array_equal(joint.transform(images[:count]), expected)
    np.testing.assert_array_equal(joint.fit_transform_each(images[:count]), expected)
    names = [name for part in parts for name in part.get_feature_names_out()]
    assert joint.get_feature_names_out().tolist() == names
    assert joint.n_features_out_ == expected.shape[1]
    assert joint.families_ == ("lbp", "embedding")


def test_an_image_of_which_one_part_can_tell_nothing_stops_no_other(joint, images):
    volume = StoneImage(np.stack(images[:2]), volume=True)  # features take it, a network does not
    rows = joint.fit_transform_each([images[0], volume, images[1]])
    assert [isinstance(row, InputError) for row in rows] == [False, True, False]
    assert "a CNN takes one slice" in str(rows[1])
    assert isinstance(joint.transform_each([volume])[0], InputError)
    with pytest.raises(InputError, match="a CNN takes one slice"):
        clone(joint).fit_transform_each([volume])


def test_units_masks_and_force_reach_every_part(joint, images):
    joint.fit(images[:4])
    assert (joint.units_, joint.masks_, joint.left_out_) == (("grey",), "none", {})
    coloured = StoneImage(np.stack([images[0], images[1], images[2]], axis=-1), unit="rgb")
    flat = np.full((12, 12), 7, np.uint8)
    for strange in (coloured, flat):
        with pytest.raises(InputError, match="an image of"):
            joint.transform([strange])
    joint.forced = True
    assert np.isfinite(joint.transform([coloured])).all()
    assert joint.set_params(n_jobs=1).transform(images[:2]).shape == (2, joint.n_features_out_)
    assert [part.n_jobs for _, part in joint.parts_] == [1, 1]


def test_all_parts_are_judged_before_the_first_begins(network, images, monkeypatch):
    begun = []
    monkeypatch.setattr(FeatureExtractor, "fit_transform", lambda *_: begun.append(1))
    joint = JointExtractor([("a", FeatureExtractor()), ("b", CNNEmbedding(network, size=8))])
    with pytest.raises(InputError, match="size 8"):
        joint.fit_transform(images)
    for parts in ([], [("a", FeatureExtractor()), ("a", FeatureExtractor("lbp"))]):
        with pytest.raises(InputError, match="expected at least one, of different names"):
            JointExtractor(parts).fit_transform(images)
    assert not begun


def test_a_clone_is_not_fitted(joint, images):
    copy = clone(joint.fit(images[:2]))
    with pytest.raises(NotFittedError):
        copy.transform(images[:1])


@pytest.mark.parametrize("model", ["linear", "svm", "xgboost"])
def test_what_a_classifier_says_of_both_adds_up(joint, images, model):
    classifier = StoneClassifier(joint, model).fit(images, np.arange(60) % 2)
    explanation = explain(classifier, images[:5])
    assert explanation.additivity_error() < (1e-5 if model == "xgboost" else 1e-9)
    assert explanation.values.shape[1] == classifier.extractor_.n_features_out_


def test_with_a_crop_of_the_mask_an_image_without_is_refused(network, images):
    masked = [StoneImage(image, mask=image > image.mean()) for image in images[:3]]
    crop = CNNEmbedding(network, size=32, view="crop").fit(masked)
    assert crop.masks_ == "all"
    with pytest.raises(InputError, match="no mask; expected one"):
        crop.transform(images[:1])
    assert CNNEmbedding(network, size=32).fit(masked).masks_ is None


def test_an_embedding_sees_the_prepared_image(network, images):
    prepared = CNNEmbedding(network, size=32, preprocess="clahe").fit_transform(images[:2])
    assert (prepared != CNNEmbedding(network, size=32).fit_transform(images[:2])).any()


def test_names_of_features_make_one_extractor_or_both():
    assert isinstance(make_extractor("all"), JointExtractor)
    assert isinstance(make_extractor(("embedding",)), CNNEmbedding)
    assert isinstance(make_extractor(("texture", "lbp")), FeatureExtractor)
    both = make_extractor(("auto", "embedding"), size=64, preprocess="clahe", n_jobs=2)
    parts = dict(both.parts)
    assert parts["features"].get_params()["features"] == "auto"
    assert (parts["features"].size, parts["embedding"].size, both.n_jobs) == (64, 224, 2)
    assert parts["embedding"].preprocess == "clahe"
    alone = make_extractor("embedding", size=64, window="bone")
    assert (alone.size, alone.channels) == (64, "bone")


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ({"features": "embedding", "levels": 8}, "levels says how families are computed"),
        ({"features": "lbp", "embedding": {"model": "efficientnet_lite1"}}, "none is asked for"),
    ],
)
def test_a_setting_without_a_use_is_refused(asked, line):
    with pytest.raises(InputError, match=line):
        make_extractor(**asked)
