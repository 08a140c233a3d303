"""docs/features.md is that of the registry, and says of every feature what it is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ksfeat.features.registry import families

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "features.md").read_text(encoding="utf-8")


def test_the_page_is_not_stale():
    command = [sys.executable, str(ROOT / "tools" / "feature_docs.py"), "--check"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def rows(family):
    section = PAGE.split(f"\n## {family}\n")[1].split("\n## ")[0]
    for line in section.splitlines():
        if line.startswith("| `"):
            yield re.split(r"(?<!\\) \| ", line.strip("| "))


@pytest.mark.parametrize("family", families())
def test_every_row_has_formula_unit_range_and_the_values_of_degenerate_regions(family):
    counted = 0
    for name, what, formula, unit, reach, _, _, level, pixel, *_ in rows(family):
        counted += int(found[1]) if (found := re.search(r"\((\d+)\)$", name)) else 1
        assert all((what, formula.strip("`"), unit, reach, level, pixel)), name
    assert counted == len(families()[family].features)
