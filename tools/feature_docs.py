"""docs/features.md, generated from the registry: ``python tools/feature_docs.py [--check]``."""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from pathlib import Path

import numpy as np

from ksfeat.features.formulas import described_as, formula_of
from ksfeat.features.identity import Family
from ksfeat.features.pyradiomics_names import pyradiomics_name
from ksfeat.features.registry import DEFAULT, PRESETS, families
from ksfeat.image import StoneImage
from ksfeat.roi import Region

PAGE = Path(__file__).resolve().parents[1] / "docs" / "features.md"
_MOST = 60  # features of a family that are listed singly
_SIDE = 6  # of the region of one grey level
_ROUNDING = 1e-9
_FILTERED = {
    "wavelet": "ll, lh, hl and hh: the image correlated along the rows' and the columns' axis with "
    "the low-pass (l) or high-pass (h) weights of the Coiflet of 6; of a volume along three",
    "log": "s1, s2 and s3: the image correlated with the sum of the second derivatives of a "
    "Gaussian of 1, 2 and 3 px, cut at 4 standard deviations",
}
_HEAD = f"""# Every feature

Generated from the registry by `python tools/feature_docs.py`; do not edit.
`ksfeat.FeatureExtractor(...).describe()` says the same of the columns that it makes.

Symbols: x_k are the N intensities of the region, m their mean, s^2 their variance, P_q their q-th
percentile; p_i is the share and n_i the number of grey level i; p(i, j) are the shares of a matrix
(of pairs; or of runs, zones, distances and dependences by grey level i and size j), n what it
counts, p(i) and p(j) its sums over the other index. V and A are volume and area of the mesh of a
volume's region, A and L area and length of the outline of a slice's; l_1 >= l_2 >= l_3 the
eigenvalues of the covariance of the positions of its voxels; w_kl one over the distance of two. A
range is that of the formula, whatever the region.

"NaN if" says on which degenerate region a feature is not defined; where that is empty it always has
a value. The two columns after it show the values themselves: of {_SIDE}x{_SIDE} pixels (of a volume
{_SIDE}x{_SIDE}x{_SIDE} voxels) of intensity 1 and of 1 mm, and of one such pixel. An empty region
is an error. A feature with an IBSI id is defined at that id in the IBSI's reference manual; what
tests hold of its consensus values stands in `tests/reference`.

![What each family sees in a slice](feature_maps.png)

*Simulated, and coronal_ct (Yildirim et al. 2021, CC BY 4.0);
each map shows a family's feature around each pixel.
`python tools/feature_maps.py` draws it.*
"""
_COLUMNS = (
    *("feature", "what", "formula", "unit", "range", "IBSI", "NaN if"),
    *("one level", "one pixel", "pyradiomics"),
)
_TABLE = (f"| {' | '.join(_COLUMNS)} |", f"|{'---|' * len(_COLUMNS)}")


def render() -> str:
    """Return the page in Markdown."""
    parts = [_HEAD, _presets()]
    parts += [_section(family) for family in families().values()]
    return "\n".join(parts)


def _presets() -> str:
    rows = [f"| `{name}` | {', '.join(members)} |" for name, members in PRESETS.items()]
    head = ["| preset | families |", "|---|---|", f"| `auto` | {', '.join(DEFAULT)} |"]
    return "\n".join([*head, *rows, ""])


def _section(family: Family) -> str:
    needs = f" Needs {' and '.join(family.needs)}." if family.needs else ""
    of = " and ".join({2: "slices", 3: "volumes"}[size] for size in family.dimensions)
    said = f"{len(family.features)} features of {of}.{needs}{_references(family)}"
    bank, _, fed = family.name.partition("_")
    filtered = bank in _FILTERED and fed in families()
    if filtered:
        said += f"\n\nWhat `{fed}` computes, of each response {_FILTERED[bank]}."
    groups = _alike(family, filtered)
    degenerate = [_computed(family, side) for side in (_SIDE, 1)]
    lines = [_line(family, places, degenerate) for places in groups]
    return f"## {family.name}\n\n{said}\n\n" + "\n".join([*_TABLE, *lines]) + "\n"


def _alike(family: Family, filtered: bool) -> list[list[int]]:
    """Return the places of features that share a row: of a filter bank, and in large families."""
    groups: dict[object, list[int]] = {}
    for place, feature in enumerate(family.features):
        key: object = place
        if filtered:
            key = described_as(feature)
        elif len(family.features) > _MOST:
            run = re.search(r"_(red|green|blue)_glrlm_", feature.name)
            key = described_as(feature) if run else re.sub(r"\d+", "#", feature.name)
            key = (key, formula_of(feature), feature.unit, feature.undefined)
        groups.setdefault(key, []).append(place)
    return list(groups.values())


def _line(family: Family, places: list[int], degenerate: list[np.ndarray]) -> str:
    features = [family.features[place] for place in places]
    first, last = features[0], features[-1]
    formula = formula_of(first)
    several = len(features) > 1
    title = f"{first.title}, to {last.title}" if several else first.title
    if described_as(first)[0] != family.name:  # what differs is the filter, or the colour
        title = first.title.rpartition(", ")[0]
    cells = (
        f"`{first.name}` to `{last.name}` ({len(features)})" if several else f"`{first.name}`",
        title,
        f"`{formula.text}`",
        first.unit,
        formula.reach,
        first.ibsi_id or "",
        first.undefined,
        *(_shown(values[places]) for values in degenerate),
        (pyradiomics_name(first) or "").removeprefix("original_"),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _shown(values: np.ndarray) -> str:
    """Return the values that occur, or the lowest and the highest."""
    rounded = np.where(np.abs(values) < _ROUNDING, 0.0, values) + 0.0
    texts = list(dict.fromkeys("NaN" if np.isnan(value) else f"{value:.4g}" for value in rounded))
    if len(texts) < 3:
        return " or ".join(texts)
    return f"{np.nanmin(rounded):.4g} to {np.nanmax(rounded):.4g}"


def _computed(family: Family, side: int) -> np.ndarray:
    """Return the values on a region of one grey level, which somebody drew."""
    solid = 2 not in family.dimensions
    shape = (side,) * (3 if solid else 2)
    colour = "rgb" in family.needs
    image = StoneImage(
        np.ones((*shape, 3) if colour else shape, np.uint8 if colour else np.float64),
        unit="rgb" if colour else "HU" if "HU" in family.needs else "grey",
        mask=np.ones(shape, dtype=bool),
        spacing_mm=(1.0,) * len(shape),
        volume=solid,
        second_energy=np.ones(shape) if "second_energy" in family.needs else None,
    )
    return family.compute(Region.of(image))


def _references(family: Family) -> str:
    """Return what the docstring of the family's function cites."""
    function = getattr(family.compute, "func", family.compute)
    doc = inspect.getdoc(function) or ""
    cited = re.findall(r"\.\. \[\d+\] (.*?)(?=\n\.\. \[|\n\n|\Z)", doc, re.DOTALL)
    return "".join(f" Reference: {' '.join(text.split())}" for text in cited)


def main() -> None:
    """Write the page, or say whether it is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    fresh = render()
    if parser.parse_args().check:
        stale = not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != fresh
        sys.exit("docs/features.md is stale: run python tools/feature_docs.py" if stale else 0)
    PAGE.write_text(fresh, encoding="utf-8")


if __name__ == "__main__":
    main()
