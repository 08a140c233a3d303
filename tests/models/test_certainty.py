"""Certainty in a model file: what lies is refused before it is used."""

import numpy as np
import pytest

from ksfeat import load_model, save_model
from ksfeat.models.certainty import Certainty, fit_certainty, with_novelty


@pytest.fixture
def kept(fit, images, tmp_path, members):
    """Return metadata, member and payload of a model of three classes with all its certainty."""
    classifier = fit("linear")
    margins = classifier.decision_function(images)
    labels = classifier.predict(images)
    found = fit_certainty(margins, labels, classifier.classes_, None, calibrate="platt")
    classifier.certainty_ = with_novelty(found, classifier.describe(images), None, ("CT",))
    return members(save_model(classifier, tmp_path / "m.ksf").read_bytes())


def test_a_file_without_certainty_is_an_uncalibrated_model(fit, tmp_path):
    assert load_model(save_model(fit("linear"), tmp_path / "m.ksf")).certainty_ is None


def test_what_was_written_is_read(kept, write):
    metadata, member, payload = kept
    loaded = load_model(write(metadata, member, payload))
    assert loaded.certainty_.to_dict() == metadata["certainty"]
    assert loaded.certainty_.novelty.modalities == ("CT",)
    assert loaded.certainty_.method == "platt"


@pytest.mark.parametrize(
    "lie",
    [
        "sure",
        {"calibration": {"method": "platt", "slope": [1.0], "offset": [0.0]}},
        {"calibration": {"method": "__import__"}},
        {"calibration": []},
        {"conformal": {"coverage": 0.9, "limits": [1.0], "n_groups": [9]}},
        {"conformal": {"coverage": "much", "limits": [1.0] * 3, "n_groups": [9] * 3}},
        {"novelty": {"centre": [0.0]}},
    ],
)
def test_lies_are_refused_in_one_line(kept, write, refused, lie):
    metadata, member, payload = kept
    refused(write({**metadata, "certainty": lie}, member, payload))


def test_few_groups_leave_a_remark_and_no_limits():
    codes = np.array([0, 1] * 4)
    found = fit_certainty(2.0 * codes - 1, codes, np.array([0, 1]), None, calibrate="platt")
    assert found.sets.limits == (None, None)
    assert len(found.remarks) == 2
    assert Certainty.from_dict(None, 2, 3) is None
