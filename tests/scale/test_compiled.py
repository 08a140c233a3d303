import os
import subprocess
import sys

import numba
import numpy as np
import pytest

import ksfeat.features.kernels  # noqa: F401 - so that there is something to compile
from ksfeat.scale import compiled as compiling
from ksfeat.scale.compiled import compile_kernels


def test_a_machine_without_a_cache_folder_compiles_with_one_warning(monkeypatch):
    njit = numba.njit

    def without_cache(*function, cache=False, **options):
        if cache:
            raise RuntimeError("cannot cache function 'twice': no locator available")
        return njit(*function, **options)  # numba itself uses it too

    monkeypatch.setattr(compiling.numba, "njit", without_cache)
    monkeypatch.setattr(compiling, "_kernels", [])
    with pytest.warns(RuntimeWarning, match="set NUMBA_CACHE_DIR to a writable folder"):
        twice = compiling.kernel("int64(int64)")(lambda number: 2 * number)
    assert twice(21) == 42
    assert compiling._kernels[0][0] is twice


def test_other_errors_of_the_compiler_are_not_hidden(monkeypatch):
    def broken(**options):
        raise RuntimeError("something else")

    monkeypatch.setattr(compiling.numba, "njit", broken)
    with pytest.raises(RuntimeError, match="something else"):
        compiling.kernel("int64(int64)")(np.abs)


@pytest.mark.slow
def test_compiling_says_so_once_a_machine(tmp_path):
    code = (
        "import ksfeat.features.kernels\n"
        "from ksfeat.scale.compiled import compile_kernels; compile_kernels()"
    )
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        for _ in range(2)
    ]
    assert said[0].stderr.count("\n") == 1
    assert said[0].stderr.startswith("compiling kernels, once per machine (about ")
    assert said[1].stderr == said[0].stdout == ""


def test_compiling_twice_in_a_process_is_silent(capfd):
    compile_kernels()
    capfd.readouterr()
    compile_kernels()
    assert capfd.readouterr() == ("", "")
