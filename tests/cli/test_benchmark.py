"""`ksfeat benchmark`: a folder of results that goes on where it stopped."""

import json

QUICK = ("--contenders", "thumbnails/forest,first_order/linear", "--cv", 2, "--corrupted", 4)


def test_it_writes_tables_and_a_page_and_goes_on(ksfeat_command, stone_data, tmp_path):
    out = tmp_path / "out"
    given = ("benchmark", stone_data, "--out", out, *QUICK)
    first = ksfeat_command(*given, "--json")
    told = first.json()
    assert told["reference"] == "thumbnails/forest"
    assert told["split"] == json.loads((out / "grouped.json").read_text())["hash"]
    assert "6 of 6: first_order/linear, random fold 1 of 2" in first.err
    names = {file.name for file in out.iterdir()}
    assert {"index.html", "scores.csv", "folds.csv", "grouped.csv", "random.csv"} <= names
    again = ksfeat_command(*given)
    assert again.code == 0
    assert "first_order/linear" in again.out
    assert "fold" not in again.err


def test_bad_input_is_one_line(ksfeat_command, stone_data, tmp_path):
    out = tmp_path / "out"
    for more, line in (
        (("--outside", "elsewhere"), "expected NAME=DATA"),
        (("--contenders", "best"), "expected DESCRIPTION/MODEL"),
        (("--cv", 99), "expected at least as many groups as folds"),
        (("--contenders", "thumbnails/forest,no_such/svm"), "no features named 'no_such'"),
        (("--contenders", "thumbnails/forest,cnn:no_such"), "model 'no_such'"),
        (("--contenders", "thumbnails/forest,cnn:seed_cnn", "--epochs", 0), "epochs 0; expected"),
        (("--contenders", "thumbnails/forest", "--epochs", 2), "no contender is one"),
        (("--random-folds", 9), "9 folds of a random split; it has 5"),
        (("--outside", "a=x", "--outside", "a=y"), "--outside 'a' stands twice"),
    ):
        result = ksfeat_command("benchmark", stone_data, "--out", out, *more)
        assert result.code == 2
        assert line in result.err
        assert len(result.err.strip().splitlines()) == 1
        assert not out.exists()
