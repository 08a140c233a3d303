"""Progress on a terminal, and nothing of it elsewhere."""

import io
import os
import signal
import subprocess
import sys
import time

from rich.console import Console

from ksfeat.cli import console
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


def test_a_stop_from_outside_leaves_nothing_behind(stone_data, model_file, tmp_path):
    command = [sys.executable, "-m", "ksfeat", "explain", model_file, stone_data, "--out", "why"]
    with subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.DEVNULL, env=os.environ
    ) as process:
        while process.poll() is None and not list(tmp_path.iterdir()):
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 143
    assert list(tmp_path.iterdir()) == []
