"""What the benchmarks of leakage promise: halves share no patient, copies are counted rightly."""

import sys

import numpy as np
import pandas as pd
import pytest

from benchmarks import audit_speed, leakage_found
from benchmarks.harness import RESULTS
from benchmarks.plants import KINDS, altered


def known(n_groups=7, per_group=3):
    groups = np.repeat([f"p{number}" for number in range(n_groups)], per_group)
    images = [np.full((4, 4), number, np.uint8) for number in range(len(groups))]
    return leakage_found.Known("made", images, groups)


def test_what_is_chosen_on_is_not_reported():
    halves = [known().half(number) for number in (0, 1)]
    assert not set(halves[0].groups) & set(halves[1].groups)
    assert len(halves[0].groups) + len(halves[1].groups) == 21
    for half in halves:  # images go with their groups
        assert [f"p{image[0, 0] // 3}" for image in half.images] == half.groups.tolist()


def test_copies_are_counted_by_what_is_true():
    """Four originals (0-3) and their copies (4-7): one copy missed, one pair of others named."""
    table = pd.DataFrame(
        {"first": [0, 1, 2, 0], "second": [4, 5, 6, 3], "correlation": [0.99, 0.9, 0.8, 0.86]}
    ).assign(true=lambda t: t["second"] - t["first"] == 4, n=4)
    row = leakage_found._counted("made", dict.fromkeys(KINDS, table), 0.85)
    assert (row["planted"], row["found"]) == (20, 15)
    assert (row["recall"], row["precision"]) == (0.5, round(2 / 3, 4))
    assert row["missed"].startswith("resized: 2; ")


@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_copy_is_no_equal_copy(kind):
    image = np.random.default_rng(0).integers(0, 255, (40, 60), dtype=np.uint8)
    copy = altered(image, kind, np.random.default_rng(0))
    assert copy.dtype == np.uint8
    assert copy.shape != image.shape or (copy != image).any()


def test_processes_of_processes_are_counted():
    """A process that starts another, which works for a while: CPU seconds of both are seen."""
    work = "sum(i * i for i in range(3_000_000))"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}])"
    used = audit_speed.Used()
    audit_speed.sampled([sys.executable, "-c", child], used, every_s=0.02)
    assert len(used.cpu_s) >= 2
    assert max(used.cpu_s.values()) > 0.05
    assert used.peak_all_mb > used.peak_mb > 1


def test_series_are_neighbours_and_no_copies(tmp_path):
    sources = [tmp_path / f"{number}.png" for number in range(2)]
    rng = np.random.default_rng(0)
    for source in sources:
        audit_speed.cv2.imwrite(str(source), rng.integers(0, 255, (64, 64), dtype=np.uint8))
    table = audit_speed.write_series(tmp_path, sources, 45, seed=0)
    assert table["group"].value_counts().to_dict() == {"s000": 30, "s001": 15}
    contents = {(tmp_path / path).read_bytes() for path in table["path"]}
    assert len(contents) == 45


def test_committed_results_were_measured_on_a_commit_and_judged():
    for name in ("leakage", "audit_speed", "leakage_matches"):
        table = pd.read_csv(RESULTS / f"{name}.csv", dtype=str)
        assert not table["commit"].str.endswith("+").any(), name
    verdicts = pd.read_csv(RESULTS / "leakage_matches.csv")["verdict"]
    assert set(verdicts) <= {"one exam", "repeat exam", "different", "cannot tell"}


def test_no_two_exams_were_linked_that_are_different():
    table = pd.read_csv(RESULTS / "leakage_matches.csv")
    false_alarms = table[table["linked"] & (table["verdict"] == "different")]
    assert false_alarms.empty
