"""Fetching from a server on this machine: what arrives, what is refused, what is left behind."""

import hashlib
import json

import pytest

from ksfeat.catalog import ManualDownloadError, fetch
from ksfeat.errors import InputError


def listed(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_the_first_fetch_records_the_hash_and_the_next_needs_no_network(server, places, tmp_path):
    found = fetch(server.entry(), tmp_path / "out", **places)
    assert listed(found.path) == ["tiny/nostone/b.txt", "tiny/stone/a.txt"]
    assert (found.path / "tiny" / "stone" / "a.txt").read_bytes() == b"one"
    assert found.files == 2
    assert found.first
    sha256 = hashlib.sha256(server.content).hexdigest()
    assert (
        json.loads(places["lock"].read_text()) == {server.url: sha256} == {server.url: found.sha256}
    )
    again = fetch(server.entry(), tmp_path / "again", **places)
    assert not again.first
    assert again.sha256 == sha256
    assert len(server.asked) == 1


def test_what_has_changed_since_the_first_fetch_is_refused(server, places, tmp_path):
    fetch(server.entry(), tmp_path / "out", **places)
    for archive in places["cache"].iterdir():
        archive.unlink()
    server.content += b"x"
    with pytest.raises(InputError, match=r"^tiny: what 127\.0\.0\.1:\d+ sent has another SHA-256"):
        fetch(server.entry(), tmp_path / "again", **places)
    assert not (tmp_path / "again").exists()
    assert list(places["cache"].iterdir()) == []


@pytest.mark.parametrize("where", ["argument", "catalogue"])
def test_a_required_hash_is_required(server, places, tmp_path, where):
    wrong, right = "0" * 64, hashlib.sha256(server.content).hexdigest().upper()

    def attempt(value, out):
        if where == "argument":
            return fetch(server.entry(), out, expect_hash=value, **places)
        return fetch(server.entry(sha256=value), out, **places)

    with pytest.raises(InputError, match="has another SHA-256 than the expected 0000"):
        attempt(wrong, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert not attempt(right, tmp_path / "out").first
    with pytest.raises(InputError, match="expected a SHA-256 of 64 hexadecimal digits"):
        attempt("abc", tmp_path / "again")


def test_two_different_hashes_are_not_chosen_between(server, places, tmp_path):
    fetch(server.entry(), tmp_path / "out", **places)
    with pytest.raises(InputError, match=r"two hashes \(000000000000\.\.\. by --expect-hash and "):
        fetch(server.entry(), tmp_path / "again", expect_hash="0" * 64, **places)


def gone(server):
    server.url = "http://127.0.0.1:9/tiny.zip"  # the discard port: nobody listens


def refusing(server):
    server.status = 404


def breaking_off(server):
    server.claimed = len(server.content) + 100


FAILING = {
    "no server": (gone, "no connection"),
    "not found": (refusing, "the server says 404"),
    "truncated": (breaking_off, "the transfer broke off"),
}


@pytest.mark.parametrize(("spoil", "says"), FAILING.values(), ids=FAILING)
def test_a_failed_transfer_is_one_line_and_leaves_nothing(server, places, tmp_path, spoil, says):
    spoil(server)
    with pytest.raises(InputError) as caught:
        fetch(server.entry(), tmp_path / "out", timeout_s=5, **places)
    assert str(caught.value).startswith("tiny: cannot be fetched from 127.0.0.1:")
    assert f"({says}); check the network" in str(caught.value)
    assert not (tmp_path / "out").exists()
    assert not places["lock"].exists()
    assert listed(tmp_path) == []


def test_what_no_program_may_fetch_comes_with_its_steps(server, places, tmp_path):
    for facts, why in (
        ({"access": "login"}, "needs a login"),
        ({"access": "no licence"}, "states no licence"),
        ({"access": None}, "no address that could be verified"),
        ({"url": None}, "no address that could be verified"),
    ):
        with pytest.raises(ManualDownloadError, match=why) as caught:
            fetch(server.entry(steps=("look", "ask"), **facts), tmp_path / "out", **places)
        assert caught.value.steps == ("look", "ask")
    assert server.asked == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x.zip", "tiny.zip"])
def test_only_addresses_of_the_web_are_followed(server, places, tmp_path, url):
    with pytest.raises(InputError, match="expected an address of http or https"):
        fetch(server.entry(url=url), tmp_path / "out", **places)


def test_a_folder_that_holds_something_is_left_alone(server, places, tmp_path):
    (tmp_path / "out").mkdir()
    assert fetch(server.entry(), tmp_path / "out", **places).files == 2
    with pytest.raises(InputError, match="out: exists and is not empty; choose another --out"):
        fetch(server.entry(), tmp_path / "out", **places)
    with pytest.raises(InputError, match="there is no folder"):
        fetch(server.entry(), tmp_path / "no" / "out", **places)
    assert len(server.asked) == 1


def test_a_damaged_lock_file_is_named_and_kept(server, places, tmp_path):
    places["lock"].parent.mkdir()
    for text in ("{", '{"a": "b"}', "[]"):
        places["lock"].write_text(text)
        with pytest.raises(InputError, match=r"lock\.json: not a lock file"):
            fetch(server.entry(), tmp_path / "out", **places)
        assert places["lock"].read_text() == text
