"""A notebook, executed by a real Jupyter kernel in a folder of its own, and what of its outputs is the same each time."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Final

import nbformat
from nbclient import NotebookClient

from tests.waiting import CEILING_S

ROOT: Final = Path(__file__).parents[2]
NOTEBOOKS: Final = sorted((ROOT / "notebooks").glob("*.ipynb"))

VARIES: Final = "varies"
"""Tag of a cell whose numbers differ each time: measured times, or the day on which it ran."""

_OURS: Final = ("LANGSMITH_", "LANGCHAIN_", "RESPMETA_")
_SAME_EACH_TIME: Final = (
    (re.compile(r"\b\d+(?:\.\d+)?(?: ?m?s)\b"), "0s"),  # measured
    (re.compile(r"\$\d+(?:\.\d+)?|Decimal\('[^']*'\)"), "$0"),  # of the day's price list
    (re.compile(r" at 0x[0-9a-f]+"), ""),
)
_NUMBERS: Final = re.compile(r"[\d.,:]+|\s+|[─━-]+")


def executed(path: Path, folder: Path) -> Any:
    """Execute a notebook with `folder` as its working directory; it sees none of this process' settings.

    Raises:
        nbclient.exceptions.CellExecutionError: A cell raised.
    """
    notebook = nbformat.read(path, as_version=4)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    environment |= {"RESPMETA_STATE_DIR": str(folder / "state"), "IPYTHONDIR": str(folder / "ipython")}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    client = NotebookClient(
        notebook, timeout=CEILING_S, resources={"metadata": {"path": str(folder)}}, record_timing=False
    )
    return client.execute(env=environment)


def outputs(notebook: Any) -> list[tuple[str, list[Any]]]:
    """The code of each cell, and what it showed: pictures by their kind, texts without what differs each time."""
    return [
        (cell.source, _shown(cell, varies=VARIES in cell.metadata.get("tags", ())))
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def _shown(cell: Any, *, varies: bool) -> list[Any]:
    found: list[Any] = []
    for output in cell.outputs:
        kind = output.get("name", output.output_type)
        data = output.get("data", {"text/plain": output.get("text", "")})
        picture = next((mime for mime in data if mime.startswith("image/")), None)
        text = picture or _same(data.get("text/html", data.get("text/plain", "")), varies=varies)
        if found and found[-1][0] == kind == "stdout":  # a stream comes in pieces, cut anywhere
            found[-1] = (kind, found[-1][1] + text)
        else:
            found.append((kind, text))
    return found


def _same(text: str, *, varies: bool) -> str:
    for pattern, word in _SAME_EACH_TIME:
        text = pattern.sub(word, text)
    return _NUMBERS.sub("", text) if varies else text
