"""The rules that a caller names: a built-in table, `module:attribute`, or rules themselves; and their fingerprint."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from functools import partial
from hashlib import sha256
from importlib import import_module
from types import CodeType
from typing import Any, Literal, cast

from langchain_respmeta.errors import SettingsError
from langchain_respmeta.langsmith.feedback.builtin import TABLES
from langchain_respmeta.langsmith.feedback.rules import Rule, rules_for


def chosen_rules(given: str | Sequence[Rule], prefix: str) -> tuple[Rule, ...]:
    """Return the rules that `given` names.

    Args:
        given: "exceptions", "all", `module:attribute` of a rule or a list of rules, or the rules themselves.
        prefix: Put before the built-in keys, as the live handler does.

    Raises:
        SettingsError: It names no rules, or its module cannot be imported.
    """
    if isinstance(given, str) and given not in TABLES:
        given = _imported(given)
    rules = rules_for(cast("Literal['all'] | Sequence[Rule]", given), prefix=prefix)
    if not rules:
        raise SettingsError("rules: there is none, so there is no feedback to give", setting="rules")
    return rules


def _imported(name: str) -> Sequence[Rule]:
    module_name, colon, attribute = name.partition(":")
    if not (module_name and colon and attribute):
        raise SettingsError(
            f'rules must be "exceptions", "all" or module:attribute, got {name!r}', setting="rules"
        )
    try:
        with _working_directory():
            module = import_module(module_name)
    except Exception as fault:
        raise SettingsError(
            f"rules: module {module_name!r} cannot be imported ({type(fault).__name__}: {fault})",
            setting="rules",
        ) from fault
    try:
        found = getattr(module, attribute)
    except AttributeError:
        raise SettingsError(f"rules: module {module_name!r} has no {attribute!r}", setting="rules") from None
    return (found,) if callable(getattr(found, "draft", None)) else found


class _working_directory:  # noqa: N801 - used like a function
    """Within it, modules beside the caller are found: a command's own folder is not on the path of imports."""

    def __enter__(self) -> None:
        self._added = os.getcwd()  # noqa: PTH109 - a path of imports is text
        sys.path.insert(0, self._added)

    def __exit__(self, *_: object) -> None:
        sys.path.remove(self._added)


def fingerprint(given: str | Sequence[Rule], rules: Sequence[Rule], prefix: str) -> str:
    """Return a digest of what rules say: of a built-in table its name, of others their keys, values and code.

    What a rule's function reads from elsewhere (a global, a closure) is not seen.
    """
    named = isinstance(given, str) and given in TABLES
    told = json.dumps([given, prefix] if named else [list(_said(rule)) for rule in rules])
    return sha256(told.encode()).hexdigest()


def _said(rule: Rule) -> Iterator[list[str]]:
    if not is_dataclass(rule):
        yield [rule.key, _code_of(rule.draft)]
        return
    for each in fields(rule):
        value: Any = getattr(rule, each.name)
        yield [each.name, _code_of(value) if callable(value) else repr(value)]


def _code_of(function: Callable[..., Any]) -> str:
    if isinstance(function, partial):
        return f"{_code_of(function.func)} {function.args!r} {function.keywords!r}"
    code = getattr(function, "__code__", None)
    name = getattr(function, "__qualname__", type(function).__qualname__)
    return name if code is None else f"{name} {_text_of(code)}"


def _text_of(code: CodeType) -> str:
    return f"{code.co_code.hex()} {code.co_names} {[_constant(one) for one in code.co_consts]}"


def _constant(value: object) -> str:
    if isinstance(value, CodeType):
        return _text_of(value)
    return repr(sorted(map(repr, value))) if isinstance(value, frozenset) else repr(value)
