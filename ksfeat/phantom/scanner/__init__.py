"""From shapes and stones to CT slices: partial volume, point spread, correlated noise."""

from ksfeat.phantom.scanner.acquire import scan_slices
from ksfeat.phantom.scanner.scan import Scan
from ksfeat.phantom.scanner.volume import scan_volume
from ksfeat.phantom.scanner.window import window8

__all__ = ["Scan", "scan_slices", "scan_volume", "window8"]
