"""Keep pandas out of processes of our own: Arrow imports it with its first array where it is installed, and never needs it here."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType
from typing import Final

_PANDAS: Final = "pandas"


class _WithoutPandas(MetaPathFinder):
    """Finds no pandas."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the finders' protocol
        target: ModuleType | None = None,  # noqa: ARG002 - the same
    ) -> None:
        if fullname == _PANDAS:
            raise ModuleNotFoundError(f"No module named {_PANDAS!r}", name=_PANDAS)


def leave_out_pandas() -> None:
    """Let Arrow find no pandas, once: it does not look again. Whoever imports it himself gets it as ever.

    For the commands and for worker processes: it saves some 20 MB and half a second in each.
    """
    if _PANDAS in sys.modules:
        return
    import pyarrow as pa

    finder = _WithoutPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(finder)
