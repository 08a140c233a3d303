"""Refuse a runtime dependency whose licence is not on the list, and write THIRD_PARTY.md.

Run it where ksfeat is installed under constraints.txt; ``--check`` only says if the table is stale.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from importlib.metadata import PackageMetadata, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HOUSE = Path(__file__).parents[1]
TABLE = HOUSE / "THIRD_PARTY.md"
RULE = "|---|---|---|---|\n"  # the text above it is written by hand, the rows below by this file
ALLOWED = {
    "BSD", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "MIT", "MIT-CMU", "HPND", "ISC", "Zlib",
    "Apache-2.0", "PSF-2.0", "MPL-2.0", "CC0-1.0",
}  # fmt: skip
# xgboost's Linux wheel requires NCCL (used on several GPUs only). Its metadata says "proprietary"
# though the wheel's own licence file is a BSD text; pip fetches it, ksfeat does not pass it on.
SPECIAL = {"nvidia-nccl-cu12": "LicenseRef-NVIDIA-Proprietary"}
# Metadata without a name of a licence, read from the licence file inside the wheel.
READ_FROM_FILE = {"skops": "MIT"}
SPDX = {
    "BSD License": "BSD",
    "MIT License": "MIT",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "Python Software Foundation License": "PSF-2.0",
}


def refused(licences: Mapping[str, str]) -> list[str]:
    """Return one line for each distribution (name -> licence expression) that is not allowed."""
    return [
        f"{name}: licence {licence or 'unknown'!r} is not on the list of allowed licences; "
        "use another package, or extend tools/licences.py and say why it is safe"
        for name, licence in sorted(licences.items())
        if not _is_allowed(licence) and SPECIAL.get(name) != licence
    ]


def _is_allowed(expression: str) -> bool:
    """Evaluate an SPDX expression: one side of OR is enough, AND needs both (and binds tighter)."""
    if " OR " in expression:
        return any(_is_allowed(part) for part in expression.split(" OR "))
    return all(part.split(" WITH ")[0] in ALLOWED for part in expression.split(" AND "))


def licence_of(metadata: PackageMetadata) -> str:
    """Return the licence as an SPDX expression where the metadata allows it, "" if it says none."""
    fields = ("License-Expression", "License")
    stated = next((values[0] for field in fields if (values := metadata.get_all(field))), "")
    if not stated or len(stated) > 60 or "\n" in stated:  # the whole text stands in the field
        classifiers = metadata.get_all("Classifier") or []
        names = (re.match(r"License :: OSI Approved :: (.+)", line) for line in classifiers)
        stated = " AND ".join(SPDX.get(found[1], found[1]) for found in names if found)
    return SPDX.get(stated, stated)


def runtime_closure(root: str) -> dict[str, set[str]]:
    """Return what `root` needs when it runs, with who needs it; markers are evaluated here."""
    parents: dict[str, set[str]] = {}
    to_open, opened = [(root, frozenset[str]())], set()
    while to_open:
        parent, extras = to_open.pop()
        opened.add((parent, extras))
        for requirement in _requirements(parent, extras):
            name = canonicalize_name(requirement.name)
            parents.setdefault(name, set()).add(parent)
            if (name, frozenset(requirement.extras)) not in opened:
                to_open.append((name, frozenset(requirement.extras)))
    return parents


def _requirements(name: str, extras: frozenset[str]) -> list[Requirement]:
    stated = [Requirement(line) for line in distribution(name).requires or []]
    active = [{"extra": extra} for extra in ("", *extras)]
    return [r for r in stated if not r.marker or any(map(r.marker.evaluate, active))]


def purposes() -> dict[str, str]:
    """Return what ksfeat uses each direct dependency for: the comment beside it in pyproject."""
    pyproject = (HOUSE / "pyproject.toml").read_text(encoding="utf-8")
    block = pyproject.split("\ndependencies = [")[1].split("\n]")[0]
    return dict(re.findall(r'^  "([\w-]+)[^"]*", +# (.+)$', block, re.MULTILINE))


def table_rows(parents: Mapping[str, set[str]], licences: Mapping[str, str]) -> str:
    """Return the rows of the table: name, version, licence, and what or whom it serves."""
    why = {name: f"needed by {', '.join(sorted(parents[name]))}" for name in parents} | purposes()
    return "".join(
        f"| {name} | {distribution(name).version} | {licences[name]} | {why[name]} |\n"
        for name in sorted(parents)
    )


def main(arguments: list[str]) -> str | None:
    """Check the licences and the table, or write the table; return what is wrong, if anything."""
    parents = runtime_closure("ksfeat")
    metadata = {name: distribution(name).metadata for name in parents}
    licences = {name: READ_FROM_FILE.get(name) or licence_of(metadata[name]) for name in parents}
    if problems := refused(licences):
        return "\n".join(problems)
    old = TABLE.read_text(encoding="utf-8")
    new = old[: old.index(RULE) + len(RULE)] + table_rows(parents, licences)
    if "--check" not in arguments:
        TABLE.write_text(new, encoding="utf-8")
    elif new != old and sys.platform == "linux":  # elsewhere NCCL is not installed
        return "THIRD_PARTY.md is stale; write it again: .venv/bin/python tools/licences.py"
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
