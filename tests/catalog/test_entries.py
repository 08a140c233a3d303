"""The catalogue: nothing from memory, and what is unknown is said to be unknown."""

import pytest

from ksfeat.catalog import CatalogEntry, find_entry, read_catalog
from ksfeat.errors import InputError


def test_every_entry_says_how_to_get_it_and_no_program_may_fetch_one_yet():
    entries = read_catalog()
    assert len({entry.name for entry in entries}) == len(entries) >= 5
    for entry in entries:
        assert not entry.fetchable
        assert entry.url is None
        assert entry.sha256 is None
        assert len(entry.steps) >= 2
        assert entry.page.startswith("https://")


def test_an_entry_is_found_by_name_or_the_nearest_is_named():
    assert find_entry("ct_kidney").doi == "10.1038/s41598-022-15634-4"
    with pytest.raises(InputError, match=r"no data set 'ct_kidny' in the .* mean 'ct_kidney'"):
        find_entry("ct_kidny")
    with pytest.raises(InputError, match="no data set 'zzz' in the catalogue; it has ct_kidney, "):
        find_entry("zzz")


def test_a_laboratory_has_its_own_catalogue(tmp_path, monkeypatch):
    (tmp_path / "own.yaml").write_text("ours:\n  title: Ours\n  modality: CT\n  classes: [a, b]\n")
    monkeypatch.setenv("KSFEAT_CATALOG", str(tmp_path / "own.yaml"))
    (entry,) = read_catalog()
    assert entry == CatalogEntry("ours", "Ours", "CT", ("a", "b"))
    assert entry.to_dict()["classes"] == ["a", "b"]
    assert entry.to_dict()["licence"] is None


BAD = {
    "an unknown fact": "a: {title: A, modality: CT, size: 3}",
    "no title": "a: {modality: CT}",
    "no mapping": "a: b",
    "a list": "- a",
    "no yaml": "a: [",
    "a number for text": "a: {title: 3, modality: CT}",
    "text for a list": "a: {title: A, modality: CT, steps: go}",
    "text for a number": "a: {title: A, modality: CT, images: many}",
    "an unknown access": "a: {title: A, modality: CT, access: perhaps}",
    "an object": "a: !!python/object/apply:os.system [x]",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_catalogue_of_another_form_is_named_in_one_line(tmp_path, text):
    path = tmp_path / "own.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=r"^own\.yaml: ") as caught:
        read_catalog(path)
    assert "\n" not in str(caught.value)


def test_a_catalogue_that_is_missing_is_named(tmp_path):
    with pytest.raises(InputError, match=r"gone\.yaml: no such catalogue"):
        read_catalog(tmp_path / "gone.yaml")
