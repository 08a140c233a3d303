"""The header of an NRRD file (http://teem.sourceforge.net/nrrd/format.html)."""

from __future__ import annotations

import re
from io import BufferedIOBase

import numpy as np

from ksfeat.errors import InputError
from ksfeat.io.itk.layout import Layout, header_line, not_alone, three_axes
from ksfeat.io.orientation import Grid, checked_grid

_TYPES = {
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"),
    "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "i8": ("longlong", "long long", "long long int", "signed long long", "int64", "int64_t"),
    "u8": ("ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"),
    "f4": ("float",),
    "f8": ("double",),
}
_DTYPES = {name: code for code, names in _TYPES.items() for name in names}
_ENCODINGS = {
    "raw": "raw",
    "gzip": "deflate",
    "gz": "deflate",
    "text": "text",
    "txt": "text",
    "ascii": "text",
}
_TO_LPS = {
    "left-posterior-superior": (1.0, 1.0, 1.0),
    "right-anterior-superior": (-1.0, -1.0, 1.0),
    "left-anterior-superior": (1.0, -1.0, 1.0),
}
_SPACES = _TO_LPS | {"".join(w[0] for w in k.split("-")): v for k, v in _TO_LPS.items()}
_UNREAD = ("line skip", "lineskip", "byte skip", "byteskip")


def parse_nrrd(file: BufferedIOBase, name: str) -> Layout:
    """Read the header and leave the file at its first voxel."""
    fields = _fields(file, name)
    sizes = [int(word) for word in fields["sizes"].split()]
    shape = three_axes(sizes, name)
    if int(fields["dimension"]) != len(sizes):
        raise InputError(
            f"{name}: sizes of {len(sizes)} axes; expected its dimension, {fields['dimension']}"
        )
    _require_millimetres(fields, name)
    grid = _grid(fields, shape, name)
    spacing = None if grid else _spacing(fields, len(sizes))
    return Layout(shape, _dtype(fields, name), _encoding(fields, name), grid, spacing)


def _fields(file: BufferedIOBase, name: str) -> dict[str, str]:
    if not re.fullmatch(r"NRRD000[1-6]", header_line(file, name)):
        raise InputError(f"{name}: no NRRD file, whatever its name says; expected 'NRRD000' first")
    fields: dict[str, str] = {}
    while line := header_line(file, name):
        key, colon, said = line.partition(":")
        if line.startswith("#") or said.startswith("="):  # a comment, or a key of the user's own
            continue
        if not colon:
            raise InputError(f"{name}: header line {line[:40]!r}; expected 'field: value'")
        fields[key.strip().lower()] = said.strip()
    _require_readable(fields, name)
    return fields


def _require_readable(fields: dict[str, str], name: str) -> None:
    for key in ("data file", "datafile"):
        if key in fields:
            raise not_alone(name, fields[key])
    for key in ("type", "dimension", "sizes", "encoding"):
        if key not in fields:
            raise InputError(f"{name}: no {key!r} in its header; export it again")
    if any(fields.get(key, "0") != "0" for key in _UNREAD):
        raise InputError(f"{name}: voxels behind skipped bytes or lines; save it again without")


def _dtype(fields: dict[str, str], name: str) -> np.dtype:
    kind = fields["type"].lower()
    if kind not in _DTYPES:
        raise InputError(f"{name}: voxels of type {kind!r}; expected a number of at most 64 bit")
    dtype = np.dtype(_DTYPES[kind])
    if dtype.itemsize == 1 or _encoding(fields, name) == "text":
        return dtype
    endian = fields.get("endian", "").lower()
    if endian not in ("little", "big"):
        raise InputError(f"{name}: endian {endian!r}; expected little or big; export it again")
    return dtype.newbyteorder("<" if endian == "little" else ">")


def _encoding(fields: dict[str, str], name: str) -> str:
    encoding = fields["encoding"].lower()
    if encoding not in _ENCODINGS:
        raise InputError(f"{name}: encoding {encoding!r}; expected raw, gzip or ascii; save it so")
    return _ENCODINGS[encoding]


def _grid(fields: dict[str, str], shape: tuple[int, int, int], name: str) -> Grid | None:
    space = _SPACES.get(fields.get("space", "").lower())
    vectors = _vectors(fields.get("space directions", ""))
    if space is None or len(vectors) != 3 or any(len(vector) != 3 for vector in vectors):
        return None
    said = _vectors(fields.get("space origin", ""))
    origin = np.array(said[0]) * space if said else None
    return checked_grid(shape, np.array(vectors) * space, origin, name)


def _spacing(fields: dict[str, str], axes: int) -> tuple[float, ...] | None:
    """Return the spacing of a file that does not say how its axes run: slowest axis first."""
    if "space directions" in fields:
        lengths = [float(np.linalg.norm(v)) for v in _vectors(fields["space directions"])]
    elif "spacings" in fields:
        lengths = [float(word) for word in fields["spacings"].split()]
    else:
        return None
    if not np.isfinite(lengths).all():  # "nan" is how NRRD says that an axis has none
        return None
    return (*([1.0] if axes == 2 else []), *reversed(lengths))


def _vectors(text: str) -> list[list[float]]:
    """Return vectors as they are written: (1,0,0) (0,1,0), and an empty one for none."""
    found = re.findall(r"none|\(([^()]*)\)", text)
    return [[float(word) for word in vector.split(",")] if vector else [] for vector in found]


def _require_millimetres(fields: dict[str, str], name: str) -> None:
    units = set(re.findall(r'"([^"]*)"', fields.get("space units", ""))) - {"", "mm", "millimeter"}
    if units:
        raise InputError(f"{name}: lengths in {', '.join(sorted(units))}; expected mm; convert it")
