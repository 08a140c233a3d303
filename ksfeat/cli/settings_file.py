"""YAML files that hold settings; what they hold is never run, and an error stays one line."""

from __future__ import annotations

import reprlib
from pathlib import Path
from typing import Any

import yaml

from ksfeat.errors import InputError

_MOST_BYTES = 100_000
_MOST_CHARACTERS = 60  # of a value in an error
_MOST_BITS = 64  # of a whole number that is written out

_short = reprlib.Repr()
_short.maxlevel = 2
_short.maxlist = _short.maxtuple = _short.maxdict = _short.maxset = 3
_short.maxstring = _short.maxother = _short.maxlong = 40


class _Loader(yaml.SafeLoader):
    """Nothing but plain values, each written once."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            # A few lines of aliases of aliases would be a list of billions.
            where = self.peek_event().start_mark
            raise yaml.MarkedYAMLError(problem="an alias (*)", problem_mark=where)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else None
            if name is not None and name in seen:
                problem = f"the key {shown(name)} twice"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def read_yaml(file: str, kind: str, example: str) -> dict[Any, Any]:
    """Return the mapping that a YAML file holds; nothing in it is run.

    Raises
    ------
    InputError
        If it is missing, too large, no YAML, no mapping, has a key twice or refers to its own parts
        (``*name``).
    """
    path = Path(file)
    if not path.is_file():
        raise InputError(f"{file}: no such {kind}; check the path")
    if path.stat().st_size > _MOST_BYTES:
        raise InputError(
            f"{path.name}: too large for a {kind}; expected at most {_MOST_BYTES:,} bytes"
        )
    try:
        found = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise InputError(f"{path.name}: {_told(error)}") from error
    except RecursionError as error:
        raise InputError(f"{path.name}: not YAML (nested too deeply)") from error
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise InputError(f"{path.name}: not YAML ({_line(str(error))})") from error
    found = {} if found is None else found
    if not isinstance(found, dict):
        raise InputError(f"{path.name}: holds no options; expected lines such as {example}")
    return found


def shown(value: Any) -> str:
    """Return a value as an error shows it: one short line, whatever it is.

    Examples
    --------
    >>> shown("wide"), shown([[1], [2], [3], [4]])
    ("'wide'", '[[1], [2], [3], ...]')
    >>> shown(10**400)
    'a whole number of 1329 bits'
    """
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return f"a whole number of {value.bit_length()} bits"
    if isinstance(value, list | tuple | dict | set):
        value = _without_huge(value)
    return _line(_short.repr(value))


def _without_huge(value: Any, depth: int = 2) -> Any:
    """Return the first parts of a collection; whole numbers too long to be written are `inf`."""
    if isinstance(value, dict):
        parts = list(value.items())[:4]
        return {_leaf(key): _without_huge(part, depth - 1) for key, part in parts}
    if isinstance(value, list | tuple | set):
        return [_without_huge(part, depth - 1) for part in list(value)[:4]] if depth else ["..."]
    return _leaf(value)


def _leaf(value: Any) -> Any:
    huge = isinstance(value, int) and value.bit_length() > _MOST_BITS
    return float("inf") if huge else value


def _told(error: yaml.MarkedYAMLError) -> str:
    where = "" if error.problem_mark is None else f" in line {error.problem_mark.line + 1}"
    what = _line(error.problem or error.context or "")
    if what.startswith(("an alias", "the key")):
        return f"{what}{where}; expected each setting once and written out; mend that line"
    return f"not YAML ({what}{where})"


def _line(text: str) -> str:
    """Return text as one line of what can be printed, cut where it is long."""
    line = "".join(sign if sign.isprintable() else " " for sign in text)
    return line if len(line) <= _MOST_CHARACTERS else f"{line[: _MOST_CHARACTERS - 3]}..."
