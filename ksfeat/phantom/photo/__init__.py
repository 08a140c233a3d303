"""Simulated endoscopic photographs of stones: colour and surface by type, on mucosa."""

from ksfeat.phantom.photo.photograph import photograph_stone

__all__ = ["photograph_stone"]
