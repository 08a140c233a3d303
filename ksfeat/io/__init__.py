"""From a file to a `StoneImage`."""

from ksfeat.io.read import ImageLike, as_image, image_digest, read_image
from ksfeat.io.source import Box, ImageSource, SlicePlace

__all__ = [
    "Box",
    "ImageLike",
    "ImageSource",
    "SlicePlace",
    "as_image",
    "image_digest",
    "read_image",
]
