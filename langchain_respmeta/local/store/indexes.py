"""What is kept on write beside the rows of runs: the one list of it, for the schema and the writer.

Each removes its own rows by a trigger on `runs`, so that whoever removes a run needs to know of none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from langchain_respmeta.local.store import metadata_index, packed, payloads, search, totals
from langchain_respmeta.local.store.written import Written

Index: TypeAlias = Callable[[sqlite3.Connection, Sequence[Written]], None]

DDL: Final = (packed.DDL, payloads.DDL, metadata_index.DDL, totals.DDL)
"""Tables, triggers and indexes, in order; `runs` stands before them."""
BEFORE: Final[tuple[Index, ...]] = (search.forget,)
"""Called before the rows of a batch are written: they may set columns of `Written.row`."""
COLUMNS: Final[tuple[str, ...]] = ()
"""Columns of `runs` that these set."""
AFTER: Final[tuple[Index, ...]] = (metadata_index.index, totals.index, search.index)
"""Called after the rows and payloads of a batch are written, in the same transaction."""
