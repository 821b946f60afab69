"""Drafts as typed records. The record's classes are loaded with the first: reading and stamping need none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta.record.content import without_content

if TYPE_CHECKING:
    from langchain_respmeta.record.draft import Draft
    from langchain_respmeta.record.record import ResponseMetadata


def record_of(draft: Draft, *, include_content: bool) -> ResponseMetadata:
    """The typed record of a draft; what builds it is loaded with the first."""
    with loading:
        from langchain_respmeta.record.build import fields_of
        from langchain_respmeta.record.record import ResponseMetadata
    return ResponseMetadata(**fields_of(draft if include_content else without_content(draft)))
