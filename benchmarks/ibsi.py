"""Consensus values of the IBSI-1: how many are matched, on the digital and on the CT phantom.

A value is matched when it lies within the consensus tolerance of the reference, which is printed
with three significant digits. The digital phantom is in this repository; the CT phantom is looked
for in ``ibsi/ct_phantom`` of KSFEAT_DATA or ../shared/data, and skipped where it is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.harness import ROOT, Target, main, real_data
from ksfeat.features import (
    first_order,
    glcm,
    gldzm,
    glrlm,
    glszm,
    histogram,
    intensity_volume,
    local_intensity,
    morphology,
    ngldm,
    ngtdm,
)
from ksfeat.image import StoneImage
from ksfeat.roi import Discretisation, ProcessingChain, Region
from ksfeat.roi.region import bounding_box

REFERENCE = ROOT / "tests" / "reference"
_PLAIN = {"first_order": first_order, "morphology": morphology, "local_intensity": local_intensity}
_TEXTURES = {
    "glcm": glcm,
    "glrlm": glrlm,
    "glszm": glszm,
    "gldzm": gldzm,
    "ngtdm": ngtdm,
    "ngldm": ngldm,
}
CASES = {
    "digital": ProcessingChain(discretisation=6),
    "A": ProcessingChain(limits=(-500, 400), discretisation=Discretisation("fbs", 25)),
    "C": ProcessingChain(
        2.0,
        limits=(-1000, 400),
        discretisation=Discretisation("fbs", 25),
        volume_discretisation=Discretisation("fbs", 2.5),
    ),
    "D": ProcessingChain(2.0, outliers_sd=3, discretisation=32),
}


class Case:
    """A phantom after the image processing of a configuration."""

    def __init__(self, image: StoneImage, chain: ProcessingChain) -> None:
        self.image, self.chain = image, chain
        self.interpolated = chain.interpolated(image)
        self.region = chain.apply(image)

    @cache  # noqa: B019 - a benchmark makes four of them
    def values(self, family: str, aggregation: str) -> dict[str, float]:
        """Return the values of a family by the names of its features."""
        if family == "diagnostics":
            return dict(self._diagnostics())
        levels = self.chain.grey_levels
        if family in _PLAIN:
            return _named(family, _PLAIN[family], _PLAIN[family].compute(self.region))
        if family == "intensity_volume":
            found = intensity_volume.compute(self.region, self.chain.volume_levels)
            return _named(family, intensity_volume, found)
        if family == "histogram":
            return _named(family, histogram, histogram.compute(self.region, levels), 32)
        module = _TEXTURES[family]
        return _named(family, module, module.compute(self.region, levels, aggregation), 32)

    def _diagnostics(self) -> Iterator[tuple[str, float]]:
        for stage, image in (("init", self.image), ("interp", self.interpolated)):
            yield from _of_image(stage, image)
            yield from _of_region(stage, image, Region.of(image))
        yield from _of_region("reseg", self.interpolated, self.region)


def _named(family: str, module: ModuleType, values: np.ndarray, *levels: int) -> dict[str, float]:
    end = "_d1_fbn32" if family == "glcm" else "_fbn32"
    names = [
        column.removeprefix(f"{family}_").removesuffix(end)
        for column in module.family(*levels).columns
    ]
    return dict(zip(names, map(float, values), strict=True))


def _of_image(stage: str, image: StoneImage) -> Iterator[tuple[str, float]]:
    assert image.spacing_mm is not None
    for axis, length, spacing in zip("zyx", image.shape, image.spacing_mm, strict=True):
        yield f"img_dim_{axis}_{stage}_img", length
        yield f"vox_dim_{axis}_{stage}_img", spacing
    for name in ("mean", "min", "max"):
        yield f"{name}_int_{stage}_img", float(getattr(image.pixels, name)())


def _of_region(stage: str, image: StoneImage, region: Region) -> Iterator[tuple[str, float]]:
    for kind, mask in (("int", region.mask), ("morph", region.outline)):
        for axis, length, part in zip("zyx", image.shape, bounding_box(mask), strict=True):
            yield f"{kind}_mask_dim_{axis}_{stage}_roi", length
            yield f"{kind}_mask_bb_dim_{axis}_{stage}_roi", part.stop - part.start
        yield f"{kind}_mask_vox_count_{stage}_roi", int(mask.sum())
    for name in ("mean", "min", "max"):
        yield f"int_mask_{name}_int_{stage}_roi", float(getattr(region.values, name)())


def reference(case: str) -> pd.DataFrame:
    """Return the consensus values of a case, each tag once."""
    if case != "digital":
        table = pd.read_csv(REFERENCE / "ibsi_ct_phantom.csv", comment="#", keep_default_na=False)
        return table[table["case"] == case]
    files = [f"ibsi_digital_phantom_{part}.csv" for part in ("features", "textures", "region")]
    parts = [pd.read_csv(REFERENCE / name, comment="#") for name in files]
    table = pd.concat(parts).drop_duplicates("tag")
    planar = np.where(table["family"] == "glcm", "2d_mrg", "")
    return table.assign(aggregation=table["aggregation"].fillna(pd.Series(planar, table.index)))


def agrees(got: float, expected: float, tolerance: float) -> bool:
    """Tell whether a value lies within the tolerance of one of three significant digits."""
    digit = 10.0 ** (np.floor(np.log10(abs(expected))) - 2) if expected else 0.0
    return bool(abs(got - expected) <= tolerance + digit / 2 * (1 + 1e-9) + 1e-12)


def digital_phantom() -> StoneImage:
    """Return the phantom of 5x4x4 voxels; its values are grey levels."""
    table = pd.read_csv(REFERENCE / "ibsi_digital_phantom.csv", comment="#")
    table = table.sort_values(["z", "y", "x"])
    pixels, mask = (table[name].to_numpy().reshape(4, 4, 5) for name in ("value", "mask"))
    return StoneImage(
        pixels.astype(float), "HU", (2.0, 2.0, 2.0), mask=mask, volume=True, key="digital phantom"
    )


def ct_phantom(folder: Path) -> StoneImage:
    """Return the CT phantom; where its files are not there, `FileNotFoundError`."""
    import nibabel

    image, mask = (nibabel.load(folder / f"{name}.nii.gz") for name in ("phantom", "mask"))
    spacing = tuple(round(float(step), 6) for step in image.header.get_zooms()[::-1])
    pixels, inside = (
        np.rint(np.asarray(part.dataobj, dtype=np.float64)).T for part in (image, mask)
    )
    return StoneImage(pixels, "HU", spacing, mask=inside, volume=True, key="CT phantom")


def measure(quick: bool, seed: int) -> tuple[list[dict[str, Any]], list[Target]]:
    """Compare each case with its consensus values; `quick` has the digital phantom only."""
    rows: list[dict[str, Any]] = []
    targets = []
    for name in ["digital"] if quick else CASES:
        image = _image(name)
        if image is None:
            rows.append({"case": name, "tag": "", "status": "skipped: no ibsi/ct_phantom"})
            continue
        found = compare(name, Case(image, CASES[name]))
        matched = sum(row["status"] == "matched" for row in found)
        rows.append(_summary(name, matched, len(found)))
        rows += [row for row in found if row["status"] == "missed"]
        what = f"consensus values matched, {name}"
        targets.append(Target(what, matched, str(len(found)), matched == len(found)))
    return rows, targets


def _image(name: str) -> StoneImage | None:
    if name == "digital":
        return digital_phantom()
    data = real_data()
    folder = None if data is None else data / "ibsi" / "ct_phantom"
    return ct_phantom(folder) if folder is not None and folder.is_dir() else None


def compare(name: str, case: Case) -> list[dict[str, Any]]:
    """Return a row a consensus value of a case: matched or missed."""
    return [
        {
            "case": name,
            "tag": row.tag,
            "status": "matched" if agrees(got, row.value, row.tolerance) else "missed",
            "expected": row.value,
            "got": got,
            "tolerance": row.tolerance,
        }
        for row in reference(name).itertuples()
        for got in [case.values(row.family, row.aggregation)[row.feature]]
    ]


def _summary(name: str, matched: int, total: int) -> dict[str, Any]:
    status = f"{matched} of {total} matched"
    return {"case": name, "tag": "all", "status": status, "matched": matched, "total": total}


if __name__ == "__main__":
    main("ibsi", __doc__, measure)
