"""The `respmeta` command. Its packages come with the extra `cli`; without them it prints one line about it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from langchain_respmeta.errors import MissingExtraError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line: with these arguments, by default the program's own. Return the exit code."""
    try:
        from langchain_respmeta.cli.program import run
    except ModuleNotFoundError as fault:
        if (fault.name or "").startswith("langchain_respmeta"):
            raise
        missing = MissingExtraError("The command line", extra="cli", package=str(fault.name))
        sys.stderr.write(f"respmeta: {missing}\n")
        return 2
    except KeyboardInterrupt:  # while it loads
        return 130
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
