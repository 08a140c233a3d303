"""What a row of a manifest may say beside path and label, and batch files of pyradiomics."""

import numpy as np
import pytest
from PIL import Image

from ksfeat.dataset import load_dataset
from ksfeat.errors import InputError

HEAD = "path,label,group\n"
ROWS = (
    "stone/a.png,stone,p1\nstone/b.png,stone,p1\nnostone/c.png,none,p2\nnostone/d e.png,none,p3\n"
)


def first(data):
    return data.images[0].read()


def test_headers_match_in_any_case_and_extra_columns_are_ignored(write, folder):
    table = "PATH,Notes,LABEL,Group\nstone/a.png,x,s,p1\nstone/b.png,y,s,p2\n"
    data = load_dataset(write(table), covariates=["notes"])
    assert data.groups.tolist() == ["p1", "p2"]
    assert data.covariates["notes"].tolist() == ["x", "y"]
    with pytest.raises(InputError, match="no column 'path'; it has 'paths', 'label'"):
        load_dataset(write("paths,label\nstone/a.png,s\n"))


@pytest.mark.parametrize("separator", [";", "\t"])
def test_numbers_have_commas_where_cells_are_not_separated_by_them(write, separator):
    rows = [
        "path;label;age;ph;site;x0;y0;x1;y1;boxes",
        "stone/a.png;s;61,5;5.5;1,2,3;0;0;5,0;6;1,5 2 4,5 5",
    ]
    table = "\n".join([*rows, "stone/b.png;n;;6;4;;;;;"]).replace(";", separator)
    data = load_dataset(write(table), covariates=["age", "ph", "site"])
    np.testing.assert_array_equal(data.covariates["age"], [61.5, np.nan])
    np.testing.assert_array_equal(data.covariates["ph"], [5.5, 6.0])
    assert data.covariates["site"].tolist() == ["1,2,3", "4"]
    assert data.images[0].crop == (0, 0, 5, 6)
    assert data.images[0].boxes == ((1.5, 2.0, 4.5, 5.0),)


def test_a_quoted_number_with_a_comma_is_text_where_commas_separate(write):
    data = load_dataset(write('path,label,age\nstone/a.png,s,"61,5"\n'), covariates=["age"])
    assert data.covariates["age"].tolist() == ["61,5"]


@pytest.mark.parametrize("cell", ["1_000", "nan", "inf", "NA"])
def test_what_only_python_takes_for_a_number_is_text(write, cell):
    data = load_dataset(write(f"path,label,a\nstone/a.png,s,{cell}\n"), covariates=["a"])
    assert data.covariates["a"].tolist() == [cell]


def test_boxes_are_in_the_whole_image_and_move_with_a_crop(write):
    rows = "stone/a.png,s,1 1 3 3; 6 2 9 5,5,0,10,6\nstone/b.png,n,,,,,\n"
    data = load_dataset(write("path,label,boxes,x0,y0,x1,y1\n" + rows))
    assert data.images[0].boxes == ((1, 1, 3, 3), (6, 2, 9, 5))
    np.testing.assert_array_equal(first(data).boxes, [[1, 2, 4, 5]])
    assert data.images[1].read().boxes.shape == (0, 4)


def test_boxes_of_a_second_file_belong_to_the_paths_it_names(write, folder):
    (folder.parent / "boxes.csv").write_text(
        "path,group,x0,y0,x1,y1\n./stone/a.png,p,1,1,3.5,3\nstone\\a.png,p,6,2,9,5\n"
    )
    boxes = folder.parent / "boxes.csv"
    data = load_dataset(write(HEAD + ROWS), boxes=boxes)
    np.testing.assert_array_equal(first(data).boxes, [[1, 1, 3.5, 3], [6, 2, 9, 5]])
    assert data.images[1].boxes == ()
    assert load_dataset(folder, boxes=boxes).images[2].boxes == data.images[0].boxes
    with pytest.raises(InputError, match=r"boxes\.csv: boxes in row 2 of a path that is no"):
        load_dataset(write("path,label\nstone/b.png,s\n"), boxes=boxes)
    with pytest.raises(InputError, match=r"gone\.csv: no such file of boxes"):
        load_dataset(folder, boxes=folder / "gone.csv")


def test_a_row_says_which_value_of_its_mask_is_the_region(write, folder):
    mask = np.zeros((6, 10), dtype=np.uint8)
    mask[2:4, 3:7] = 1
    mask[4:, :] = 2
    Image.fromarray(mask).save(folder / "mask.png")
    table = "path,label,mask,mask_label\nstone/a.png,s,mask.png,2\nstone/b.png,s,mask.png,\n"
    data = load_dataset(write(table))
    np.testing.assert_array_equal(first(data).mask, mask == 2)
    np.testing.assert_array_equal(data.images[1].read().mask, mask > 0)


def test_the_unit_is_the_users_word_for_a_row_or_for_all(write, folder):
    Image.fromarray(np.full((6, 10), 300, dtype=np.int32)).save(folder / "stone" / "a.tif")
    table = write("path,label,unit\nstone/a.tif,s,HU\nnostone/c.png,n,\n")
    data = load_dataset(table)
    assert first(data).unit == "HU"
    assert data.images[1].read().unit == "grey"
    assert load_dataset(table, unit="HU").images[1].unit == "HU"
    with pytest.raises(InputError, match="unit 'mm'; expected one of HU"):
        load_dataset(table, unit="mm")


def test_a_row_names_the_same_image_at_a_second_energy(write):
    table = write("path,label,second_path\nstone/a.png,s,stone/b.png\nnostone/c.png,n,\n")
    data = load_dataset(table)
    assert first(data).second_energy.max() == 1
    assert data.images[1].read().second_energy is None
    assert data.keys == ["stone/a.png", "nostone/c.png"]
    with pytest.raises(InputError, match="second_path in row 2 leads out of the manifest's"):
        load_dataset(write("path,label,second_path\nstone/a.png,s,../smith.png\n"))


@pytest.mark.parametrize("patient", ["ID", "PatientID"])
def test_a_batch_file_of_pyradiomics_is_read_as_it_is(write, folder, patient):
    mask = np.zeros((6, 10), dtype=np.uint8)
    mask[2:4, 3:7] = 2
    Image.fromarray(mask).save(folder / "mask.png")
    table = f"{patient},Image,Mask,Label\n7,stone/a.png,mask.png,2\n8,./stone/b.png,mask.png,2\n"
    data = load_dataset(write(table))
    assert data.keys == ["stone/a.png", "stone/b.png"]
    assert data.labels is None
    assert data.groups.tolist() == ["7", "8"]
    np.testing.assert_array_equal(first(data).mask, mask == 2)
    assert load_dataset(write("Image,Mask\nstone/a.png,mask.png\n")).groups is None
    with pytest.raises(InputError, match="images without labels; expected one class an image"):
        data.known_labels()


def test_an_absolute_path_into_the_folder_is_a_path_below_it(write, folder):
    data = load_dataset(write(f"path,label\n{(folder / 'stone' / 'a.png').as_posix()},s\n"))
    assert data.keys == ["stone/a.png"]


@pytest.mark.parametrize(
    ("cell", "split"), [("Training", "train"), ("VAL", "valid"), ("testing", "test")]
)
def test_splits_have_their_usual_names(write, cell, split):
    data = load_dataset(write(f"path,label,split\nstone/a.png,s,{cell}\n"))
    assert data.splits.tolist() == [split]


def test_a_split_of_another_name_is_no_guess(write):
    with pytest.raises(InputError, match="split 'x'; expected one of train, training"):
        load_dataset(write("path,label,split\nstone/a.png,s,x\n"))
