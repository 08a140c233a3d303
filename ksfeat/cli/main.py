"""The `ksfeat` command: its sections of help, and one clear line for what went wrong."""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

import ksfeat
from ksfeat.errors import KsfeatError

SECTIONS = {
    "Before a model": ["audit", "split"],
    "Make a model": ["fit", "evaluate", "benchmark"],
    "Use a model": ["predict", "detect", "explain"],
    "Features and data": ["data", "extract", "export"],
    "See it work": ["demo", "phantom"],
}
BAD_INPUT = 2
INTERRUPTED = 130
TERMINATED = 143
_LONGEST = 600


class Commands(click.Group):
    """Commands that are imported when they are used, listed by section."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the command names in the order of the sections."""
        return [name for names in SECTIONS.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        return getattr(import_module(f"ksfeat.cli.{cmd_name}"), cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by section."""
        for section, names in SECTIONS.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            rows = [(name, command.get_short_help_str(70)) for name, command in commands if command]
            with formatter.section(section):
                formatter.write_dl(rows)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(ksfeat.__version__, prog_name="ksfeat")
def commands() -> None:
    """Honest classification of kidney-stone images.

    From a folder of images to a model that is judged by group and explained.
    """


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 if all went well, 2 for bad input."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    if threading.current_thread() is threading.main_thread():
        # A scheduler's or container's stop ends the program in order: nothing is left behind.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    warnings.showwarning = _one_line
    try:
        commands.main(args=None if argv is None else list(argv), standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
    except click.ClickException as error:
        _fail(error.format_message())
    except KsfeatError as error:
        _fail(str(error))
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        _fail(f"{error.filename or 'file system'}: {error.strerror or error}")
    except (click.Abort, KeyboardInterrupt):
        click.echo("ksfeat: interrupted", err=True)
        sys.exit(INTERRUPTED)


def _fail(message: str) -> None:
    line = " ".join(message.split())
    if len(line) > _LONGEST:  # a hostile cell or name may be megabytes long
        line = f"{line[: _LONGEST // 2]} ... {line[-_LONGEST // 2 :]}"
    click.echo(f"ksfeat: {line}", err=True)
    sys.exit(BAD_INPUT)


def _one_line(message: Warning | str, *_: Any, **__: Any) -> None:
    click.echo(f"ksfeat: note: {' '.join(str(message).split())}", err=True)
