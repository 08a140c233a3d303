"""The audit before training: planted leaks, conflicts and shortcuts are found."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw

from ksfeat import InputError, load_dataset
from ksfeat.evaluation.audit_data import audit_dataset
from ksfeat.evaluation.audit_file import groups_table
from ksfeat.phantom import Scan, make_phantom


@pytest.fixture(scope="module")
def single(tmp_path_factory):
    """One slice each of 24 simulated patients: nothing to be found."""
    folder = tmp_path_factory.mktemp("audit") / "data"
    return make_phantom(folder, patients=24, slices=1, scan=Scan(size=128))


@pytest.fixture(scope="module")
def clean(single):
    return audit_dataset(load_dataset(single / "manifest.csv"))


@pytest.fixture
def spoilt(single, tmp_path):
    """Return a function that copies the data, changes images and the manifest, and audits it."""

    def audit(change_image=None, change_table=None, groups=None):
        table = pd.read_csv(single / "manifest.csv")[["path", "label", "group"]]
        for path, label in zip(table["path"], table["label"], strict=True):
            with Image.open(single / path) as opened:
                image = opened.copy()
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            (image if change_image is None else change_image(image, label)).save(target)
        table = table if change_table is None else change_table(table, tmp_path)
        table.to_csv(tmp_path / "manifest.csv", index=False)
        return audit_dataset(load_dataset(tmp_path / "manifest.csv", groups=groups))

    return audit


def copied(table, folder, **cells):
    """Add a copy of the first stone slice, turned over, as another row."""
    row = table[table["label"] == "stone"].iloc[0].to_dict()
    with Image.open(folder / row["path"]) as image:
        flipped = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        flipped.resize((100, 100)).save(folder / "copy.png")
    return pd.concat([table, pd.DataFrame([{**row, "path": "copy.png", **cells}])])


def lines(audit, start):
    return [line for line in audit.findings() if line.startswith(start)]


def test_clean_data_has_no_duplicates_and_as_many_groups_as_patients(clean):
    assert len(clean.duplicates) == len(clean.conflicts) == 0
    assert clean.leaks is None
    assert clean.agreement == 1
    assert "no duplicates found" in clean.findings()
    assert not lines(clean, "LABEL CONFLICT")


def test_a_copy_of_another_label_and_group_is_told(spoilt):
    audit = spoilt(change_table=lambda t, folder: copied(t, folder, label="nostone", group="new"))
    (row,) = audit.duplicates_table().to_dict("records")
    assert row["second"] == "copy.png"
    assert row["across_labels"]
    assert row["across_groups"]
    assert row["across_split"] is None
    assert len(audit.conflicts) == 1
    named = f"such as {row['first']} and copy.png"
    assert named in lines(audit, "LABEL CONFLICT: 1 of them carry different labels")[0]
    # What must stay together has become one group.
    kept = audit.dataset.known_groups()
    assert kept[-1] == kept[audit.duplicates.first[0]]
    assert len(set(kept)) == 24


def test_the_share_of_a_split_that_leaks_is_counted(spoilt):
    def split(table, folder):
        table = copied(table, folder, group="new").reset_index(drop=True)
        table["split"] = "train"
        table.loc[table.index[-1], "split"] = "test"  # the copy
        other = table[table["group"] == "patient_003"].index[0]
        table.loc[other, "split"] = "test"
        return table

    leaks = spoilt(change_table=split).leaks
    assert (leaks.n_test, leaks.exact, leaks.near, leaks.group, leaks.any) == (2, 0, 1, 0, 1)
    assert leaks.share == 0.5


def test_a_group_on_both_sides_leaks_though_nothing_looks_alike(spoilt):
    def split(table, folder):
        return table.assign(
            group=[f"g{number // 2}" for number in range(len(table))],
            split=["train", "test"] * (len(table) // 2),
        )

    audit = spoilt(change_table=split)
    assert audit.leaks.group == audit.leaks.any == 12
    assert lines(audit, "LEAK: 12 of 12 test images (100%)")


def told(audit, name):
    (found,) = [one for one in (*audit.nuisances, *audit.shortcut) if one.name == name]
    return found


def written(image, label):
    if label == "stone":
        ImageDraw.Draw(image).text((2, 1), "KUB 120", fill=255)
    return image


def framed(image, label):
    if label == "stone":
        ImageDraw.Draw(image).rectangle((0, 0, 127, 127), outline=90, width=3)
    return image


def padded(image, label):
    return image if label == "stone" else image.resize((120, 128))


SHORTCUTS = {
    "text in the corners": written,
    "border": framed,
    "border only": framed,
    "image size": padded,
}


@pytest.mark.parametrize("name", SHORTCUTS)
def test_a_planted_shortcut_is_found(clean, spoilt, name):
    assert not told(clean, name).warns
    audit = spoilt(SHORTCUTS[name])
    found = told(audit, name)
    assert found.warns
    assert found.auroc > 0.9
    loud = "SHORTCUT" if name == "border only" else "CONFOUNDED"
    assert any(name in line for line in lines(audit, loud))


def test_without_groups_there_are_proxy_groups_and_never_patients(spoilt):
    audit = spoilt(
        change_table=lambda t, folder: copied(t.drop(columns="group"), folder), groups=None
    )
    assert audit.agreement is None
    assert len(set(audit.proxies)) == 24
    assert audit.dataset.grouping.kind == "proxy"
    assert lines(audit, "no groups known: 24 proxy groups found from the pixels; they are no patie")


def test_the_groups_file_is_ready_for_fit(clean, single, tmp_path):
    groups_table(clean.dataset).to_csv(tmp_path / "groups.csv", index=False)
    again = load_dataset(single / "manifest.csv", groups=str(tmp_path / "groups.csv"))
    np.testing.assert_array_equal(again.groups, clean.dataset.groups)


def test_groups_of_pseudonyms_are_not_written(clean, single):
    data = load_dataset(single / "manifest.csv", pseudonyms=True)
    assert groups_table(data) is None


def test_it_is_plain_data(clean):
    plain = json.loads(json.dumps(clean.to_dict(), allow_nan=False))
    assert plain["n_images"] == 24
    assert plain["duplicates"] == []
    assert plain["findings"] == clean.findings()
    assert len(plain["shortcut"]["views"]) == 4


def test_too_few_groups_are_told_and_the_rest_is_done(spoilt):
    audit = spoilt(change_table=lambda t, _: t.assign(group=t["label"]))
    assert audit.nuisances == ()
    (note,) = audit.notes
    assert note.startswith("nuisances and shortcuts were not tested: 2 groups for 5 folds")


def test_what_cannot_be_read_stops_it_or_is_left_out(single, tmp_path):
    shutil.copytree(single, tmp_path / "data")
    (tmp_path / "data" / "bad.png").write_bytes(b"no image")
    table = pd.read_csv(single / "manifest.csv")[["path", "label", "group"]]
    table.loc[len(table)] = ["bad.png", "stone", "new"]
    table.to_csv(tmp_path / "data" / "m.csv", index=False)
    data = load_dataset(tmp_path / "data" / "m.csv")
    with pytest.raises(InputError, match="bad"):
        audit_dataset(data)
    audit = audit_dataset(data, on_error="skip")
    assert len(audit.dataset) == 24
    assert "bad" in next(iter(audit.skipped.values()))
    with pytest.raises(InputError, match="no image can be read"):
        audit_dataset(data.select([24]), on_error="skip")
