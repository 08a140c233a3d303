"""A manifest: each cell is judged before anything is read."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from ksfeat.dataset import Grouping, load_dataset
from ksfeat.errors import InputError

HEAD = "path,label,group\n"
ROWS = (
    "stone/a.png,stone,p1\nstone/b.png,stone,p1\nnostone/c.png,none,p2\nnostone/d e.png,none,p3\n"
)


def first(data) -> np.ndarray:
    return data.images[0].read()


def test_rows_keep_their_order_their_labels_and_their_groups(write):
    data = load_dataset(write(HEAD + ROWS))
    assert data.keys == ["stone/a.png", "stone/b.png", "nostone/c.png", "nostone/d e.png"]
    assert data.labels.tolist() == ["stone", "stone", "none", "none"]
    assert data.groups.tolist() == ["p1", "p1", "p2", "p3"]
    assert str(data.grouping) == "column 'group'"
    assert [int(source.read().pixels[0, 0]) for source in data.images] == [0, 1, 2, 3]


def test_labels_and_groups_are_text_even_where_they_look_like_numbers(write):
    data = load_dataset(write("path,label,group\nstone/a.png,01,007\nstone/b.png,1e3,7\n"))
    assert data.labels.tolist() == ["01", "1e3"]
    assert data.groups.tolist() == ["007", "7"]


def test_a_manifest_speaks_for_the_folder_that_holds_it(write, folder):
    manifest = write(HEAD + ROWS, "manifest.csv")
    data = load_dataset(folder)
    assert data.labels.tolist() == ["stone", "stone", "none", "none"]  # not the folders' names
    assert data.groups.tolist() == load_dataset(manifest).groups.tolist()
    assert load_dataset(folder, labelled=False, covariates=["group"]).keys == data.keys


def test_a_table_of_other_things_leaves_a_folder_to_its_class_folders(write, folder):
    write("file,label\nstone/a.png,none\n", "manifest.csv")
    assert load_dataset(folder).classes == ["nostone", "stone"]


ODD = {
    "byte order mark": "\ufeff" + HEAD + ROWS,
    "Windows line ends": (HEAD + ROWS).replace("\n", "\r\n"),
    "Windows separators": HEAD + ROWS.replace("/", "\\"),
    "spaces around cells and names": (HEAD + ROWS).replace(",", " , "),
    "quoted cells": HEAD + ROWS.replace("stone/a.png", '"stone/a.png"'),
    "a dot before the path": HEAD + ROWS.replace("stone/a", "./stone/a"),
    "a detour inside the folder": HEAD + ROWS.replace("stone/a", "x/../stone/a"),
    "columns in another order": "group,label,path\np1,stone,stone/a.png\np1,stone,stone/b.png\n"
    "p2,none,nostone/c.png\np3,none,nostone/d e.png\n",
    "more columns": (HEAD + ROWS).replace("\n", ",x\n"),
    "empty lines": (HEAD + ROWS).replace("\n", "\n\n"),
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_what_is_odd_but_good_is_the_same_data_set(write, folder, text):
    data, plain = load_dataset(write(text, "odd.csv")), load_dataset(write(HEAD + ROWS))
    assert data.keys == plain.keys
    assert data.labels.tolist() == plain.labels.tolist()
    assert data.groups.tolist() == plain.groups.tolist()
    assert first(data).pixels[0, 0] == 0


def test_names_with_other_letters_are_found(write, folder):
    Image.fromarray(np.full((6, 10), 9, dtype=np.uint8)).save(folder / "größe 腎.png")
    data = load_dataset(write("path,label\ngröße 腎.png,Stein\nstone/a.png,ohne\n"))
    assert data.keys[0] == "größe 腎.png"
    assert first(data).pixels[0, 0] == 9


def test_a_parquet_manifest_is_the_same_as_a_csv(write, folder):
    table = pd.read_csv(
        write(
            "path,label,group,age,x0,y0,x1,y1\nstone/a.png,1,3,61,0,0,4,4\nstone/b.png,0,4,,,,,\n"
        )
    )
    table.to_parquet(folder / "m.parquet")
    found = load_dataset(folder / "m.parquet", covariates=["age"])
    assert found.keys == ["stone/a.png[0,0,4,4]", "stone/b.png"]
    assert found.labels.tolist() == ["1", "0"]
    assert found.groups.tolist() == ["3", "4"]
    np.testing.assert_array_equal(found.covariates["age"], [61.0, np.nan])


def test_crops_are_applied_at_reading_and_name_the_image(write, folder):
    half = np.arange(60, dtype=np.uint8).reshape(6, 10)
    Image.fromarray(half).save(folder / "stone" / "a.png")
    text = "path,label,x0,y0,x1,y1\nstone/a.png,stone,0,0,5,6\nstone/a.png,none,5.0,0,10,6\n"
    data = load_dataset(write(text + "stone/b.png,none,,,,\n"))
    assert data.keys == ["stone/a.png[0,0,5,6]", "stone/a.png[5,0,10,6]", "stone/b.png"]
    np.testing.assert_array_equal(data.images[0].read().pixels, half[:, :5])
    np.testing.assert_array_equal(data.images[1].read().pixels, half[:, 5:])
    assert data.images[2].read().shape == (6, 10)


def test_masks_are_read_where_a_row_has_one(write, folder):
    mask = np.zeros((6, 10), dtype=np.uint8)
    mask[2:4, 3:7] = 1
    Image.fromarray(mask).save(folder / "mask.png")
    data = load_dataset(write("path,label,mask\nstone/a.png,s,mask.png\nstone/b.png,s,\n"))
    np.testing.assert_array_equal(first(data).mask, mask > 0)
    assert data.images[1].read().mask is None


def test_covariates_are_numbers_where_every_cell_is_one_and_text_elsewhere(write):
    text = "path,label,age,sex,ph\nstone/a.png,s,61,f,\nstone/b.png,n, 4e1 ,,5.5\n"
    data = load_dataset(write(text), covariates=["ph", "age", "sex"])
    assert list(data.covariates) == ["ph", "age", "sex"]
    np.testing.assert_array_equal(data.covariates["age"], [61.0, 40.0])
    np.testing.assert_array_equal(data.covariates["ph"], [np.nan, 5.5])
    assert data.covariates["sex"][0] == "f"
    assert pd.isna(data.covariates["sex"][1])


def test_labels_may_be_missing_where_none_are_needed(write):
    path = write("path\nstone/a.png\n")
    assert load_dataset(path, labelled=False).labels is None
    with pytest.raises(InputError, match=r"^m\.csv: no column 'label'; it has 'path'"):
        load_dataset(path)


BAD = {
    "no path column": ("file,label\na.png,s\n", "no column 'path'; it has 'file', 'label'"),
    "no separator": ("path|label\na.png|s\n", "no column 'label'; it has 'path|label'"),
    "a column twice": ("path,label,label\na.png,s,t\n", "column 'label' stands there twice"),
    "columns that differ in case only": (
        "path,Label,LABEL\na.png,s,t\n",
        "columns 'Label', 'LABEL' differ in case only; keep one",
    ),
    "rows longer than the header": (
        "path,label\nstone/a.png,s,x\nstone/b.png,s,x\n",
        "rows with more cells than the header has names",
    ),
    "no rows": (HEAD, "a table without rows; expected one row an image"),
    "empty file": ("", "cannot be read as a table"),
    "ragged": (HEAD + "a.png,s\nb.png,s,p,q,r\n", "cannot be read as a table"),
    "a label missing": (
        HEAD + "stone/a.png,s,p\nstone/b.png,,p\n",
        "label missing in row 3; fill it in or delete the row",
    ),
    "many labels missing": (
        HEAD + "a.png,s,p\n" + "".join(f"{n}.png, ,p\n" for n in range(5)),
        "label missing in row 3, 4, 5 and 2 more; fill",
    ),
    "a path missing": (HEAD + ",s,p\n", "path missing in row 2; fill it in"),
    "a group missing": (HEAD + "stone/a.png,s,\n", "group missing in row 2; fill it in"),
    "a split missing": ("path,label,split\na.png,s,\n", "split missing in row 2; fill it in"),
    "the same row twice": (
        HEAD + "stone/a.png,s,p\nstone/a.png,s,p\n",
        "stone/a.png stands in more than one row; keep one of them",
    ),
    "the same image twice, by a detour": (
        HEAD + "stone/a.png,s,p\n./stone//a.png,s,p\n",
        "stone/a.png stands in more than one row",
    ),
    "half a crop": (
        "path,label,x0,y0\na.png,s,1,2\n",
        "crop columns ['x0', 'y0']; expected all of ['x0', 'y0', 'x1', 'y1'] or none",
    ),
    "a crop with a gap": (
        "path,label,x0,y0,x1,y1\na.png,s,0,0,4,4\nb.png,s,1,2,,4\n",
        "crop 1,2,,4 in row 3; expected four whole numbers",
    ),
    "a crop of fractions": (
        "path,label,x0,y0,x1,y1\na.png,s,0,0,4.5,4\n",
        "crop 0,0,4.5,4 in row 2; expected four whole numbers",
    ),
    "a crop of words": ("path,label,x0,y0,x1,y1\na.png,s,a,0,4,4\n", "crop a,0,4,4 in row 2"),
    "a box of three": ("path,label,boxes\na.png,s,1 2 3\n", "box '1 2 3' in row 2; expected x0"),
    "a box inside out": ("path,label,boxes\na.png,s,5 0 4 6\n", "box '5 0 4 6' in row 2; expec"),
    "a mask label of words": ("path,label,mask_label\na.png,s,stone\n", "mask label 'stone' in r"),
    "a mask label of half": ("path,label,mask_label\na.png,s,1.5\n", "mask label '1.5' in row 2"),
    "an unknown unit": ("path,label,unit\na.png,s,mSv\n", "unit 'mSv' in row 2; expected HU, or"),
    "a crop without end": ("path,label,x0,y0,x1,y1\na.png,s,0,0,inf,4\n", "crop 0,0,inf,4 in row"),
    "a crop of NaN": ("path,label,x0,y0,x1,y1\na.png,s,0,0,nan,4\n", "crop 0,0,nan,4 in row"),
}


@pytest.mark.parametrize(("text", "says"), BAD.values(), ids=BAD)
def test_a_bad_table_is_named_with_the_row_and_the_mend(write, text, says):
    with pytest.raises(InputError) as caught:
        load_dataset(write(text))
    message = str(caught.value)
    assert message.startswith("m.csv: ")
    assert says in message
    assert "\n" not in message


OUTSIDE = [
    "../secret.png",
    "..",
    "stone/../../secret.png",
    "..\\secret.png",
    "stone\\..\\..\\secret.png",
    "/etc/passwd.png",
    "//server/share/a.png",
    "\\\\server\\share\\a.png",
    "C:\\Users\\a.png",
    "C:/Users/a.png",
    "c:a.png",
    "file:///etc/passwd.png",
]


@pytest.mark.parametrize("cell", OUTSIDE)
@pytest.mark.parametrize("column", ["path", "mask"])
def test_a_path_that_leads_out_of_the_folder_is_refused_at_loading(write, folder, cell, column):
    Image.fromarray(np.zeros((6, 10), dtype=np.uint8)).save(folder.parent / "secret.png")
    cells = {"path": "stone/a.png", "mask": ""} | {column: cell}
    path = write(f"path,label,mask\n{cells['path']},s,{cells['mask']}\n")
    with pytest.raises(InputError) as caught:
        load_dataset(path)
    assert str(caught.value) == (
        f"m.csv: {column} in row 2 leads out of the manifest's folder; "
        "expected a path relative to it; put the manifest above its images"
    )


def test_a_row_whose_file_is_missing_is_named_when_it_is_read(write):
    data = load_dataset(write("path,label\nstone/gone.png,s\n"))
    with pytest.raises(InputError, match=r"^stone/gone\.png: no such file; check the path$"):
        first(data)


def test_a_crop_outside_of_its_image_is_named_when_it_is_read(write):
    data = load_dataset(write("path,label,x0,y0,x1,y1\nstone/a.png,s,0,0,11,6\n"))
    with pytest.raises(InputError, match=r"^stone/a\.png\[0,0,11,6\]: crop .* image of 10x6"):
        first(data)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("m.parquet", b"PAR1 but no table"),
        ("m.parquet", b""),
        ("m.csv", b"path,label\n\x81.png,s\n"),
        ("m.csv", b"\x00\x01\x02"),
    ],
)
def test_a_damaged_table_is_named_in_one_line(folder, name, content):
    (folder / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        load_dataset(folder / name)
    assert str(caught.value).startswith(f"{name}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["gone.csv", "gone.parquet", "gone"])
def test_a_missing_manifest_is_named(folder, name):
    with pytest.raises(InputError, match=rf"{name}: no such file.*; check the path$"):
        load_dataset(folder / name)


def test_a_missing_covariate_is_named_with_those_that_are_there(write):
    with pytest.raises(InputError, match=r"^m\.csv: no covariate column 'age'; it has 'path', 'l"):
        load_dataset(write("path,label\nstone/a.png,s\n"), covariates=["age"])


def test_a_symbolic_link_below_the_manifest_is_followed(folder, tmp_path):
    """It is the user's own: data sets are often links to where the images lie."""
    (folder / "elsewhere").symlink_to(folder / "stone")
    (folder / "m.csv").write_text("path,label\nelsewhere/a.png,stone\n")
    assert load_dataset(folder / "m.csv").images[0].read().shape == (6, 10)


@pytest.mark.parametrize(
    ("cells", "simulated"),
    [(["yes"] * 4, True), (["no", "No", "0", ""], False), (["no", "TRUE", "", "no"], True)],
)
def test_one_simulated_image_marks_the_data_whatever_is_done_to_it(write, cells, simulated):
    lines = [f"{row},{cell}" for row, cell in zip(ROWS.split("\n"), cells, strict=False)]
    data = load_dataset(write(HEAD.replace("group", "group,simulated") + "\n".join(lines) + "\n"))
    regrouped = data.select([0, 2]).with_groups(["a", "b"], Grouping("given"))
    assert (data.simulated, regrouped.simulated) == (simulated, simulated)


def test_data_that_do_not_say_it_are_not_simulated(write):
    assert not load_dataset(write(HEAD + ROWS)).simulated


def test_another_word_for_simulated_is_refused(write):
    bad = HEAD.replace("group", "group,Simulated") + "stone/a.png,stone,p1,perhaps\n"
    with pytest.raises(InputError, match=r"simulated 'perhaps' in row 2; expected yes or no"):
        load_dataset(write(bad))
