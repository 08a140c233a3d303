"""The rival: CNNs trained on the images themselves."""

from ksfeat.cnn.finetune import FineTunedCNN

__all__ = ["FineTunedCNN"]
