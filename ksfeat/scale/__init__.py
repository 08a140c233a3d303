"""Many images: the engine that maps a function over them, and its progress."""

from ksfeat.scale.engine import map_ordered
from ksfeat.scale.progress import reporting

__all__ = ["map_ordered", "reporting"]
