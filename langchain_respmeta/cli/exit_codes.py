"""The exit codes of the commands, and their meanings. docs/cli.md shows them."""

from __future__ import annotations

from typing import Final

DONE: Final = 0
INCOMPLETE: Final = 1
WRONG_USE: Final = 2
INTERRUPTED: Final = 130
"""As shells have it: 128 and the number of the signal, SIGINT."""
CLOSED_PIPE: Final = 141
"""128 and the number of SIGPIPE."""

MEANINGS: Final = {
    DONE: "All was done, and all is well.",
    INCOMPLETE: (
        "The work was done or begun, and something is left: rows that could not be read, feedback that was refused, "
        "a problem that `doctor` found, a question answered with no, a full disk."
    ),
    WRONG_USE: (
        "Nothing was begun: an option, an argument, a setting or an input is wrong, or a package is missing."
    ),
    INTERRUPTED: "Ctrl-C stopped it. Where the same command would go on, one line says so.",
    CLOSED_PIPE: "The reader of the output stopped reading, as `head` does.",
}
