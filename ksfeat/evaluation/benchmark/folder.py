"""The folder of a benchmark: what is done stays done, and what does not belong is refused."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ksfeat.errors import InputError
from ksfeat.evaluation.benchmark.contenders import Contender
from ksfeat.evaluation.benchmark.fold import Fold
from ksfeat.evaluation.benchmark.tables import PartTable
from ksfeat.io.atomic import replacing, require_folder
from ksfeat.models.candidate_storage import pack_cells, unpack_cells

FORMAT = 1
_IDENTITY, _INSPECTED = "benchmark.json", "inspected.txt"
_OUTSIDE, _PART = "outside ", " | "


class BenchmarkFolder:
    """Results on disk: one file a part table and one a fold, whole or not there.

    Nothing is written before `begin`.

    Parameters
    ----------
    path : Path
        May be missing; its parent must be there.
    identity : dict
        What the results depend on: a folder of another benchmark is refused.

    Raises
    ------
    InputError
        If the folder holds another benchmark, or files that are none.
    """

    def __init__(self, path: Path, identity: dict[str, Any]) -> None:
        self.path = path
        self.identity = json.loads(json.dumps({"format": FORMAT, **identity}))
        require_folder(path)
        if path.exists() and not path.is_dir():
            raise InputError(f"{path}: a file; expected a folder for the benchmark")
        self._refuse_other()

    @property
    def inspected(self) -> tuple[str, ...]:
        """What was looked for in the pixels of these images already."""
        file = self.path / _INSPECTED
        return tuple(file.read_text(encoding="utf-8").split()) if file.is_file() else ()

    def begin(self, inspected: Iterable[str]) -> None:
        """Make the folder if there is none, and keep what was looked for in the pixels."""
        self.path.mkdir(exist_ok=True)
        if not (self.path / _IDENTITY).is_file():
            self._keep(_IDENTITY, json.dumps(self.identity, indent=1))
        self._keep(_INSPECTED, " ".join(dict.fromkeys((*self.inspected, *inspected))))
        for name in ("tables", "folds", "checkpoints"):
            (self.path / name).mkdir(exist_ok=True)

    def part(self, part: str) -> PartTable | None:
        """Return the table of a part, if it was made."""
        found = _read(self.path / "tables" / f"{part}.npz")
        if found is None:
            return None
        arrays, facts = found
        return PartTable(
            rows=arrays.pop("rows"),
            corrupted=arrays.pop("corrupted"),
            outside=_outside(arrays),
            **{**facts, "names": tuple(facts["names"])},
        )

    def keep_part(self, part: str, table: PartTable) -> None:
        """Keep the table of a part."""
        told = ("names", "cpu_ms", "peak_mb", "bytes_", "energy_j", "views")
        facts = {name: getattr(table, name) for name in told}
        arrays = {"rows": table.rows, "corrupted": table.corrupted}
        _write(self.path / "tables" / f"{part}.npz", arrays, table.outside, facts)

    def fold(self, contender: Contender, scheme: str, number: int) -> Fold | None:
        """Return what a contender said in a fold, if it was tested there."""
        found = _read(self._fold_file(contender, scheme, number))
        if found is None:
            return None
        arrays, facts = found
        told = (arrays["test"], arrays["margins"], arrays["corrupted"])
        return Fold(*told, _outside(arrays), facts)

    def keep_fold(self, contender: Contender, scheme: str, number: int, fold: Fold) -> None:
        """Keep what a contender said in a fold; its checkpoint is needed no longer."""
        arrays = {name: getattr(fold, name) for name in ("test", "margins", "corrupted")}
        _write(self._fold_file(contender, scheme, number), arrays, fold.outside, fold.facts)
        self.checkpoint(contender, scheme, number).unlink(missing_ok=True)

    def checkpoint(self, contender: Contender, scheme: str, number: int) -> Path:
        """Return where a network keeps its state while it is trained."""
        return self.path / "checkpoints" / f"{contender.file_stem}-{scheme}-{number}.pt"

    def _fold_file(self, contender: Contender, scheme: str, number: int) -> Path:
        return self.path / "folds" / f"{contender.file_stem}-{scheme}-{number}.npz"

    def _keep(self, name: str, text: str) -> None:
        with replacing(self.path / name) as partial:
            partial.write_text(text + "\n", encoding="utf-8")

    def _refuse_other(self) -> None:
        file = self.path / _IDENTITY
        if not file.is_file():
            if self.path.is_dir() and any(self.path.iterdir()):
                raise InputError(
                    f"{self.path}: exists and holds no benchmark; choose another --out"
                )
            return
        identity = self.identity
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
            other = [name for name in identity if found.get(name) != identity[name]]
        except (ValueError, AttributeError) as error:
            raise InputError(f"{file}: damaged; choose another --out") from error
        if other:
            raise InputError(
                f"{self.path}: holds a benchmark of another {other[0].replace('_', ' ')} "
                f"({found.get(other[0])!r}, now {identity[other[0]]!r}); choose another --out"
            )


def _write(
    file: Path,
    arrays: dict[str, np.ndarray],
    outside: dict[str, np.ndarray],
    facts: dict[str, Any],
) -> None:
    named = {f"{_OUTSIDE}{name}": values for name, values in outside.items()}
    plain = {key: v for name, each in {**arrays, **named}.items() for key, v in _packed(name, each)}
    about = np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8)
    with replacing(file) as partial, partial.open("wb") as stream:
        np.savez_compressed(stream, **plain, about=about)  # type: ignore[arg-type]


def _read(file: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
    if not file.is_file():
        return None
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        facts = json.loads(arrays.pop("about").tobytes())
        return _unpacked(arrays), facts
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(f"{file}: damaged; delete it, and it is made again") from error


def _outside(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    found = {name for name in arrays if name.startswith(_OUTSIDE)}
    return {name.removeprefix(_OUTSIDE): arrays[name] for name in found}


def _packed(name: str, values: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Return what is stored of an array: of candidates, their numbers, since objects are code."""
    if values.dtype != object:
        return [(name, values)]
    told = {"shape": np.array(values.shape), **pack_cells(values.ravel().tolist())}
    return [(f"{name}{_PART}{key}", array) for key, array in told.items()]


def _unpacked(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    found = {name: values for name, values in arrays.items() if _PART not in name}
    for name in {key.split(_PART)[0] for key in arrays if _PART in key}:
        told = {k.split(_PART)[1]: v for k, v in arrays.items() if k.startswith(f"{name}{_PART}")}
        cells = unpack_cells(told)
        found[name] = np.empty(len(cells), dtype=object)
        found[name][:] = cells
        found[name] = found[name].reshape(told["shape"])
    return found
