"""Execute each notebook and store what it shows: `python -m tests.notebooks [NAME …]`."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat

from tests.notebooks.execute import NOTEBOOKS, executed


def main(names: list[str]) -> None:
    for path in NOTEBOOKS:
        if not names or path.stem in names:
            with TemporaryDirectory() as folder:
                notebook = executed(path, Path(folder))
            notebook.metadata.language_info.pop("version", None)
            nbformat.write(notebook, path)
            print(path.name, f"{path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
