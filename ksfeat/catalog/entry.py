"""`CatalogEntry`: what is known of a public data set; what could not be verified is None."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from ksfeat.errors import InputError

CATALOG_VARIABLE = "KSFEAT_CATALOG"
_OWN = Path(__file__).with_name("entries.yaml")
_MOST_BYTES = 1_000_000
_LISTS = ("classes", "steps")
_WORDS = {"open", "login", "no licence"}


@dataclass(frozen=True)
class CatalogEntry:
    """A public data set. A fact that could not be verified is None.

    Parameters
    ----------
    name : str
        How it is asked for.
    title : str
        What its makers call it.
    modality : str
        "CT", "ultrasound"...
    classes : tuple of str
        As in its folders or files.
    images : int or None
        How many there are.
    citation, doi, licence : str or None
        Of its makers.
    groups : str or None
        Where it says which images belong together.
    page : str or None
        Where people look at it.
    access : {"open", "login", "no licence"} or None
        Whether a program may fetch it: an account is needed, or no licence allows it.
    url, sha256 : str or None
        Of the archive, for an open one.
    steps : tuple of str
        What to do by hand instead.
    note : str or None
        What to beware of.

    Examples
    --------
    >>> entry = CatalogEntry("ours", "Our stones", "CT", classes=("stone", "none"), access="login")
    >>> entry.fetchable, entry.licence is None
    (False, True)
    """

    name: str
    title: str
    modality: str
    classes: tuple[str, ...] = ()
    images: int | None = None
    citation: str | None = None
    doi: str | None = None
    licence: str | None = None
    groups: str | None = None
    page: str | None = None
    access: str | None = None
    url: str | None = None
    sha256: str | None = None
    steps: tuple[str, ...] = ()
    note: str | None = None

    @property
    def fetchable(self) -> bool:
        """Whether a program may fetch it, and knows from where."""
        return self.access == "open" and self.url is not None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            field.name: list(value) if isinstance(value, tuple) else value
            for field in fields(self)
            for value in [getattr(self, field.name)]
        }


def read_catalog(path: str | os.PathLike[str] | None = None) -> list[CatalogEntry]:
    """Return the entries of a catalogue, in its order.

    Parameters
    ----------
    path : path-like, optional
        A YAML file of the same form, such as a laboratory's own. By default the file that the
        variable ``KSFEAT_CATALOG`` names, else the one of this package.

    Raises
    ------
    InputError
        If the file is missing or an entry is not of the form.

    Examples
    --------
    >>> [entry.name for entry in read_catalog()][:2]
    ['ct_kidney', 'coronal_ct']
    """
    file = Path(path or os.environ.get(CATALOG_VARIABLE) or _OWN)
    if not file.is_file():
        raise InputError(f"{file}: no such catalogue; check the path, or unset {CATALOG_VARIABLE}")
    if file.stat().st_size > _MOST_BYTES:
        raise InputError(f"{file.name}: too large for a catalogue")
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{file.name}: not YAML ({reason[:80]})") from error
    if not isinstance(found, dict):
        raise InputError(f"{file.name}: no entries; expected 'NAME: {{title: ..., ...}}'")
    return [_entry(str(name), facts, file.name) for name, facts in found.items()]


def find_entry(name: str, path: str | os.PathLike[str] | None = None) -> CatalogEntry:
    """Return the entry of one data set.

    Parameters
    ----------
    name : str
        As the catalogue has it.
    path : path-like, optional
        As in `read_catalog`.

    Raises
    ------
    InputError
        If there is none of that name; it says which there are.

    Examples
    --------
    >>> find_entry("ct_kidney").classes
    ('Cyst', 'Normal', 'Stone', 'Tumor')
    >>> find_entry("ct_kidny")
    Traceback (most recent call last):
    ...
    ksfeat.errors.InputError: no data set 'ct_kidny' in the catalogue; did you mean 'ct_kidney'?
    """
    entries = {entry.name: entry for entry in read_catalog(path)}
    if name not in entries:
        near = get_close_matches(name, entries, n=1)
        raise InputError(
            f"no data set {name!r} in the catalogue"
            + (f"; did you mean {near[0]!r}?" if near else f"; it has {', '.join(entries)}")
        )
    return entries[name]


def _entry(name: str, facts: Any, file: str) -> CatalogEntry:
    known = {field.name for field in fields(CatalogEntry)} - {"name"}
    if not isinstance(facts, dict) or not {"title", "modality"} <= set(facts) <= known:
        raise InputError(
            f"{file}: entry {name!r} is not of the form; expected title and modality, "
            f"and perhaps {', '.join(sorted(known - {'title', 'modality'}))}"
        )
    for key, value in facts.items():
        _check(value, key, f"{file}: {key} of {name!r}")
    lists = {key: tuple(facts[key]) for key in _LISTS if key in facts}
    return CatalogEntry(name, **{**facts, **lists})


def _check(value: Any, key: str, where: str) -> None:
    if key in _LISTS:
        fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
    elif key == "access":
        fits = value is None or value in _WORDS
    else:
        fits = value is None or isinstance(value, int if key == "images" else str)
    if not fits:
        raise InputError(f"{where} is {str(value)[:40]!r}; see CatalogEntry for what is expected")
