"""The package as a whole: what is installed, what an import costs, and the rules of the house."""

import importlib.metadata
import os
import re
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import ksfeat

HOUSE = Path(__file__).parents[1]
HEAVY = ("cv2", "matplotlib", "numba", "pandas", "shap", "sklearn", "xgboost")
against_wheel = pytest.mark.skipif(
    os.environ.get("KSFEAT_TESTS_WHEEL") != "1", reason="not run by make: no wheel is installed"
)


def python(code: str) -> str:
    # -P: the working directory is not searched, or the checkout would hide the wheel.
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def project_files() -> list[Path]:
    """Return the files that git knows or would take in."""
    if not (HOUSE / ".git").exists():
        pytest.skip("no git checkout: the project's files cannot be listed")
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=HOUSE, capture_output=True, check=True).stdout.decode()
    return [path for name in names.split("\0")[:-1] if (path := HOUSE / name).is_file()]


@against_wheel
def test_tests_run_against_the_installed_wheel():
    assert "site-packages" in Path(ksfeat.__file__).parts
    assert python("import ksfeat; print(ksfeat.__file__)").strip() == ksfeat.__file__


@against_wheel
def test_version_is_the_metadatas():
    assert importlib.metadata.version("ksfeat") == ksfeat.__version__


@against_wheel
@pytest.mark.parametrize(
    "name", ["ksfeat/py.typed", "licenses/LICENSE", "licenses/THIRD_PARTY.md", "entry_points.txt"]
)
def test_wheel_contains(name):
    files = importlib.metadata.files("ksfeat") or []
    assert any(file.as_posix().endswith(name) for file in files)


@against_wheel
def test_wheel_is_one_package():
    files = importlib.metadata.files("ksfeat") or []
    folders = {file.parts[0] for file in files if file.suffix == ".py"}
    assert folders == {"ksfeat"}


@against_wheel
def test_wheel_holds_every_module_and_template_of_the_checkout():
    packed = {file.as_posix() for file in importlib.metadata.files("ksfeat") or []}
    ours = {path.relative_to(HOUSE).as_posix() for path in project_files()}
    assert {name for name in ours if name.startswith("ksfeat/")} <= packed


def test_citation_names_this_version():
    citation = (HOUSE / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {ksfeat.__version__}\n" in citation


def test_import_is_light():
    loaded = python("import sys, ksfeat; print(*sys.modules)").split()
    assert "ksfeat" in loaded
    assert not set(HEAVY) & set(loaded)


@pytest.mark.parametrize("name", ksfeat.__all__)
def test_public_name_resolves(name):
    assert getattr(ksfeat, name) is not None
    assert name in dir(ksfeat)


def test_public_names_are_those_promised():
    promised = {
        "Explanation",
        "FeatureExtractor",
        "StoneClassifier",
        "StoneImage",
        "explain",
        "load_dataset",
        "load_model",
        "make_classifier",
        "save_model",
    }
    assert promised <= set(ksfeat.__all__)


@pytest.mark.parametrize("room", ["evaluation", "metrics", "models", "splits"])
def test_a_room_lists_what_it_hands_out(room):
    """Nothing in `__all__` is missing or hidden by a module of its name, and nothing left out."""
    module = import_module(f"ksfeat.{room}")
    handed = {
        name
        for name, value in vars(module).items()
        if name[0] != "_" and not isinstance(value, ModuleType)
    }
    assert handed == set(module.__all__)
    assert not handed & {path.stem for path in Path(module.__file__).parent.glob("*.py")}


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = ksfeat.no_such_name


@pytest.mark.parametrize(
    ("where", "pattern"),
    [
        pytest.param("this machine's folders", r"(?<![\w.~-])/(?:work|tmp)\b", id="folders"),
        pytest.param(
            "a package registry's host",
            r"\b(?:pypi|pythonhosted|npmjs|debian)\.(?:org|com|net)\b",
            id="registry",
        ),
    ],
)
def test_no_text_file_names(where, pattern):
    found = []
    for path in project_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        found += [f"{path.name}: {match[0]}" for match in re.finditer(pattern, text)]
    assert not found, f"names {where}"


def test_modules_stay_under_300_lines():
    modules = [path for path in project_files() if path.suffix == ".py"]
    lengths = {path: path.read_text(encoding="utf-8").count("\n") for path in modules}
    assert [str(path) for path, length in lengths.items() if length >= 300] == []


def test_no_module_has_a_name_that_says_nothing():
    vague = {"utils", "util", "helpers", "helper", "common", "misc"}
    parts = {part for path in project_files() for part in path.relative_to(HOUSE).parts}
    assert not vague & {Path(part).stem for part in parts}
