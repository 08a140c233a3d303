"""The audit: what a split by the groups keeps apart, and what it does not."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ksfeat import InputError, load_dataset
from ksfeat.evaluation import audit_groups


def test_clean_groups_have_nothing_to_report_but_their_number(stones):
    audit = audit_groups(stones)
    assert (audit.n_images, audit.n_groups, audit.largest, audit.mixed) == (24, 8, 3, 0)
    assert audit.alike_across == audit.on_both_sides == ()
    assert audit.findings() == [
        "24 images in 8 groups (column 'group'); the largest holds 3",
        "fewer than 30 groups: intervals are optimistic (too narrow)",
    ]


def test_groups_that_are_too_fine_are_seen_in_the_pixels(stones, altered):
    """Every slice a group of its own: slices of one patient look alike across groups."""
    manifest = altered(group=[f"g{number:02d}" for number in range(24)])
    audit = audit_groups(load_dataset(manifest))
    patients = dict(zip(stones.keys, stones.groups, strict=True))
    assert len(audit.alike_across) >= 8
    assert all(patients[first] == patients[second] for first, second in audit.alike_across)
    first, second = audit.alike_across[0]
    expected = (
        f"{len(audit.alike_across)} pairs of images look alike across groups (such as {first}"
    )
    assert any(line.startswith(expected) and second in line for line in audit.findings())


def test_groups_of_many_classes_are_counted(stones, altered):
    def halves(table):
        return np.where(table["slice"] == 0, "nostone", table["label"])

    audit = audit_groups(load_dataset(altered(label=halves)))
    assert audit.mixed == 4
    assert "4 groups hold images of more than one class" in audit.findings()


def test_a_leak_of_the_given_split_is_named(altered):
    manifest = altered(split=lambda table: np.where(table["slice"] == 0, "test", "train"))
    audit = audit_groups(load_dataset(manifest))
    assert audit.on_both_sides == tuple(f"patient_{number:03d}" for number in range(8))
    leak = "LEAK: 8 groups stand on both sides of the given split (such as patient_000)"
    assert any(line.startswith(leak) for line in audit.findings())
    table = pd.read_csv(manifest)
    table["split"] = np.where(table["group"] == "patient_003", "test", "valid")
    table.to_csv(manifest, index=False)
    assert audit_groups(load_dataset(manifest)).on_both_sides == ()


def test_many_groups_are_not_cautioned(stones):
    audit = audit_groups(stones)
    for number, cautioned in ((29, True), (30, False)):
        lines = replace(audit, n_groups=number).findings()
        assert any("optimistic" in line for line in lines) == cautioned


def test_it_is_plain_data(stones):
    audit = audit_groups(stones, n_jobs=2)
    plain = json.loads(json.dumps(audit.to_dict()))
    assert plain["findings"] == audit.findings()
    assert plain["n_groups"] == 8


def test_without_groups_there_is_nothing_to_audit(stone_data):
    with pytest.raises(InputError, match="images without groups"):
        audit_groups(load_dataset(stone_data, groups="none"))
