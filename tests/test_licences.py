"""The licence check of `make lint`: what it lets in and refuses, and how it walks requirements."""

import importlib.util
import os
import shutil
import sys
import tomllib
from email.message import Message
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement

HOUSE = Path(__file__).parents[1]
spec = importlib.util.spec_from_file_location("licences", HOUSE / "tools" / "licences.py")
licences = importlib.util.module_from_spec(spec)
spec.loader.exec_module(licences)

in_tested_environment = pytest.mark.skipif(
    os.environ.get("KSFEAT_TESTS_WHEEL") != "1" or sys.platform != "linux",
    reason="not the environment that make installs on Linux",
)


@pytest.mark.parametrize(
    "licence",
    [
        "BSD-3-Clause",
        "BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0",
        "Apache-2.0 WITH LLVM-exception",
        "GPL-2.0-only OR MIT",
        "MIT OR GPL-3.0-only AND AGPL-3.0-only",  # AND binds tighter, so MIT alone is enough
    ],
)
def test_free_licence_is_let_in(licence):
    assert licences.refused({"dist": licence}) == []


@pytest.mark.parametrize(
    "licence",
    [
        "GPL-3.0-or-later",
        "AGPL-3.0-only",
        "MIT AND GPL-3.0-only",
        "GPL-3.0-only OR AGPL-3.0-only",
        "MIT AND (GPL-3.0-only OR MIT)",  # brackets are not read: refused, never guessed
        "UNKNOWN",
        "",
    ],
)
def test_other_licence_is_refused_by_name(licence):
    (line,) = licences.refused({"good": "MIT", "bad": licence})
    assert line.startswith(f"bad: licence {licence or 'unknown'!r} is not on the list")


def test_nccl_is_the_only_exception():
    proprietary = "LicenseRef-NVIDIA-Proprietary"
    assert licences.refused({"nvidia-nccl-cu12": proprietary}) == []
    assert len(licences.refused({"nvidia-cublas-cu12": proprietary})) == 1
    assert len(licences.refused({"nvidia-nccl-cu12": "GPL-3.0-only"})) == 1


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([("License-Expression", "MIT"), ("License", "GPL-3.0-only")], "MIT"),
        ([("License", "Apache 2.0")], "Apache-2.0"),
        ([("License", "Copyright\nall text"), ("Classifier", "BSD License")], "BSD"),
        ([("Classifier", "MIT License"), ("Classifier", "GPLv3")], "MIT AND GPLv3"),
        ([("License", "all of the text " * 9)], ""),
        ([], ""),
    ],
)
def test_licence_is_read_from_the_best_field(fields, expected):
    metadata = Message()
    for field, value in fields:
        prefix = "License :: OSI Approved :: " if field == "Classifier" else ""
        metadata.add_header(field, prefix + value)
    assert licences.licence_of(metadata) == expected


def test_closure_follows_markers_extras_and_circles(monkeypatch):
    requires = {
        "root": ["A_b>=1", "windows; sys_platform == 'none'", "test; extra == 'test'"],
        "a-b": ["c[fast]"],
        "c": ["a.b", "slow; extra == 'slow'", "speed; extra == 'fast'"],
        "speed": None,
    }
    monkeypatch.setattr(
        licences, "distribution", lambda name: SimpleNamespace(requires=requires[name])
    )
    closure = licences.runtime_closure("root")
    assert closure == {"a-b": {"root", "c"}, "c": {"a-b"}, "speed": {"c"}}


def test_every_direct_dependency_says_what_for():
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert list(licences.purposes()) == [Requirement(r).name for r in project["dependencies"]]


@in_tested_environment
def test_constraints_pin_everything_that_ksfeat_needs():
    lines = (HOUSE / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.lower().replace("_", "-") for line in lines}
    needed = licences.runtime_closure("ksfeat")
    assert {f"{name}=={licences.distribution(name).version}" for name in needed} <= pinned


@in_tested_environment
def test_stale_table_is_found_and_mended(monkeypatch, tmp_path):
    table = Path(shutil.copy(licences.TABLE, tmp_path))
    monkeypatch.setattr(licences, "TABLE", table)
    assert licences.main(["--check"]) is None
    fresh = table.read_text(encoding="utf-8")
    table.write_text(fresh.replace("| numpy | 2.", "| numpy | 1."), encoding="utf-8")
    assert "THIRD_PARTY.md is stale" in licences.main(["--check"])
    assert licences.main([]) is None
    assert table.read_text(encoding="utf-8") == fresh


@in_tested_environment
def test_refused_licence_ends_the_check(monkeypatch):
    monkeypatch.setattr(licences, "licence_of", lambda metadata: "GPL-3.0-only")
    assert "click: licence 'GPL-3.0-only' is not on the list" in licences.main(["--check"])
