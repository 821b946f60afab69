"""Shapes: keys that come, go, move or are named otherwise, lists that grow and shrink, texts that become blocks."""

from __future__ import annotations

from collections import OrderedDict
from random import Random
from typing import Any

from tests.speed.case import HOLDERS, Case, copied
from tests.speed.changes.places import Place, is_dict, is_list, pick
from tests.speed.changes.pools import Pools


class OwnDict(dict[str, Any]):
    """A dict of a class of somebody's own."""


class OwnList(list[Any]):
    """A list of a class of somebody's own."""


def _is_entry(place: Place) -> bool:
    return type(place.holder) is dict and "." in place.path


def removed(case: Case, _: Pools, random: Random) -> str | None:
    place = pick(case, random, _is_entry)
    if place is None:
        return None
    del place.holder[place.key]
    return f"{place.path}: removed"


def emptied(case: Case, _: Pools, random: Random) -> str | None:
    place = pick(case, random, lambda place: type(place.value) in {dict, list, str} and bool(place.value))
    return place and place.put(type(place.value)())


def no_value(case: Case, _: Pools, random: Random) -> str | None:
    place = pick(case, random, lambda place: "." in place.path or "[" in place.path)
    return place and place.put(None)


def added(case: Case, pools: Pools, random: Random) -> str | None:
    """A key that another answer has, at the end or at the beginning."""
    place = pick(case, random, is_dict)
    if place is None:
        return None
    key, value = pools.entry(random)
    first = random.random() < 0.3
    place.holder[place.key] = {key: value} | place.value if first else place.value | {key: value}
    return f"{place.path}: {key} added: {value!r:.60}"


def unknown_added(case: Case, _: Pools, random: Random) -> str | None:
    """A key that no table has."""
    place = pick(case, random, is_dict)
    if place is None:
        return None
    key = random.choice(("surprise", "x_new", "", "Model", "usage.tokens", "é", "\ud800", "k" * 1_500, "a.b"))
    place.value[key] = value = random.choice((1, "text", None, True, {}, [], {"a": 1}, [{"b": "c"}], 0, ""))
    return f"{place.path}: {key!r:.30} added: {value!r}"


def odd_key(case: Case, _: Pools, random: Random) -> str | None:
    place = pick(case, random, is_dict)
    if place is None:
        return None
    place.value[random.choice((1, None, True, 1.5, (1, 2)))] = 1
    return f"{place.path}: a key that is no text"


def renamed(case: Case, pools: Pools, random: Random) -> str | None:
    place = pick(case, random, _is_entry)
    if place is None:
        return None
    name = random.choice((f"{place.key}2", str(place.key).upper(), random.choice(pools.keys)))
    place.holder[name] = place.holder.pop(place.key)
    return f"{place.path}: renamed to {name}"


def reordered(case: Case, _: Pools, random: Random) -> str | None:
    place = pick(case, random, lambda place: is_dict(place) and len(place.value) > 1)
    if place is None:
        return None
    entries = list(place.value.items())
    random.shuffle(entries)
    place.holder[place.key] = dict(entries)
    return f"{place.path}: keys in another order"


def crossed(case: Case, pools: Pools, random: Random) -> str | None:
    """A whole part of another answer."""
    name = random.choice(HOLDERS)
    case.parts[name] = copied(random.choice(pools.cases).parts[name])
    return f"{name}: of another answer"


def items_changed(case: Case, _: Pools, random: Random) -> str | None:
    place = pick(case, random, lambda place: is_list(place) and bool(place.value))
    if place is None:
        return None
    items = place.value
    some = random.randrange(len(items))
    made = random.choice(
        (
            items + items,
            items[:some] + items[some + 1 :],
            [*items, items[some]],
            items[::-1],
            items[:1],
            [*items, None],
            [*items, {}],
            [*items, "text"],
            [*items, 7],
        )
    )
    return place.put(copied(made))


def wrapped(case: Case, _: Pools, random: Random) -> str | None:
    """A value in a list or dict of its own, or out of it."""
    place = pick(case, random, lambda place: "." in place.path or "[" in place.path)
    if place is None:
        return None
    value = place.value
    if type(value) is list and value and random.random() < 0.5:
        return place.put(value[0])
    return place.put(random.choice(([value], {"value": value}, {"type": "text", "text": value})))


def other_holder(case: Case, _: Pools, random: Random) -> str | None:
    """The same data in a holder of another class."""
    place = pick(case, random, lambda place: is_dict(place) or is_list(place))
    if place is None:
        return None
    kinds: tuple[Any, ...] = (OwnDict, OrderedDict) if is_dict(place) else (OwnList, tuple)
    return place.put(random.choice(kinds)(place.value))


def content_changed(case: Case, pools: Pools, random: Random) -> str | None:
    content = case.parts["content"]
    text = content if type(content) is str else "Hello."
    blocks = content if type(content) is list else [{"type": "text", "text": text}]
    _, value = pools.entry(random)
    case.parts["content"] = made = random.choice(
        (
            "",
            None,
            [],
            text,
            f"{text} é漢",
            [text],
            [{"type": "text", "text": text}],
            [{"type": "text", "text": text, "index": 0}, {"type": "text", "text": text, "index": 1}],
            [{"type": "reasoning", "reasoning": "r"}, {"type": "text", "text": text}],
            [{"type": "thinking", "thinking": "r", "signature": "s"}, *blocks],
            [{"type": "reasoning_content", "reasoning_content": {"text": "r"}}, *blocks],
            [*blocks, {"type": "refusal", "refusal": "No."}],
            [*blocks, {"type": "non_standard", "value": {"type": "refusal", "refusal": "No."}}],
            [
                *blocks,
                {
                    "type": "text",
                    "text": text,
                    "annotations": [{"type": "citation", "url": "https://a.example"}],
                },
            ],
            [*blocks, {"type": "server_tool_call", "name": "web_search", "id": "s1", "args": {"query": "x"}}],
            [*blocks, {"type": "image", "base64": "AAAA", "mime_type": "image/png"}],
            [*blocks, {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}}],
            [*blocks, {"type": "surprise", "value": 1}],
            [*blocks, value],
            {"type": "text", "text": text},
            copied(random.choice(pools.cases).parts["content"]),
        )
    )
    return f"content: {made!r:.80}"


def tools_changed(case: Case, _: Pools, random: Random) -> str | None:
    """Calls of tools, at other arguments, names and ids; bad ones too."""
    args = random.choice(
        (
            {},
            {"a": 1},
            {"a": "é\ud800"},
            {"a": {"b": [1, 2.5, None, True]}},
            {"a": "x" * 2_000},
            None,
            '{"a": 1',
            {"q": 2**70},
        )
    )
    calls = case.parts["tool_calls"]
    if calls and random.random() < 0.6 and isinstance(call := random.choice(calls), dict):
        name = random.choice(("args", "id", "name", "type"))
        call[name] = args if name == "args" else random.choice(("x", "", None, 7, "call_1", "é"))
        return f"tool_calls[].{name}: {call[name]!r:.60}"
    call = {"name": "f", "args": args, "id": random.choice(("call_1", None, "")), "type": "tool_call"}
    kind = random.choice(("tool_calls", "tool_calls", "invalid_tool_calls", "tool_call_chunks"))
    if kind == "invalid_tool_calls":
        call |= {"error": None, "type": "invalid_tool_call"}
    if kind == "tool_call_chunks":
        call |= {"index": 0, "type": "tool_call_chunk", "args": '{"a": 1}'}
    case.parts[kind] = [*(case.parts[kind] or []), call]
    return f"{kind}: {call!r:.80} added"


def flags_changed(case: Case, _: Pools, random: Random) -> str | None:
    name = random.choice(
        ("is_chunk", "is_chunk", "is_protocol", "is_message", "faults", "message_id", "tool_call_chunks")
    )
    if name == "faults":
        case.parts[name] = [
            *case.parts[name],
            "the answer was not read whole: 1 places were too large, deep or odd",
        ]
    elif name == "message_id":
        case.parts[name] = random.choice(
            (None, "", "lc_run--1", "run-1", "run--1-0", "msg_1", "chatcmpl-1", "é", "\ud800")
        )
    elif name == "tool_call_chunks":
        case.parts[name] = None if case.parts[name] else []
    else:
        case.parts[name] = not case.parts[name]
    return f"{name}: {case.parts[name]!r:.60}"


SHAPES = (
    removed,
    removed,
    emptied,
    no_value,
    added,
    added,
    unknown_added,
    odd_key,
    renamed,
    reordered,
    crossed,
    items_changed,
    items_changed,
    wrapped,
    other_holder,
    content_changed,
    content_changed,
    tools_changed,
    tools_changed,
    flags_changed,
    flags_changed,
)
