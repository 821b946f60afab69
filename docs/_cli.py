"""docs/cli.md: the commands, their arguments and options, and the exit codes, from the application itself."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Any, Final, get_args, get_origin, get_type_hints

import typer
from typer.models import ArgumentInfo

from langchain_respmeta.cli.commands import app
from langchain_respmeta.cli.exit_codes import MEANINGS

_INTRO: Final = """# The command line

`respmeta`, or `python -m langchain_respmeta`, comes with `pip install '.[cli]'`; what a command needs beyond that it names in
one line. `-h` explains each.

```sh
respmeta show answer.json                 # what a provider said about an answer: its body, a message, a record, a stored run
respmeta show runs.jsonl --run-id 0197a000-0000-7000-8000-000000000001    # one of many: JSON Lines, Parquet
respmeta normalize answer.json | python -m json.tool    # the record as JSON
respmeta providers --json | head -5       # who is known, for programs
respmeta doctor --no-ask-server --json    # what will happen to a run on this machine, and why
respmeta purge --older-than 30d --dry-run    # how much of the embedded server's runs is older than that
```

`respmeta show RUN_ID` asks LangSmith, or the embedded server: the one of `--server`, of `LANGSMITH_ENDPOINT`, or of your SDK's
login; else `http://127.0.0.1:2727`, where `respmeta serve` listens. The id of a chain or an agent shows the model calls
beneath it.

`respmeta demo` on a terminal of 80 columns; where there is more room, each call is one line:

![The demo's tables in a terminal of 80 columns](images/demo-80.png)

## What holds for all

- **`--json`** prints one JSON document on standard output, and nothing else there. Questions, bars and errors go to standard error.
- **A pipe or a file** gets every table whole, as wide as it needs to be. On a terminal long cells go on in the next line.
- **What is wrong** is told in one line on standard error that begins with `respmeta: ` and says what to do.
- **Long work** shows a bar, where standard error is a terminal; elsewhere one line for each thing that is waited for.
- **What cannot be undone** asks first. Without a terminal it needs `--yes`.
- **Completion** of commands and options: `respmeta --install-completion`, for bash, zsh, fish and PowerShell; `respmeta --version`.

## Exit codes

"""
_VALUES: Final = {bool: "", int: " N", float: " N", Path: " FILE"}
"""Type of an option → what stands for its value; a text's is TEXT."""


def cli_page() -> str:
    """The page."""
    from generate import NOTE

    commands = list(_commands(app, "respmeta"))
    lines = [
        f"{NOTE}{_INTRO}| code | meaning |\n|---|---|",
        *(f"| {code} | {meaning} |" for code, meaning in MEANINGS.items()),
        "\n## Commands\n\n| command | what it does |\n|---|---|",
        *(f"| [`{name}`](#{name.replace(' ', '-')}) | {_text(does.__doc__)} |" for name, does in commands),
        *(line for name, does in commands for line in _section(name, does)),
    ]
    return "\n".join(lines) + "\n"


def _commands(group: typer.Typer, path: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The whole name of each command, and its function."""
    for one in group.registered_commands:
        if one.callback is not None:
            yield f"{path} {one.name or one.callback.__name__.replace('_', '-')}", one.callback
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            yield from _commands(inner.typer_instance, f"{path} {inner.name}")


def _section(name: str, does: Callable[..., Any]) -> Iterator[str]:
    hints = get_type_hints(does, include_extras=True)
    told = [
        _Told(param, *get_args(hints[param.name])[:2])
        for param in inspect.signature(does).parameters.values()
    ]
    usage = " ".join(["[OPTIONS]", *(one.usage for one in told if one.is_argument)])
    yield f"\n### {name}\n\n{_text(does.__doc__)}\n\n    {name} {usage}\n"
    yield "| argument or option | meaning |\n|---|---|"
    yield from (one.row for one in told)


@dataclass(frozen=True)
class _Told:
    """One argument or option: the function's parameter, its type, and what typer is told of it."""

    param: inspect.Parameter
    hint: Any
    info: Any

    @property
    def is_argument(self) -> bool:
        return isinstance(self.info, ArgumentInfo)

    @property
    def usage(self) -> str:
        name = self.info.metavar or self.param.name.upper()
        several = "..." if get_origin(self._kind) is list else ""
        return f"{name}{several}" if self.param.default is self.param.empty else f"[{name}]{several}"

    @property
    def row(self) -> str:
        needed = "" if self.is_argument or self.param.default is not self.param.empty else " Must be given."
        return f"| {self._names} | {_text(self.info.help)}{needed}{self._default} |"

    @property
    def _kind(self) -> Any:
        """The type without `None`."""
        return next((one for one in get_args(self.hint) if one is not NoneType), self.hint)

    @property
    def _switches(self) -> list[str]:
        # In Annotated the first name stands where the default would.
        first = [self.info.default] if isinstance(self.info.default, str) else []
        own = [*first, *(self.info.param_decls or ())]
        if own:
            return [name for decl in own for name in decl.split("/")]
        name = f"--{self.param.name.replace('_', '-')}"
        return [name, name.replace("--", "--no-", 1)] if self._kind is bool else [name]

    @property
    def _names(self) -> str:
        if self.is_argument:
            return _text(f"`{self.info.metavar or self.param.name.upper()}`")
        value = _VALUES.get(self._kind, " TEXT")
        return ", ".join(f"`{name}{value if name.startswith('--') else ''}`" for name in self._switches)

    @property
    def _default(self) -> str:
        default = self.param.default
        if self._kind is bool:
            two = [name for name in self._switches if name.startswith("--")]
            return f" Default: `{two[0 if default else 1]}`." if len(two) > 1 else ""
        shown = f"{default:g}" if isinstance(default, float) else default
        return "" if default in {None, "", self.param.empty} else f" Default: `{shown}`."


def _text(words: str | None) -> str:
    return " ".join((words or "").split()).replace("|", "\\|")
