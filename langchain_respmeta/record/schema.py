"""JSON Schema of the record: pydantic's, with the words of the record's own docstrings."""

from __future__ import annotations

import ast
import inspect
from dataclasses import fields
from types import ModuleType
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from langchain_respmeta.record import record
from langchain_respmeta.record.json_codec import always_written
from langchain_respmeta.record.record import SCHEMA_VERSION, ResponseMetadata

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_DECIMAL: Final = {"type": "string", "pattern": r"^-?\d+(\.\d+)?(E[+-]\d+)?$"}


class _Generator(GenerateJsonSchema):
    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        # Releases of pydantic differ in the pattern; what to_dict writes does not.
        del schema
        return dict(_DECIMAL)


def record_schema(adapter: TypeAdapter[ResponseMetadata]) -> dict[str, Any]:
    """The schema of what `to_dict` writes."""
    generated = adapter.json_schema(schema_generator=_Generator, mode="serialization")
    parts = generated.pop("$defs")
    words = _docstrings(record)
    for name, part in {**parts, ResponseMetadata.__name__: generated}.items():
        _finish(part, getattr(record, name), words.get(name, {}))
    return {
        "$schema": DIALECT,
        "$id": f"urn:langchain-respmeta:record:{SCHEMA_VERSION}",
        **generated,
        "$defs": parts,
    }


def _finish(schema: dict[str, Any], part: type[Any], words: dict[str, str]) -> None:
    """Put in the descriptions (of classes, releases of pydantic differ), and as required what is always written."""
    if part.__doc__:
        schema["description"] = inspect.cleandoc(part.__doc__)
    for name, field_schema in schema["properties"].items():
        field_schema.pop("title", None)
        if name in words:
            field_schema["description"] = words[name]
    schema["required"] = [spec.name for spec in fields(part) if always_written(spec)]


def _docstrings(module: ModuleType) -> dict[str, dict[str, str]]:
    """The texts below the fields of each class; empty where Python runs without its sources."""
    try:
        tree = ast.parse(inspect.getsource(module))
    except OSError:
        return {}
    return {node.name: _field_docstrings(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def _field_docstrings(node: ast.ClassDef) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, text in zip(node.body, node.body[1:], strict=False):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str() as words)):
                found[name] = inspect.cleandoc(words)
            case _:
                pass
    return found
