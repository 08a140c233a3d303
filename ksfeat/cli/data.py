"""`ksfeat data`: public data sets, what is known of them, and how they are fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ksfeat.cli import options

if TYPE_CHECKING:
    from ksfeat.catalog import CatalogEntry

UNKNOWN, NO_LICENCE = "not verified", "none stated"
_FACTS = ("images", "classes", "citation", "doi", "licence", "groups", "page")


@click.group()
def data() -> None:
    """List and fetch public kidney-stone data sets."""


@data.command("list")
@options.as_json
def list_(as_json: bool) -> None:
    """Say what is known of each data set; what could not be verified is said to be so."""
    from ksfeat.catalog import read_catalog
    from ksfeat.cli import console

    entries = read_catalog()
    if as_json:
        console.print_json({"data_sets": [entry.to_dict() for entry in entries]})
        return
    for entry in entries:
        for line in described(entry):
            console.say(line)
        console.say()


@data.command()
@click.argument("name")
@click.option("--out", metavar="DIR", help="New folder for the data. Default: NAME.")
@click.option("--expect-hash", metavar="SHA256", help="Require this hash of the archive.")
@options.as_json
def fetch(name: str, out: str | None, expect_hash: str | None, as_json: bool) -> None:
    """Download the data set NAME and check its hash.

    The first fetch records the archive's hash in your lock file; later ones must have the same.
    Where a login is needed or no licence allows it, the steps to follow are printed instead, and
    the exit code is 2: nothing was fetched.
    """
    from ksfeat.catalog import ManualDownloadError, find_entry
    from ksfeat.catalog import fetch as download
    from ksfeat.cli import console

    entry = find_entry(name)
    try:
        found = download(entry, out or entry.name, expect_hash=expect_hash)
    except ManualDownloadError as by_hand:
        _print_steps(entry, by_hand.steps, as_json)
        raise
    hash_words = "recorded in your lock file" if found.first else "as expected"
    if as_json:
        result = {"out": str(found.path), "files": found.files, "sha256": found.sha256}
        console.print_json({"fetched": True, "first": found.first, **result})
        return
    console.say(f"{found.files} files in {found.path}; SHA-256 {found.sha256} ({hash_words})")
    console.say(f"cite: {entry.citation or UNKNOWN}; licence: {_licence(entry)}")


def described(entry: CatalogEntry) -> list[str]:
    """Return what is known of a data set, one fact a line."""
    lines = [f"{entry.name}: {entry.title} ({entry.modality})"]
    for fact in _FACTS:
        value = getattr(entry, fact)
        words = ", ".join(value) if isinstance(value, tuple) else value
        lines.append(f"  {fact}: {_licence(entry) if fact == 'licence' else words or UNKNOWN}")
    way = f"ksfeat data fetch {entry.name}"
    lines.append(f"  get: {way}" if entry.fetchable else f"  get: by hand; {way} says how")
    return lines if entry.note is None else [*lines, f"  beware: {entry.note}"]


def _licence(entry: CatalogEntry) -> str:
    """Tell apart that nobody could look and that who looked found none."""
    return entry.licence or (NO_LICENCE if entry.access == "no licence" else UNKNOWN)


def _print_steps(entry: CatalogEntry, steps: tuple[str, ...], as_json: bool) -> None:
    from ksfeat.cli import console

    if as_json:
        facts: dict[str, Any] = {"fetched": False, "page": entry.page, "steps": list(steps)}
        console.print_json(facts)
        return
    console.say(f"{entry.title}: {entry.page or UNKNOWN}")
    console.say(f"licence: {_licence(entry)}")
    for number, step in enumerate(steps, 1):
        console.say(f"{number}. {step}")
