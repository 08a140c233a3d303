"""docs/features.md, generated from the registry: ``python tools/feature_docs.py [--check]``."""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from formulas import BY_NAME, BY_PLACE, Row

from ksfeat.features.identity import Family, Feature
from ksfeat.features.pyradiomics_names import base_name, pyradiomics_name
from ksfeat.features.registry import DEFAULT, PRESETS, families

PAGE = Path(__file__).resolve().parents[1] / "docs" / "features.md"
_MOST = 60  # features of a family that are listed singly
_UNKNOWN: Row = ("", "")
_HEAD = """# Every feature

Generated from the registry by `python tools/feature_docs.py`; do not edit.
`ksfeat.FeatureExtractor(...).describe()` says the same of the columns that it makes.

Symbols: x_k are the N intensities of the region, m their mean, s^2 their variance, P_q their q-th
percentile; p_i is the share of grey level i; p(i, j) are the shares of a matrix (of pairs; or of
runs, zones, distances and dependences by grey level i and size j), n what it counts, p(i) and p(j)
its sums over the other index. "NaN if" says on which degenerate region a feature is not defined;
where that is empty it always has a value. An empty region is an error. Where no formula stands, the
docstring of the family's `compute` has the definition. A feature with an IBSI id is defined at that
id in the IBSI's reference manual; what tests hold of its consensus values stands in
`tests/reference`.

![What each family sees in a slice](feature_maps.png)

*Simulated, and coronal_ct (Yildirim et al. 2021, CC BY 4.0);
each map shows a family's feature around each pixel.
`python tools/feature_maps.py` draws it.*
"""


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
    head = f"## {family.name}\n\n{said}\n"
    if len(family.features) > _MOST:
        return f"{head}\n{_summary(family)}\n"
    lines = [
        "| feature | what | formula | unit | range | IBSI | NaN if | pyradiomics |",
        "|---|---|---|---|---|---|---|---|",
        *(_line(family.name, place, feature) for place, feature in enumerate(family.features)),
    ]
    return f"{head}\n" + "\n".join(lines) + "\n"


def _line(family: str, place: int, feature: Feature) -> str:
    formula, reach = _formula(family, place, base_name(feature))
    cells = (
        f"`{feature.name}`",
        feature.title,
        f"`{formula}`" if formula else "",
        feature.unit,
        reach,
        feature.ibsi_id or "",
        feature.undefined,
        (pyradiomics_name(feature) or "").removeprefix("original_"),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _formula(family: str, place: int, name: str) -> Row:
    if family in BY_PLACE:
        return BY_PLACE[family][place]
    return BY_NAME.get(family, {}).get(name, _UNKNOWN)


def _summary(family: Family) -> str:
    """Describe a family of many features by its first and last."""
    first, last = family.features[0], family.features[-1]
    reasons = dict.fromkeys(item.undefined for item in family.features if item.undefined)
    undefined = "; ".join(reasons)
    said = f" NaN if {undefined}." if undefined else ""
    return f"From `{first.name}` ({first.title}) to `{last.name}` ({last.title}).{said}"


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
