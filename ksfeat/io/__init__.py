"""From a file to a `StoneImage`."""

from ksfeat.io.read import Box, ImageLike, ImageSource, as_image, image_digest, read_image

__all__ = ["Box", "ImageLike", "ImageSource", "as_image", "image_digest", "read_image"]
