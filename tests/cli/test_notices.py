"""What is told once of a data set, on the command line."""

import pytest
from ct_slice import write as write_slice


@pytest.mark.filterwarnings("always:place_.* text may be")  # here they are errors
def test_text_in_pixels_is_told_once_on_stderr(ksfeat_command, tmp_path, monkeypatch):
    monkeypatch.setenv("KSFEAT_GROUP_KEY", "a key of this test")
    for name in ("roe_jane.dcm", "second.dcm"):
        write_slice(tmp_path / "scans" / "s" / name, name, modality="US")
    answer = ksfeat_command(
        *("extract", tmp_path / "scans", "--out", tmp_path / "t.csv", "--jobs", 1)
    )
    notes = [line for line in answer.err.splitlines() if line.startswith("ksfeat: note: ")]
    assert sum("text may be burnt into the pixels of 2" in note for note in notes) == 1
    assert "roe" not in answer.err
