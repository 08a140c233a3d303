"""docs/phantom.md: its numbers are those that were measured, and it names every table."""

import csv
import re
from pathlib import Path

import pytest

from ksfeat import phantom

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "phantom.md").read_text(encoding="utf-8")
TABLES = ROOT / "ksfeat" / "phantom" / "tables"
RESULTS = ROOT / "benchmarks" / "results"


def overlaps(beam: str) -> dict[str, float]:
    with (RESULTS / "phantom_hu.csv").open(newline="", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["quantity"] == "overlap"]
    return {row["what"]: float(row["mean"]) for row in rows if row["beam"] == beam}


def test_shared_densities_are_those_of_the_committed_results():
    words = PAGE.split("## What one energy")[1].split("`ksfeat.phantom.bayes_bound`")[0]
    told = re.findall(r"\b0\.\d\d\b", words)
    *single, dual = map(float, told)
    assert single == sorted((round(share, 2) for share in overlaps("120").values()), reverse=True)
    assert max(overlaps("80/140").values()) <= dual


@pytest.mark.parametrize("table", sorted(path.name for path in TABLES.glob("*.csv")))
def test_every_table_is_named_with_what_is_not_verified_of_it(table):
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{table}` |"))
    assert row.split("|")[3].strip()


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", PAGE))
def test_links_lead_somewhere(link):
    assert (ROOT / "docs" / link).exists()


def test_the_real_pictures_are_credited():
    assert "real, coronal_ct, Yildirim et al. 2021, CC BY 4.0" in PAGE.split("phantom_beside")[1]


@pytest.mark.parametrize("module", sorted(set(re.findall(r"python -m benchmarks\.(\w+)", PAGE))))
def test_what_makes_it_again_is_there(module):
    assert (ROOT / "benchmarks" / f"{module}.py").is_file()


def test_the_bound_is_a_public_name_as_the_page_says():
    assert "`ksfeat.phantom.bayes_bound`" in PAGE
    assert "bayes_bound" in phantom.__all__
    assert callable(phantom.bayes_bound)
