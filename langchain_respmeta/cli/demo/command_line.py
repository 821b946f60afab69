"""The command line of `python -m langchain_respmeta.demo`."""

import argparse
import sys

from langchain_respmeta.cli.demo.program import run_demo
from langchain_respmeta.errors import RespMetaError


def main() -> int:
    """Parse the command line and run the demo."""
    parser = argparse.ArgumentParser(prog="python -m langchain_respmeta.demo", description=run_demo.__doc__)
    parser.add_argument("--once", action="store_true", help="exit when the table is printed")
    parser.add_argument("--port", type=int, default=None, help="port of the page (default: a free one)")
    arguments = parser.parse_args()
    try:
        return run_demo(once=arguments.once, port=arguments.port)
    except RespMetaError as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
