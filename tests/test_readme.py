"""What the README says works as it stands there."""

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ksfeat import make_phantom
from ksfeat.cli.main import main
from ksfeat.phantom import Scan

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("page", "least"), [("README.md", 10), ("docs/stones.md", 6)])
def test_the_python_example_gives_what_it_shows(page, least, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / page).read_text(encoding="utf-8")
    test = doctest.DocTestParser().get_doctest(text, {}, page, page, 0)
    assert len(test.examples) >= least
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_the_command_lines_run_one_after_the_other(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ksfeat-demo").mkdir()
    folder = tmp_path / "ksfeat-demo" / "half"
    make_phantom(folder, task="half", patients=12, slices=2, scan=Scan(size=96))
    block = README.split("## On your own images")[1].split("```sh\n")[1].split("```")[0]
    lines = [shlex.split(line, comments=True) for line in block.splitlines()]
    assert [words[1] for words in lines] == ["fit", "predict", "explain", "evaluate", "extract"]
    for words in lines:
        main(words[1:])
    assert "AUROC" in capsys.readouterr().out
    made = {"stone.ksf", "why", "scores", "features.parquet"}
    assert made <= {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("module", ["benchmarks.tables", "benchmarks.formats"])
def test_tables_and_docs_are_those_of_the_committed_results(module):
    command = [sys.executable, "-m", module, "--check"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_links_lead_somewhere(link):
    assert (ROOT / link).exists()


def test_the_two_commands_are_targets_of_make():
    targets = (ROOT / "Makefile").read_text()
    for name in ("demo", "test"):
        assert f"make {name}" in README
        assert re.search(rf"^{name}:", targets, re.MULTILINE)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
