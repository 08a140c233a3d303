"""Small fitted classifiers over images, and their files."""

import hashlib
import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest

from ksfeat import (
    ArtifactError,
    FeatureExtractor,
    StoneClassifier,
    load_model,
    make_classifier,
    save_model,
)
from ksfeat.models.payload import write_archive

MODELS = {
    "xgboost": {"n_estimators": 8, "max_depth": 3},
    "svm": {"C": 2.0},
    "linear": {},
}


@pytest.fixture(scope="session")
def images():
    """60 grey images of 12x12 pixels whose brightness grows with their place, modulo 5."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 100, (60, 12, 12))
    return list((noise + 25 * (np.arange(60) % 5)[:, None, None]).astype(np.uint8))


@pytest.fixture(scope="session")
def fit(images):
    """Return a function that fits a classifier over the images by the name of its model."""

    def fitted(name, n_classes=3, labels=None, covariates=None, **params):
        codes = np.arange(60) % 5 % n_classes
        names = np.array([f"class {code}" for code in range(n_classes)])
        y = (names if labels is None else np.asarray(labels))[codes]
        model = make_classifier(name, **{**MODELS[name], **params})
        classifier = StoneClassifier(FeatureExtractor("first_order"), model, random_state=3)
        return classifier.fit(images, y, covariates=covariates)

    return fitted


@pytest.fixture(scope="session")
def covariates():
    """Age with holes, and sex with holes and a category of its own in row 0."""
    rng = np.random.default_rng(1)
    age = rng.integers(20, 80, 60).astype(float)
    age[::7] = np.nan
    sex = np.array(["f", "m"], dtype=object)[np.arange(60) // 2 % 2]
    sex[0], sex[5] = "unknown", None
    return pd.DataFrame({"age": age, "sex": sex})


@pytest.fixture(scope="session")
def saved(fit, tmp_path_factory):
    """The file of each model, as bytes, and the classifier that was saved."""
    folder = tmp_path_factory.mktemp("saved")
    files = {}
    for name in MODELS:
        classifier = fit(name)
        files[name] = save_model(classifier, folder / f"{name}.ksf").read_bytes(), classifier
    return files


@pytest.fixture(scope="session")
def members():
    """Return a function from a file to its metadata, and the name and bytes of its model."""

    def read(file):
        with zipfile.ZipFile(io.BytesIO(file)) as archive:
            (name,) = set(archive.namelist()) - {"metadata.json"}
            return json.loads(archive.read("metadata.json")), name, archive.read(name)

    return read


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a model file whose checksum fits, whatever is in it."""

    def written(metadata, member, payload, **extra):
        digest = hashlib.sha256(payload).hexdigest()
        metadata = {**metadata, "payload": {"member": member, "sha256": digest}}
        parts = {"metadata.json": json.dumps(metadata).encode(), member: payload, **extra}
        path = tmp_path / "hostile.ksf"
        path.write_bytes(write_archive(parts))
        return path

    return written


@pytest.fixture(scope="session")
def refused():
    """Return a function that sees a file refused in one line that names it."""

    def see(path, message=None):
        with pytest.raises(ArtifactError, match=message) as caught:
            load_model(path)
        assert path.name in str(caught.value)
        assert "\n" not in str(caught.value)

    return see
