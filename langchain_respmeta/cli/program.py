"""Run the command line: every fault becomes one line on standard error and an exit code."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import Final, cast

import typer

from langchain_respmeta.cli.commands import app
from langchain_respmeta.cli.exit_codes import CLOSED_PIPE, DONE, INCOMPLETE, INTERRUPTED, WRONG_USE
from langchain_respmeta.cli.stopping import ClosedPipe, Stopped
from langchain_respmeta.errors import HistoryError, RespMetaError

_USAGE: Final = cast(
    "type[typer.BadParameter]", typer.BadParameter.__mro__[2]
)  # of click, or of the copy of it in newer typers
"""Error of a wrong command, option or argument."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command, by default that of `sys.argv`; return its exit code, after one line about what is wrong."""
    _print_any_text()
    try:
        code = int(app(arguments, standalone_mode=False, prog_name="respmeta") or DONE)
        sys.stdout.flush()
    except (ClosedPipe, BrokenPipeError):
        _give_up_output()
        return CLOSED_PIPE
    except (Stopped, KeyboardInterrupt) as fault:
        return _refuse(str(fault), INTERRUPTED)
    except (typer.Abort, RespMetaError, OSError) as fault:
        _give_up_output()
        return _refuse(_words(fault), INCOMPLETE if isinstance(fault, _BEGUN) else WRONG_USE)
    except _USAGE as fault:
        return _misused(fault)
    except SystemExit as end:  # typer's own, of help that nobody reads to its end, and of completion
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        return CLOSED_PIPE
    return code


_BEGUN: Final = (typer.Abort, HistoryError, OSError)
"""Of a question answered with no, of work that stopped on its way, of a full disk or a read-only file."""


def _words(fault: Exception) -> str:
    if isinstance(fault, typer.Abort):
        return "aborted"
    if isinstance(fault, RespMetaError) or not isinstance(fault, OSError):
        return str(fault)
    named = f"{fault.filename}: " if fault.filename else ""
    return f"{named}{fault.strerror or fault}"


def _misused(fault: typer.BadParameter) -> int:
    if type(fault).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(fault.format_message())
        return WRONG_USE
    context = getattr(fault, "ctx", None)
    command = context.command_path if context else "respmeta"
    return _refuse(f"{fault.format_message()} (see: {command} --help)", WRONG_USE)


def _refuse(words: str, code: int) -> int:
    """Print one line, if there is something to say and somebody who reads it."""
    if words:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"respmeta: {' '.join(words.split())}\n")
    return code


def _print_any_text() -> None:
    """Print characters that the terminal's encoding lacks as escapes, where they would end the command."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _give_up_output() -> None:
    """Take an output away that cannot be written, so that Python's own flush at the exit does not fail once more."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
