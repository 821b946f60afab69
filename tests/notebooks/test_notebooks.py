"""Each notebook runs from its first cell to its last in a real kernel, and shows what is stored in it."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from tests.notebooks.execute import NOTEBOOKS, executed, outputs

_LARGEST = 700_000
"""Bytes of a notebook, pictures included: it is cloned with the repository."""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shows_what_is_stored_in_it(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "jupyter"))
    stored = outputs(nbformat.read(path, as_version=4))
    assert outputs(executed(path, tmp_path)) == stored
    assert any(kind == "image/svg+xml" for _, shown in stored[-3:] for _, kind in shown)  # ends with pictures
    assert path.stat().st_size < _LARGEST
