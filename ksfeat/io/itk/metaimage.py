"""The header of a MetaImage file (https://itk.org/Wiki/ITK/MetaIO/Documentation)."""

from __future__ import annotations

from io import BufferedIOBase

import numpy as np

from ksfeat.errors import InputError
from ksfeat.io.itk.layout import Layout, header_line, not_alone, three_axes
from ksfeat.io.orientation import Grid, checked_grid

_TYPES = {
    "MET_CHAR": "i1",
    "MET_UCHAR": "u1",
    "MET_SHORT": "i2",
    "MET_USHORT": "u2",
    "MET_INT": "i4",
    "MET_UINT": "u4",
    "MET_LONG": "i4",
    "MET_ULONG": "u4",
    "MET_LONG_LONG": "i8",
    "MET_ULONG_LONG": "u8",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
_UNREAD = {  # fields that would change what a voxel means or where it is, and their harmless value
    "ElementNumberOfChannels": 1,
    "ElementToIntensityFunctionSlope": 1,
    "ElementToIntensityFunctionOffset": 0,
    "HeaderSize": 0,
}


def parse_metaimage(file: BufferedIOBase, name: str) -> Layout:
    """Read the header and leave the file at its first voxel."""
    fields = _fields(file, name)
    sizes = [int(word) for word in fields["DimSize"].split()]
    shape = three_axes(sizes, name)
    if int(fields["NDims"]) != len(sizes):
        raise InputError(f"{name}: DimSize of {len(sizes)} axes; expected NDims, {fields['NDims']}")
    lengths = _lengths(fields, len(sizes), name)
    grid = _grid(fields, shape, lengths, name)
    spacing = None
    if grid is None and lengths is not None:
        spacing = (*([1.0] if len(sizes) == 2 else []), *lengths[::-1].tolist())
    return Layout(shape, _dtype(fields, name), _encoding(fields), grid, spacing)


def _fields(file: BufferedIOBase, name: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    while "ElementDataFile" not in fields:
        key, equals, said = header_line(file, name).partition("=")
        if not equals:
            raise InputError(
                f"{name}: no MetaImage file, whatever its name says; expected lines 'Key = value'"
            )
        fields[key.strip()] = said.strip()
    if fields["ElementDataFile"] != "LOCAL":
        raise not_alone(name, fields["ElementDataFile"])
    for key in ("NDims", "DimSize", "ElementType"):
        if key not in fields:
            raise InputError(f"{name}: no {key!r} in its header; export it again")
    for key, harmless in _UNREAD.items():
        if float(fields.get(key, harmless)) != harmless:
            raise InputError(f"{name}: {key} = {fields[key]}; expected {harmless}; save it so")
    return fields


def _dtype(fields: dict[str, str], name: str) -> np.dtype:
    if fields["ElementType"] not in _TYPES:
        raise InputError(
            f"{name}: voxels of type {fields['ElementType'][:40]!r}; "
            f"expected one of {', '.join(_TYPES)}"
        )
    dtype = np.dtype(_TYPES[fields["ElementType"]])
    big = _true(fields, "BinaryDataByteOrderMSB") or _true(fields, "ElementByteOrderMSB")
    return dtype.newbyteorder(">" if big else "<")


def _encoding(fields: dict[str, str]) -> str:
    if not _true(fields, "BinaryData", default="True"):
        return "text"
    return "deflate" if _true(fields, "CompressedData") else "raw"


def _true(fields: dict[str, str], key: str, default: str = "False") -> bool:
    return fields.get(key, default)[:1].upper() in ("T", "1")


def _lengths(fields: dict[str, str], axes: int, name: str) -> np.ndarray | None:
    said = fields.get("ElementSpacing", fields.get("ElementSize"))
    if said is None:
        return None
    return _numbers(said, axes, "ElementSpacing", name)


def _grid(
    fields: dict[str, str], shape: tuple[int, int, int], lengths: np.ndarray | None, name: str
) -> Grid | None:
    """Return the grid; a matrix lists the axes one after the other, in DICOM's directions."""
    keys = [key for key in ("TransformMatrix", "Orientation", "Rotation") if key in fields]
    if not keys or lengths is None or len(lengths) != 3:
        return None
    matrix = _numbers(fields[keys[0]], 9, keys[0], name).reshape(3, 3)
    where = [fields[key] for key in ("Offset", "Origin", "Position") if key in fields]
    origin = _numbers(where[0], 3, "Offset", name) if where else None
    return checked_grid(shape, matrix * lengths[:, None], origin, name)


def _numbers(text: str, count: int, field: str, name: str) -> np.ndarray:
    numbers = np.array([float(word) for word in text.split()])
    if numbers.size != count or not np.isfinite(numbers).all():
        raise InputError(f"{name}: {field} = {text[:60]}; expected {count} finite numbers")
    return numbers
