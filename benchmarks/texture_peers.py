"""ksfeat beside its peers: the same pixels, pair by pair, each in its own process."""

from __future__ import annotations

import statistics
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import Target, real_data
from benchmarks.peers.process import PEERS, Peer, Skipped, started
from benchmarks.texture_cases import Case, slice_case, volume_case

# How often our time must fit into that of the fastest peer.
LEAST = {
    "512 px, 32 levels": 45,
    "256 px, 32 levels": 35,
    "128 px, 32 levels": 20,
    "64x64x32, 32 levels": 30,
}
LEAST_ALONE = 1
LEAST_SHAPE = 20
_SHAPE_PEER = "pyradiomics"  # which that target is set against
_SHAPES = ("pyradiomics", "flash_radiomics", "fastrad")
# All that each has, and what all have: 11 of ksfeat's 29 (the others need intensities, boxes,
# ellipsoids and the hull) beside all of theirs, which they compute together.
_OF_SHAPE = ("shape", "sizes")
_FAMILIES = ("pyradiomics", "mirp", "nyxus", "flash_radiomics", "fastrad")
_TURN_MS = 150  # each takes turns of about so long
_ROUNDS, _QUICK_ROUNDS = 9, 3


def measure_peers(quick: bool, seed: int) -> tuple[list[dict[str, Any]], list[Target]]:
    """Time five families, co-occurrence alone and the shape of a volume beside each peer."""
    sizes = (128,) if quick else (128, 256, 512)
    slices = [slice_case(size, levels, seed) for size in sizes for levels in (32, 256)]
    volume = None if quick else volume_case(32)
    cases = [_stored(case) for case in (*slices, *([volume] if volume else []))]
    cases = cases[:1] if quick else cases
    rows = [_beside(peer, "families", case, quick) for case in cases for peer in _FAMILIES]
    flat = [case for case in cases if case["pixels"].ndim == 2]
    rows += [_beside(peer, "glcm", case, quick) for case in flat for peer in PEERS]
    kidney = None if quick else kidney_case()
    if kidney is not None:  # fastrad takes 15 s of the finer one
        both = ((kidney, _SHAPES), (_finer(kidney), _SHAPES[:2]))
        rows += [
            _beside(peer, work, case, quick)
            for case, peers in both
            for work in _OF_SHAPE
            for peer in peers
        ]
    return rows, _targets(rows)


def _targets(rows: list[dict[str, Any]]) -> list[Target]:
    """Return what holds against the fastest peer of each case; unknown while one is absent."""
    targets = []
    for work, case in dict.fromkeys((row["table"], row["case"]) for row in rows):
        least = {"glcm": LEAST_ALONE} | dict.fromkeys(_OF_SHAPE, LEAST_SHAPE)
        least = least.get(work, LEAST.get(case))
        if least is not None:
            beside = [row for row in rows if (row["table"], row["case"]) == (work, case)]
            if work in _OF_SHAPE:
                beside = [row for row in beside if row["library"] == _SHAPE_PEER]
            targets.append(_target(f"{work}, {case}", beside, least))
    return targets


def _target(what: str, beside: list[dict[str, Any]], least: float) -> Target:
    ratios = {row["library"]: row["ratio"] for row in beside if row["ratio"] is not None}
    fastest = min(ratios, key=ratios.__getitem__, default="no peer")
    value = ratios.get(fastest)
    absent = [row["library"] for row in beside if row["ratio"] is None and not _cannot(row)]
    holds = None if absent or value is None else value >= least
    without = f" (without {', '.join(absent)})" if absent else ""
    return Target(f"{what}: times as fast as {fastest}{without}", value, f">= {least}", holds)


def _cannot(row: dict[str, Any]) -> bool:
    """Whether a library is there and has no such thing, as nyxus has no volumes in memory."""
    return "NotImplementedError" in row["computes"]


def _beside(peer: str, work: str, case: dict[str, Any], quick: bool) -> dict[str, Any]:
    names = ("version", "median_ms", "ksfeat_ms", "ratio", "features", "computes")
    row = {
        "table": work,
        "case": case["name"],
        "dimensions": case["pixels"].ndim,
        "library": peer,
        "pixels": case["source"],
    } | dict.fromkeys(names)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.npz"
        np.savez(path, **{name: case[name] for name in ("pixels", "mask", "spacing", "levels")})
        try:
            with started(peer, work, path) as theirs, started("ksfeat", work, path) as ours:
                return row | _in_turn(theirs, ours, _QUICK_ROUNDS if quick else _ROUNDS)
        except Skipped as reason:
            return row | {"computes": f"skipped: {reason}"}


def _in_turn(theirs: Peer, ours: Peer, rounds: int) -> dict[str, Any]:
    """Let two libraries take turns; return medians, and the median of the rounds' ratios."""
    often = [max(1, round(_TURN_MS / min(peer.repeat(2)))) for peer in (theirs, ours)]
    taken = [[peer.repeat(n) for peer, n in zip((theirs, ours), often, strict=True)]
             for _ in range(rounds)]  # fmt: skip
    medians = [[statistics.median(turn) for turn in pair] for pair in taken]
    return {
        "version": theirs.version,
        "median_ms": round(statistics.median(pair[0] for pair in medians), 3),
        "ksfeat_ms": round(statistics.median(pair[1] for pair in medians), 3),
        "ratio": round(statistics.median(pair[0] / pair[1] for pair in medians), 2),
        "features": len(theirs.values),
        "computes": f"{_counted(theirs.values)}; ksfeat {_counted(ours.values)}",
    }


def _finer(case: dict[str, Any]) -> dict[str, Any]:
    """Return a region with each voxel cut into 27: the same solid at a finer step."""
    cut = np.ones((3, 3, 3), dtype=np.int16)
    pixels, mask = np.kron(case["pixels"], cut), np.kron(case["mask"], cut).astype(bool)
    name = "a kidney, {}x{}x{}".format(*mask.shape)
    return case | {"name": name, "pixels": pixels, "mask": mask, "spacing": case["spacing"] / 3}


def _counted(values: dict[str, float]) -> str:
    """Say how many numbers there are of each family, by what their names begin with."""
    families = Counter(name.replace(":", "_").split("_")[0].lower() for name in values)
    if len(families) > 6:  # names without a family: Haralick's and scikit-image's
        return f"{len(values)} of co-occurrence"
    return ", ".join(f"{family} {number}" for family, number in families.items())


def _stored(case: Case) -> dict[str, Any]:
    """Return a case as int16: pyradiomics makes one or two levels of bytes on numpy 2."""
    return {
        "name": case.name,
        "source": case.source,
        "pixels": np.rint(case.pixels).astype(np.int16),
        "mask": np.ones(case.pixels.shape, dtype=bool),
        "spacing": np.ones(case.pixels.ndim),
        "levels": case.levels,
    }


def kidney_case() -> dict[str, Any] | None:
    """Return a kidney of the TotalSegmentator volume, in the box around it."""
    from ksfeat.io import read_image
    from ksfeat.roi.region import bounding_box

    folder = real_data()
    path = folder / "dicom" / "volume" / "kidneys_ct.nii.gz" if folder else None
    if path is None or not path.is_file():
        return None
    image = read_image(path)
    labels = read_image(path.with_name("kidneys_seg.nii.gz")).pixels
    box = bounding_box(labels == 2)
    return {
        "name": "a kidney, {}x{}x{}".format(*labels[box].shape),
        "source": "TotalSegmentator",
        "pixels": np.ascontiguousarray(image.pixels[box]).astype(np.int16),
        "mask": np.ascontiguousarray(labels[box] == 2),
        "spacing": np.array(image.spacing_mm),
        "levels": 32,
    }
