"""Writes the reference pages, and the keys of a draft, from the code they describe; or checks that they still agree with it.

python docs/generate.py           writes docs/fields.md, docs/pricing.md, docs/providers.md, docs/cli.md, the rooms in
                                  docs/architecture.md, the columns in docs/history.md, the names in docs/metrics.md, docs/grafana,
                                  the figures in docs/monitor.md, langchain_respmeta/record/draft_keys.py, and what
                                  other languages read: docs/respmeta.schema.json, docs/flat-keys.json, docs/respmeta.d.ts
python docs/generate.py --check   exits with 1 and names the pages that differ, or fields without a meaning
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

import _cli
import _grafana
import _javascript
import _metrics
import _monitor
import _table

from langchain_respmeta._reading.headers import CACHE_KEYS, CACHES
from langchain_respmeta.enrich.prices.complete import BILLED_BY_USE
from langchain_respmeta.enrich.prices.gateways import PASSING_ON
from langchain_respmeta.enrich.prices.modes import FACTS, LOSSES
from langchain_respmeta.enrich.prices.price import UNPRICED_REASONS
from langchain_respmeta.enrich.prices.price_draft import NOT_READY
from langchain_respmeta.enrich.prices.price_lists import SEPARATE_PRICES, SeparatePrices
from langchain_respmeta.enrich.prices.sellers import SAME_PRICES
from langchain_respmeta.providers import Provider, Reader
from langchain_respmeta.providers.families.langchain_usage import OTHER_LIFETIMES, USAGE_METADATA
from langchain_respmeta.providers.raw.table import DIALECTS
from langchain_respmeta.providers.rows import COMMUNITY, ROWS
from langchain_respmeta.providers.vendors import HOSTS
from langchain_respmeta.record import fields, measures, parts, vocabulary
from langchain_respmeta.record.fields import RecordFields
from langchain_respmeta.record.record import ResponseMetadata
from langchain_respmeta.record.vocabulary import SCHEMA_VERSION

HERE: Final = Path(__file__).parent
PACKAGE: Final = HERE.parent / "langchain_respmeta"
NOTE: Final = "<!-- Written by docs/generate.py; change the code it describes, then run it. -->\n\n"

# --- fields.md -------------------------------------------------------------------------------------------------------


def fields_page() -> str:
    """Every class of the record: field, type, meaning."""
    meanings = _all_meanings()
    sections = [_class_section(cls, meanings) for cls in _classes()]
    head = (
        f"{NOTE}# Fields of the record\n\n"
        f'Schema version {SCHEMA_VERSION}. `None` always means "not reported", 0 means "reported as zero".\n\n'
    )
    return head + "\n".join(sections)


def _classes() -> list[type]:
    """The record's classes, the record first, then in the order of their files."""
    return [
        cls
        for module in _MODULES
        for cls in sorted(_classes_of(module), key=lambda cls: inspect.getsourcelines(cls)[1])
    ]


def _classes_of(module: ModuleType) -> list[type]:
    return [
        cls
        for cls in vars(module).values()
        if dataclasses.is_dataclass(cls) and isinstance(cls, type) and cls.__module__ == module.__name__
    ]


def _all_meanings() -> dict[tuple[str, str], str]:
    """(class, field) → the docstring below the field, from the record's JSON Schema."""
    schema = ResponseMetadata.json_schema()
    return {
        (name, field): " ".join(found.get("description", "").split()).replace("|", "\\|")
        for name, part in {**schema["$defs"], RecordFields.__name__: schema}.items()
        for field, found in part["properties"].items()
    }


_MODULES: Final = (fields, parts, measures)


def blank_meanings() -> list[str]:
    """Fields of the record without a docstring."""
    meanings = _all_meanings()
    names = [(cls.__name__, item.name) for cls in _classes() for item in dataclasses.fields(cls)]
    return [".".join(name) for name in names if not meanings.get(name, "").strip()]


def _class_section(cls: type, meanings: dict[tuple[str, str], str]) -> str:
    shown = ResponseMetadata if cls is RecordFields else cls
    lines = [f"## {shown.__name__}\n", f"{(inspect.getdoc(shown) or '').splitlines()[0]}\n"]
    lines += ["| field | type | meaning |", "|---|---|---|"]
    for item in dataclasses.fields(cls):
        meaning = meanings.get((cls.__name__, item.name), "")
        lines.append(f"| `{item.name}` | {_type(str(item.type))} | {meaning} |")
    return "\n".join(lines) + "\n"


def _type(annotation: str) -> str:
    plain = annotation.removesuffix(" | None")
    return f"{plain.replace('|', chr(92) + '|')}{'?' if plain != annotation else ''}"


# --- providers.md ----------------------------------------------------------------------------------------------------

MEANS: Final = {
    "_annotations": "citations",
    "_block_message": "refusal",
    "_block_reason": "refusal",
    "_cohere_citations": "citations",
    "_filter_text": "refusal",
    "_guardrail_action": "refusal",
    "_headers": "rate_limits",
    "_incomplete_reason": "native_finish_reason",
    "_listed_citations": "citations",
    "_listed_results": "citations",
    "_parsed": "structured_output",
    "_reasoning_item": "reasoning",
    "_reasoning_text": "reasoning",
    "_recited": "citations",
    "_refusal_category": "refusal",
    "_refusal_text": "refusal",
    "_served_model": "model",
    "_status": "native_finish_reason",
    "_told_error": "error.code",
    "_told_finish_reason": "native_finish_reason",
    "_tool_outputs": "tool_calls",
    "_uncached_input": "usage.input_tokens",
    **{f"_writes_{life}": "usage.cache_write_tokens" for life in OTHER_LIFETIMES},
}
"""What the tables' private keys become."""

COMMON: Final = {cell.to for cell in USAGE_METADATA.values() if cell.to} | {
    "citations",
    "media",
    "reasoning",
    "refusal",
    "tool_calls",
}
"""Read for every integration: LangChain's `usage_metadata`, content blocks and tool calls."""

PER_TABLE: Final = 11


INTEGRATIONS: Final = """
*model*: whose name stands in `model`. *Asked* means that the integration hands over the requested name
(`model_source` is then `request`), *answered* that it is the one that served.
"""
FIELDS: Final = """
● from the provider's own keys, ○ from what LangChain gives for every provider (`usage_metadata`, content blocks, tool
calls), where the provider says it at all.
"""
ENDPOINTS: Final = """
`ChatOpenAI` and `ChatAnthropic` can be pointed at anybody. The base URL's host names the provider; for private hosts
the answer decides, and a public host that is not listed is `unknown`. Beside the providers above:
"""


def providers_page() -> str:
    """Who is known, and which fields each one's own keys fill."""
    community = "; ".join(f"{vendor} ({_codes(classes)})" for vendor, classes in COMMUNITY.items())
    lines = [
        f"{NOTE}# Providers\n\n## Integrations\n",
        "| provider | classes | package | API | model |\n|---|---|---|---|---|",
        *map(_row, ROWS),
        INTEGRATIONS,
        f"## Fields by provider\n{FIELDS}",
        *_matrices(),
        f"## Endpoints of one dialect\n{ENDPOINTS}",
        "| provider | hosts |\n|---|---|",
        *(f"| {vendor} | {_codes(map(_pattern, hosts))} |" for vendor, hosts in HOSTS.items()),
        f"\nClasses of smaller integrations, read through every family's tables: {community}.\n",
        *_dialects(),
    ]
    return "\n".join(lines)


RAW: Final = """## Raw answers

APIs whose own answers `normalize` and `normalize_stream` read, in the order in which they are asked whether an answer is theirs; see
[raw answers](raw-answers.md).
"""


def _dialects() -> Iterator[str]:
    yield RAW
    yield "| what it is | `api` |\n|---|---|"
    names: dict[str, list[str]] = {}
    for dialect in DIALECTS:
        about = sys.modules[dialect.is_body.__module__].__doc__ or ""
        what = re.split(r": |, as `|; ", about.splitlines()[0])[0].rstrip(".")
        address = re.search(r"https://[^\s,]+", about)
        names.setdefault(f"[{what}]({address[0]})" if address else what, []).append(dialect.name)
    for what, apis in names.items():
        yield f"| {what} | {_codes(dict.fromkeys(apis))} |"
    yield ""


def _row(row: Provider) -> str:
    asked = row.reader.model_is_request
    model = "answered" if asked is False else "asked" if asked is True else "asked; answered in streams"
    api = row.reader.api or ""
    return f"| {row.reader.name} | {_codes(row.classes)} | `{row.package}` | {api} | {model} |"


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _pattern(host: str) -> str:
    return f"*{host}" if host[0] in ".-" else host


def _matrices() -> Iterator[str]:
    columns = {f"{row.reader.name} {row.reader.api}": fields_of(row.reader) for row in ROWS}
    rows = sorted(set().union(*columns.values(), COMMON), key=_order)
    labels = list(columns)
    for start in range(0, len(labels), PER_TABLE):
        names = labels[start : start + PER_TABLE]
        yield f"| field | {' | '.join(names)} |"
        yield "|---" * (len(names) + 1) + "|"
        for field in rows:
            yield f"| {field} | {' | '.join(_mark(field, columns[name]) for name in names)} |"
        yield ""


def fields_of(reader: Reader) -> set[str]:
    """The record's fields that a reader's own tables fill."""
    told = {cell.to for table in (reader.metadata, reader.kwargs) for cell in table.values() if cell.to}
    return {MEANS[to] if to.startswith("_") else to for to in told}


def _mark(field: str, filled: set[str]) -> str:
    return "●" if field in filled else "○" if field in COMMON else ""


def _order(field: str) -> tuple[bool, str]:
    return "." in field, field


# --- pricing.md ------------------------------------------------------------------------------------------------------

PRICING_INTRO: Final = """# Prices

A provider's own bill always wins. Else the price is computed from list prices, and only from what is known to be complete:
what the call asked for (the model's arguments, `extra_body`, `model_kwargs`, bound arguments), what the answer says, the
address that was called, and what the integration is known to drop. Where a fact is missing that the price depends on, there
is no `cost.total`, and `cost.unpriced_reason` names it. A call that asked for nothing special, and is told of nothing special,
is priced. Prices that you set yourself (`set_price`) are taken as they are.
"""


def pricing_page() -> str:
    """Reasons, facts, the table of what integrations lose, addresses and sellers."""
    parts = [NOTE.rstrip(), "", PRICING_INTRO]
    parts += ["## Why there is no price", "", "| `cost.unpriced_reason` | meaning |", "|---|---|"]
    parts += [f"| `{word}` | {meaning} |" for word, meaning in UNPRICED_REASONS.items()]
    parts += [f"| `{NOT_READY}` | The call ended on an event loop before the price data was loaded. |", ""]
    parts += ["## What integrations lose", "", "| fact | what it is | where it is lost |", "|---|---|---|"]
    parts += [f"| `{name}` | {fact.what} | {fact.if_lost} |" for name, fact in FACTS.items()]
    parts += [
        "",
        "*whole*: `invoke`, `ainvoke`; *streamed*: `stream`, `astream`, `stream_events` v3 (also an `invoke` that",
        "streams by itself, as under LangGraph). A dash: its provider tells no such thing. A class that is not here is",
        "read as the one whose `_llm_type` it has, as subclasses do; one of a type of its own as if it lost everything:",
        "its calls have a price where they are too short for the cache, or where it tells how much of the input was",
        "cached, be it 0.",
        "",
    ]
    parts += ["| integration | mode | " + " | ".join(f"`{name}`" for name in FACTS) + " |"]
    parts += ["|---|---|" + "---|" * len(FACTS)]
    for integration, row in LOSSES.items():
        for mode, lost in (("whole", row.whole), ("streamed", row.streamed)):
            marks = " | ".join("lost" if fact in lost else "" if fact in row.facts else "-" for fact in FACTS)
            parts.append(f"| `{integration}` | {mode} | {marks} |")
    parts += [
        "",
        "## Addresses with prices of their own",
        "",
        "| provider | address | price |",
        "|---|---|---|",
    ]
    parts += ["| `openai` | regions under `api.openai.com` | +10 % since GPT-5.4, the same before |"]
    parts += ["| `gcp.vertex_ai` | a region's endpoint, for Claude since Sonnet 4.5 | +10 % |"]
    parts += [
        f"| `{one.provider}` | {_pattern_text(one.address.pattern)} | {_found(one)} |"
        for one in SEPARATE_PRICES
    ]
    parts += ["", "## Whose list holds elsewhere", ""]
    parts += [
        f"- `{seller}` sells the models of {_codes(makers)} at the maker's price."
        for seller, makers in SAME_PRICES.items()
    ]
    parts += ["- Azure sells OpenAI's open weights (`gpt-oss`) at a price of its own, which no list has."]
    parts += ["- Every other model has the price of its seller's own list, or none.", ""]
    parts += ["## Gateways that pass a price on", ""]
    parts += [
        "Their bill wins where it is handed over. Else the list of whom they passed the call on to holds, as far as the",
        "address, the request's headers or the answer's say who that is (`routing.upstream_provider`):",
        "",
        *(f"- `{gateway}`: {source}" for gateway, source in PASSING_ON.items()),
        "",
    ]
    parts += ["## Provider tools that are billed by use", ""]
    parts += ["Counted and listed, their fee is `cost.tools`. Run and not counted, there is no price:", ""]
    parts += [
        "| tool | reason |",
        "|---|---|",
        *(f"| `{tool}` | `{why}` |" for tool, why in BILLED_BY_USE.items()),
    ]
    parts += [
        "",
        "## Answers out of a gateway's cache",
        "",
        "They cost 0, where the headers are there (`include_response_headers=True`):",
        "",
    ]
    parts += [f"- `{name}`: {_codes(sorted(words))}" for name, words in CACHES.items()]
    parts += [f"- `{name}`: with any value" for name in sorted(CACHE_KEYS)]
    return "\n".join(parts) + "\n"


def _pattern_text(pattern: str) -> str:
    return f"`{pattern.replace(chr(92) + 'b', '').replace(chr(92), '').replace('|', ' or ')}`"


def _found(separate: SeparatePrices) -> str:
    return f"the list of `{separate.found}`" if separate.is_list else f"none: `{separate.found}`"


# --- architecture.md -------------------------------------------------------------------------------------------------

_ROOMS: Final = re.compile(r"(<!-- rooms: [^\n]*-->\n).*?(<!-- /rooms -->)", re.DOTALL)


def architecture_page() -> str:
    """The page as it is, with the table of rooms from their docstrings, in the order of the layers."""
    page = (HERE / "architecture.md").read_text()
    return _ROOMS.sub(lambda marks: f"{marks[1]}{_rooms()}{marks[2]}", page)


def _rooms() -> str:
    contracts = tomllib.loads((HERE.parent / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(one["layers"] for one in contracts if one["id"] == "one-way")
    lines = ["| room | what it is |", "|---|---|"]
    for layer in layers:
        for room in layer.split(" | "):
            folder = PACKAGE / room
            home = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
            said = ast.get_docstring(ast.parse(home.read_text())) or ""
            lines.append(f"| `{room}` | {said.splitlines()[0]} |")
    return "\n".join(lines) + "\n"


# --- draft_keys.py ---------------------------------------------------------------------------------------------------

_DRAFT_HEAD: Final = '''"""The keys of a draft, one for each field of the record. Written by docs/generate.py; change the record, then run it."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias, TypedDict

from langchain_respmeta.record.vocabulary import (
{words})

Item: TypeAlias = dict[str, Any]
"""A part of the record that is not split into keys, or one item of a list: names of its class's fields → values."""

'''


def draft_keys() -> str:
    """`Draft`: dotted path → the type of its value while the record is being made."""
    keys = dict(_draft_keys())
    words = sorted({kind for kind in keys.values() if kind[0].isupper()} & set(vars(vocabulary)))
    counts = [f'    "{key}",\n' for key, kind in keys.items() if key.startswith("usage.") and kind == "int"]
    return (
        _DRAFT_HEAD.format(words="".join(f"    {word},\n" for word in words))
        + 'Draft = TypedDict(\n    "Draft",\n    {\n'
        + "".join(f'        "{key}": {kind},\n' for key, kind in keys.items())
        + "    },\n    total=False,\n)\n"
        + f"\nCountKey: TypeAlias = Literal[\n{''.join(counts)}]\n"
    )


def _draft_keys() -> Iterator[tuple[str, str]]:
    """Each key with its type as source. A part of the record gives one for the whole, and one for each field."""
    for item in dataclasses.fields(RecordFields):
        kind = str(item.type).removesuffix(" | None")
        part = getattr(parts, kind, getattr(measures, kind, None))
        if dataclasses.is_dataclass(part):
            yield item.name, "Item"
            for inner in dataclasses.fields(part):
                yield f"{item.name}.{inner.name}", _draft_type(str(inner.type))
        else:
            yield item.name, _draft_type(kind)


def _draft_type(annotation: str) -> str:
    """Lists and mappings are still being filled."""
    kind = annotation.removesuffix(" | None")
    if kind.startswith("tuple["):
        return "list[str]" if kind == "tuple[str, ...]" else "list[Item]"
    return kind.replace("Mapping[", "dict[")


# --- the command -----------------------------------------------------------------------------------------------------

PAGES: Final = {
    "architecture.md": architecture_page,
    "cli.md": _cli.cli_page,
    "fields.md": fields_page,
    **_grafana.FILES,
    "history.md": _table.history_page,
    "metrics.md": _metrics.metrics_page,
    "monitor.md": _monitor.monitor_page,
    "pricing.md": pricing_page,
    "providers.md": providers_page,
    **_javascript.FILES,
    "../langchain_respmeta/record/draft_keys.py": draft_keys,
}


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them."""
    differ = []
    if blank := blank_meanings():
        print(f"without a meaning in record/: {', '.join(blank)}")
        return 1
    if keys := _javascript.unexplained():
        print(f"keys of runs that docs/_javascript.py does not explain: {', '.join(keys)}")
        return 1
    for name, write in PAGES.items():
        page, text = HERE / name, write()
        if "--check" not in arguments:
            page.write_text(text)
        elif not page.exists() or page.read_text() != text:
            differ.append(name)
    if differ:
        print(f"out of date: {', '.join(differ)}; run: python docs/generate.py")
    return int(bool(differ))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
