"""A benchmark keeps what it has done, and tests every contender on the same folds."""

import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import cv2
import numpy as np
import pandas as pd
import pytest
from small_benchmark import CONTENDERS, SETTINGS

from ksfeat import FineTunedCNN, load_dataset
from ksfeat.errors import InputError
from ksfeat.evaluation.benchmark import Settings, run_benchmark
from ksfeat.evaluation.benchmark import run as module
from ksfeat.splits import read_split


def test_every_contender_tests_each_image_once_in_the_saved_split(ran):
    out, result = ran
    data = result.material.dataset
    saved = read_split(out / "grouped.csv", keys=data.keys)
    assert saved.hash == result.split.hash
    for name in CONTENDERS:
        for number, fold in result.folds_of(name).items():
            assert set(fold.test) == set(np.flatnonzero(saved.fold == number))
    for train, test in saved:
        assert not set(data.groups[train]) & set(data.groups[test])


def test_the_random_split_cuts_through_groups(ran):
    out, result = ran
    data = result.material.dataset
    train, test = next(iter(read_split(out / "random.csv", keys=data.keys)))
    assert set(data.groups[train]) & set(data.groups[test])


def test_what_is_done_is_read_and_not_done_again(ran, stone_data, monkeypatch):
    out, result = ran
    data = result.material.dataset
    monkeypatch.setattr(module, "fit_table_fold", None)
    again = run_benchmark(
        data, out, contenders=CONTENDERS, settings=SETTINGS, outside=result.material.outside
    )
    assert again.scores.equals(result.scores)
    assert again.robustness.equals(result.robustness)


def test_another_contender_joins_on_the_same_folds(ran):
    out, result = ran
    told = []
    joined = run_benchmark(
        result.material.dataset,
        out,
        contenders=(*CONTENDERS, "first_order/xgboost"),
        settings=SETTINGS,
        outside=result.material.outside,
        tell=told.append,
    )
    assert joined.split.hash == result.split.hash
    assert [line.split(",")[0] for line in told] == [
        f"{place} of 12: first_order/xgboost" for place in (10, 11, 12)
    ]


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"settings": replace(SETTINGS, n_folds=3)}, "another split"),
        ({"settings": replace(SETTINGS, n_sampled=5)}, "another images tested"),
        ({"settings": replace(SETTINGS, cnn={"epochs": 3})}, "another settings"),
        ({"contenders": ("first_order/boosting",)}, "contender 'first_order/boosting'"),
        ({"contenders": ("first_order/svm",) * 2}, "stands twice"),
        ({"contenders": ("covariates/svm",)}, "no covariates"),
        ({"contenders": ("no_such/svm",)}, "no features named 'no_such'"),
        ({"contenders": ("cnn:no_such",)}, "model 'no_such'"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(ran, changed, line):
    out, result = ran
    given = {"contenders": CONTENDERS, "settings": SETTINGS, **changed}
    with pytest.raises(InputError, match=line):
        run_benchmark(result.material.dataset, out, outside=result.material.outside, **given)


def test_a_folder_of_other_things_is_left_alone(stones, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="holds no benchmark"):
        run_benchmark(stones, tmp_path, contenders=CONTENDERS)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_damaged_fold_is_named(ran, stones, tmp_path):
    settings = Settings(n_folds=2, random_folds=0, n_sampled=0)
    out = tmp_path / "out"
    run_benchmark(stones, out, contenders=("first_order/linear",), settings=settings)
    file = out / "folds" / "first_order-linear-grouped-0.npz"
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(InputError, match=r"first_order-linear-grouped-0\.npz: damaged; delete it"):
        run_benchmark(stones, out, contenders=("first_order/linear",), settings=settings)


def test_a_split_that_cuts_through_a_group_is_refused(stones, tmp_path):
    file = tmp_path / "split.csv"
    folds = [place % 2 for place in range(len(stones))]
    lines = [f"{key},{fold}" for key, fold in zip(stones.keys, folds, strict=True)]
    file.write_text("path,fold\n" + "\n".join(lines))
    with pytest.raises(InputError, match="cuts through group"):
        run_benchmark(stones, tmp_path / "out", contenders=CONTENDERS, split_file=file)


def test_a_fold_may_test_no_image_of_the_sample(stones, tmp_path):
    settings = Settings(n_folds=8, random_folds=0, n_sampled=1)
    names = ("first_order/linear",)
    result = run_benchmark(stones, tmp_path / "out", contenders=names, settings=settings)
    shapes = [fold.corrupted.shape for fold in result.folds_of(names[0]).values()]
    assert min(shapes) == (30, 0, 1)
    assert sum(shape[1] for shape in shapes) == len(result.material.sample) == 2


def test_outside_data_of_other_classes_are_refused(stones, mirrored, tmp_path):
    cysts = replace(mirrored, labels=np.full(len(mirrored), "cyst"))
    with pytest.raises(InputError, match="elsewhere: class 'cyst'"):
        run_benchmark(stones, tmp_path / "out", contenders=CONTENDERS, outside={"elsewhere": cysts})


def test_outside_images_that_models_are_fitted_on_are_refused(stones, mirrored, tmp_path):
    one = replace(mirrored, images=(stones.images[4], *mirrored.images[1:]))
    line = f"elsewhere: 1 of 24 images are in the benchmark's data too, such as {stones.keys[4]} "
    with pytest.raises(InputError, match=re.escape(line)):
        run_benchmark(stones, tmp_path / "out", contenders=CONTENDERS, outside={"elsewhere": one})
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("bare", ["data", "outside"])
def test_images_without_a_region_are_refused_before_the_long_work(
    stones, mirrored, tmp_path, monkeypatch, bare
):
    monkeypatch.setattr(module, "fit_table_fold", None)
    boxed = [
        replace(data, images=tuple(replace(s, boxes=((4, 4, 9, 9),)) for s in data.images))
        for data in (stones, mirrored)
    ]
    place = ("data", "outside").index(bare)
    last = replace(boxed[place].images[-1], boxes=(), mask=None)
    boxed[place] = replace(boxed[place], images=(*boxed[place].images[:-1], last))
    names = ("thumbnails/forest", "embedding/linear")
    with pytest.raises(InputError, match=f"{re.escape(last.key)}: no pixel in a mask"):
        run_benchmark(
            boxed[0],
            tmp_path / "out",
            contenders=names,
            settings=Settings(view="crop"),
            outside={"elsewhere": boxed[1]},
        )
    assert not (tmp_path / "out").exists()


def test_pixels_of_all_images_are_looked_at_once(stones, mirrored, tmp_path, monkeypatch):
    looked = []
    monkeypatch.setattr(module, "inspect", lambda asked, material: looked.append(tuple(asked)))
    monkeypatch.setattr(module, "describe_part", None)
    settings, out = Settings(n_folds=2, view="crop"), tmp_path / "out"
    for names in (("thumbnails/forest",), ("thumbnails/forest",), ("embedding/svm",), ("all/svm",)):
        with pytest.raises(TypeError):
            run_benchmark(
                stones, out, contenders=names, settings=settings, outside={"other": mirrored}
            )
    assert looked == [("apart",), (), ("regions",), ()]


def test_other_images_under_the_same_names_are_another_benchmark(ran, stone_data, tmp_path):
    out, result = ran
    folder = tmp_path / "other"
    shutil.copytree(stone_data.parent, folder)
    table = pd.read_csv(folder / "manifest.csv")
    for path in table["path"].unique():
        pixels = cv2.imread(str(folder / path), cv2.IMREAD_GRAYSCALE)
        cv2.imwrite(str(folder / path), 255 - pixels)
    other = load_dataset(folder / "manifest.csv")
    assert other.keys == result.material.dataset.keys
    with pytest.raises(InputError, match="another data"):
        run_benchmark(
            other, out, contenders=CONTENDERS, settings=SETTINGS, outside=result.material.outside
        )


def test_a_network_is_tested_on_the_corrupted_images_and_on_the_outside_ones(
    stones, mirrored, tmp_path
):
    settings = Settings(
        n_folds=2, random_folds=0, n_sampled=6, cnn={"size": 32, "epochs": 1, "batch_size": 8}
    )
    outside = {"stones": mirrored.select(mirrored.labels == "stone")}
    result = run_benchmark(
        stones, tmp_path / "out", contenders=("cnn:seed_cnn",), settings=settings, outside=outside
    )
    material = result.material
    fold = result.folds_of("cnn:seed_cnn")[0]
    train = stones.select(np.setdiff1d(np.arange(len(stones)), fold.test))
    network = FineTunedCNN("seed_cnn", size=32, epochs=1, batch_size=8)
    network.fit(train.images, train.labels, groups=train.groups)
    places = material.sampled(fold.test)
    for number in (4, 9, 27):
        sources = [material.corruptions[number].sources[place] for place in places]
        np.testing.assert_allclose(
            fold.corrupted[number, :, 0], network.decision_function(sources), atol=1e-4
        )
    found = network.decision_function(outside["stones"].images)
    np.testing.assert_allclose(fold.outside["stones"][:, 0], found, atol=1e-4)
    assert fold.facts["model_mb"] > 1


KILLED = """
import sys
from ksfeat import load_dataset
from ksfeat.evaluation.benchmark import Settings, run_benchmark
settings = Settings(
    n_folds=2, random_folds=0, n_sampled=6, cnn={"size": 32, "epochs": 12, "batch_size": 4}
)
run_benchmark(
    load_dataset(sys.argv[1]), sys.argv[2], contenders=("cnn:seed_cnn",), settings=settings
)
"""


@pytest.mark.slow
def test_killed_in_the_middle_of_a_fold_it_ends_with_the_same_numbers(stone_data, tmp_path):
    settings = Settings(
        n_folds=2, random_folds=0, n_sampled=6, cnn={"size": 32, "epochs": 12, "batch_size": 4}
    )
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    data, names = load_dataset(stone_data), ("cnn:seed_cnn",)
    expected = run_benchmark(data, whole, contenders=names, settings=settings)
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(stone_data), str(cut)])
    while not list((cut / "checkpoints").glob("*.pt")):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not list((cut / "folds").iterdir())
    found = run_benchmark(data, cut, contenders=names, settings=settings)
    for number, fold in expected.folds_of(names[0]).items():
        np.testing.assert_array_equal(found.folds_of(names[0])[number].margins, fold.margins)
    assert found.scores.equals(expected.scores)
    assert found.robustness.equals(expected.robustness)
    assert not list((cut / "checkpoints").iterdir())
