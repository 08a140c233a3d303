"""The command line as a person meets it: what it prints, and how it exits."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ksfeat.cli.main import main


@dataclass
class Answer:
    """What one command printed and returned."""

    code: int
    out: str
    err: str

    def json(self):
        return json.loads(self.out)


@pytest.fixture
def ksfeat_command(capsys) -> Callable[..., Answer]:
    """Run `ksfeat ARGUMENTS...` in this process."""

    def run(*arguments: object) -> Answer:
        capsys.readouterr()
        try:
            main([str(argument) for argument in arguments])
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        printed = capsys.readouterr()
        return Answer(code, printed.out, printed.err)

    return run


QUICK = ("--features", "first_order", "--jobs", "1", "--cv", "2")


@pytest.fixture(scope="session")
def model_file(stone_data, tmp_path_factory) -> Path:
    """A small model of the stone task."""
    path = tmp_path_factory.mktemp("model") / "stone.ksf"
    main(["fit", str(stone_data), "--out", str(path), "--model", "linear", *QUICK])
    return path
