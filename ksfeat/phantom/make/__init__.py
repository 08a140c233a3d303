"""From patients to images, files and a manifest."""

from ksfeat.phantom.make.dataset import make_phantom
from ksfeat.phantom.make.images import phantom_slices, phantom_volume

__all__ = ["make_phantom", "phantom_slices", "phantom_volume"]
