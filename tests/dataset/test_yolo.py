"""A YOLO export, as Roboflow writes it."""

import numpy as np
import pytest

from ksfeat.dataset import load_dataset
from ksfeat.errors import InputError

YAML = "train: ../train/images\nval: ../valid/images\n\nnc: 2\nnames: ['cyst', 'stone']\n"


@pytest.fixture
def export(tmp_path, save):
    """Images of 10 x 6 pixels: a stone, a cyst of polygons, nothing, and a test stone."""
    root = tmp_path / "export"
    labels = {
        "train/a": "1 0.5 0.5 0.2 0.5\n1 0.1 0.25 0.2 0.5\n",
        "train/b": "0 0.1 0.5 0.3 0.5 0.2 1.0\n",
        "valid/c": "",
        "test/e": "1 0.25 0.5 0.5 1\n",
    }
    for value, name in enumerate([*labels, "test/d"]):
        split, stem = name.split("/")
        save(root / split / "images" / f"{stem}.jpg", value)
    for name, text in labels.items():
        split, stem = name.split("/")
        (root / split / "labels").mkdir(exist_ok=True)
        (root / split / "labels" / f"{stem}.txt").write_text(text)
    (root / "data.yaml").write_text(YAML)
    (root / "README.roboflow.txt").write_text("exported")
    return root


def test_an_export_gives_classes_splits_and_boxes_in_pixels(export):
    data = load_dataset(export)
    assert dict(zip(data.keys, data.labels.tolist(), strict=True)) == {
        "test/images/d.jpg": "background",  # no label file
        "test/images/e.jpg": "stone",
        "train/images/a.jpg": "stone",
        "train/images/b.jpg": "cyst",
        "valid/images/c.jpg": "background",  # an empty one
    }
    assert data.splits.tolist() == ["test", "test", "train", "train", "valid"]
    boxes = {source.key[-5]: source.read().boxes for source in data.images}
    # cx, cy, w, h of (0.5, 0.5, 0.2, 0.5) in 10 x 6 pixels: 4..6 and 1.5..4.5
    np.testing.assert_allclose(boxes["a"], [[4, 1.5, 6, 4.5], [0, 0, 2, 3]])
    np.testing.assert_allclose(boxes["b"], [[1, 3, 3, 6]])  # round its polygon
    assert boxes["c"].shape == boxes["d"].shape == (0, 4)
    assert len(data.part("test")) == 2


def test_splits_below_the_kinds_are_read_too(export, tmp_path):
    other = tmp_path / "other"
    for kind in ("images", "labels"):
        for split in ("train", "valid", "test"):
            if (export / split / kind).is_dir():
                (other / kind).mkdir(parents=True, exist_ok=True)
                (export / split / kind).rename(other / kind / split)
    (export / "data.yaml").rename(other / "data.yaml")
    data = load_dataset(other)
    assert data.class_counts() == {"background": 2, "cyst": 1, "stone": 2}
    assert sorted(data.splits.tolist()) == ["test", "test", "train", "train", "valid"]


def test_paths_in_the_description_are_not_followed(export, tmp_path, save):
    save(tmp_path / "secret" / "images" / "x.jpg", 9)
    (export / "data.yaml").write_text(
        f"path: {tmp_path / 'secret'}\ntrain: {tmp_path / 'secret' / 'images'}\n"
        "val: ../../secret/images\nnames: [cyst, stone]\n"
    )
    assert all("secret" not in str(source.path) for source in load_dataset(export).images)


def test_without_labels_boxes_are_kept(export):
    data = load_dataset(export, labelled=False)
    assert data.labels is None
    assert data.images[1].read().boxes.tolist() == [[0, 0, 5, 6]]


def test_an_image_of_several_classes_gets_the_most_frequent_with_a_warning(export):
    label = export / "train" / "labels" / "a.txt"
    label.write_text("0 0.5 0.5 0.9 0.9\n1 0.1 0.2 0.1 0.1\n1 0.6 0.2 0.1 0.1\n")
    with pytest.warns(UserWarning, match="export: 1 images have boxes of several classes"):
        assert load_dataset(export).labels[2] == "stone"
    label.write_text("1 0.1 0.2 0.1 0.1\n0 0.5 0.5 0.9 0.9\n")
    with pytest.warns(UserWarning, match="several classes"):
        assert load_dataset(export).labels[2] == "cyst"


NAMES = {
    "list": "names: [no, stone]\n",
    "block": "names:\n- no\n- stone\n",
    "numbered": "names:\n  0: no\n  1: stone\nnc: 2\n",
}


@pytest.mark.parametrize("text", NAMES.values(), ids=NAMES)
def test_names_are_text_even_where_yaml_means_a_truth_value(export, text):
    (export / "data.yaml").write_text(text)
    assert load_dataset(export).classes == ["background", "no", "stone"]


BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(12)
)
BAD_YAML = {
    "no names": ("nc: 1\n", "data.yaml: no list of class names; expected a line such as 'names"),
    "names of lists": ("names: [[a], [b]]\n", "data.yaml: no list of class names"),
    "a gap": ("names: {0: a, 2: b}\n", "data.yaml: no list of class names"),
    "another nc": ("nc: 3\nnames: [a, b]\n", "data.yaml: nc is '3' and names has 2; expected"),
    "no mapping": ("- a\n", "data.yaml: no list of class names"),
    "no yaml": ("names: [\n", "data.yaml: not YAML"),
    "objects": ("names: !!python/object/apply:os.system [x]\nnc: 9\n", "data.yaml: nc is '9'"),
    "references": (BOMB + "names: *m\n", "data.yaml: no list of class names"),
    "references in nc": (BOMB + "names: [a]\nnc: *m\n", "data.yaml: nc is a list and names has 1"),
    "depth": ("names: " + "[" * 5000, "data.yaml: not YAML"),
    "size": ("names: [a]\n" + "#" * 300_000, "data.yaml: 300,011 bytes; expected the names"),
    "empty": ("", "data.yaml: no list of class names"),
}


@pytest.mark.parametrize(("text", "says"), BAD_YAML.values(), ids=BAD_YAML)
def test_a_hostile_or_broken_description_is_one_line(export, text, says):
    (export / "data.yaml").write_text(text)
    with pytest.raises(InputError) as caught:
        load_dataset(export)
    assert str(caught.value).startswith(says)
    assert "\n" not in str(caught.value)


BAD_LABELS = {
    "class too high": ("2 0.5 0.5 0.1 0.1", "class 2; expected 0 to 1, as in data.yaml"),
    "negative class": ("-1 0.5 0.5 0.1 0.1", "class -1; expected 0 to 1"),
    "half a class": ("0.5 0.5 0.5 0.1 0.1", "expected a class number and x, y, width, height"),
    "words": ("stone 0.5 0.5 0.1 0.1", "expected a class number"),
    "too few": ("1 0.5 0.5", "expected a class number"),
    "pixels": ("1 5 3 2 2", "expected fractions of the image's width and height"),
    "no area": ("1 0.5 0.5 0 0.1", "round an area that is not empty"),
    "NaN": ("1 nan 0.5 0.1 0.1", "expected fractions"),
    "outside": ("1 0.95 0.5 0.2 0.1", "expected fractions"),
}


@pytest.mark.parametrize(("line", "says"), BAD_LABELS.values(), ids=BAD_LABELS)
def test_a_broken_label_file_is_named_with_its_row(export, line, says):
    (export / "train" / "labels" / "a.txt").write_text(f"1 0.5 0.5 0.1 0.1\n{line}\n")
    with pytest.raises(InputError) as caught:
        load_dataset(export)
    assert str(caught.value).startswith("train/labels/a.txt: row 2: ")
    assert says in str(caught.value)


def test_a_label_file_that_is_no_text_is_named(export):
    (export / "train" / "labels" / "a.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"^train/labels/a\.txt: not text"):
        load_dataset(export)


def test_an_export_without_its_description_or_images_says_so(export):
    (export / "data.yaml").rename(export / "other.yaml")
    with pytest.raises(InputError, match=r"^export: test/images and its labels look like a YOLO"):
        load_dataset(export)
    (export / "other.yaml").rename(export / "data.yaml")
    for image in export.rglob("*.jpg"):
        image.unlink()
    with pytest.raises(InputError, match=r"^export: no images beside data\.yaml; expected train/"):
        load_dataset(export)
