"""The frames of a DICOM image, decoded one by one, once their size has been judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pydicom
from pydicom.encaps import generate_frames
from pydicom.pixels import get_decoder
from pydicom.pixels.decoders.base import Decoder
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    UID,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    MPEGTransferSyntaxes,
)

from ksfeat.errors import InputError, MissingExtraError
from ksfeat.io.dicom.codestream import frame_size, has_end
from ksfeat.io.raster import MAX_PIXELS

MAX_VOXELS = 2**28  # 1,024 slices of 512x512; as 16-bit values 512 MiB
_OF_THE_EXTRA = {
    JPEG2000,
    JPEG2000Lossless,
    HTJ2K,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEGLSLossless,
    JPEGLSNearLossless,
}
_TRANSCODE = "transcode it first, such as with dcmdjpeg (DCMTK) or gdcmconv --raw (GDCM)"


def frame_count(dataset: pydicom.Dataset) -> int:
    """Return the number of frames that the header claims, at least 1."""
    return max(int(dataset.get("NumberOfFrames") or 1), 1)


def require_size(dataset: pydicom.Dataset, name: str, frames: int) -> None:
    """Raise an `InputError` unless the header claims an image of a size that can be decoded."""
    rows, columns = int(dataset.get("Rows") or 0), int(dataset.get("Columns") or 0)
    samples = int(dataset.get("SamplesPerPixel") or 1)
    if rows < 1 or columns < 1 or samples not in (1, 3):
        raise InputError(
            f"{name}: {columns}x{rows} pixels of {samples} samples; expected at least one pixel "
            "of 1 or 3 samples; the file is damaged; export it again"
        )
    limit = MAX_PIXELS if frames == 1 else MAX_VOXELS
    if rows * columns * frames * samples > limit:
        raise InputError(
            f"{name}: {columns}x{rows} pixels, {samples} samples, {frames} frames; "
            f"expected at most {limit:,} values; crop it or take fewer slices"
        )


def decode_frames(
    dataset: pydicom.Dataset, name: str, wanted: Sequence[int] | None = None
) -> Iterator[np.ndarray]:
    """Decode frames one after the other.

    Parameters
    ----------
    dataset : pydicom.Dataset
        An image whose size has been judged.
    name : str
        How to call it in an error.
    wanted : sequence of int, optional
        Numbers of the frames, from 0; by default all.

    Yields
    ------
    ndarray
        (H, W), or (H, W, 3) with YBR turned into RGB; stored values, before any rescaling.

    Raises
    ------
    InputError
        If a frame's own size is not the header's, or nothing here decodes it.
    MissingExtraError
        If the extra "dicom" decodes it.
    """
    decoder = _decoder(dataset, name)
    if decoder.is_encapsulated:
        _require_sound(dataset, name)
    if not decoder.is_encapsulated and _begins_inside_a_byte(dataset):
        frames, _ = decoder.as_array(dataset)
        frames = frames.reshape(-1, *frames.shape[-2:])
        yield from frames if wanted is None else frames[list(wanted)]
        return
    # Grey values are copied when they are rescaled, colours when they are converted.
    grey = int(dataset.get("SamplesPerPixel") or 1) == 1
    for frame, _ in decoder.iter_array(dataset, indices=wanted, view_only=grey):
        yield frame


def _begins_inside_a_byte(dataset: pydicom.Dataset) -> bool:
    """Whether frames of single bits are no whole bytes: pydicom 3.0 cuts such a frame short."""
    return dataset.get("BitsAllocated") == 1 and int(dataset.Rows) * int(dataset.Columns) % 8 != 0


def _decoder(dataset: pydicom.Dataset, name: str) -> Decoder:
    syntax = dataset.file_meta.TransferSyntaxUID
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError:
        decoder = None
    # pydicom calls this decoder available, but none that it has reads more than 8 bits.
    is_too_deep = syntax == JPEGExtended12Bit and int(dataset.get("BitsStored") or 8) > 8
    if decoder is not None and decoder.is_available and not is_too_deep:
        return decoder
    if syntax in _OF_THE_EXTRA:
        raise MissingExtraError(f"{name}: reading pixels stored as {syntax.name}", "dicom")
    # A UID that is in no dictionary is its own name, and in a damaged file anything.
    way = "in an unknown way" if syntax.name == syntax else f"as {syntax.name}"
    raise InputError(f"{name}: pixels stored {way}, which no decoder here reads; {_mend(syntax)}")


def _mend(syntax: UID) -> str:
    if syntax in (JPEGLossless, JPEGLosslessSV1):
        return f"install python-gdcm, or {_TRANSCODE}"
    if syntax == JPEGExtended12Bit:
        return _TRANSCODE
    if syntax in MPEGTransferSyntaxes:
        return "it is a video: export the frame that you mean as an image"
    return "export it uncompressed"


def _require_sound(dataset: pydicom.Dataset, name: str) -> None:
    samples = int(dataset.get("SamplesPerPixel") or 1)
    claimed = (int(dataset.Rows), int(dataset.Columns), samples)
    is_jpeg_ls = dataset.file_meta.TransferSyntaxUID in (JPEGLSLossless, JPEGLSNearLossless)
    for stream in generate_frames(dataset.PixelData, number_of_frames=frame_count(dataset)):
        found = frame_size(stream)
        # The decoder (CharLS) counts bits for seconds beyond the data where no mark stops it.
        if is_jpeg_ls and not has_end(stream):
            raise InputError(
                f"{name}: a JPEG-LS frame without its end mark; the file is truncated or damaged; "
                "export it again"
            )
        if found is not None and found != claimed:
            raise InputError(
                f"{name}: a compressed frame of {found[1]}x{found[0]}x{found[2]} in a file that "
                f"says {claimed[1]}x{claimed[0]}x{claimed[2]}; it is damaged; export it again"
            )
