"""Every format and odd case: a file made on the fly, how it is read, and whether it may be."""

from benchmarks.cases.case import Case
from benchmarks.cases.dicom import dicom, exports, masks, values
from benchmarks.cases.raster import rasters
from benchmarks.cases.sets import sets
from benchmarks.cases.volumes import itk, nifti

__all__ = ["Case", "cases"]


def cases() -> list[Case]:
    """Return all cases, in the order of the table."""
    return [*rasters(), *dicom(), *values(), *masks(), *exports(), *nifti(), *itk(), *sets()]
