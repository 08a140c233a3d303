"""What docs/certainty.md says is what was measured, and what there is."""

import re
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "certainty.md").read_text(encoding="utf-8")
RESULTS = ROOT / "benchmarks" / "results"


def cells_after(start):
    (line,) = [line for line in PAGE.splitlines() if line.startswith(start)]
    return [cell.strip(" *") for cell in line.strip("|").split("|")]


def test_the_shares_of_steady_features_are_those_of_the_results():
    table = pd.read_csv(RESULTS / "stability.csv")
    names = ["noise", "rotation", "translation", "mask growth", "dose", "all but dose"]
    shares = [f"{(table[name].dropna() >= 0.75).mean():.2f}" for name in names]
    header = PAGE.splitlines().index("|".join(["", *PAGE_HEADER, ""]))
    told = [cell.strip() for cell in PAGE.splitlines()[header + 2].strip("|").split("|")]
    assert told == shares


PAGE_HEADER = (
    " noise of 2 % ",
    " 3 degrees ",
    " 0.4 of a pixel to the side and down ",
    " mask grown by a pixel ",
    " half the dose ",
    " all but dose together ",
)


@pytest.mark.parametrize("picture", ["photograph of a man with a camera", "photograph of coins"])
def test_how_often_unseen_pictures_were_refused_is_that_of_the_results(picture):
    table = pd.read_csv(RESULTS / "certainty.csv").set_index(["data", "what"])["mean"]
    _, own, *resized = cells_after(f"| {picture} |")
    sets = ("phantom (simulated)", "coronal_ct", "ct_kidney")
    for name, told in zip(sets, resized, strict=True):
        found = table[name, f"refused, {picture}, in the size of the data"]
        assert told == f"{5 * found:.0f} of 5"
        assert own == f"{5 * table[name, f'refused, {picture}']:.0f} of 5"


def test_no_page_promises_early_stopping_or_stacking():
    """There is neither (tests/evaluation/test_inner_loops.py looks for a side to watch)."""
    for path in (ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"early[ -]stop|stacking|stacked (model|classif)", text, re.I), path
