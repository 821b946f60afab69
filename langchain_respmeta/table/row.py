"""One row of the table before it is columns."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from langchain_respmeta.record.draft import Draft


class Row(NamedTuple):
    """One record, or a run that could not be read."""

    draft: Draft
    """With texts. Of a run that could not be read: its ids."""
    problem: str | None = None
    """Why it could not be read, as it may be told."""
    project_id: str | None = None
    run_name: str | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
