"""`CNNEmbedding`: laws that hold for every network, on a small one that needs no weights."""

import pickle

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from ksfeat.embedding import CNNEmbedding
from ksfeat.embedding.taps import Taps, fold_batch_norms
from ksfeat.errors import InputError
from ksfeat.image import StoneImage


@pytest.fixture(scope="module")
def network() -> nn.Module:
    torch.manual_seed(0)
    norm = nn.BatchNorm2d(6)
    norm.running_mean += torch.randn(6)
    norm.running_var *= 2
    body = nn.Sequential(nn.Conv2d(3, 6, 3, 2), norm, nn.ReLU(), nn.Conv2d(6, 8, 3, 2))
    return nn.Sequential(body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4)).eval()


def images(count: int, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, (40, 50)).astype(np.uint8) for _ in range(count)]


@settings(max_examples=15, deadline=None)
@given(count=st.integers(1, 9), batch=st.integers(1, 10), seed=st.integers(0, 99))
def test_the_vector_of_an_image_does_not_depend_on_its_company(network, count, batch, seed):
    shown = images(count, seed)
    together = CNNEmbedding(network, size=32, batch_size=batch).fit_transform(shown)
    alone = [CNNEmbedding(network, size=32).fit_transform([image])[0] for image in shown]
    np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-6)


def test_last_is_what_the_last_linear_layer_is_given(network):
    embedding = CNNEmbedding(network, size=32)
    found = embedding.fit_transform(images(1))
    given_ = torch.from_numpy(found).float()
    picture = _picture(embedding, images(1)[0])
    with torch.inference_mode():
        np.testing.assert_allclose(network[3](given_), network(picture), atol=1e-5)


def _picture(embedding: CNNEmbedding, image: np.ndarray) -> torch.Tensor:
    shown = torch.from_numpy(embedding._embedder.maker.make(StoneImage(image)))
    mean = 255 * torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    scale = 255 * torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return (shown - mean) / scale


def test_a_layer_is_averaged_over_its_places_and_named(network):
    embedding = CNNEmbedding(network, layers=["0.0", "last"], size=32)
    found = embedding.fit_transform(images(2))
    assert found.shape == (2, 6 + 8)
    assert embedding.get_feature_names_out()[[0, 6]].tolist() == [
        "embedding_Sequential_0.0_0",
        "embedding_Sequential_last_0",
    ]


def test_folding_keeps_what_the_network_says_and_leaves_the_users_network_alone(network):
    pictures = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        expected = network(pictures)
        taps = Taps(network, ["last"])
        np.testing.assert_allclose(taps.network(pictures), expected, atol=1e-5)
    assert fold_batch_norms(taps.network) == 0  # nothing is left to fold
    assert any(isinstance(part, nn.BatchNorm2d) for part in network.modules())


def test_vectors_are_read_back_and_a_cut_file_is_made_again(network, tmp_path):
    embedding = CNNEmbedding(network, size=32, cache=tmp_path / "kept")
    first = embedding.fit_transform(images(3))
    files = sorted((tmp_path / "kept").rglob("*.f32"))
    assert len(files) == 3
    object.__setattr__(embedding._embedder, "run", _never)
    np.testing.assert_array_equal(embedding.transform(images(3)), first)
    files[0].write_bytes(files[0].read_bytes()[:-5])
    with pytest.raises(AssertionError, match="ran"):
        embedding.transform(images(3))


def _never(_: np.ndarray) -> np.ndarray:
    raise AssertionError("ran")


@pytest.mark.parametrize("change", [{"size": 40}, {"layers": "0.0"}, {"view": "tiles"}])
def test_another_look_has_vectors_of_its_own(network, tmp_path, change):
    CNNEmbedding(network, size=32, cache=tmp_path).fit_transform(images(1))
    changed = CNNEmbedding(network, **{"size": 32, **change}, cache=tmp_path)
    fresh = CNNEmbedding(network, **{"size": 32, **change})
    np.testing.assert_array_equal(changed.fit_transform(images(1)), fresh.fit_transform(images(1)))


def test_a_crop_shows_what_lies_around_the_region_alone(network):
    mask = np.zeros((40, 50), bool)
    mask[10:20, 10:30] = True
    one, other = images(1)[0], images(1)[0].copy()
    other[:, 40:] = 0  # far from the region
    crop = CNNEmbedding(network, size=32, view="crop")
    rows = crop.fit_transform([StoneImage(one, mask=mask), StoneImage(other, mask=mask)])
    np.testing.assert_array_equal(rows[0], rows[1])
    whole = CNNEmbedding(network, size=32).fit_transform([one, other])
    assert (whole[0] != whole[1]).any()


def test_hounsfield_units_become_three_windows(network):
    """300 and 400 HU are both above the window of soft tissue; the other two tell them apart."""
    maker = CNNEmbedding(network, size=32).fit(images(1))._embedder.maker
    shown = [maker.make(StoneImage(np.full((40, 40), hu), "HU"))[0, :, 0, 0] for hu in (300, 400)]
    assert shown[0][0] == shown[1][0] == 255
    assert (shown[0][1:] < shown[1][1:]).all()


def test_it_survives_pickling_and_refuses_another_network(network):
    embedding = CNNEmbedding(network, size=32).fit(images(2))
    again = pickle.loads(pickle.dumps(embedding))
    np.testing.assert_array_equal(again.transform(images(1)), embedding.transform(images(1)))
    with torch.no_grad():
        again.model[3].weight += 1
    del again._embedder
    with pytest.raises(InputError, match="Sequential has other weights"):
        again.transform(images(1))


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"layers": "nowhere"}, "no layer 'nowhere' in Sequential"),
        ({"view": "half"}, "view='half'; expected one of whole, crop, tiles"),
        ({"size": 8}, "size 8; expected a whole number from 32 to 1024"),
        ({"size": (32, 32, 32)}, "expected one number, or height and width"),
        ({"backend": "tpu"}, "backend='tpu'; expected one of torch, compile, openvino"),
        ({"device": "abacus"}, "device 'abacus' is not to be had"),
        ({"batch_size": 0}, "batch_size 0; expected a whole number from 1"),
        ({"model": "resnet"}, "model 'resnet'; expected one of efficientnet_lite0"),
        ({"view": "crop"}, "image 0: no pixel in a mask, and no boxes"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(network, wrong, line):
    with pytest.raises(InputError, match=line.replace("(", r"\(")) as caught:
        CNNEmbedding(**{"model": network, "size": 32, **wrong}).fit_transform(images(1))
    assert "\n" not in str(caught.value)


def test_an_image_of_another_unit_is_refused_and_stops_no_other(network):
    embedding = CNNEmbedding(network, size=32).fit(images(2))
    rows = embedding.transform_each([images(1)[0], StoneImage(np.zeros((40, 40)), "HU")])
    assert isinstance(rows[1], InputError)
    assert "unit 'HU'" in str(rows[1])
    np.testing.assert_array_equal(rows[0], embedding.transform(images(1))[0])


@pytest.mark.slow
def test_openvino_gives_the_vectors_of_torch(network):
    pytest.importorskip("openvino", reason="the extra openvino is not installed")
    shown = images(5)
    plain = CNNEmbedding(network, size=32, batch_size=3).fit_transform(shown)
    other = CNNEmbedding(network, size=32, batch_size=3, backend="openvino").fit_transform(shown)
    np.testing.assert_allclose(other, plain, rtol=1e-4, atol=1e-5)
