"""Bad input gets one line naming the file and the mend, exit code 2, and leaves nothing behind."""

import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

QUICK = ("--features", "first_order", "--jobs", "1", "--cv", "2")


def noise(seed: int = 0, shape: tuple[int, ...] = (24, 24)) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def class_folders(
    root: Path, classes: tuple[str, ...] = ("normal", "stone"), each: int = 4
) -> Path:
    for number, name in enumerate(classes):
        (root / name).mkdir(parents=True)
        for place in range(each):
            image = Image.fromarray(noise(10 * number + place))
            image.save(root / name / f"{place}.png")
    return root


def manifest(root: Path, *lines: str) -> Path:
    class_folders(root)
    path = root / "manifest.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def with_file(root: Path, write) -> Path:
    data = class_folders(root / "data")
    write(data / "stone" / "bad.png")
    return data


def bomb(path: Path) -> None:
    header = struct.pack(">IIBBBBB", 30000, 30000, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 99)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def animation(path: Path) -> None:
    frames = [Image.fromarray(noise(seed)) for seed in range(3)]
    frames[0].save(path, save_all=True, append_images=frames[1:])


def truncated(path: Path) -> None:
    Image.fromarray(noise()).save(path)
    path.write_bytes(path.read_bytes()[:200])


def one_colour(path: Path) -> None:
    Image.fromarray(np.full((24, 24), 7, dtype=np.uint8)).save(path)


def one_pixel(path: Path) -> None:
    Image.fromarray(np.array([[7]], dtype=np.uint8)).save(path)


BAD_FILES = {
    "empty": (lambda path: path.touch(), "bad.png", "0 bytes", "export it again"),
    "text": (lambda path: path.write_text("hello"), "bad.png", "not an image", "expected one of"),
    "truncated": (truncated, "bad.png", "truncated or damaged", "export it again"),
    "one colour": (one_colour, "bad.png", "one", "expected"),
    "1x1": (one_pixel, "bad.png", "1x1", "at least 8x8"),
    "animation": (animation, "bad.png", "3 frames", "save each frame"),
    "bomb": (bomb, "bad.png", "too many pixels", "at most 64,000,000"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_named_with_its_mend(ksfeat_command, tmp_path, case):
    write, *words = BAD_FILES[case]
    data = with_file(tmp_path, write)
    answer = ksfeat_command("fit", data, "--out", tmp_path / "m.ksf", "--groups", "none", *QUICK)
    assert_one_line(answer, *words)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


HEADER = "path,label,group"
ROWS = [f"{name}/{place}.png,{name},g{place}" for name in ("normal", "stone") for place in range(4)]
BAD_TABLES = {
    "a label missing": ([HEADER, *ROWS, "stone/0.png,,g1"], "label missing in row 10"),
    "no path column": (["file,label", "a.png,stone"], "no column 'path'", "it has 'file', 'label'"),
    "no rows": ([HEADER], "without rows"),
    "outside": ([HEADER, *ROWS, "../../etc/x.png,stone,g9"], "leads out of the manifest's folder"),
    "absolute": ([HEADER, *ROWS, "/etc/x.png,stone,g9"], "leads out of the manifest's folder"),
    "drive": ([HEADER, *ROWS, "C:\\x.png,stone,g9"], "leads out of the manifest's folder"),
    "missing image": ([HEADER, *ROWS, "stone/9.png,stone,g0"], "stone/9.png: no such file"),
    "a split of another name": (
        [HEADER + ",split", *(row + ",holdout" for row in ROWS)],
        "split 'holdout'",
        "train",
        "test",
    ),
    "group NA": ([HEADER, *ROWS[:-1], "stone/3.png,stone,NA"], "group missing in row 9"),
    "a cell of a megabyte": ([HEADER, *ROWS, f"{'x' * 10**6}.png,stone,g0"], "..."),
    "row twice": ([HEADER, *ROWS, ROWS[0]], "normal/0.png stands in more than one row"),
    "fewer groups than folds": (
        [HEADER, *(row[: row.rindex(",")] + ",g" for row in ROWS)],
        "1 groups for 2 folds",
        "fewer folds",
    ),
    "one class": ([HEADER, *ROWS[:4]], "one class only ('normal')"),
    "class in one group": (
        [HEADER, *ROWS[:4], "stone/0.png,stone,g1"],
        "class 'stone' occurs in one of the groups only",
    ),
    "half a crop": (
        [HEADER + ",x0,y0", *(row + ",0,0" for row in ROWS)],
        "expected all of ['x0', 'y0', 'x1', 'y1'] or none",
    ),
    "crop outside": (
        [HEADER + ",x0,y0,x1,y1", *(row + ",0,0,99,9" for row in ROWS)],
        "crop 0,0,99,9 does not fit an image of 24x24",
    ),
}


@pytest.mark.parametrize("case", BAD_TABLES)
def test_a_bad_manifest_is_named_with_its_mend(ksfeat_command, tmp_path, case):
    lines, *words = BAD_TABLES[case]
    path = manifest(tmp_path / "data", *lines)
    answer = ksfeat_command("fit", path, "--out", tmp_path / "m.ksf", *QUICK)
    assert_one_line(answer, *words)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_a_missing_path_and_an_empty_folder(ksfeat_command, tmp_path):
    assert_one_line(ksfeat_command("fit", tmp_path / "nowhere"), "nowhere: no such file or folder")
    (tmp_path / "empty").mkdir()
    assert_one_line(
        ksfeat_command("fit", tmp_path / "empty"),
        "empty: no images in class folders",
        "CLASS/IMAGE",
    )


def test_folders_that_are_splits_are_not_taken_for_classes(ksfeat_command, tmp_path):
    data = class_folders(tmp_path / "data", ("train", "test"))
    assert_one_line(ksfeat_command("fit", data), "look like splits and not like classes")


def test_a_group_file_that_does_not_match(ksfeat_command, tmp_path):
    data = class_folders(tmp_path / "data")
    groups = tmp_path / "groups.csv"
    groups.write_text("path,group\nnormal/0.png,a\n")
    answer = ksfeat_command("fit", data, "--groups", groups, *QUICK)
    assert_one_line(answer, "groups.csv: has no group for normal/1.png and 6 more")
    assert_one_line(
        ksfeat_command("fit", data, "--groups", tmp_path / "no.csv", *QUICK), "no such group file"
    )
    assert_one_line(
        ksfeat_command("fit", data, "--groups", "patient", *QUICK), "no column 'patient'"
    )


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--features", "glmc"), ["glmc", "glcm"]),
        (("--window", "lungs"), ["lungs", "soft_tissue"]),
        (("--window", "bone"), ["HU"]),
        (("--features", "hounsfield"), ["HU"]),
        (("--size", "2"), ["size 2", "from 8 to 8192"]),
        (("--cv", "1"), ["1 folds", "at least 2"]),
        (("--covariates", "age"), ["covariates need a manifest"]),
        (("--model", "forest"), ["forest", "xgboost"]),
        (("--seed", "-1"), ["-1", "0<=x"]),
        (("--size", "100000000"), ["from 8 to 8192"]),
    ],
)
def test_a_bad_option_is_named_with_what_there_is(ksfeat_command, tmp_path, option, words):
    data = class_folders(tmp_path / "data", each=6)
    answer = ksfeat_command("fit", data, "--groups", "none", "--jobs", 1, *option)
    assert_one_line(answer, *words)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("modle: svm", ["no option 'modle'", "model"]),
        ("- a\n- b", ["holds no options"]),
        ("a: [", ["not YAML"]),
        ("cv: many", ["cv", "many"]),
        ("features: 5", ["5", "names separated by commas"]),
        ("as_json: true", ["no option 'as-json'", "json"]),
    ],
)
def test_a_bad_configuration_file(ksfeat_command, tmp_path, content, words):
    config = tmp_path / "c.yaml"
    config.write_text(content)
    assert_one_line(ksfeat_command("fit", tmp_path, "--config", config), *words)


def test_a_model_is_never_written_over_something_else(ksfeat_command, tmp_path):
    data = class_folders(tmp_path / "data")
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("years of work")
    answer = ksfeat_command("fit", data, "--out", thesis, "--groups", "none", *QUICK)
    assert_one_line(answer, "thesis.txt: exists and is not a ksfeat model")
    assert thesis.read_text() == "years of work"
    assert_one_line(ksfeat_command("demo", "--out", data), "is not an earlier demo")
    assert sorted(path.name for path in data.iterdir()) == ["normal", "stone"]


def test_what_is_no_model_is_not_opened(ksfeat_command, tmp_path):
    image = class_folders(tmp_path / "data") / "stone" / "0.png"
    for wrong, words in [
        (image, "not a ksfeat model"),
        (tmp_path / "no.ksf", "no such model file"),
    ]:
        assert_one_line(ksfeat_command("predict", wrong, image), words)


def test_an_unknown_class_and_an_unknown_command(ksfeat_command, model_file, tmp_path):
    data = class_folders(tmp_path / "data", ("nostone", "tumour"))
    answer = ksfeat_command("evaluate", model_file, data)
    assert_one_line(answer, "class 'tumour' is unknown to the model", "nostone, stone")
    assert_one_line(ksfeat_command("fitt", data), "No such command 'fitt'")
    assert_one_line(ksfeat_command("fit"), "Missing argument 'DATA'")


def test_no_jobs_at_all(ksfeat_command, tmp_path):
    data = class_folders(tmp_path / "data", each=6)
    answer = ksfeat_command("fit", data, "--groups", "none", "--jobs", 0)
    assert_one_line(answer, "0 jobs", "from 1, or -1 for all cores")


def test_extract_names_a_bad_place(ksfeat_command, tmp_path):
    data = class_folders(tmp_path / "data")
    assert_one_line(ksfeat_command("extract", data, "--out", "t.xlsx"), ".parquet or .csv")
    answer = ksfeat_command("extract", data, "--out", tmp_path / "no" / "t.csv")
    assert_one_line(answer, "there is no folder")


def test_the_process_itself_exits_with_2_and_no_traceback(tmp_path):
    command = [sys.executable, "-m", "ksfeat", "fit", str(tmp_path / "nowhere"), "--json"]
    finished = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert finished.returncode == 2
    assert finished.stdout == ""
    assert "Traceback" not in finished.stderr
    assert len(finished.stderr.splitlines()) == 1


def test_a_full_or_forbidden_disk_is_one_line(ksfeat_command, stone_data, tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device", "m.ksf")

    monkeypatch.setattr(Path, "replace", refuse)
    answer = ksfeat_command("fit", stone_data, "--out", tmp_path / "m.ksf", *QUICK)
    assert_one_line(answer, "m.ksf: No space left on device")
    assert list(tmp_path.iterdir()) == []


def assert_one_line(answer, *words: str) -> None:
    assert answer.code == 2, answer
    assert answer.out == ""
    lines = [line for line in answer.err.splitlines() if "compiling" not in line]
    assert len(lines) == 1, answer.err
    for word in words:
        assert word in lines[0], lines[0]


def test_skip_leaves_out_every_kind_of_bad_file(ksfeat_command, tmp_path):
    data = class_folders(tmp_path / "data")
    for number, (write, *_) in enumerate(BAD_FILES.values()):
        write(data / "stone" / "bad.png")
        shutil.move(data / "stone" / "bad.png", data / "stone" / f"bad{number}.png")
    answer = ksfeat_command(
        "fit", data, "--out", tmp_path / "m.ksf", "--on-error", "skip", "--json", *QUICK
    )
    document = answer.json()
    assert len(document["skipped"]) == len(BAD_FILES)
    assert document["n_images"] == 8
