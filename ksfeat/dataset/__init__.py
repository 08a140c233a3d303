"""From a folder or a manifest to a `Dataset`: lazy images, labels, groups, covariates."""

from ksfeat.dataset.dataset import Dataset, Grouping
from ksfeat.dataset.load import list_images, load_dataset

__all__ = ["Dataset", "Grouping", "list_images", "load_dataset"]
