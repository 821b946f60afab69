"""Runs in the shape of LangSmith's v2 API: other names, upper-case words, details under `raw`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import orjson
from starlette.exceptions import HTTPException

from langchain_respmeta.local import times
from langchain_respmeta.local.store import runs_read

_PREVIEW: Final = 300


def v1_fields(selects: object) -> frozenset[str]:
    """The v1 fields that the selected v2 fields are made of.

    Raises:
        HTTPException: 400 for a name that v2 lacks.
    """
    names = field_names(selects)
    made_of = {source for name in names for source in _SOURCES.get(name, (name,))}
    return frozenset(made_of & runs_read.FIELDS) | {"id", "start_time"}


def field_names(selects: object) -> list[str]:
    """The selected names in lower case; `id` alone when nothing is selected."""
    chosen = selects if isinstance(selects, list) else [selects] if selects else ["ID"]
    names = [str(name).lower() for name in chosen]
    unknown = [name for name in names if name not in _FIELDS]
    if unknown:
        raise HTTPException(400, f"selects names unknown fields: {', '.join(unknown)}")
    return ["id", *(name for name in names if name != "id")]


def as_v2(run: dict[str, object], selects: object) -> dict[str, object]:
    """The selected fields of one run that `_runs_read` made."""
    plain: dict[str, object] = orjson.loads(orjson.dumps(run))
    return {
        name: _MAKERS[name](plain) if name in _MAKERS else plain.get(name) for name in field_names(selects)
    }


def _upper(name: str) -> Callable[[dict[str, object]], object]:
    return lambda run: str(run[name]).upper()


def _details(name: str) -> Callable[[dict[str, object]], object]:
    return lambda run: {"raw": run[name]} if run.get(name) else None


def _preview(name: str) -> Callable[[dict[str, object]], object]:
    def make(run: dict[str, object]) -> str | None:
        value = run.get(name)
        if value is None:
            return None
        return (value if isinstance(value, str) else orjson.dumps(value).decode())[:_PREVIEW]

    return make


def _latency(run: dict[str, object]) -> float | None:
    if run["end_time"] is None:
        return None
    return (times.parse(run["end_time"]) - times.parse(run["start_time"])) / 1e6


_MAKERS: Final[dict[str, Callable[[dict[str, Any]], Any]]] = {
    "run_type": _upper("run_type"),
    "status": _upper("status"),
    "project_id": lambda run: run["session_id"],
    "metadata": lambda run: (run.get("extra") or {}).get("metadata"),
    "manifest": lambda run: run.get("serialized"),
    "attachments": lambda run: run.get("s3_urls"),
    "is_in_dataset": lambda run: run["in_dataset"],
    "is_root": lambda run: run["parent_run_id"] is None,
    "latency_seconds": _latency,
    "inputs_preview": _preview("inputs"),
    "outputs_preview": _preview("outputs"),
    "error_preview": _preview("error"),
    **{
        f"{side}_{kind}_details": _details(f"{side}_{kind}_details")
        for side in ("prompt", "completion")
        for kind in ("token", "cost")
    },
}
_SOURCES: Final[dict[str, Iterable[str]]] = {
    "project_id": ("session_id",),
    "metadata": ("extra",),
    "manifest": ("serialized",),
    "attachments": ("s3_urls",),
    "is_in_dataset": ("in_dataset",),
    "is_root": ("parent_run_id",),
    "latency_seconds": ("end_time",),
    "inputs_preview": ("inputs",),
    "outputs_preview": ("outputs",),
    "error_preview": ("error",),
}
# Fields of the API that this server lacks: always null.
_EMPTY: Final = (
    *("share_url", "ls_user_id", "thread_evaluation_time", "last_queued_at", "price_model_id"),
    "reference_dataset_id",
)
_FIELDS: Final = frozenset((*runs_read.FIELDS - {"session_id"}, *_MAKERS, *_EMPTY))
