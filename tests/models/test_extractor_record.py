"""Embeddings in a model file: they come back bit for bit, and a lie in the file runs nothing."""

import sys

import numpy as np
import pytest
import torch
from torch import nn

from ksfeat import (
    ArtifactError,
    CNNEmbedding,
    FeatureExtractor,
    MissingExtraError,
    StoneClassifier,
    load_model,
    save_model,
)
from ksfeat.embedding import extractor as embedding_module
from ksfeat.models.union import JointExtractor


def small_network(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    layers = nn.Conv2d(3, 6, 3, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    return nn.Sequential(*layers, nn.Linear(6, 4)).eval()


@pytest.fixture(scope="module")
def named(images, tmp_path_factory):
    """A file of features beside a packaged network, and the classifier that it is of."""
    kept = tmp_path_factory.mktemp("vectors")
    embedding = CNNEmbedding(size=(32, 40), layers=["stem", "last"], cache=kept)
    parts = [("features", FeatureExtractor("first_order")), ("embedding", embedding)]
    classifier = StoneClassifier(JointExtractor(parts, n_jobs=1), "linear")
    classifier.fit(images[:15], np.arange(15) % 3)
    return save_model(classifier, tmp_path_factory.mktemp("m") / "both.ksf"), classifier


@pytest.fixture
def own(images, tmp_path):
    classifier = StoneClassifier(CNNEmbedding(small_network(), size=32), "linear")
    classifier.fit(images, np.arange(60) % 2)
    return save_model(classifier, tmp_path / "own.ksf"), classifier


def test_both_come_back_bit_for_bit(named, images):
    """The whole batch of the fit: a vector is the same in other company to 1e-5 only."""
    path, classifier = named
    loaded = load_model(path)
    expected = classifier.decision_function(images[:15])
    np.testing.assert_array_equal(loaded.decision_function(images[:15]), expected)
    assert loaded.get_feature_names_out().tolist() == classifier.get_feature_names_out().tolist()
    again = loaded.fit(images[:15], np.arange(15) % 3)
    np.testing.assert_array_equal(again.decision_function(images[:15]), expected)


def test_neither_the_cache_nor_the_device_is_in_the_file(named, members):
    path, classifier = named
    metadata, *_ = members(path.read_bytes())
    assert metadata["format"] == 2
    assert "cache" not in metadata["parts"][1]["extractor"]
    assert str(dict(classifier.extractor.parts)["embedding"].cache) not in str(metadata)
    assert dict(load_model(path).extractor_.parts_)["embedding"].cache is None


def test_features_alone_are_written_so_that_older_versions_read_them(saved, members):
    metadata, *_ = members(saved["linear"][0])
    assert metadata["format"] == 1


def test_a_network_of_ones_own_is_given_again(own, images):
    path, classifier = own
    with pytest.raises(ArtifactError, match=r"own\.ksf: was fitted with a network of your own"):
        load_model(path)
    loaded = load_model(path, module=small_network())
    expected = classifier.decision_function(images)
    np.testing.assert_array_equal(loaded.decision_function(images), expected)


def test_another_network_of_ones_own_is_refused_by_its_hash(own):
    with pytest.raises(ArtifactError, match=r"Sequential has other weights .* than the embedding"):
        load_model(own[0], module=small_network(seed=1))


def test_a_module_that_no_part_needs_is_refused(named, saved, tmp_path):
    with pytest.raises(ArtifactError, match="holds no embedding of your own module"):
        load_model(named[0], module=small_network())


def test_other_weights_in_the_package_are_refused_in_one_line(named, members, write, refused):
    metadata, member, payload = members(named[0].read_bytes())
    metadata["parts"][1]["weights_hash"] = "0" * 64
    refused(write(metadata, member, payload), "efficientnet_lite0 has other weights")


@pytest.mark.parametrize(
    "name",
    [
        "timm:hf-hub:somebody/anything",
        "timm:local-dir:anything",
        "torchvision:../resnet18",
        "torchvision:",
        "os:system",
        "https://example.org/weights.pth",
        "efficientnet_lite0\n",
        ["efficientnet_lite0"],
        None,
    ],
)
def test_a_name_that_is_no_networks_is_refused_before_anything_is_imported(
    named, members, write, refused, monkeypatch, name
):
    monkeypatch.setattr(embedding_module, "load_backbone", lambda *_: pytest.fail("looked up"))
    metadata, member, payload = members(named[0].read_bytes())
    metadata["parts"][1]["network"] = name
    refused(write(metadata, member, payload), "model .*; expected one of efficientnet_lite0")
    assert "timm" not in sys.modules


@pytest.mark.parametrize(
    ("lie", "message"),
    [
        ({"kind": "pickle"}, "a part of kind 'pickle'"),
        ({"weights_hash": None}, "damaged"),
        ({"weights_hash": "abc"}, "none that `fit` makes"),
        ({"extractor": {}}, "none that `fit` makes"),
        ({"units": ["metre"]}, "units"),
        ({"masks": "many"}, "masks"),
    ],
)
def test_a_part_that_lies_is_refused(named, members, write, refused, lie, message):
    metadata, member, payload = members(named[0].read_bytes())
    metadata["parts"][1] |= lie
    refused(write(metadata, member, payload), message)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("size", 10**6),
        ("batch_size", 10**9),
        ("layers", ["last"] * 1000),
        ("layers", [1]),
        ("backend", "exec"),
        ("preprocess", "run:me"),
    ],
)
def test_a_setting_that_fit_would_refuse_is_refused(named, members, write, refused, setting, value):
    metadata, member, payload = members(named[0].read_bytes())
    metadata["parts"][1]["extractor"][setting] = value
    refused(write(metadata, member, payload))


def test_too_many_parts_are_refused(named, members, write, refused):
    metadata, member, payload = members(named[0].read_bytes())
    metadata["parts"] *= 1000
    refused(write(metadata, member, payload), "2000 parts; expected 1 to 8")


def test_without_torch_the_line_says_how_to_install_it(named, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'ksfeat\[cnn\]'"):
        load_model(named[0])
