"""`ksfeat data`, and the options that say how data is read."""

import hashlib
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import fsspec
import nibabel
import numpy as np
import pytest

from ksfeat.catalog import read_catalog

QUICK = ("--features", "first_order", "--jobs", "1", "--cv", "2")


@pytest.fixture
def own_catalogue(tmp_path, monkeypatch):
    """A catalogue with a set on a server of this machine, and one that needs a login."""
    site, home = tmp_path / "site", tmp_path / "home"
    site.mkdir()
    home.mkdir()
    (site / "scan.bin").write_bytes(b"voxels")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(home)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_) -> None:
            """Say nothing on stderr."""

    handler = lambda *args: Quiet(*args, directory=str(site))  # noqa: E731
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        (tmp_path / "own.yaml").write_text(
            f"near: {{title: Near, modality: CT, access: open, citation: We 2026, "
            f"url: 'http://127.0.0.1:{http.server_port}/scan.bin'}}\n"
            "far: {title: Far, modality: CT, access: login, steps: [sign in, download]}\n"
        )
        monkeypatch.setenv("KSFEAT_CATALOG", str(tmp_path / "own.yaml"))
        yield home
        http.shutdown()
        thread.join()


def test_the_list_says_what_is_not_verified(ksfeat_command):
    answer = ksfeat_command("data", "list")
    assert answer.code == 0
    assert "ct_kidney: CT KIDNEY DATASET: Normal-Cyst-Tumor and Stone (CT)" in answer.out
    assert "licence: not verified" in answer.out
    entries = {
        entry["name"]: entry
        for entry in ksfeat_command("data", "list", "--json").json()["data_sets"]
    }
    assert entries["stone_type_ct"]["citation"] is None
    assert entries["stone_type_ct"]["classes"] == ["MIX", "NUA", "UA"]


FACTS = ("images", "classes", "citation", "doi", "licence", "groups", "page")


@pytest.mark.parametrize("entry", read_catalog(), ids=lambda entry: entry.name)
def test_what_is_not_known_of_a_set_is_printed_as_such_and_the_rest_as_it_is(ksfeat_command, entry):
    listed = ksfeat_command("data", "list").out.split("\n\n")
    (block,) = [block for block in listed if block.startswith(f"{entry.name}: ")]
    for fact in FACTS:
        value = getattr(entry, fact)
        words = ", ".join(value) if isinstance(value, tuple) else value
        if fact == "licence" and entry.access == "no licence":
            words = "none stated"
        assert f"\n  {fact}: {words or 'not verified'}\n" in f"{block}\n"
    assert "None" not in block


@pytest.mark.parametrize("entry", read_catalog(), ids=lambda entry: entry.name)
def test_each_set_says_what_to_do_by_hand_and_writes_nothing(
    ksfeat_command, entry, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    answer = ksfeat_command("data", "fetch", entry.name)
    assert answer.code == 2
    assert all(f"{n}. {step}\n" in answer.out for n, step in enumerate(entry.steps, 1))
    assert answer.err.startswith(f"ksfeat: {entry.name}: ")
    assert "so it is not fetched; follow the steps by hand" in answer.err
    told = ksfeat_command("data", "fetch", entry.name, "--json").json()
    assert told == {"fetched": False, "page": entry.page, "steps": list(entry.steps)}
    assert list(tmp_path.iterdir()) == []


def test_a_set_is_fetched_and_its_hash_recorded(ksfeat_command, own_catalogue):
    answer = ksfeat_command("data", "fetch", "near")
    sha256 = hashlib.sha256(b"voxels").hexdigest()
    assert answer.code == 0, answer
    assert f"1 files in near; SHA-256 {sha256} (recorded in your lock file)" in answer.out
    assert "cite: We 2026; licence: not verified" in answer.out
    assert sha256 in (own_catalogue.parent / "share" / "ksfeat" / "catalog.lock.json").read_text()
    again = ksfeat_command("data", "fetch", "near", "--out", "again", "--json").json()
    assert again == {"fetched": True, "first": False, "out": "again", "files": 1, "sha256": sha256}


def test_another_hash_is_refused_in_one_line(ksfeat_command, own_catalogue):
    answer = ksfeat_command("data", "fetch", "near", "--expect-hash", "0" * 64)
    assert answer.code == 2
    assert len(answer.err.splitlines()) == 1
    assert "has another SHA-256 than the expected" in answer.err
    assert list(own_catalogue.iterdir()) == []


def test_where_a_login_is_needed_the_steps_are_printed_and_the_code_is_2(
    ksfeat_command, own_catalogue
):
    answer = ksfeat_command("data", "fetch", "far")
    assert answer.code == 2
    assert "1. sign in\n2. download\n" in answer.out
    assert answer.err == (
        "ksfeat: far: needs a login, so it is not fetched; follow the steps by hand\n"
    )
    answer = ksfeat_command("data", "fetch", "far", "--json")
    assert answer.code == 2
    assert answer.json() == {"fetched": False, "page": None, "steps": ["sign in", "download"]}


@pytest.fixture
def scans(tmp_path):
    """Class folders of volumes with masks beside them, brighter where there is a stone."""
    rng = np.random.default_rng(0)
    for name, mean in (("nostone", 20), ("stone", 900)):
        (tmp_path / "scans" / name).mkdir(parents=True)
        for case in range(4):
            voxels = rng.normal(mean, 30, (16, 16, 4)).astype(np.int16)
            mask = np.zeros(voxels.shape, dtype=np.uint8)
            mask[2:14, 2:14, 1:3] = 1
            for ending, array in (("ct", voxels), ("seg", mask)):
                path = tmp_path / "scans" / name / f"case{case}_{ending}.nii.gz"
                nibabel.save(nibabel.Nifti1Image(array, np.diag([1, 1, 3, 1])), path)
    return tmp_path / "scans"


def test_a_model_is_fitted_on_a_folder_of_volumes_with_masks(ksfeat_command, scans, tmp_path):
    answer = ksfeat_command(
        "fit", scans, "--out", tmp_path / "m.ksf", "--unit", "HU", "--json", *QUICK
    )
    assert answer.code == 0, answer
    document = answer.json()
    assert document["class_counts"] == {"nostone": 8, "stone": 8}  # 2 of 4 slices a case
    assert document["cross_validation"]["split"]["n_groups"] == 8
    assert "the volume that each image is from" in document["cross_validation"]["title"]
    answer = ksfeat_command(
        "extract", scans, "--out", tmp_path / "t.csv", "--axis", "coronal", "--jobs", 1,
        "--features", "first_order", "--pseudonyms", "--pseudonym-map", tmp_path / "map.csv",
    )  # fmt: skip
    assert answer.code == 0, answer
    table = (tmp_path / "t.csv").read_text()
    assert "[coronal 13]" in table
    assert "case" not in table
    assert "case0_ct" in (tmp_path / "map.csv").read_text()


def test_a_model_is_fitted_and_judged_on_data_that_is_only_in_memory(
    ksfeat_command, stone_data, tmp_path
):
    memory = fsspec.filesystem("memory")
    memory.put(str(stone_data.parent), "/bucket/stone", recursive=True)
    data = f"memory://bucket/stone/{stone_data.name}"
    far = ksfeat_command("fit", data, "--out", tmp_path / "far.ksf", "--json", *QUICK)
    near = ksfeat_command("fit", stone_data, "--out", tmp_path / "near.ksf", "--json", *QUICK)
    assert far.code == 0, far
    assert far.json()["cross_validation"] == near.json()["cross_validation"]
    answer = ksfeat_command("evaluate", tmp_path / "far.ksf", data, "--jobs", 1, "--json")
    assert answer.json()["seen_in_training"] == 24
    answer = ksfeat_command("predict", tmp_path / "far.ksf", data, "--jobs", 1, "--json")
    assert len(answer.json()["predictions"]) == 24
    memory.rm("/bucket", recursive=True)


@pytest.mark.parametrize(
    ("option", "word"), [(("--volume", "whole"), "whole"), (("--unit", "mm"), "mm")]
)
def test_a_way_of_reading_that_there_is_not_is_one_line(ksfeat_command, scans, option, word):
    answer = ksfeat_command("fit", scans, *option)
    assert answer.code == 2
    assert word in answer.err
    assert len(answer.err.splitlines()) == 1
