"""What stops a command from outside: Ctrl-C, and a reader that goes away."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup


class Stopped(Exception):  # noqa: N818 - what it is, not that it is an error
    """Ctrl-C stopped the command; the text says how it goes on, or nothing."""


class ClosedPipe(Exception):  # noqa: N818
    """The reader of the output stopped reading."""


class CommandGroup(TyperGroup):
    """Commands that hand on what stopped them before typer makes an exit code of its own of it."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that the arguments name.

        Raises:
            Stopped: By Ctrl-C.
            ClosedPipe: The output is read no more.
        """
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Stopped from None
        except BrokenPipeError:
            raise ClosedPipe from None
