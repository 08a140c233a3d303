"""A trained CNN in a model file: it comes back bit for bit, and a lie in the file runs nothing."""

import json
import struct
import sys

import numpy as np
import pytest
import torch
from safetensors.torch import load, save

from ksfeat import (
    ArtifactError,
    FineTunedCNN,
    InputError,
    MissingExtraError,
    StoneClassifier,
    explain,
    load_model,
    save_model,
)
from ksfeat.cnn import weights_file

CNN = {"size": 32, "epochs": 1, "batch_size": 8, "device": "cpu"}


@pytest.fixture(scope="module")
def trained(images, tmp_path_factory):
    """The file of a small CNN, and the classifier that it is of."""
    folder = tmp_path_factory.mktemp("cnn")
    model = FineTunedCNN("seed_cnn", **CNN, checkpoint=folder / "secret" / "state.pt")
    classifier = StoneClassifier(model=model).fit(images[:16], np.arange(16) % 2)
    return save_model(classifier, folder / "cnn.ksf"), classifier


@pytest.fixture
def lie(trained, members, write):
    """Return a function that writes the file with other metadata or other weights."""

    def written(weights=None, **changes):
        metadata, member, payload = members(trained[0].read_bytes())
        if weights is not None:
            tensors = load(payload)
            weights(tensors)
            payload = save(tensors)
        for place, value in changes.items():
            *path, last = place.split("__")
            part = metadata
            for step in path:
                part = part[int(step) if step.isdigit() else step]
            part[last] = value
        return write(metadata, member, payload)

    return written


def test_it_comes_back_bit_for_bit(trained, images):
    path, classifier = trained
    loaded = load_model(path)
    np.testing.assert_array_equal(
        loaded.decision_function(images), classifier.decision_function(images)
    )
    assert loaded.predict(images).tolist() == classifier.predict(images).tolist()
    assert loaded.extractor_.units_ == ("grey",)
    again = loaded.fit(images[:16], np.arange(16) % 2)
    assert again.model_.losses_ == classifier.model_.losses_


def test_a_pretrained_network_comes_back_without_its_package(images, tmp_path, monkeypatch):
    classifier = StoneClassifier(model=FineTunedCNN("efficientnet_lite0", **CNN))
    classifier.fit(images[:8], np.arange(8) % 4)
    path = save_model(classifier, tmp_path / "lite.ksf")
    expected = classifier.decision_function(images[:8])
    monkeypatch.setattr("ksfeat.embedding.weights._checked_file", lambda *_: pytest.fail("read"))
    np.testing.assert_array_equal(load_model(path).decision_function(images[:8]), expected)


def test_equal_fits_are_equal_bytes_and_hold_no_path(trained, images, members, tmp_path):
    path, _ = trained
    again = StoneClassifier(model=FineTunedCNN("seed_cnn", **CNN))
    again.fit(images[:16], np.arange(16) % 2)
    assert save_model(again, tmp_path / "again.ksf").read_bytes() == path.read_bytes()
    metadata, member, _ = members(path.read_bytes())
    assert "secret" not in json.dumps(metadata)
    assert (metadata["format"], member) == (2, "model.safetensors")
    assert load_model(path).model_.checkpoint is None


def test_a_path_or_device_in_a_file_is_not_taken(lie, tmp_path):
    loaded = load_model(
        lie(model__params__checkpoint=str(tmp_path / "here.pt"), model__params__device="cuda:7")
    )
    assert (loaded.model.checkpoint, loaded.model_.checkpoint) == (None, None)
    assert loaded.model_.device == "auto"


def grown(tensors):
    tensors["0.weight"] = torch.zeros(200, 3, 5, 5)


def renamed(tensors):
    tensors["more"] = tensors.pop("0.bias")


def halved(tensors):
    tensors["0.weight"] = tensors["0.weight"].half()


def holed(tensors):
    tensors["0.weight"][0, 0, 0, 0] = float("nan")


def huge(tensors):
    for values in tensors.values():
        values.fill_(3e38)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (grown, r"weights '0\.weight' of shape \(200, 3, 5, 5\)"),
        (renamed, r"weights of another network \('0\.bias'\)"),
        (halved, r"torch\.float16; expected \(200, 3, 3, 3\) and torch\.float32"),
        (holed, r"weights '0\.weight' that are not finite"),
    ],
)
def test_weights_of_something_else_are_refused(lie, refused, weights, message):
    refused(lie(weights), message)


def test_weights_that_lead_to_no_number_are_told_in_one_line(lie, images):
    loaded = load_model(lie(huge))
    with pytest.raises(InputError, match="seed_cnn answers with what is no number"):
        loaded.predict(images[:1])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model__name": "cnn:timm:hf-hub:somebody/anything"}, "expected one of"),
        ({"model__name": "cnn:os.system"}, "expected one of"),
        ({"model__name": "cnn:efficientnet_lite0"}, "weights of another network"),
        ({"model__name": "linear", "model__params": {}}, "a CNN without pictures"),
        ({"classes": list(range(2000))}, "2000 classes"),
        ({"classes": [0, 1, 2]}, "shape"),
        ({"model__params__size": 10**7}, "size"),
        ({"model__params__epochs": 0}, "epochs"),
        ({"model__params__channels": "exec"}, "channels"),
        ({"model__params__evil": 1}, "no parameter 'evil'"),
        ({"parts__0__extractor__size": 10**7}, "size"),
        ({"parts__0__extractor": {}}, "none that `fit` makes"),
        ({"feature_names": ["a"]}, "not those that this version computes"),
    ],
)
def test_metadata_that_lies_is_refused(lie, refused, changes, message):
    refused(lie(**changes), message)


def test_a_novelty_for_pictures_is_refused(lie, refused):
    novelty = {"centre": [0.0], "scale": [1.0], "axes": [[1.0]], "residual": 1.0}
    novelty |= {"limit": 1.0, "refusal": 2.0, "modalities": []}
    refused(lie(certainty={"novelty": novelty, "remarks": []}), "novelty of a CNN")


@pytest.mark.parametrize(
    "payload",
    [b"", b"\x80\x04.", struct.pack("<Q", 2**62) + b"{}", struct.pack("<Q", 4) + b"nope"],
    ids=["empty", "pickle", "a header longer than the file", "no header"],
)
def test_what_is_no_safetensors_is_refused(trained, members, write, refused, payload):
    metadata, member, _ = members(trained[0].read_bytes())
    refused(write(metadata, member, payload), r"model\.safetensors: damaged")


def test_weights_for_a_table_classifier_are_refused(trained, saved, members, write, refused):
    metadata, *_ = members(saved["linear"][0])
    _, member, payload = members(trained[0].read_bytes())
    refused(write(metadata, member, payload), "another model than the metadata says")


def test_a_network_that_no_file_could_hold_is_refused_before_it_is_written(
    trained, tmp_path, monkeypatch
):
    monkeypatch.setattr(weights_file, "MOST_BYTES", 1000)
    with pytest.raises(InputError, match=r"seed_cnn has .* GB of weights; a model file holds"):
        save_model(trained[1], tmp_path / "large.ksf")
    assert not (tmp_path / "large.ksf").exists()


def test_without_torch_the_line_says_how_to_install_it(trained, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("ksfeat.cnn")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'ksfeat\[cnn\]'"):
        load_model(trained[0])


def test_what_is_of_features_is_refused_for_a_cnn(trained, images, covariates):
    with pytest.raises(InputError, match="an explanation by feature: of features, and a CNN"):
        explain(trained[1], images[:1])
    with pytest.raises(InputError, match=r"covariates \(age, sex\): of features"):
        StoneClassifier(model="cnn:seed_cnn").fit(images, np.arange(60) % 2, covariates=covariates)


def test_a_file_of_pictures_is_no_model_without_its_network(lie):
    with pytest.raises(ArtifactError):
        load_model(lie(parts=[]))
