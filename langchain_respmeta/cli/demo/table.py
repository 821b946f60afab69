"""The enriched runs, read back from the server, as tables in a terminal."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from langsmith import Client

__all__ = ["EnrichedRun", "calls_table", "read_runs", "traces_table"]

_NOTHING = "–"  # noqa: RUF001 - an en dash stands for "not reported"
_WIDE = 140
_FINISH_STYLES = {
    "stop": "green",
    "tool_calls": "blue",
    "stop_sequence": "cyan",
    "length": "yellow",
    "pause": "yellow",
    "refusal": "red",
    "content_filter": "red",
    "error": "bold red",
}


@dataclass(frozen=True, slots=True)
class EnrichedRun:
    """A run on the server.

    Attributes:
        name: Of the run.
        run_type: ``llm``, ``chain``, ``tool``.
        is_root: Whether it is the first of its trace.
        metadata: All of the run's metadata.
        feedback: Keys of the feedback on it.
    """

    name: str
    run_type: str
    is_root: bool
    metadata: Mapping[str, Any]
    feedback: Sequence[str] = field(default=())

    @property
    def is_enriched(self) -> bool:
        """Whether the record is on the run."""
        return "respmeta_schema_version" in self.metadata

    def fact(self, key: str) -> Any:
        """A value by its key without the prefix; None when it is not there."""
        return self.metadata.get(f"respmeta_{key}")


def read_runs(client: "Client", project: str) -> list[EnrichedRun]:
    """Read a project's runs and their feedback from the server, oldest first."""
    runs = sorted(client.list_runs(project_name=project), key=lambda run: run.start_time)
    keys: defaultdict[object, list[str]] = defaultdict(list)
    for each in client.list_feedback(run_ids=[run.id for run in runs]) if runs else ():
        keys[each.run_id].append(each.key)
    return [
        EnrichedRun(
            run.name, run.run_type, run.parent_run_id is None, run.metadata, tuple(sorted(keys[run.id]))
        )
        for run in runs
    ]


def calls_table(runs: Iterable[EnrichedRun], width: int) -> Table:
    """One row for each model call, with the run's name if the terminal is wide enough."""
    columns = _CALL_COLUMNS if width >= _WIDE else _CALL_COLUMNS[1:]
    return _table("Model calls", columns, (run for run in runs if run.run_type == "llm"))


def traces_table(runs: Iterable[EnrichedRun]) -> Table:
    """One row for each trace whose root sums its model calls up."""
    return _table("Traces", _TRACE_COLUMNS, (run for run in runs if run.is_root and run.run_type != "llm"))


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    cell: Callable[[EnrichedRun], str | Text]  # str is shown as it is, never read as markup
    right: bool = False


def _table(title: str, columns: Sequence[_Column], runs: Iterable[EnrichedRun]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold", show_edge=False)
    for column in columns:
        table.add_column(column.title, justify="right" if column.right else "left", overflow="fold")
    for run in runs:
        cells = (column.cell(run) for column in columns)
        table.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in cells))
    return table


def _text(key: str) -> Callable[[EnrichedRun], str]:
    return lambda run: str(run.fact(key) if run.fact(key) is not None else _NOTHING)


def _model(run: EnrichedRun) -> str:
    return str(run.fact("model") or run.fact("requested_model") or _NOTHING).removeprefix(
        "accounts/fireworks/models/"
    )


def _finish(run: EnrichedRun) -> Text:
    reason = run.fact("finish_reason")
    return Text(str(reason or _NOTHING), style=_FINISH_STYLES.get(str(reason), ""))


def _tokens(run: EnrichedRun) -> str:
    counts = (run.fact("input_tokens"), run.fact("output_tokens"))
    if counts == (None, None):
        return _NOTHING
    return " + ".join(_NOTHING if count is None else f"{count:,}" for count in counts)


def _cache_share(run: EnrichedRun) -> str:
    share = run.fact("cache_read_share")
    return f"{share:.0%}" if share else _NOTHING


def _cost(run: EnrichedRun) -> str:
    cost = run.fact("cost_usd")
    return _NOTHING if cost is None else f"${cost:.6f}"


def _latency(run: EnrichedRun) -> str:
    seconds = run.fact("latency_s")
    return _NOTHING if seconds is None else f"{seconds * 1000:,.0f} ms"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count > 1 else ''}" if count else ""


# (key, what to show for a value; empty for nothing)
_FLAGS: tuple[tuple[str, Callable[[Any], str]], ...] = (
    ("streamed", lambda on: "stream" if on else ""),
    ("refused", lambda on: "refused" if on else ""),
    ("truncated", lambda on: "truncated" if on else ""),
    ("safety_blocked", lambda on: "blocked" if on else ""),
    ("error_status", lambda status: f"HTTP {status}"),
    ("service_tier", lambda tier: tier if tier in {"flex", "priority"} else ""),
    ("reasoning_tokens", lambda count: f"{count} reasoning" if count else ""),
    ("tool_calls", lambda count: _counted(count, "tool call")),
    ("citations", lambda count: _counted(count, "citation")),
)


def _flags(run: EnrichedRun) -> str:
    shown = (show(run.fact(key)) for key, show in _FLAGS if run.fact(key) is not None)
    return ", ".join(filter(None, shown))


def _feedback(run: EnrichedRun) -> str:
    return ", ".join(key.removeprefix("respmeta_") for key in run.feedback)


_CALL_COLUMNS = (
    _Column("call", lambda run: run.name),
    _Column("provider", _text("provider")),
    _Column("model", _model),
    _Column("finish", _finish),
    _Column("tokens in + out", _tokens, right=True),
    _Column("cached", _cache_share, right=True),
    _Column("cost", _cost, right=True),
    _Column("latency", _latency, right=True),
    _Column("flags", _flags),
    _Column("feedback", _feedback),
)

_TRACE_COLUMNS = (
    _Column("trace", lambda run: run.name),
    _Column("model calls", _text("llm_calls"), right=True),
    _Column("providers", _text("providers")),
    _Column("models", _text("models")),
    _Column("worst finish", _finish),
    _Column("tokens in + out", _tokens, right=True),
    _Column("cost", _cost, right=True),
    _Column("errors", _text("error_calls"), right=True),
)
