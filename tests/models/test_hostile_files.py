"""Files that are no model, or pretend to be one: each an `ArtifactError` that names the file."""

import json
import os
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from ksfeat import ArtifactError, load_model
from ksfeat.models import artifact
from ksfeat.models.payload import write_archive

MODELS = ["xgboost", "svm", "linear"]
FILE_LAW = settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


class Payload:
    """What a pickle runs when it is opened."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_is_never_opened(tmp_path, protocol, refused):
    path = tmp_path / "model.ksf"
    path.write_bytes(pickle.dumps(Payload(tmp_path / "run"), protocol))
    refused(path, "a Python pickle, which can run code" if protocol >= 2 else "not a ksfeat model")
    assert not (tmp_path / "run").exists()
    pickle.loads(path.read_bytes())
    assert (tmp_path / "run").exists()  # the payload works: it is the loader that does not run it


@pytest.mark.parametrize("member", ["model.skops", "model.json"])
def test_a_pickle_inside_a_model_file_is_never_opened(
    saved, members, write, tmp_path, member, refused
):
    metadata, *_ = members(saved["svm" if member == "model.skops" else "xgboost"][0])
    path = write(metadata, member, pickle.dumps(Payload(tmp_path / "run")))
    refused(path, f"hostile.ksf: {member}: damaged")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a ksfeat model file; expected a file that `ksfeat fit` or save_model wrote"),
        (b"This is my thesis.\n", "not a ksfeat model file"),
        (b"PK", "a truncated or damaged model file"),
        (b"PK\x05\x06" + bytes(18), "a zip, but not a ksfeat model"),
    ],
)
def test_a_file_of_another_kind_is_named(tmp_path, content, message, refused):
    path = tmp_path / "model.ksf"
    path.write_bytes(content)
    refused(path, message)


def test_a_picture_another_zip_a_folder_and_nothing(tmp_path, refused):
    Image.fromarray(np.zeros((9, 9), dtype=np.uint8)).save(tmp_path / "kidney.png")
    refused(tmp_path / "kidney.png", "not a ksfeat model file")
    (tmp_path / "docs.zip").write_bytes(write_archive({"readme.txt": b"hello"}))
    refused(tmp_path / "docs.zip", r"a zip, but not a ksfeat model \(expected metadata\.json and")
    (tmp_path / "folder").mkdir()
    refused(tmp_path / "folder", "no such model file; check the path")
    refused(tmp_path / "absent.ksf", "no such model file; check the path")


@pytest.mark.parametrize("name", MODELS)
@FILE_LAW
@given(data=st.data())
def test_a_truncated_file_is_refused(saved, tmp_path, name, data, refused):
    file, _ = saved[name]
    path = tmp_path / "model.ksf"
    path.write_bytes(file[: data.draw(st.integers(0, len(file) - 1))])
    refused(path)


@pytest.mark.parametrize("name", MODELS)
@FILE_LAW
@given(data=st.data())
def test_a_flipped_byte_is_refused_or_changes_nothing(saved, images, tmp_path, name, data):
    """Dates and attributes of a zip may differ; anything else is noticed."""
    file, classifier = saved[name]
    flipped = bytearray(file)
    # The ends of a zip hold its headers; what lies between is covered by checksums.
    edges = st.one_of(st.integers(0, 99), st.integers(len(file) - 250, len(file) - 1))
    position = data.draw(st.one_of(edges, st.integers(0, len(file) - 1)))
    flipped[position] ^= data.draw(st.integers(1, 255))
    path = tmp_path / "model.ksf"
    path.write_bytes(flipped)
    try:
        loaded = load_model(path)
    except ArtifactError as error:
        message = str(error)
    else:
        margins = classifier.decision_function(images[:5])
        np.testing.assert_array_equal(loaded.decision_function(images[:5]), margins)
        return
    assert message.startswith("model.ksf: ")


def test_a_changed_payload_fails_its_checksum(saved, members, tmp_path, refused):
    metadata, member, content = members(saved["xgboost"][0])
    path = tmp_path / "model.ksf"
    parts = {"metadata.json": json.dumps(metadata).encode(), member: content + b" "}
    path.write_bytes(write_archive(parts))
    refused(path, r"damaged \(checksum of model\.json\); copy it again")


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(
    saved, members, write, monkeypatch, refused
):
    metadata, *_ = members(saved["xgboost"][0])
    path = write(metadata, "model.json", bytes(2_000_000))
    assert path.stat().st_size < 20_000
    monkeypatch.setattr(artifact, "MAX_BYTES", 1_000_000)
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("unpacked"))
    refused(path, "unpacks to more than a model needs; refused")


def test_a_size_that_lies_does_not_unpack_more(saved, members, write, refused):
    """A member that claims fewer bytes than it holds is cut there and fails its checksum."""
    metadata, member, content = members(saved["xgboost"][0])
    path = write(metadata, member, content)
    size = len(content).to_bytes(4, "little")
    assert path.read_bytes().count(size) == 2
    path.write_bytes(path.read_bytes().replace(size, (99).to_bytes(4, "little")))
    refused(path, "a truncated or damaged model file")


@pytest.mark.parametrize("name", MODELS)
def test_a_newer_format_asks_for_an_upgrade(saved, members, write, name, refused):
    metadata, member, content = members(saved[name][0])
    newer = {**metadata, "format": 3, "ksfeat": "9.0"}
    message = "written by ksfeat 9.0 in format 3; this version reads up to 2; upgrade ksfeat"
    refused(write(newer, member, content), message)
    for found in (0, -1, "1", None, 1.5):
        refused(write({**metadata, "format": found}, member, content), "expected a number from 1")


@pytest.mark.parametrize(
    "extra", [{"evil.py": b"print()"}, {"../metadata.json": b"{}"}, {"model.json/": b""}]
)
def test_another_member_is_refused(saved, members, write, extra, refused):
    metadata, member, content = members(saved["linear"][0])
    refused(write(metadata, member, content, **extra), "a zip, but not a ksfeat model")


NESTED = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize("text", ["", "null", "[]", '"text"', "{}", '{"format": 1}', "{", NESTED])
def test_metadata_of_another_shape_is_damaged(saved, members, tmp_path, text, refused):
    _, member, content = members(saved["linear"][0])
    path = tmp_path / "model.ksf"
    path.write_bytes(write_archive({"metadata.json": text.encode(), member: content}))
    refused(path, "its metadata is damaged")


LIES = {
    "classes": [
        ["class 0", "class 1"],
        ["class 0", "class 1", "class 2", "class 3"],
        ["class 0", "class 2", "class 1"],
        ["class 0", "class 0", "class 1"],
        [["class 0"], ["class 1"], ["class 2"]],
        ["class 0", 1, "class 2"],
        ["class 0"],
        "abc",
        None,
    ],
    "feature_names": [[], ["first_order_mean"], None],
    "masks": ["most", [], ["all"], 3, True],
    "units": [[], "HU", ["mm"], [["HU"]], {"HU": 1}, 3],
    "families": [["shape"], ["no such family"], [], None, [["first_order"]]],
    "model": [
        {"name": "svm", "params": {}},
        {"name": "xgboost", "params": {}},
        {"name": "forest", "params": {}},
        {"name": "linear", "params": {"C": 1, "shell": "rm"}},
        {"name": ["linear"], "params": {}},
        None,
    ],
    "extractor": [{"features": "auto", "levels": {}}, {"features": {}, "evil": 1}, None],
    "covariates": [{"age": None}, ["age"], {"sex": ["f"]}],
    "nan_seen": [None, 3],
    "image_digests": [None, 3],
    "training": [None, 3, "text"],
}


@pytest.mark.parametrize(
    ("field", "lie"), [(field, lie) for field, lies in LIES.items() for lie in lies], ids=str
)
def test_metadata_that_lies_is_refused(saved, members, write, field, lie, refused):
    metadata, member, content = members(saved["linear"][0])
    assert metadata["model"]["name"] == "linear"
    refused(write({**metadata, field: lie}, member, content))
    lost = {name: value for name, value in metadata.items() if name != field}
    if field not in ("units", "masks"):  # which files of ksfeat 0.1 do not say
        refused(write(lost, member, content), "its metadata is damaged")


@pytest.mark.parametrize(
    "damage",
    [
        {"preprocess": "sharpen"},
        {"preprocess": ["clahe", "resize:0"]},
        {"preprocess": 3},
        {"preprocess": {"clahe": 1}},
        {"window": "no such window"},
        {"size": -4},
        {"levels": 1},
    ],
    ids=str,
)
def test_an_extractor_that_describes_no_image_is_refused_at_load(
    saved, members, write, damage, refused
):
    """And not by the first image to be predicted, where its file would be blamed."""
    metadata, member, content = members(saved["linear"][0])
    changed = {**metadata, "extractor": {**metadata["extractor"], **damage}}
    refused(write(changed, member, content), r"its metadata is damaged \(.*\); copy it again")


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("other", MODELS)
def test_the_model_of_another_file_is_refused(saved, members, write, name, other, refused):
    metadata, *_ = members(saved[name][0])
    _, member, content = members(saved[other][0])
    path = write(metadata, member, content)
    if other == name:
        assert load_model(path).classes_.tolist() == metadata["classes"]
    else:
        refused(path)


@pytest.mark.parametrize("name", MODELS)
def test_classes_of_another_number_do_not_fit_the_model(saved, members, write, name, refused):
    metadata, member, content = members(saved[name][0])
    refused(write({**metadata, "classes": ["class 0", "class 1"]}, member, content))


def test_a_payload_that_is_not_where_the_metadata_says(saved, members, tmp_path, refused):
    metadata, member, content = members(saved["linear"][0])
    metadata["payload"]["member"] = "model.json"
    path = tmp_path / "model.ksf"
    path.write_bytes(
        write_archive({"metadata.json": json.dumps(metadata).encode(), member: content})
    )
    refused(path, "its metadata is damaged")
