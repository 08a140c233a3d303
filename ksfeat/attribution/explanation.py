"""`Explanation`: attributions as data, which plots are views of."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from ksfeat.errors import InputError

if TYPE_CHECKING:
    import shap

Game = Literal["path-dependent", "interventional", "absent = 1"]
_SCHEMA = 1
_ARRAYS = ("values", "base_values", "margins", "data")
_NAMES = ("feature_names", "outputs", "classes", "keys")


@dataclass(frozen=True, eq=False)
class Explanation:
    """Attributions of margins to features: ``base_values + values.sum(axis=1) == margins``.

    Parameters
    ----------
    values : ndarray of shape (n, d, k)
        Attribution of each feature to each explained margin.
    base_values : ndarray of shape (k,)
        What the game gives to no feature at all.
    margins : ndarray of shape (n, k)
        What the model said.
    data : ndarray of shape (n, d)
        Feature values; NaN where a feature is not defined.
    feature_names : tuple of str, length d
    outputs : tuple of str, length k
        The class of each margin: ``classes_[1]`` alone of two classes, else every class.
    classes : tuple of str
        All classes of the model.
    game : {"path-dependent", "interventional", "absent = 1"}
        What an absent feature means: averaged along the tree's paths, replaced by the training
        mean, or its kernel factor set to one.
    keys : tuple of str, length n
        Name of each image.

    Examples
    --------
    >>> import numpy as np
    >>> explanation = Explanation(
    ...     values=np.array([[[0.5], [-0.2]]]), base_values=np.array([0.1]),
    ...     margins=np.array([[0.4]]), data=np.array([[3.0, 7.0]]), feature_names=("a", "b"),
    ...     outputs=("stone",), classes=("nostone", "stone"), game="path-dependent",
    ...     keys=("x.png",))
    >>> explanation.additivity_error() < 1e-9
    True
    """

    values: np.ndarray
    base_values: np.ndarray
    margins: np.ndarray
    data: np.ndarray
    feature_names: tuple[str, ...]
    outputs: tuple[str, ...]
    classes: tuple[str, ...]
    game: Game
    keys: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.game not in get_args(Game):
            expected = ", ".join(map(repr, get_args(Game)))
            raise InputError(f"game {self.game!r}; expected one of {expected}")
        for name in _ARRAYS:
            # A copy, so that neither the caller's array nor the explanation changes the other.
            array = np.array(getattr(self, name), dtype=float)
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        if self.values.ndim != 3:
            raise InputError(f"values of shape {self.values.shape}; expected (n, d, k)")
        self._check_shapes()

    def _check_shapes(self) -> None:
        n, d, k = self.values.shape
        shapes = {"base_values": (k,), "margins": (n, k), "data": (n, d)}
        for name, expected in shapes.items():
            found = getattr(self, name).shape
            if found != expected:
                raise InputError(f"{name} of shape {found}; expected {expected}")
        lengths = {"feature_names": d, "outputs": k, "keys": n}
        for name, length in lengths.items():
            if len(getattr(self, name)) != length:
                raise InputError(f"{len(getattr(self, name))} {name}; expected {length}")

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        n, d, k = self.values.shape
        return f"<Explanation: {n} images x {d} features x {k} margins, game {self.game!r}>"

    def additivity_error(self) -> float:
        """Return the largest |base + sum - margin| / (|base| + sum |values|) over all margins."""
        gap = np.abs(self.base_values + self.values.sum(axis=1) - self.margins)
        scale = np.abs(self.base_values) + np.abs(self.values).sum(axis=1)
        return float((gap / np.maximum(scale, np.finfo(float).tiny)).max(initial=0.0))

    def of(self, output: str) -> int:
        """Return the position of a class among `outputs`."""
        if output not in self.outputs:
            raise InputError(f"no margin for class {output!r}; it has {', '.join(self.outputs)}")
        return self.outputs.index(output)

    def select(self, rows: Any) -> Explanation:
        """Return the explanation of the given images (indices or a boolean mask)."""
        chosen = np.arange(len(self))[np.asarray(rows, dtype=None if len(rows) else int)]
        fields = {name: getattr(self, name)[chosen] for name in ("values", "margins", "data")}
        keys = tuple(self.keys[row] for row in chosen)
        return Explanation(**{**vars(self), **fields, "keys": keys})

    def to_shap(self, output: str | None = None) -> shap.Explanation:
        """Return the attributions to one margin as a `shap.Explanation`, for any shap plot."""
        import shap

        place = 0 if output is None else self.of(output)
        return shap.Explanation(
            values=self.values[:, :, place].copy(),
            base_values=np.full(len(self), self.base_values[place]),
            data=self.data.copy(),
            feature_names=list(self.feature_names),
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the explanation as JSON; NaN becomes null."""
        arrays = {name: _with_nulls(getattr(self, name)) for name in _ARRAYS}
        names = {name: list(getattr(self, name)) for name in _NAMES}
        document = {"schema": _SCHEMA, "game": self.game, **names, **arrays}
        target = Path(path)
        target.write_text(json.dumps(document, allow_nan=False), encoding="utf-8")
        return target

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Explanation:
        """Read an explanation that `save` wrote.

        Raises
        ------
        InputError
            If the file is missing or no explanation.
        """
        try:
            document = json.loads(Path(path).read_text(encoding="utf-8"))
            if document["schema"] != _SCHEMA:
                raise InputError(f"schema {document['schema']!r}; this version reads {_SCHEMA}")
            size = (len(document["keys"]), len(document["feature_names"]), len(document["outputs"]))
            shapes = {
                "values": size,
                "base_values": size[2:],
                "margins": size[::2],
                "data": size[:2],
            }
            arrays: dict[str, Any] = {
                name: np.array(document[name], dtype=float).reshape(shape)
                for name, shape in shapes.items()
            }
            names: dict[str, Any] = {name: tuple(map(str, document[name])) for name in _NAMES}
            return cls(**arrays, **names, game=document["game"])
        except OSError as error:
            raise InputError(
                f"{path}: cannot be read ({error.strerror}); check the path"
            ) from error
        except InputError as error:
            raise InputError(f"{path}: {error}") from error
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise InputError(
                f"{path}: not an explanation of ksfeat; expected a file that Explanation.save wrote"
            ) from error


def _with_nulls(array: np.ndarray) -> Any:
    cells = array.astype(object)
    cells[~np.isfinite(array)] = None
    return cells.tolist()
