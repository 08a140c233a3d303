"""Benchmarks keep their contract: a quick run prints rows and targets as JSON and holds nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_a_quick_run_of_the_main_job(tmp_path):
    command = [sys.executable, "-m", "benchmarks.main_job", "--quick", "--json"]
    ran = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, env=os.environ
    )
    document = json.loads(ran.stdout)
    fitted = [row for row in document["rows"] if not row["model"].startswith("skipped")]
    assert [row["model"] for row in fitted] == ["xgboost", "svm", "linear"]
    assert all(target["holds"] is None for target in document["targets"])


def test_committed_results_name_commit_seed_versions_and_split():
    table = pd.read_csv(ROOT / "benchmarks" / "results" / "main_job.csv", dtype=str)
    assert {"commit", "seed", "versions", "machine", "split"} <= set(table.columns)
    assert not table["commit"].str.endswith("+").any()
    assert set(table["model"]) == {"xgboost", "svm", "linear"}
