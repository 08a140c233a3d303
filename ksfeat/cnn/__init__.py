"""The rival: CNNs trained on the images themselves."""

from ksfeat.embedding.require import require

require("torch", "training a CNN", "cnn")

from ksfeat.cnn.finetune import FineTunedCNN  # noqa: E402 - only where torch is

__all__ = ["FineTunedCNN"]
