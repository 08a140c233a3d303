"""Benchmarks keep their contract: a quick run prints rows and targets as JSON and holds nothing."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.harness import real_data

ROOT = Path(__file__).parents[1]


def quick_run(name: str) -> dict:
    command = [sys.executable, "-m", f"benchmarks.{name}", "--quick", "--json"]
    ran = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, env=os.environ
    )
    return json.loads(ran.stdout)


MODULES = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py") if path.stem[0] != "_")


@pytest.mark.parametrize("name", MODULES)
def test_every_benchmark_can_be_imported(name):
    try:
        importlib.import_module(f"benchmarks.{name}")
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("benchmarks", "ksfeat"):
            raise
        pytest.skip(f"needs {error.name}, which is not installed")


@pytest.mark.slow
def test_a_quick_run_of_the_main_job():
    document = quick_run("main_job")
    fitted = [row for row in document["rows"] if not row["model"].startswith("skipped")]
    assert [row["model"] for row in fitted] == ["xgboost", "svm", "linear"]
    assert all(target["holds"] is None for target in document["targets"])


@pytest.mark.slow
def test_a_quick_run_of_augmentation_compares_on_the_same_folds():
    document = quick_run("augmentation")
    assert [row["model"] for row in document["rows"]] == ["xgboost", "svm"]
    assert len({row["split"] for row in document["rows"]}) == 1
    for row in document["rows"]:
        before, after = (float(row[f"auroc_{kind}"][:5]) for kind in ("plain", "augmented"))
        assert float(row["gain"][:6]) == pytest.approx(after - before, abs=0.0011)
    assert all(target["holds"] is None for target in document["targets"])


@pytest.mark.slow
def test_a_quick_run_of_leakage_has_its_three_parts():
    document = quick_run("leakage")
    choices = {"choice of ALIKE", "choice of CONFIRMED"}
    parts = {"proxy groups", "planted copies", "gap"}
    assert {row["part"] for row in document["rows"]} == parts | choices
    models = [row for row in document["rows"] if row["part"] == "gap"]
    assert len(models) == 5
    assert len({row["split_grouped"] for row in models}) == 1
    for row in models:
        grouped = float(row["auroc_grouped"].split()[0])
        assert row["gap"] == pytest.approx(row["auroc_random"] - grouped, abs=0.0011)
    assert all(target["holds"] is None for target in document["targets"])


@pytest.mark.slow
def test_a_quick_run_of_the_speed_of_an_audit_grows_with_the_images():
    document = quick_run("audit_speed")
    assert [row["images"] for row in document["rows"]] == [120, 240]
    assert all(row["cpu_s"] > 1 and row["peak_mb"] > 50 for row in document["rows"])
    assert all(target["holds"] is None for target in document["targets"])


def test_committed_results_name_commit_seed_versions_and_split():
    table = pd.read_csv(ROOT / "benchmarks" / "results" / "main_job.csv", dtype=str)
    assert {"commit", "seed", "versions", "machine", "split"} <= set(table.columns)
    assert not table["commit"].str.endswith("+").any()
    assert set(table["model"]) == {"xgboost", "svm", "linear"}


def beside(**ratios: float | None) -> list[dict]:
    rows = [{"table": "families", "case": "512 px, 32 levels", "computes": ""} for _ in ratios]
    return [
        row | {"library": name, "ratio": ratio}
        for row, (name, ratio) in zip(rows, ratios.items(), strict=True)
    ]


def test_a_speed_holds_against_the_fastest_peer_and_not_while_one_is_absent():
    from benchmarks.texture_peers import _targets

    assert [target.holds for target in _targets(beside(mirp=90.0, nyxus=46.0))] == [True]
    assert [target.holds for target in _targets(beside(mirp=90.0, nyxus=44.0))] == [False]
    (target,) = _targets(beside(mirp=90.0, nyxus=None))
    assert target.holds is None
    assert "without nyxus" in target.what
    rows = beside(mirp=90.0, nyxus=None)
    rows[1]["computes"] = "skipped: NotImplementedError: it reads volumes from files only"
    assert [target.holds for target in _targets(rows)] == [True]


@pytest.mark.slow
def test_without_peers_agreement_says_so_and_leaves_what_is_written(monkeypatch):
    monkeypatch.delenv("KSFEAT_PEERS", raising=False)
    written = (ROOT / "tests" / "reference" / "peers.csv").read_bytes()
    document = quick_run("agreement")
    assert {row["feature"] for row in document["rows"]} == {
        "skipped: KSFEAT_PEERS names no folder of environments"
    }
    assert all(target["value"] is None for target in document["targets"])
    assert (ROOT / "tests" / "reference" / "peers.csv").read_bytes() == written


def test_the_page_of_definitions_ends_as_its_module_writes_it():
    from benchmarks.definitions import MORE, PAGE

    assert PAGE.read_text(encoding="utf-8").endswith(MORE)


@pytest.mark.slow
def test_a_quick_run_against_a_cnn_has_a_row_for_each_contender():
    document = quick_run("cnn")
    names = [row["contender"] for row in document["rows"]]
    assert names == [
        "texture/xgboost",
        "shape+density/xgboost",
        "all/xgboost",
        "cnn:efficientnet_lite0",
    ]
    assert len({row["split"] for row in document["rows"]}) == 1
    assert document["rows"][-1]["against_cnn"] == "the CNN"
    assert len(document["targets"]) == 4
    assert all(target["holds"] is None for target in document["targets"])
    assert None not in [target["value"] for target in document["targets"]]


def test_targets_against_a_cnn_are_of_every_set_and_a_quick_run_decides_none():
    from benchmarks.cnn_tables import JUDGED, TABLES, TOLD, targets_of
    from benchmarks.harness import RESULTS, undecided

    tables = {name: pd.read_csv(RESULTS / f"{name}.csv") for name in TABLES}
    titles = [title for title in (*JUDGED, *TOLD) if title in set(tables["cnn"]["data"])]
    whole = targets_of(tables)
    assert [target.what.split(":")[0] for target in whole[: len(titles)]] == titles
    own = targets_of({name: table[table["data"] == JUDGED[0]] for name, table in tables.items()})
    other = targets_of(
        {
            name: table[table["data"] == JUDGED[0]].assign(data="made")
            for name, table in tables.items()
        }
    )
    assert [target.what for target in other] == [
        target.what.replace(JUDGED[0], "made") for target in own
    ]
    assert [target.value for target in other] == [target.value for target in own]
    assert {target.holds for target in other} != {None}
    assert {target.holds for target in undecided(other)} == {None}


def test_committed_rows_against_a_cnn_that_no_longer_fit_are_refused(tmp_path, monkeypatch):
    cnn = pytest.importorskip("benchmarks.cnn")
    for name in cnn.TABLES:
        (tmp_path / f"{name}.csv").write_bytes((cnn.RESULTS / f"{name}.csv").read_bytes())
    table = pd.read_csv(tmp_path / "cnn.csv")
    told = table.groupby("data")["split"].first().to_dict()
    monkeypatch.setattr(cnn, "RESULTS", tmp_path)
    monkeypatch.setattr(cnn, "split_hashes", lambda seed: told)
    assert len(cnn.committed(0)["cnn"]) == len(table)
    title = next(iter(told))
    monkeypatch.setattr(cnn, "split_hashes", lambda seed: {**told, title: "abc"})
    with pytest.raises(SystemExit, match="run with --rerun"):
        cnn.committed(0)
    monkeypatch.setattr(cnn, "split_hashes", lambda seed: told)
    table.drop(columns="auroc").to_csv(tmp_path / "cnn.csv", index=False)
    with pytest.raises(SystemExit, match="has no column 'auroc'"):
        cnn.committed(0)


@pytest.mark.slow
@pytest.mark.skipif(real_data() is None, reason="needs the real images of coronal_ct")
def test_a_quick_run_of_stones_opens_no_locked_exam():
    document = quick_run("stones")
    tasks = [(row["task"], row["supervision"]) for row in document["rows"]]
    assert tasks[:3] == [("halves", "boxes"), ("halves", "labels"), ("stones in slices", "boxes")]
    assert all("locked" not in row.get("exams", "") for row in document["rows"])
    assert all(target["holds"] is None for target in document["targets"])
