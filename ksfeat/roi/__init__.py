"""From a `StoneImage` to the pixels to describe: window, resampling, discretisation, regions."""

from ksfeat.roi.region import Region
from ksfeat.roi.resample import resize_longest
from ksfeat.roi.window import WINDOWS, window

__all__ = ["WINDOWS", "Region", "resize_longest", "window"]
