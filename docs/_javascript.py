"""What a reader in another language needs: the record's JSON Schema, the keys of runs, and both as TypeScript declarations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from langchain_respmeta.langsmith import tool_run_keys
from langchain_respmeta.langsmith.call_sums import Sums
from langchain_respmeta.record import derived
from langchain_respmeta.record.flat_keys import FLAT
from langchain_respmeta.record.record import ResponseMetadata
from langchain_respmeta.record.vocabulary import SCHEMA_VERSION

PREFIX: Final = "respmeta"


class Told(NamedTuple):
    """What a key that is no field of the record means."""

    type: str
    meaning: str


_VERSION: Final = Told("string", "Version of the record's shape, `major.minor`.")

DERIVED: Final[Mapping[str, Told]] = {
    "schema_version": _VERSION,
    **{name: Told("integer", f"How many `{name}` the record has.") for name in derived.COUNTED},
    "cache_read_share": Told("number", "Cached tokens among the input tokens, 0 to 1."),
    "invalid_tool_calls": Told("integer", "Tool calls whose arguments are no JSON object."),
    "safety_blocked": Told("boolean", "Whether a safety system blocked something."),
}
"""Keys of model runs that are computed from the record."""

OF_ROOTS: Final[Mapping[str, Told]] = {
    "llm_calls": Told("integer", "Model calls of the trace."),
    "input_tokens": Told("integer", "Their input tokens."),
    "output_tokens": Told("integer", "Their output tokens."),
    "total_tokens": Told("integer", "Their tokens."),
    "cache_read_tokens": Told("integer", "Their input tokens that came out of a cache."),
    "reasoning_tokens": Told("integer", "Their reasoning tokens."),
    "cost_usd": Told("number", "What they cost, as far as prices are known."),
    "cache_discount_usd": Told(
        "number", "What the providers' caches saved; below 0 where writing to them cost more."
    ),
    "unpriced_calls": Told("integer", "Calls that may be on a bill and have no price."),
    "models": Told("string", "The models, with commas between them."),
    "providers": Told("string", "The providers, with commas between them."),
    "refused": Told("boolean", "Whether a call that counts was refused."),
    "truncated": Told("boolean", "Whether a call that counts was cut by a token limit."),
    "refused_calls": Told("integer", "Calls that were refused."),
    "truncated_calls": Told("integer", "Calls that were cut by a token limit."),
    "error_calls": Told("integer", "Calls that failed."),
    "finish_reason": Told("string", "The worst of the calls' finish reasons."),
    "tool_calls": Told("integer", "Tools that the models asked for."),
    "tool_errors": Told("integer", "Tools that failed."),
    "cancelled_tools": Told("integer", "Tools that were cancelled."),
    "waiting_calls": Told("integer", "Tool calls that wait for a person."),
    "rejected_calls": Told("integer", "Tool calls that a person turned down."),
    "external_calls": Told("integer", "Tool calls that somebody outside was to run."),
    "superseded_calls": Told("integer", "Calls that another attempt took the place of."),
    "superseded_cost_usd": Told("number", "What these cost; part of `cost_usd`."),
    "tool_executions_trimmed": Told("integer", "Items that `rollup.tool_executions` is short of."),
    "attempts_trimmed": Told("integer", "Items that `rollup.attempts` is short of."),
}
"""Keys of root runs: sums over the trace's model calls, and what agents add."""

OF_TOOLS: Final[Mapping[str, Told]] = {
    "schema_version": _VERSION,
    "event": Told("string", "What became of it: `tool_call_completed`, `tool_call_error`, …"),
    "tool_name": Told("string", "The tool's name."),
    "tool_call_id": Told("string", "The model's id of the call."),
    "tool_error": Told("boolean", "Whether it failed."),
    "cancelled": Told("boolean", "Whether it was cancelled."),
    "duration_s": Told("number", "How long it took."),
    "child_run_id": Told("string", "Id of the run that a tool started, as its result tells."),
    "attempt": Told("integer", "1 for the first try, 2 for the first retry, …"),
    "requires_confirmation": Told("boolean", "Whether a person had to agree."),
    "confirmed": Told("boolean", "Whether they did."),
    "args_edited": Told("boolean", "Whether they changed the arguments."),
    "requires_user_input": Told("boolean", "Whether it waited for a person's input."),
    "error_type": Told("string", "The exception's class, or the provider's word."),
    "parsed": Told("boolean", "Of a parser: whether the answer had the asked shape."),
    "parsed_type": Told("string", "Of a parser: the shape's name."),
    "parse_error": Told("string", "Of a parser: the exception's class."),
}
"""Keys of tools' and parsers' runs."""

_UNITS: Final = {"_s": "seconds", "_usd": "US dollars", "_tokens": "tokens", "_per_second": "per second"}


def unexplained() -> list[str]:
    """Keys that the code writes and nothing here explains, or the other way round."""
    pairs = (
        (DERIVED, {"schema_version", *derived.COUNTED, *derived.DERIVED}),
        (OF_TOOLS, {"schema_version", *tool_run_keys.FLAT}),
    )
    differ = {name for told, written in pairs for name in set(told) ^ written}
    return sorted(differ | (set(Sums().flat()) - set(OF_ROOTS)))


def schema_file() -> str:
    """The JSON Schema of a record."""
    return _json(ResponseMetadata.json_schema())


def flat_keys_file() -> str:
    """Every flat key with its type, its unit, what it means, and where it stands in the record."""
    return _json(
        {
            "schema_version": SCHEMA_VERSION,
            "prefix": PREFIX,
            **{kind: [_without_none(key) for key in keys] for kind, keys in all_keys().items()},
        }
    )


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _without_none(key: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in key.items() if value is not None}


def all_keys() -> dict[str, list[dict[str, Any]]]:
    """Kind of run → its flat keys."""
    return {
        "model_run": [*map(_recorded, FLAT), *_explained(DERIVED)],
        "root_run": _explained(OF_ROOTS),
        "tool_run": _explained(OF_TOOLS),
    }


def _explained(told: Mapping[str, Told]) -> list[dict[str, Any]]:
    return [
        {"name": name, "type": one.type, "unit": _unit(name), "meaning": one.meaning}
        for name, one in told.items()
    ]


def _recorded(name: str) -> dict[str, Any]:
    """A key that is a scalar of the record."""
    found = _at(FLAT[name].split("."))
    shape = next(one for one in (*found.get("anyOf", ()), found) if "type" in one)
    is_money = shape.get("pattern") is not None  # on a run a number, in the record a text that loses no digit
    return {
        "name": name,
        "type": "number" if is_money else shape["type"],
        "unit": _unit(name),
        "enum": shape.get("enum"),
        "meaning": " ".join(found["description"].split()),
        "path": FLAT[name],
    }


def _at(path: Iterable[str]) -> dict[str, Any]:
    schema: Any = ResponseMetadata.json_schema()
    parts, found = schema["$defs"], schema
    for name in path:
        reference = next((one["$ref"] for one in found.get("anyOf", ()) if "$ref" in one), None)
        found = parts[reference.rpartition("/")[2]] if reference else found
        found = found["properties"][name]
    return dict(found)


def _unit(name: str) -> str | None:
    return next((unit for end, unit in _UNITS.items() if name.endswith(end)), None)


# --- TypeScript ------------------------------------------------------------------------------------------------------

_HEAD: Final = """// Written by docs/generate.py from respmeta.schema.json and flat-keys.json; change the code they describe, then run it.

"""

_TAIL: Final = """/** The record as a run carries it: without what was not reported, and with `trimmed` where it was too long. */
export type RunRecord = Partial<ResponseMetadata> & Pick<ResponseMetadata, "schema_version">;

/** What a root run carries under the prefix: the sums once more, with a part for each model and lists of what was done. */
export interface Rollup {
  schema_version: string;
  rollup: RootRunKeys & { by_model: { [model: string]: RootRunKeys }; [list: string]: unknown };
}

type Prefixed<Keys, Prefix extends string> = { [Key in keyof Keys as `${Prefix}_${Key & string}`]: Keys[Key] };

/** Metadata of a model's run. The second argument is `RespMetaHandler(prefix=…)`, where it was set. */
export type ModelRunMetadata<Prefix extends string = "respmeta"> = Prefixed<ModelRunKeys, Prefix> & {
  [Key in Prefix]?: RunRecord;
};

/** Metadata of a trace's root. */
export type RootRunMetadata<Prefix extends string = "respmeta"> = Prefixed<RootRunKeys, Prefix> & {
  [Key in Prefix]?: Rollup;
};

/** Metadata of a tool's or a parser's run. */
export type ToolRunMetadata<Prefix extends string = "respmeta"> = Prefixed<ToolRunKeys, Prefix> & {
  [Key in Prefix]?: RunRecord;
};
"""


def declarations_file() -> str:
    """The record and the keys of runs as TypeScript."""
    schema: Any = ResponseMetadata.json_schema()
    parts = [_interface(name, part) for name, part in sorted(schema["$defs"].items())]
    keys = (
        _keys_interface("ModelRunKeys", "Flat keys of a model's run, without their prefix.", "model_run"),
        _keys_interface("RootRunKeys", "Flat keys of a trace's root, without their prefix.", "root_run"),
        _keys_interface(
            "ToolRunKeys", "Flat keys of a tool's or a parser's run, without their prefix.", "tool_run"
        ),
    )
    return _HEAD + "\n".join([*parts, _interface(schema["title"], schema), *keys, _TAIL])


def _keys_interface(name: str, meaning: str, kind: str) -> str:
    properties = {key["name"]: {**key, "description": key["meaning"]} for key in all_keys()[kind]}
    return _interface(name, {"description": meaning, "properties": properties, "required": []})


def _interface(name: str, part: Mapping[str, Any]) -> str:
    return "\n".join([_comment(part, ""), f"export interface {name} {{", *_properties(part), "}", ""])


def _properties(part: Mapping[str, Any]) -> Iterator[str]:
    for name, found in part["properties"].items():
        yield _comment(found, "  ")
        yield f"  {name}{'' if name in part['required'] else '?'}: {_type(found)};"


def _comment(found: Mapping[str, Any], indent: str) -> str:
    words = " ".join(found["description"].split()).replace("*/", "* /")
    unit = f" In {found['unit']}." if found.get("unit") not in (None, "per second") else ""
    return f"{indent}/** {words}{unit} */"


_PLAIN: Final = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}


def _type(found: Mapping[str, Any]) -> str:
    """A schema as a type.

    Raises:
        ValueError: It has a shape that the record did not have when this was written.
    """
    if "anyOf" in found:
        return " | ".join(_type(one) for one in found["anyOf"])
    if "$ref" in found:
        return str(found["$ref"]).rpartition("/")[2]
    if found.get("enum"):
        return " | ".join(json.dumps(word) for word in found["enum"])
    if found.get("type") == "array":
        inner = _type(found["items"])
        return f"({inner})[]" if " " in inner else f"{inner}[]"
    if found.get("type") == "object":
        more = found["additionalProperties"]
        return f"{{ [name: string]: {'unknown' if more is True else _type(more)} }}"
    if found.get("type") in _PLAIN:
        return _PLAIN[found["type"]]
    raise ValueError(f"no TypeScript type is known for {found!r}")


FILES: Final = {
    "respmeta.schema.json": schema_file,
    "flat-keys.json": flat_keys_file,
    "respmeta.d.ts": declarations_file,
}
