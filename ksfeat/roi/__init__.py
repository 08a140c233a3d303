"""From a `StoneImage` to the pixels to describe: preprocessing, augmentation, regions.

Each way to preprocess is a pure function over one image, a scikit-learn transformer over many, and
a word on the command line (`ksfeat.roi.steps`).
"""

from ksfeat.roi.augment import Augmenter, augment
from ksfeat.roi.chain import ProcessingChain
from ksfeat.roi.chain_text import parse_chain
from ksfeat.roi.crop import crop_to_body, crop_to_mask
from ksfeat.roi.discretise import Discretisation
from ksfeat.roi.intensity import clahe, zscore
from ksfeat.roi.interpolate import interpolate
from ksfeat.roi.isotropic import resample_isotropic
from ksfeat.roi.region import Region
from ksfeat.roi.resample import resize_longest
from ksfeat.roi.resegment import resegment
from ksfeat.roi.steps import parse_steps
from ksfeat.roi.transformers import (
    Clahe,
    CropToBody,
    CropToMask,
    ImageTransformer,
    ResampleIsotropic,
    Resize,
    Window,
    ZScore,
)
from ksfeat.roi.window import WINDOWS, window

__all__ = [
    "WINDOWS",
    "Augmenter",
    "Clahe",
    "CropToBody",
    "CropToMask",
    "Discretisation",
    "ImageTransformer",
    "ProcessingChain",
    "Region",
    "ResampleIsotropic",
    "Resize",
    "Window",
    "ZScore",
    "augment",
    "clahe",
    "crop_to_body",
    "crop_to_mask",
    "interpolate",
    "parse_chain",
    "parse_steps",
    "resample_isotropic",
    "resegment",
    "resize_longest",
    "window",
    "zscore",
]
