"""A short run of the fuzzer: damage of any kind ends in an image or in one line."""

import importlib
from pathlib import Path

import numpy as np
import pytest

from ksfeat.errors import InputError, MissingExtraError
from ksfeat.io import read_image

ROOT = Path(__file__).parents[2]
FILES = 50  # of each format; benchmarks/fuzz.py reads 10,000


@pytest.fixture
def made(monkeypatch):
    """The formats that are damaged, and what damages them, from the benchmark."""
    monkeypatch.syspath_prepend(str(ROOT))
    monkeypatch.setenv("KSFEAT_DATA", str(ROOT / "none"))  # made files are enough here
    wholes = importlib.import_module("benchmarks.wholes")
    return wholes.formats(0), importlib.import_module("benchmarks.damage").damaged


def test_damaged_files_end_in_an_image_or_in_one_line(tmp_path, made):
    kinds, damaged = made
    assert {"PNG", "JPEG", "TIFF", "NRRD", "MHA"} <= {kind.name for kind in kinds}
    lines, read = [], 0
    for kind in kinds:
        path = tmp_path / f"a{kind.ending}"
        for number in range(FILES):
            path.write_bytes(damaged(kind, np.random.default_rng([7, number])))
            try:
                read += read_image(path).pixels.size > 0
            except (InputError, MissingExtraError) as error:
                lines.append(str(error))
            except Exception as error:
                raise AssertionError(f"{kind.name} {number}: {error!r}") from error
    assert not [line for line in lines if "\n" in line]
    assert read + len(lines) == FILES * len(kinds)
    # Neither too much damage nor too little.
    assert min(read, len(lines)) > 0.05 * FILES * len(kinds)


def test_whole_files_are_read_so_that_it_is_the_damage_that_is_refused(tmp_path, made):
    for kind in made[0]:
        path = tmp_path / f"a{kind.ending}"
        for content in kind.wholes:
            path.write_bytes(content)
            assert read_image(path).pixels.size > 0
            if kind.unwrap is not None and kind.wrap is not None:
                path.write_bytes(kind.wrap(kind.unwrap(content)))
                assert read_image(path).pixels.size > 0


def test_a_jpeg_ls_frame_without_its_end_is_not_decoded(tmp_path, made):
    """What the fuzzer found: its decoder ran on for over 3 s beyond the data of 5 kB."""
    packed = [kind for kind in made[0] if kind.name == "DICOM, JPEG-LS"]
    if not packed:
        pytest.skip("no encoder for JPEG-LS")
    whole = packed[0].wholes[0]
    assert whole.count(b"\xff\xd9") == 1
    (tmp_path / "a.dcm").write_bytes(whole.replace(b"\xff\xd9", b"\0\0"))
    with pytest.raises(InputError, match="a JPEG-LS frame without its end mark; the file is"):
        read_image(tmp_path / "a.dcm")
