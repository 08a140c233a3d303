"""The built-in data set: simulated CT slices of kidneys with known stones."""

from ksfeat.phantom.make import make_phantom, phantom_slices

__all__ = ["make_phantom", "phantom_slices"]
