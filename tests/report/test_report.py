"""Plots, pages and folders: views that say what the data says."""

import base64
import re

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrow
from matplotlib.text import Text
from PIL import Image

from ksfeat import Explanation, StoneImage
from ksfeat.errors import InputError
from ksfeat.metrics import Score
from ksfeat.report import plots
from ksfeat.report.folder import output_folder
from ksfeat.report.gallery import called_output, draw_dataset, file_name
from ksfeat.report.page import with_interval


@pytest.fixture
def explanation() -> Explanation:
    """Three images, four features, three classes."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(3, 4, 3))
    base = np.array([0.1, -0.2, 0.3])
    return Explanation(
        values=values,
        base_values=base,
        margins=base + values.sum(axis=1),
        data=rng.normal(size=(3, 4)),
        feature_names=("alpha", "beta", "gamma", "delta"),
        outputs=("a", "b", "c/d"),
        classes=("a", "b", "c/d"),
        game="path-dependent",
        keys=("one.png", "two.png", "three.png"),
    )


def test_a_waterfall_names_image_class_game_and_features(explanation):
    image = StoneImage(np.arange(64.0).reshape(8, 8))
    figure = plots.waterfall(explanation, 1, "b", image)
    words = " ".join(text.get_text() for text in figure.findobj(Text))
    assert figure.axes[0].get_title(loc="left") == ("two.png\nmargin for 'b', game: path-dependent")
    assert all(name in words for name in explanation.feature_names)
    # shap writes minus signs as such.
    shown = words.replace("\N{MINUS SIGN}", "-")
    assert f"{explanation.margins[1, 1]:.3f}".rstrip("0") in shown
    np.testing.assert_array_equal(figure.axes[-1].images[0].get_array(), image.pixels)


def test_equal_explanations_are_equal_pictures(explanation, tmp_path):
    for name in ("a", "b"):
        np.random.seed(ord(name))  # noqa: NPY002 - what a user may have done
        plots.save(plots.beeswarm(explanation, "a"), tmp_path / name)
    for suffix in (".png", ".svg"):
        first, second = ((tmp_path / name).with_suffix(suffix) for name in ("a", "b"))
        assert first.read_bytes() == second.read_bytes()


def test_plots_leave_numpys_generator_as_it_was(explanation):
    np.random.seed(7)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(7)  # noqa: NPY002
    plots.beeswarm(explanation)
    assert np.random.random() == expected  # noqa: NPY002


def test_a_data_set_gives_a_beeswarm_and_a_bar_for_each_margin(explanation, tmp_path):
    pictures = draw_dataset(explanation, tmp_path)
    names = sorted(path.name for path in tmp_path.glob("*.png"))
    assert names == [
        f"{kind}_{name}.png" for kind in ("bar", "beeswarm") for name in ["a", "b", "c_d"]
    ]
    assert len(list(tmp_path.glob("*.svg"))) == 6
    strongest = np.abs(explanation.values[:, :, 0]).mean(axis=0).argmax()
    first_named = re.search(r"attribution: (\w+)", pictures[0].alt)
    assert first_named[1] == explanation.feature_names[strongest]
    with Image.open(pictures[0].file) as image:
        assert min(image.size) > 200


def test_the_called_class_is_the_one_with_the_largest_margin(explanation):
    expected = explanation.outputs[explanation.margins[2].argmax()]
    assert called_output(explanation, 2) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("uric acid", "uric_acid"),
        ("../../etc", ".._.._etc"),
        ("!!", "class"),
        ("Harnsäure", "Harnsäure"),
    ],
)
def test_a_class_name_is_no_path(name, expected):
    assert file_name(name) == expected
    assert "/" not in file_name(name)


def test_an_interval_in_words():
    assert with_interval(Score("f1", "a", 0.5, 0.25, 0.75)) == "0.500 (0.250-0.750)"
    assert with_interval(Score("f1", "a", np.nan, np.nan, np.nan)) == "\N{EN DASH}"


def test_a_folder_is_whole_or_not_there(tmp_path):
    out = tmp_path / "out"

    def fail() -> None:
        with output_folder(out) as folder:
            (folder / "half.txt").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    with output_folder(out) as folder:
        (folder / "sub").mkdir()
        (folder / "sub" / "new.txt").write_text("new")
    assert (out / "mine.txt").read_text() == "mine"
    assert (out / "sub" / "new.txt").read_text() == "new"


def test_an_earlier_run_leaves_nothing_beside_the_new(tmp_path):
    for name in ("a.png", "b.png"):
        with output_folder(tmp_path / "out", replaces=["*.png"]) as folder:
            (folder / name).write_text(name)
    (tmp_path / "out" / "mine.txt").touch()
    with output_folder(tmp_path / "out", replaces=["*.png"]) as folder:
        (folder / "c.png").touch()
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["c.png", "mine.txt"]


def test_colours_are_those_that_all_eyes_tell_apart(explanation):
    figure = plots.waterfall(explanation, 0, "a", remark="simulated")
    faces = {to_hex(patch.get_facecolor()) for patch in figure.findobj(FancyArrow)}
    assert faces
    assert faces <= {"#d55e00", "#0072b2"}
    assert figure.axes[0].get_title(loc="left").endswith(", simulated")


def test_a_folder_has_a_place(tmp_path):
    (tmp_path / "file").touch()
    for place, words in [("file", "expected a folder"), ("no/out", "make it first")]:
        with pytest.raises(InputError, match=words), output_folder(tmp_path / place):
            pass


def test_names_in_a_page_are_escaped(type_data, tmp_path):
    from ksfeat import FeatureExtractor, StoneClassifier, load_dataset
    from ksfeat.evaluation import train
    from ksfeat.report.page import Picture, Section, render_page

    data = load_dataset(type_data)
    labels = np.where(data.labels == "cystine", "<script>alert(1)</script>", "b")
    data = data.__class__(data.root, data.images, labels, data.groups, data.grouping)
    classifier = StoneClassifier(FeatureExtractor("first_order"), "linear")
    training = train(classifier, data, n_folds=2)
    picture = tmp_path / "p.png"
    picture.write_bytes(b"png")
    section = Section("<i>x</i>", ["<b>"], training, [Picture(picture, "<u>", '"><script>')])
    page = render_page("<title>", "lead", [section])
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert base64.b64encode(b"png").decode() in page
