"""Progress on a terminal, and nothing of it elsewhere."""

import io
import os
import signal
import time

import pytest
from rich.console import Console

from ksfeat.cli import console
from ksfeat.report.folder import output_folder
from ksfeat.scale import map_ordered


def test_long_work_shows_how_far_how_fast_and_how_long_on_a_terminal(monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr(
        console, "Console", lambda **_: Console(file=screen, force_terminal=True, width=100)
    )
    with console.progress("describing images"):
        map_ordered(lambda _: time.sleep(0.01), range(30))
    drawn = screen.getvalue()
    assert "describing images" in drawn
    assert "30/30" in drawn
    assert "images/s" in drawn


def test_without_a_terminal_there_is_no_bar(capsys):
    with console.progress("describing images"):
        map_ordered(abs, range(3))
    assert capsys.readouterr() == ("", "")


def test_a_stop_from_outside_leaves_nothing_behind(ksfeat_command, tmp_path):
    """What a container or a scheduler sends ends the program as an error would."""

    def stopped_half_way() -> None:
        with output_folder(tmp_path / "out") as folder:
            (folder / "half.txt").touch()
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)

    before = signal.getsignal(signal.SIGTERM)
    try:
        ksfeat_command("--version")
        with pytest.raises(SystemExit) as stop:
            stopped_half_way()
        assert stop.value.code == 143
    finally:
        signal.signal(signal.SIGTERM, before)
    assert list(tmp_path.iterdir()) == []
