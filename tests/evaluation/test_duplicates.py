"""Duplicates: altered copies of one slice are found, different slices are not."""

import cv2
import numpy as np
import pytest

from ksfeat.evaluation import duplicates
from ksfeat.evaluation.duplicates import aligned_correlation, detail_of, find_duplicates
from ksfeat.evaluation.pose import FLIPS, Pairs, find_pairs, poses
from ksfeat.evaluation.proxy import high_passed
from ksfeat.phantom import Scan, make_phantom


@pytest.fixture(scope="module")
def slices(tmp_path_factory):
    """One slice each of 12 simulated patients, as bytes."""
    folder = tmp_path_factory.mktemp("slices") / "data"
    make_phantom(folder, patients=12, slices=1, scan=Scan(size=128))
    files = sorted(folder.glob("images/*/*.png"))
    return [cv2.imread(str(file), cv2.IMREAD_GRAYSCALE) for file in files]


def rotated(image, degrees=5):
    height, width = image.shape
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    return cv2.warpAffine(image, matrix, (width, height))


def compressed(image, quality=60):
    _, content = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(content, cv2.IMREAD_GRAYSCALE)


ALTERED = {
    "as it is": lambda image: image.copy(),
    "resized": lambda image: cv2.resize(image, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA),
    "compressed": compressed,
    "flipped": lambda image: cv2.flip(image, 1),
    "upside down": lambda image: cv2.flip(image, 0),
    "rotated": rotated,
    "other contrast": lambda image: np.rint((image / 255) ** 0.7 * 200 + 20).astype(np.uint8),
    "all at once": lambda image: compressed(rotated(cv2.flip(image, -1))),
}


def found_among(images):
    digests = [image.tobytes().hex() + str(image.shape) for image in images]
    pairs = find_pairs(np.array([high_passed(image) for image in images]), 0.5)
    return find_duplicates(pairs, np.array([detail_of(image) for image in images]), digests)


@pytest.mark.parametrize("name", ALTERED)
def test_an_altered_copy_is_found_and_nothing_else(slices, name):
    found = found_among([*slices, ALTERED[name](slices[4])])
    assert list(zip(found.first.tolist(), found.second.tolist(), strict=True)) == [(4, 12)]
    assert found.exact.tolist() == [name == "as it is"]
    assert found.correlation[0] > 0.85


def test_many_equal_images_are_each_paired_with_the_first(slices):
    found = found_among([*slices, slices[2].copy(), slices[2].copy()])
    assert list(zip(found.first.tolist(), found.second.tolist(), strict=True)) == [(2, 12), (2, 13)]
    assert found.exact.all()


def test_no_image_gives_more_proposals_than_are_kept(slices, monkeypatch):
    monkeypatch.setattr(duplicates, "MOST_PROPOSALS", 1)
    copies = [compressed(slices[0], quality) for quality in (95, 85, 75)]
    found = found_among([slices[0], *copies, *slices[1:]])
    assert 1 <= len(found) <= 3


def test_the_correlation_is_one_for_itself_and_low_for_another(slices):
    one, other = detail_of(slices[0]), detail_of(slices[5])
    upright = poses().index((FLIPS[0], 0))
    assert aligned_correlation((one, one, upright)) == pytest.approx(1, abs=1e-3)
    assert aligned_correlation((one, other, upright)) < 0.85
    assert aligned_correlation((one, np.zeros_like(one), upright)) == 0


def test_a_proposal_is_confirmed_by_its_detail_alone(slices):
    """Thumbnails may propose two patients: what is compared then is the detail."""
    one = np.array([0])
    proposed = Pairs(one, one + 1, np.array([0.9]), np.array([poses().index((FLIPS[0], 0))]))
    details = [detail_of(slices[0]), detail_of(slices[5])]
    assert len(find_duplicates(proposed, details, ["a", "b"])) == 0
    assert len(find_duplicates(proposed, details, ["a", "b"], least=-1)) == 1


def test_a_copy_that_hardly_overlaps_is_none(slices):
    one = detail_of(slices[0])
    away = np.array([[1, 0, 70], [0, 1, 0]], dtype=float)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicates, "_refined", lambda *_: away)
        assert aligned_correlation((one, one, 0)) == 0


def test_unreadable_images_are_no_duplicates_of_each_other():
    assert len(duplicates._equal(["", "", "a", "b"])) == 0
