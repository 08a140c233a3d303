"""The model file: what is saved comes back bit for bit, and equal fits are equal bytes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from ksfeat import (
    FeatureExtractor,
    InputError,
    StoneClassifier,
    StoneImage,
    explain,
    load_model,
    make_classifier,
    save_model,
)
from ksfeat.models import artifact
from ksfeat.models.payload import write_archive

MODELS = ["xgboost", "svm", "linear"]


def assert_same(one, other, images, covariates=None):
    """Margins, classes, names and parameters are equal; so is what an explanation says."""
    margins = one.decision_function(images, covariates)
    np.testing.assert_array_equal(other.decision_function(images, covariates), margins)
    for answer, expected in zip(
        *(m.predict(images, covariates) for m in (other, one)), strict=True
    ):
        assert answer == expected
        assert isinstance(answer, type(expected))
    assert other.classes_.tolist() == one.classes_.tolist()
    assert other.get_feature_names_out().tolist() == one.get_feature_names_out().tolist()
    assert other.model_.get_params() == one.model_.get_params()
    assert other.extractor_.get_params() == one.extractor_.get_params()
    again, explanation = (explain(model, images, covariates) for model in (other, one))
    for name in ("values", "base_values", "margins"):
        np.testing.assert_array_equal(getattr(again, name), getattr(explanation, name))


@pytest.mark.parametrize("n_classes", [2, 5])
@pytest.mark.parametrize("name", MODELS)
def test_a_model_comes_back_bit_for_bit(fit, images, tmp_path, name, n_classes):
    classifier = fit(name, n_classes)
    loaded = load_model(save_model(classifier, tmp_path / "niere ä 1.ksf"))
    assert_same(classifier, loaded, images)
    assert loaded.random_state == 3


@pytest.mark.parametrize("n_classes", [2, 5])
@pytest.mark.parametrize("name", MODELS)
def test_covariates_come_back(fit, images, covariates, tmp_path, name, n_classes):
    classifier = fit(name, n_classes, covariates=covariates)
    loaded = load_model(save_model(classifier, tmp_path / "model.ksf"))
    assert_same(classifier, loaded, images[:20], covariates[:20])
    assert loaded.get_feature_names_out()[-4:].tolist() == ["age", "sex=f", "sex=m", "sex=unknown"]
    with pytest.raises(InputError, match="no covariates given; the model was fitted with age, sex"):
        loaded.predict(images)


@pytest.mark.parametrize(
    "labels",
    [[30, 10, 20], [False, True], [1.0, 2.0], np.array(["stone", "nostone"], dtype=object)],
    ids=["int", "bool", "float", "object"],
)
@pytest.mark.parametrize("name", MODELS)
def test_labels_of_any_type_come_back(fit, images, tmp_path, name, labels):
    classifier = fit(name, len(labels), labels=labels)
    loaded = load_model(save_model(classifier, tmp_path / "model.ksf"))
    assert_same(classifier, loaded, images)


def test_the_training_summary_and_what_was_missing_come_back(fit, images, tmp_path):
    classifier = fit("linear")
    classifier.extractor_.masks_ = "some"  # or no mask is taken
    path = save_model(classifier, tmp_path / "model.ksf", training={"n_images": 60, "seed": None})
    loaded = load_model(path)
    assert loaded.training_ == {"n_images": 60, "seed": None}
    flat_mask = np.zeros((12, 12), dtype=bool)
    flat_mask[2, 2] = True
    with pytest.warns(UserWarning, match=r"not defined .* never happened in training \(first_ord"):
        loaded.predict([StoneImage(images[0], mask=flat_mask)])


def test_a_loaded_model_can_be_cloned_and_fitted_again(fit, images, tmp_path):
    classifier = fit("xgboost", learning_rate=np.float64(0.3), max_depth=np.int64(2))
    loaded = load_model(save_model(classifier, tmp_path / "model.ksf"))
    labels = classifier.predict(images)
    again, first = (clone(model).fit(images, labels) for model in (loaded, classifier))
    assert_same(first, again, images)


def test_parameters_of_the_extractor_come_back(images, tmp_path):
    extractor = FeatureExtractor(["histogram", "shape"], size=np.int64(10), levels=8, n_jobs=2)
    classifier = StoneClassifier(extractor, make_classifier("linear"))
    classifier.fit(images, np.arange(60) % 2)
    loaded = load_model(save_model(classifier, tmp_path / "model.ksf"))
    margins = classifier.decision_function(images)
    np.testing.assert_array_equal(loaded.decision_function(images), margins)
    params = loaded.extractor.get_params()
    assert params == {**extractor.get_params(), "features": ("histogram", "shape"), "n_jobs": None}


def test_the_file_names_no_image(images, tmp_path, members):
    """The extractor's reasons do: an image that is not in HU is why densities are left out."""
    named = [StoneImage(image, key=f"patient_{place}.png") for place, image in enumerate(images)]
    classifier = StoneClassifier(FeatureExtractor("auto"), "linear")
    classifier.fit(named, np.arange(60) % 2)
    assert "patient_0.png" in " ".join(classifier.extractor_.left_out_.values())
    path = save_model(classifier, tmp_path / "model.ksf")
    metadata, _, payload = members(path.read_bytes())
    assert "patient" not in json.dumps(metadata)
    assert b"patient" not in payload
    left_out = load_model(path).extractor_.left_out_
    assert left_out.keys() == classifier.extractor_.left_out_.keys()


def test_the_units_of_training_come_back_and_others_are_refused(fit, images, tmp_path):
    loaded = load_model(save_model(fit("linear"), tmp_path / "model.ksf"))
    assert loaded.extractor_.units_ == ("grey",)
    scan = StoneImage(images[0], unit="HU", key="a.dcm")
    with pytest.raises(InputError, match=r"a\.dcm: an image of unit 'HU'; expected 'grey', which"):
        loaded.predict([scan])


def test_whether_training_images_had_masks_comes_back(fit, images, tmp_path):
    loaded = load_model(save_model(fit("linear"), tmp_path / "model.ksf"))
    assert loaded.extractor_.masks_ == "none"
    region = StoneImage(images[0], mask=np.ones(images[0].shape), key="a.png")
    with pytest.raises(InputError, match=r"a\.png: a mask; expected none, as no image had one"):
        loaded.predict([region])


def test_an_older_file_that_names_neither_units_nor_masks_takes_all(
    fit, images, saved, members, write
):
    metadata, member, payload = members(saved["linear"][0])
    del metadata["units"], metadata["masks"]
    older = load_model(write(metadata, member, payload))
    assert (older.extractor_.units_, older.extractor_.masks_) == (None, None)
    region = StoneImage(images[0], unit="HU", mask=np.ones(images[0].shape))
    assert older.predict([region]).shape == (1,)


SAVE_ALL = """
import sys
import numpy as np
from ksfeat import FeatureExtractor, StoneClassifier, make_classifier, save_model
rng = np.random.default_rng(0)
images = list(rng.integers(0, 255, (40, 12, 12)).astype(np.uint8))
labels = np.array(["c", "a", "b"])[np.arange(40) % 3]
folder, jobs = sys.argv[1], int(sys.argv[2])
for model in (make_classifier("xgboost", n_estimators=5), "svm", "linear"):
    classifier = StoneClassifier(FeatureExtractor(n_jobs=jobs), model).fit(images, labels)
    save_model(classifier, f"{folder}/{str(model)[:3]}.ksf", training={"b": 1, "a": [2]})
"""


@pytest.mark.slow
def test_the_same_fit_is_the_same_bytes_in_another_process_with_two_jobs(tmp_path):
    for jobs in ("1", "2"):
        folder = tmp_path / jobs
        folder.mkdir()
        environment = {**os.environ, "PYTHONHASHSEED": jobs}
        command = [sys.executable, "-c", SAVE_ALL, str(folder), jobs]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    files = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert files == ["XGB.ksf", "lin.ksf", "svm.ksf"]
    for name in files:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes(), name


def test_an_older_model_is_replaced(fit, images, tmp_path):
    path = save_model(fit("xgboost"), tmp_path / "model.ksf")
    classifier = fit("linear")
    save_model(classifier, path)
    assert_same(classifier, load_model(path), images)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 my thesis",
        b"\x80\x04}.",
        b"PK\x05\x06" + bytes(18),
        b"PK\x05\x06" + bytes(8) + b"\xff" * 8 + bytes(2),
        write_archive({"metadata.json": b"{}", "thesis.xml": b"..."}),
    ],
)
def test_a_foreign_file_is_refused_and_untouched(saved, tmp_path, content):
    path = tmp_path / "thesis.docx"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"thesis\.docx: exists and is not a ksfeat model; choose"):
        save_model(saved["linear"][1], path)
    assert path.read_bytes() == content


def test_places_that_cannot_hold_a_file_are_refused(saved, tmp_path):
    classifier = saved["linear"][1]
    with pytest.raises(InputError, match=r"there is no folder .*absent; make it first"):
        save_model(classifier, tmp_path / "absent" / "model.ksf")
    with pytest.raises(InputError, match=r"a folder; expected a file name such as model\.ksf"):
        save_model(classifier, tmp_path)


def test_nothing_is_left_behind_when_writing_fails(saved, tmp_path, monkeypatch):
    path = tmp_path / "model.ksf"
    path.write_bytes(saved["svm"][0])

    def full(*_):
        raise OSError(28, "No space left on device")

    for place, name in ((Path, "write_bytes"), (Path, "replace"), (artifact, "write_archive")):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, full)
            with pytest.raises(OSError, match="No space left"):
                save_model(saved["linear"][1], path)
        assert list(tmp_path.iterdir()) == [path]
        assert path.read_bytes() == saved["svm"][0]


def test_what_is_no_fitted_classifier_of_ours_is_refused(fit, images, tmp_path):
    path = tmp_path / "model.ksf"
    with pytest.raises(NotFittedError):
        save_model(StoneClassifier(), path)
    with pytest.raises(InputError, match="LinearClassifier cannot be saved; expected a StoneCl"):
        save_model(make_classifier("linear"), path)
    seeded = fit("xgboost", random_state=np.random.RandomState(0))
    with pytest.raises(InputError, match="a RandomState among its parameters is no plain value"):
        save_model(seeded, path)
    with pytest.raises(InputError, match=r"cannot be saved: .*not JSON compliant"):
        save_model(fit("linear"), path, training={"score": np.nan})

    class Mine(type(make_classifier("linear"))):
        pass

    own = StoneClassifier(FeatureExtractor("first_order"), Mine()).fit(images, np.arange(60) % 2)
    with pytest.raises(InputError, match="Mine is none of ksfeat's classifiers"):
        save_model(own, path)
    assert not path.exists()
