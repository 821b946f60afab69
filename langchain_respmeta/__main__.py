"""`python -m langchain_respmeta` is the command `respmeta`."""

from __future__ import annotations

import sys

from langchain_respmeta.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
