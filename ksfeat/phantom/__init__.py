"""The built-in data set: simulated patients with known stones, scanned or photographed."""

from ksfeat.phantom.bayes import bayes_bound
from ksfeat.phantom.make import make_phantom, phantom_slices, phantom_volume
from ksfeat.phantom.scanner import Scan

__all__ = ["Scan", "bayes_bound", "make_phantom", "phantom_slices", "phantom_volume"]
