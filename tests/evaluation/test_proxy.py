"""Proxy groups: phantom patients are found again, crops of one file stay together."""

import cv2
import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import adjusted_rand_score

from ksfeat import InputError, StoneImage, find_proxy_groups, load_dataset, make_phantom
from ksfeat.evaluation import pose, proxy
from ksfeat.io import ImageSource


@pytest.fixture(scope="module")
def phantom(stone_data):
    return load_dataset(stone_data)


@pytest.fixture(scope="module")
def found(phantom):
    return find_proxy_groups(phantom.images)


def test_phantom_patients_are_found_from_pixels_alone(phantom, found):
    """The adjusted Rand index is 1 for the same partition and 0 for one by chance."""
    assert adjusted_rand_score(phantom.groups, found) >= 0.9


def with_noise(dataset, level):
    """Noise of so many grey levels, each of which is 8 HU."""
    rng = np.random.default_rng(level)
    images = [source.read().grey() for source in dataset.images]
    return [image + rng.normal(0, level, image.shape) for image in images]


def test_noise_does_not_hide_them(phantom):
    found = find_proxy_groups(with_noise(phantom, 4))
    assert adjusted_rand_score(phantom.groups, found) >= 0.9


@pytest.mark.slow
def test_strong_noise_does_not_hide_patients_of_usual_pixels(tmp_path):
    """A pixel of the thumbnail is the mean of 9 pixels of 96x96 images, and of 64 of 256x256."""
    large = load_dataset(make_phantom(tmp_path / "data", patients=16, slices=4) / "manifest.csv")
    assert adjusted_rand_score(large.groups, find_proxy_groups(with_noise(large, 12))) >= 0.9


def test_slices_that_were_each_flipped_and_turned_are_found(phantom):
    """As public sets are augmented before they are published."""
    rng = np.random.default_rng(0)
    images = []
    for source in phantom.images:
        grey = cv2.flip(source.read().grey(), 1) if rng.random() < 0.5 else source.read().grey()
        centre = (grey.shape[1] / 2, grey.shape[0] / 2)
        turned = cv2.getRotationMatrix2D(centre, rng.uniform(-8, 8), 1.0)
        images.append(
            cv2.warpAffine(grey, turned, grey.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        )
    assert adjusted_rand_score(phantom.groups, find_proxy_groups(images)) >= 0.9


def test_the_order_of_images_does_not_matter(phantom, found):
    order = np.random.default_rng(0).permutation(len(phantom))
    shuffled = find_proxy_groups([phantom.images[place] for place in order])
    assert adjusted_rand_score(found[order], shuffled) == 1
    assert shuffled[0] == "proxy_000"


@pytest.mark.slow
def test_two_processes_and_small_blocks_find_the_same(phantom, found, monkeypatch):
    assert find_proxy_groups(phantom.images, n_jobs=2).tolist() == found.tolist()
    monkeypatch.setattr(pose, "_BLOCK", 5)
    assert find_proxy_groups(phantom.images).tolist() == found.tolist()


def noise(count, seed=0):
    return list(np.random.default_rng(seed).normal(100, 20, (count, 48, 48)))


def test_groups_are_numbered_by_first_appearance():
    one, other, third = noise(3)
    images = [other, one, other + 5, third, one * 2, other]
    expected = [0, 1, 0, 2, 1, 0]
    assert find_proxy_groups(images).tolist() == [f"proxy_{number:03d}" for number in expected]


def test_images_are_linked_through_others_between_them():
    first, last = noise(2)
    between = [(1 - share) * first + share * last for share in np.linspace(0, 1, 9)]
    assert len(set(find_proxy_groups(between))) == 1
    assert len(set(find_proxy_groups([between[0], between[-1]]))) == 2


def test_crops_of_one_file_share_a_group_however_different(tmp_path):
    left, right = noise(2)
    for name in ("a.png", "b.png"):
        Image.fromarray(np.hstack([left, right]).astype(np.uint8)).save(tmp_path / name)
        left, right = noise(2, seed=1)
    boxes = [(0, 0, 48, 48), (48, 0, 96, 48)]
    crops = [
        ImageSource(tmp_path / name, f"{name}[{box}]", box)
        for name in ("a.png", "b.png")
        for box in boxes
    ]
    expected = ["proxy_000", "proxy_000", "proxy_001", "proxy_001"]
    assert find_proxy_groups(crops).tolist() == expected
    alone = find_proxy_groups([crop.read() for crop in crops])
    assert len(set(alone)) == 4


def test_brightness_size_and_a_smooth_shade_do_not_matter():
    image = noise(1)[0]
    shade = np.linspace(0, 60, 48)[:, None]
    larger = np.kron(image, np.ones((2, 2)))
    colour = StoneImage(np.repeat(image[..., None], 3, axis=2), unit="rgb")
    alike = [image, image * 3 - 40, image + shade, larger, colour]
    assert len(set(find_proxy_groups(alike))) == 1


def test_volumes_are_compared_by_their_mean_along_z():
    one, other = np.random.default_rng(0).normal(100, 20, (2, 5, 48, 40))
    volumes = [StoneImage(each, unit="HU", volume=True) for each in (one, other, one + 3)]
    assert find_proxy_groups(volumes).tolist() == ["proxy_000", "proxy_001", "proxy_000"]


def test_images_of_one_colour_are_alike_with_nothing():
    flat = [np.full((40, 40), value) for value in (0.0, 7.0)]
    assert len(set(find_proxy_groups([*flat, *noise(1)]))) == 3
    assert not proxy.thumbnail(flat[0]).any()


def test_what_are_no_images_is_refused(tmp_path):
    with pytest.raises(InputError, match="0 images; expected at least one"):
        find_proxy_groups([])
    with pytest.raises(InputError, match="wrap it in a list"):
        find_proxy_groups(noise(1)[0])
    with pytest.raises(InputError, match=r"absent\.png: no such file"):
        find_proxy_groups([tmp_path / "absent.png"])
