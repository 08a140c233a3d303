"""Public kidney-stone data sets: what is known of each, and how it is fetched."""

from ksfeat.catalog.entry import CatalogEntry, find_entry, read_catalog
from ksfeat.catalog.fetch import Fetched, ManualDownloadError, fetch

__all__ = [
    "CatalogEntry",
    "Fetched",
    "ManualDownloadError",
    "fetch",
    "find_entry",
    "read_catalog",
]
