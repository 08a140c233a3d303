"""skops payloads that name another type, or build a trusted one in another way."""

import io
import json
import os
import zipfile

import pytest
import skops.io
from sklearn.ensemble import RandomForestClassifier
from sklearn.preprocessing import StandardScaler

from ksfeat.models import payload
from ksfeat.models.payload import write_archive


def test_a_bomb_inside_the_archive_is_not_unpacked(saved, members, write, monkeypatch, refused):
    metadata, *_ = members(saved["svm"][0])
    bomb = write_archive({"schema.json": bytes(2_000_000)})
    monkeypatch.setattr(payload, "MAX_BYTES", 1_000_000)
    refused(write(metadata, "model.skops", bomb), "model.skops: unpacks to more than a model needs")


@pytest.mark.parametrize("foreign", [RandomForestClassifier(2), StandardScaler()])
def test_another_sklearn_type_is_refused_before_anything_is_built(
    saved, members, write, monkeypatch, foreign, refused
):
    """They are harmless, and skops trusts most of them, but no ksfeat model holds one."""
    metadata, *_ = members(saved["linear"][0])
    monkeypatch.setattr(skops.io, "loads", lambda *_, **__: pytest.fail("built"))
    content = skops.io.dumps(foreign.fit([[0.0], [1.0]], [0, 1]))
    refused(write(metadata, "model.skops", content), "holds the type .*; nothing was loaded")


def with_node(content, node):
    """Return the skops bytes with another value of the parameter gamma."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(parts["schema.json"])
    schema["content"]["content"]["gamma"] = node
    return write_archive({**parts, "schema.json": json.dumps(schema).encode()})


def run_on_loading(folder):
    """A schema that calls os.mkdir: what a type with __reduce__ becomes."""
    text = {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode"}
    arguments = {
        "__class__": "tuple",
        "__module__": "builtins",
        "__loader__": "TupleNode",
        "content": [{**text, "content": json.dumps(str(folder))}],
    }
    return {
        "__class__": "mkdir",
        "__module__": os.mkdir.__module__,
        "__loader__": "ConstructorFromReduceNode",
        "content": arguments,
    }


def test_a_type_that_runs_code_when_it_is_built_is_refused(
    saved, members, write, tmp_path, refused
):
    metadata, member, content = members(saved["svm"][0])
    hostile = with_node(content, run_on_loading(tmp_path / "run"))
    refused(write(metadata, member, hostile), "holds the type .*nothing was loaded; do not use")
    assert not (tmp_path / "run").exists()
    skops.io.loads(hostile, trusted=skops.io.get_untrusted_types(data=hostile))
    assert (tmp_path / "run").exists()  # the payload works where every type is trusted


@pytest.mark.parametrize(
    "loader", ["FunctionNode", "MethodNode", "PartialNode", "OperatorFuncNode", "TreeNode"]
)
def test_a_trusted_type_built_in_another_way_is_refused(saved, members, write, loader, refused):
    metadata, member, content = members(saved["svm"][0])
    node = {"__class__": "dict", "__module__": "builtins", "__loader__": loader, "content": {}}
    refused(write(metadata, member, with_node(content, node)), f"holds the type {loader}")
