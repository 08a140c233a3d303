"""Embeddings: a frozen CNN, from an image to a vector."""

from ksfeat.embedding.extractor import CNNEmbedding

__all__ = ["CNNEmbedding"]
