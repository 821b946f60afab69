"""Drafts as typed records. The first one loads the record's classes: reading and stamping do not need them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta.record.content import without_content

if TYPE_CHECKING:
    from langchain_respmeta.record.draft import Draft
    from langchain_respmeta.record.record import ResponseMetadata


def record_of(draft: Draft, *, include_content: bool) -> ResponseMetadata:
    """The typed record of a draft."""
    with loading:
        from langchain_respmeta.record.build import fields_of
        from langchain_respmeta.record.record import ResponseMetadata
    return ResponseMetadata(**fields_of(draft if include_content else without_content(draft)))
