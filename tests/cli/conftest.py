"""The command line as a person meets it: what it prints, and how it exits."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from planted import BORN, SURNAMES, patient_folder, write_slice

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


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """Two classes, 8 patients, 2 slices each; names in tags, folders and files. Read only."""
    root = tmp_path_factory.mktemp("hospital") / "data"
    for patient, surname in enumerate(SURNAMES):
        for number in range(2):
            ending = ".dcm" if patient % 3 else ""  # many scanners write none
            file = patient_folder(root, patient) / f"{surname}{BORN}n{number}{ending}"
            write_slice(file, patient, number, 1100 if patient % 2 else 60)
    return root


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A user's folders, empty, with a key of pseudonyms; commands run in work/."""
    for name in ("CONFIG", "DATA", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KSFEAT_GROUP_KEY", "a key for tests")
    monkeypatch.delenv("KSFEAT_KEY_FILE", raising=False)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path
