"""Every format and odd case tried, with its outcome.

``--write`` makes docs/formats.md of the committed results, ``--check`` says whether it is stale.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.cases import Case, cases
from benchmarks.harness import RESULTS, ROOT, Target, main
from benchmarks.reading import MOST_SLOWER
from ksfeat.dataset import Dataset
from ksfeat.errors import KsfeatError
from ksfeat.image import StoneImage
from ksfeat.io.dicom.values import MAP_TERMS

PAGE = ROOT / "docs" / "formats.md"
_HEAD = """# Formats and odd cases

Each row is a file, or a data set, that `python -m benchmarks.formats` made, read and noted. Sizes
are rows x columns, of volumes slices x rows x columns. What is refused is refused in one line,
which names what was found, what was expected and the mend; it stands here as it is printed.

`ksfeat export IMAGE --mask MASK --out FILE` writes any of the masks below on the grid of its image,
as .png (one slice), .nii, .nii.gz, .nrrd or .dcm (a DICOM segmentation, of DICOM images); with
`--overlay` a picture of the outline; without a mask the image itself, CT as .png in a window
(`--window soft_tissue|bone|stone`). Nothing is written among the files that are read. Of NIfTI and
NRRD, which do not say their unit, `--unit HU` is your word. A model refuses images of another unit
than it saw, images without masks where all had one, and with masks where none had.

Limits. CT is in HU unless its header says otherwise. Maps computed from it (effective atomic
number, electron density, iodine...) are grey: they are known by their rescale type, or by a term of
the image type that holds {terms} or
begins with MAT_ (but MAT_REMOVED); letters are compared, in any case and punctuation. Vendors'
names are no closed list: a map that says neither is read as HU, so leave maps out of a data set.
DICOM ultrasound is cut to its region; without one, and in secondary captures, text may stand in the
pixels unless the file denies it, of which a warning tells once. An origin is compared where image
and mask both say one; 0, 0, 0 is a place like any other. NIfTI cannot leave it out.
"""


def measure(quick: bool, _seed: int) -> tuple[list[dict[str, Any]], list[Target]]:
    """Try every case; a quick run tries each fifth."""
    tried = [_tried(case) for case in cases()[:: 5 if quick else 1]]
    wrong = [f"{row['format']}, {row['case']}" for row in tried if not row["as_expected"]]
    what = f"of {len(tried)} cases, read or refused otherwise than expected"
    if wrong:
        what += f" ({'; '.join(wrong)})"
    return tried, [Target(what, len(wrong), "0", not wrong)]


def _tried(case: Case) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of decoders; what ksfeat says is in the outcome
        try:
            home = Path(folder) / "data"
            home.mkdir()
            outcome, read = _described(case.make(home)), True
        except KsfeatError as error:
            outcome, read = f"refused: {error}".replace(f"{folder}/", ""), False
    as_expected = read == case.reads
    return {
        "format": case.kind,
        "case": case.what,
        "outcome": outcome,
        "as_expected": as_expected,
    }


def _described(found: StoneImage | Dataset) -> str:
    if isinstance(found, Dataset):
        text = f"read as {repr(found).strip('<>')}"
        if found.splits is not None:
            text += f"; splits: {', '.join(sorted(set(found.splits)))}"
        boxes = [source.read().boxes for source in found.images]
        count = sum(len(some) for some in boxes if some is not None)
        return text + (f"; boxes: {count}" if count else "")
    text = f"read as {found.unit} {'x'.join(map(str, found.shape))} {found.pixels.dtype}"
    if found.spacing_mm is not None:
        text += f", {' x '.join(f'{length:g}' for length in found.spacing_mm)} mm"
    if found.mask is not None:
        text += f", mask of {int(found.mask.sum())} pixels"
    return text


def page() -> str:
    """Return docs/formats.md, made of the committed results."""
    table = pd.read_csv(RESULTS / "formats.csv", dtype=str)
    lines = [_HEAD.format(terms=", ".join(MAP_TERMS)), *_speed()]
    for kind, rows in table.groupby("format", sort=False):
        lines += [f"## {kind}\n", "| case | outcome |", "|---|---|"]
        lines += [f"| {case} | {_cell(text)} |" for case, text in rows[["case", "outcome"]].values]
        lines.append("")
    commits = ", ".join(sorted(set(table["commit"])))
    lines.append(f"{len(table)} cases, tried at commit {commits}.")
    return "\n".join(lines) + "\n"


def _speed() -> list[str]:
    """Return what reading takes beside the decoder alone, with the misses first."""
    table = pd.read_csv(RESULTS / "reading.csv").dropna(subset=["ratio"])
    table = table[table["target"]].sort_values("ratio", ascending=False)
    missed = table[table["ratio"] > MOST_SLOWER]
    held = table.drop(missed.index)
    return [
        "## Reading speed\n",
        f"Meant is at most {MOST_SLOWER:g} times what the decoder alone takes. "
        f"Missed for {len(missed)} of {len(table)}: {_ratios(missed)}. Held: {_ratios(held)}. "
        f"Measured at commit {', '.join(sorted(set(table['commit'])))} on "
        f"{table['machine'].iloc[0]}; `python -m benchmarks.reading` measures it again.\n",
    ]


def _ratios(rows: pd.DataFrame) -> str:
    words = [
        f"{what} {ratio:.2f} times {decoder} ({ours:g} ms, {theirs:g} alone)"
        for what, ratio, decoder, ours, theirs in rows[
            ["what", "ratio", "decoder", "ksfeat_ms", "decoder_ms"]
        ].itertuples(index=False)
    ]
    return "; ".join(words) or "none"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page(), encoding="utf-8")
    elif "--check" in sys.argv[1:]:
        fresh = PAGE.read_text(encoding="utf-8") == page()
        sys.exit(0 if fresh else f"{PAGE.name} is stale: run python -m benchmarks.formats --write")
    else:
        main("formats", __doc__ or "", measure)
