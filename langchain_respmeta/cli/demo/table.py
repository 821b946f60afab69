"""The enriched runs, read back from the server, as tables in a terminal."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from langchain_respmeta.cli.demo.fitted_table import Column, FittedTable

if TYPE_CHECKING:
    from langsmith import Client

__all__ = ["EnrichedRun", "calls_table", "read_runs", "traces_table"]

_NOTHING = "–"  # noqa: RUF001 - an en dash stands for "not reported"
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


def calls_table(runs: Iterable[EnrichedRun]) -> FittedTable[EnrichedRun]:
    """One row for each model call; on narrow terminals two lines, and without the run's name."""
    calls = [run for run in runs if run.run_type == "llm"]
    return FittedTable("Model calls", calls, _CALL_COLUMNS, _CALL_COLUMNS_OF_TWO_LINES, _call_details)


def traces_table(runs: Iterable[EnrichedRun]) -> FittedTable[EnrichedRun]:
    """One row for each trace whose root sums its model calls up; on narrow terminals two lines."""
    traces = [run for run in runs if run.is_root and run.run_type != "llm"]
    return FittedTable("Traces", traces, _TRACE_COLUMNS, _TRACE_COLUMNS_OF_TWO_LINES, _trace_details)


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
    ("reasoning_tokens", lambda count: f"{count:,} reasoning" if count else ""),
    ("tool_calls", lambda count: _counted(count, "tool call")),
    ("citations", lambda count: _counted(count, "citation")),
)


def _flags(run: EnrichedRun) -> str:
    shown = (show(run.fact(key)) for key, show in _FLAGS if run.fact(key) is not None)
    return ", ".join(filter(None, shown))


def _feedback(run: EnrichedRun) -> str:
    return ", ".join(key.removeprefix("respmeta_") for key in run.feedback)


def _call_details(run: EnrichedRun) -> str:
    """What the second line of a narrow table says."""
    cached, feedback = _cache_share(run), _feedback(run)
    parts = (
        _text("provider")(run),
        _latency(run),
        "" if cached == _NOTHING else f"{cached} cached",
        _flags(run),
        f"feedback: {feedback}" if feedback else "",
    )
    return ", ".join(part for part in parts if part not in {"", _NOTHING})


def _trace_details(run: EnrichedRun) -> str:
    errors = _counted(run.fact("error_calls") or 0, "error")
    return ", ".join(filter(None, (f"{_text('providers')(run)}: {_text('models')(run)}", errors)))


_CALL_COLUMNS: Final[tuple[Column[EnrichedRun], ...]] = (
    Column("call", lambda run: run.name),
    Column("provider", _text("provider")),
    Column("model", _model),
    Column("finish", _finish),
    Column("tokens in + out", _tokens, right=True),
    Column("cached", _cache_share, right=True),
    Column("cost", _cost, right=True),
    Column("latency", _latency, right=True),
    Column("flags", _flags),
    Column("feedback", _feedback),
)
_CALL_COLUMNS_OF_TWO_LINES: Final = tuple(
    column for column in _CALL_COLUMNS if column.title in {"model", "finish", "tokens in + out", "cost"}
)

_TRACE_COLUMNS: Final[tuple[Column[EnrichedRun], ...]] = (
    Column("trace", lambda run: run.name),
    Column("model calls", _text("llm_calls"), right=True),
    Column("providers", _text("providers")),
    Column("models", _text("models")),
    Column("worst finish", _finish),
    Column("tokens in + out", _tokens, right=True),
    Column("cost", _cost, right=True),
    Column("errors", _text("error_calls"), right=True),
)
_TRACE_COLUMNS_OF_TWO_LINES: Final = tuple(
    column for column in _TRACE_COLUMNS if column.title not in {"providers", "models", "errors"}
)
