"""The question before something that cannot be undone."""

from __future__ import annotations

import sys

import typer

from langchain_respmeta.errors import SettingsError


def is_agreed(question: str, no_terminal: str) -> bool:
    """Ask on the terminal; return the answer.

    Raises:
        SettingsError: There is no terminal; the text is `no_terminal`.
    """
    if not sys.stdin.isatty():
        raise SettingsError(no_terminal, setting="yes")
    return typer.confirm(question, err=True)


def require_yes(question: str, *, given: bool) -> None:
    """Go on after a yes: the option's, or one that is typed.

    Raises:
        typer.Abort: The answer is no.
        SettingsError: There is no terminal to ask on.
    """
    if not given and not is_agreed(question, _NO_TERMINAL):
        raise typer.Abort


_NO_TERMINAL = "nothing is removed without a yes, and there is no terminal to ask on: add --yes"
