"""The page of a benchmark says what its tables say, in words that decide no more than they do."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_benchmark import FOUR, made_benchmark
from matplotlib.figure import Figure

from ksfeat.errors import InputError
from ksfeat.evaluation.benchmark.judged import plain_auroc
from ksfeat.metrics import roc_band
from ksfeat.report.benchmark_cast import handful
from ksfeat.report.benchmark_page import TABLES, write_benchmark
from ksfeat.report.benchmark_plots import cost_table
from ksfeat.report.labels import place_labels
from ksfeat.report.pareto import pareto_front

PICTURES = ["cost.png", "gaps.png", "reliability.png", "robustness.png", "roc.png"]
few = st.integers(0, 4).map(float)


@pytest.fixture(scope="module", params=[("nostone", "stone"), ("apatite", "cystine", "struvite")])
def written(request, tmp_path_factory):
    """A made-up benchmark, and the folder it was written to."""
    benchmark = made_benchmark(request.param)
    folder = tmp_path_factory.mktemp("benchmark")
    (folder / "benchmark.json").write_text("{}")  # as a running benchmark leaves it there
    write_benchmark(benchmark, folder)
    return benchmark, folder, (folder / "index.html").read_text()


def test_numbers_of_the_page_are_those_of_the_tables(written):
    benchmark, _, page = written
    text = re.sub(r"</?span>", " ", page)
    overall = benchmark.scores[benchmark.scores["class"].isna()]
    shown = overall[
        overall["score"].isin(["accuracy", "macro_f1", "auroc", "auprc", "brier", "ece"])
    ]
    assert len(shown) == 6 * len(FOUR)
    for row in shown.to_dict("records"):
        line = next(line for line in text.splitlines() if f"<td>{row['contender']}</td>" in line)
        assert f"{row['value']:.3f} ({row['low']:.3f}-{row['high']:.3f})" in line
    for row in benchmark.comparisons.to_dict("records"):
        told = f"{row['auroc_difference']:+.3f} ({row['low']:+.3f} to {row['high']:+.3f})"
        assert told in text
        assert f"<td>{row['verdict']}</td>" in text


def test_the_files_hold_every_table_with_the_hash_of_the_split(written):
    benchmark, folder, _ = written
    for name in TABLES:
        table = pd.read_csv(folder / f"{name}.csv")
        assert len(table) == len(getattr(benchmark, name))
        assert set(table["split"].astype(str)) == {benchmark.split.hash}
    assert (folder / "benchmark.json").read_text() == "{}"
    assert not [file for file in folder.rglob("*") if "partial" in file.name]


def test_pictures_stand_in_files_and_in_the_page_with_words(written):
    benchmark, folder, page = written
    assert sorted(file.name for file in (folder / "pictures").iterdir()) == PICTURES
    alts = re.findall(r'<img src="data:image/png;base64,[^"]+" alt="([^"]+)"', page)
    assert len(alts) == len(PICTURES)
    assert all(alt.endswith(", simulated") for alt in alts)
    assert any(f"{benchmark.gaps['at_random'].iloc[0]:.3f} at random" in alt for alt in alts)


def test_simulated_and_few_groups_are_said(written):
    _, _, page = written
    assert "<h1>Benchmark of 4 contenders, simulated images</h1>" in page
    assert "24 groups only: the intervals are optimistic" in page


def test_a_set_of_one_class_has_a_sensitivity_alone(written):
    benchmark, _, page = written
    assert f"sensitivity of {benchmark.material.dataset.classes[0]}" in page


def test_who_is_drawn(written):
    roles = {one.role: one.name for one in handful(written[0])}
    assert roles == {
        "reference": "cnn:seed_cnn",
        "best of classical features": "texture/svm",
        "best with embeddings": "embedding/linear",
        "naive floor": "thumbnails/forest",
    }
    looks = [(one.colour, one.marker, one.line) for one in handful(written[0])]
    assert all(len(set(column)) == len(looks) for column in zip(*looks, strict=True))


def test_names_are_escaped_and_nothing_old_stays(tmp_path):
    hostile = ("<script>alert(1)</script>", 'a $x$ & "b"')
    stale = tmp_path / "outside.csv"
    stale.touch()
    bare = made_benchmark(hostile, ("texture/svm",), simulated=False, shifted=False)
    page = write_benchmark(bare, tmp_path).read_text()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "simulated" not in page
    assert "stands alone" in page
    assert not stale.exists()
    assert not (tmp_path / "pictures" / "gaps.png").exists()


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="expected a folder"):
        write_benchmark(made_benchmark(("a", "b")), tmp_path / "file")


@given(st.lists(st.tuples(few, few), min_size=1, max_size=8))
def test_the_front_is_what_nothing_beats(pairs):
    cost, quality = np.array(pairs).T
    beaten = [any(c <= x and q >= y and (c, q) != (x, y) for c, q in pairs) for x, y in pairs]
    assert pareto_front(cost, quality).tolist() == [not one for one in beaten]


def test_an_unknown_score_is_on_no_front():
    front = pareto_front(np.array([1.0, 2.0]), np.array([np.nan, 0.5]))
    assert front.tolist() == [False, True]


def test_dearer_and_better_contenders_are_all_on_the_front(written):
    table = cost_table(written[0])
    rising = (np.diff(table["value"]) > 0).all()
    assert table["front"].all() == rising


def test_a_band_holds_its_curve_and_the_curve_has_the_auroc(written):
    benchmark, _, _ = written
    margins = benchmark.margins("texture/svm")
    band = roc_band(margins, *benchmark.codes, n_bootstrap=200)
    area = np.trapezoid(band["sensitivity"], band["false_positive_rate"])
    assert area == pytest.approx(plain_auroc(margins, benchmark.codes[0]), abs=0.015)
    assert (band["low"] <= band["high"]).all()
    assert (
        (band["low"] <= band["sensitivity"]) & (band["sensitivity"] <= band["high"])
    ).mean() > 0.9


def test_labels_of_close_points_do_not_overlap():
    axes = Figure(figsize=(6, 4)).add_subplot()
    points = [(0.5 + 0.01 * place, 0.5) for place in range(5)]
    labels = place_labels(axes, points, [f"contender {place}" for place in range(5)], [])
    boxes = [super(type(label), label).get_window_extent() for label in labels]
    pairs = [(a, b) for place, a in enumerate(boxes) for b in boxes[:place]]
    assert not any(a.overlaps(b) for a, b in pairs)
