"""The demo: from nothing to a page that opens, small here."""

import re
from pathlib import Path

import pytest

from ksfeat import Explanation, load_model
from ksfeat.cli.demo import TASKS, run_demo

SMALL = {
    "half": ("Stone or no stone in half a slice", {"patients": 10, "slices": 2, "size": 64}),
    "type": ("Which of five stone types", {"patients": 25, "slices": 1, "size": 64}),
}


@pytest.mark.slow
def test_the_demo_makes_everything_it_names(tmp_path, capsys):
    assert SMALL.keys() == TASKS.keys()
    result = run_demo(tmp_path / "demo", jobs=1, seed=0, quiet=False, tasks=SMALL)
    page = Path(result["page"]).read_text(encoding="utf-8")
    assert "simulated" in page
    assert "http" not in re.sub(r"data:[^\"]+", "", page)  # needs no network
    pictures = re.findall(r'<img src="data:image/png;base64,[^"]+" alt="([^"]+)"', page)
    explained = [words for words in pictures if "Strongest features" in words]
    assert len(explained) == (2 + 2) + (5 + 10)  # waterfalls, then beeswarm and bar a margin
    reliability = [words for words in pictures if words not in explained]
    assert len(reliability) == 2
    assert "&#39;stone&#39;: " in reliability[0]
    assert "&#39;struvite&#39;: " in reliability[1]
    printed = capsys.readouterr().out
    assert printed.count("audit: ") >= 2
    assert len(re.findall(r"balanced accuracy of about 0\.[789]\d \(Bayes bound", page)) == 1
    assert printed.count("AUROC") >= 2
    for task, classes in (("half", 2), ("type", 5)):
        assert len(load_model(tmp_path / "demo" / f"{task}.ksf").classes_) == classes
        file = tmp_path / "demo" / "pictures" / task / "explanation.json"
        assert Explanation.load(file).additivity_error() < 1e-5


@pytest.mark.slow
def test_an_earlier_demo_is_replaced_and_prints_what_to_do_next(
    ksfeat_command, tmp_path, monkeypatch
):
    one = {"half": SMALL["half"]}
    monkeypatch.setattr("ksfeat.cli.demo.run_demo.__kwdefaults__", {"tasks": one})
    for _ in range(2):
        answer = ksfeat_command("demo", "--out", tmp_path / "demo", "--jobs", 1)
        assert answer.code == 0, answer.err
    assert f"ksfeat fit {tmp_path / 'demo' / 'half' / 'manifest.csv'}" in answer.out
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]
