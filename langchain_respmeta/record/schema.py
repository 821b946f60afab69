"""JSON Schema of the record: pydantic's, with the words of the record's own docstrings."""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from langchain_respmeta.record import measures
from langchain_respmeta.record import parts as parts_module
from langchain_respmeta.record.fields import RecordFields
from langchain_respmeta.record.json_codec import adapter, always_written
from langchain_respmeta.record.vocabulary import SCHEMA_VERSION

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_PARTS: Final = {**vars(parts_module), **vars(measures)}
_DECIMAL: Final = {"type": "string", "pattern": r"^-?\d+(\.\d+)?(E[+-]\d+)?$"}


class _Generator(GenerateJsonSchema):
    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        # Releases of pydantic differ in the pattern; what to_dict writes does not.
        del schema
        return dict(_DECIMAL)


def record_schema(kind: type[RecordFields]) -> dict[str, object]:
    """The schema of what `to_dict` writes of a record of the class `kind`."""
    generated = adapter(RecordFields).json_schema(schema_generator=_Generator, mode="serialization")
    parts = generated.pop("$defs")
    for name, part in parts.items():
        _finish(part, _PARTS[name])
    _finish(generated, kind)
    generated["title"] = kind.__name__
    return {
        "$schema": DIALECT,
        "$id": f"urn:langchain-respmeta:record:{SCHEMA_VERSION}",
        **generated,
        "$defs": parts,
    }


def _finish(schema: dict[str, Any], part: type[Any]) -> None:
    """Set descriptions to the class's docstrings (releases of pydantic differ), and require what is always written."""
    schema["description"] = inspect.getdoc(part)
    for field_schema in schema["properties"].values():
        field_schema.pop("title", None)
    schema["required"] = [spec.name for spec in fields(part) if always_written(spec)]
