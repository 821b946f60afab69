"""The record: one `ResponseMetadata` for each generation.

Instances are immutable and compare by value. What a record can do beyond holding its fields is loaded when it is first
asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta.record.fields import RecordFields

if TYPE_CHECKING:
    from langchain_respmeta.record.interchange.agno_live import ModelResponseLike
    from langchain_respmeta.record.views.citations import CitedFormat


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ResponseMetadata(RecordFields):
    """What a provider said about one answer."""

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON-ready plain data: what was not reported is left out.

        Times are ISO 8601 text, decimals are text. `from_dict` gives back an equal record.
        """
        with loading:
            from langchain_respmeta.record import json_codec

        return json_codec.to_dict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ResponseMetadata:
        """Read what `to_dict` wrote, also after a round trip through JSON.

        Raises:
            RecordError: another version or shape; the message and `.field` name the place.
        """
        with loading:
            from langchain_respmeta.record import json_codec

        return json_codec.from_dict(data, cls)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """JSON Schema (draft 2020-12) of what `to_dict` writes."""
        with loading:
            from langchain_respmeta.record.schema import record_schema

        return record_schema(cls)

    def describe(self) -> str:
        """A "Response Analysis" of several lines, for people."""
        with loading:
            from langchain_respmeta.record.views import text as _describe

        return _describe.describe(self)

    def render_with_citations(self, message: Any, format: CitedFormat = "markdown") -> str:  # noqa: A002 - a reader's word
        """The text of `message` with a link behind, or around, each cited span, in `markdown` or `html`."""
        with loading:
            from langchain_respmeta.record.views import citations

        return citations.render_with_citations(self, message, format)

    def to_otel(self) -> dict[str, str | int | float | bool | list[str]]:
        """The record as OpenTelemetry GenAI attributes."""
        with loading:
            from langchain_respmeta.record.views import otel

        return otel.to_otel(self)

    def to_agno(self) -> dict[str, Any]:
        """The record as Agno's `ModelResponse.to_dict()` writes one; see `langchain_respmeta.record.interchange`."""
        with loading:
            from langchain_respmeta.record.interchange import convert

        return convert.to_agno(self)

    @classmethod
    def from_agno(
        cls, data: Mapping[str, Any] | ModelResponseLike, *, include_content: bool = True
    ) -> ResponseMetadata:
        """Read Agno's `ModelResponse`, live or as its `to_dict()` or `to_agno` wrote it.

        Raises:
            RecordError: it is none, or a field has another kind of value; `.field` names it.
        """
        with loading:
            from langchain_respmeta.record.interchange import convert

        return convert.from_agno(data, cls, include_content=include_content)

    def to_openrouter(self) -> dict[str, Any]:
        """The record as OpenRouter's `GET /generation` answers: `{"data": {…}}`."""
        with loading:
            from langchain_respmeta.record.interchange import convert

        return convert.to_openrouter(self)

    @classmethod
    def from_openrouter(cls, data: Mapping[str, Any]) -> ResponseMetadata:
        """Read a generation of OpenRouter's, in snake_case or camelCase.

        Raises:
            RecordError: it is not one, or a field has another kind of value; `.field` names it.
        """
        with loading:
            from langchain_respmeta.record.interchange import convert

        return convert.from_openrouter(data, cls)

    def _repr_html_(self) -> str:
        with loading:
            from langchain_respmeta.record.views import text as _describe

        return _describe.to_html(self)

    def __repr__(self) -> str:
        with loading:
            from langchain_respmeta.record.views import text as _describe

        return _describe.short(self)
