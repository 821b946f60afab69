"""A model call as a tracer wrote it down, as a `Run` that the pipeline reads like one that a handler saw."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from langchain_respmeta._runs.ids import id_of, parent_of
from langchain_respmeta._runs.outcome import Answered, TracedFailure
from langchain_respmeta._runs.run import Run
from langchain_respmeta._runs.run_start import holds_sound
from langchain_respmeta._runs.traced_fields import TracedFields, traced_fields_of
from langchain_respmeta.providers.engine.answers import is_langchains
from langchain_respmeta.providers.raw.wrapped import USAGE
from langchain_respmeta.providers.registry import REGISTRY
from langchain_respmeta.record.plain import as_mapping

if TYPE_CHECKING:
    from datetime import datetime

    from langchain_respmeta._runs.run import Pipeline, Watcher
    from langchain_respmeta.record.draft import Draft

MODEL_TYPES: Final = frozenset({"llm", "chat_model"})
"""Types of the runs of models; `chat_model` stands in dumps of core's own tracers."""

NO_ID: Final = UUID(int=0)
"""The id of a run whose id was not stored."""


class TracedRun(Run):
    """A model call of which a tracer knows all that is known: its times are the tracer's, counted from its start."""

    __slots__ = ("fields", "is_unread")

    def __init__(self, fields: TracedFields, pipeline: Pipeline, handlers: tuple[Watcher, ...] = ()) -> None:
        super().__init__(
            NO_ID if fields.id is None else id_of(fields.id),
            _manifest(fields) or _class_alone(fields),
            fields.metadata,
            fields.extra.get("invocation_params") or fields.metadata.get("ls_invocation_params"),
            fields.extra.get("options"),
            parent_of(fields.parent_run_id),
            pipeline,
            _prompt(fields.inputs),
            handlers,
            fields.name,
            fields.tags,
        )
        self.fields: Final = fields
        self.started = 0.0
        self.is_unread = False
        """Whether no reader recognized its outputs."""

    @property
    def is_streamed(self) -> bool | None:
        """Whether its answer was streamed; None where nothing but the answer itself may tell."""
        return self.fields.was_streamed

    def note_end(self, live: BaseException | None = None) -> None:
        """Note how and when it ended.

        Args:
            live: The exception that is handled on this thread, which may be the run's own.
        """
        fields = self.fields
        self.end(
            Answered(_with_counts(fields))
            if fields.error is None
            else TracedFailure(fields.error, live, fields.outputs)
        )
        self.ended = _seconds(fields.start_time, fields.end_time)
        self.received_at = fields.end_time
        self.first_chunk = _seconds(fields.start_time, fields.first_chunk_time)
        self.first_token = _seconds(fields.start_time, fields.first_token_time)

    def _let_go(self, drafts: list[Draft]) -> None:
        super()._let_go(drafts)
        self.fields.inputs = self.fields.outputs = self.fields.serialized = None


def run_of(traced: object, pipeline: Pipeline, handlers: tuple[Watcher, ...] = ()) -> TracedRun | None:
    """The ended run that a tracer of this thread just wrote down; None where it is no model's, or has not ended.

    Args:
        traced: A `RunTree`, or anything else that `traced_fields_of` reads.
        pipeline: What reads it (`handler.pipeline.read_run`).
        handlers: Who watches it.

    Raises:
        Exception: whatever a foreign object raises when it is read.
    """
    fields = traced_fields_of(traced)
    if not is_models(fields) or not fields.has_ended:
        return None
    run = TracedRun(fields, pipeline, handlers)
    run.note_end(sys.exc_info()[1])
    return run


def is_models(fields: TracedFields) -> bool:
    """Whether it is the run of a model, as far as its type is known."""
    return fields.run_type is None or fields.run_type in MODEL_TYPES


def _seconds(start: datetime | None, then: datetime | None) -> float | None:
    return None if start is None or then is None else (then - start).total_seconds()


def _with_counts(fields: TracedFields) -> Any:
    """The outputs, with counts that a traced function told of its run in place of its output."""
    outputs, usage = fields.outputs, fields.metadata.get(USAGE)
    is_silent = isinstance(outputs, dict) and _COUNTED.isdisjoint(outputs) and not is_langchains(outputs)
    return {**outputs, USAGE: usage} if usage and is_silent else outputs


_COUNTED: Final = frozenset({USAGE, "usage", "usageMetadata", "generations"})


def _manifest(fields: TracedFields) -> Any:
    """The dumped model; of a traced function there is its name alone, which is no class."""
    manifest = fields.serialized
    return None if isinstance(manifest, Mapping) and manifest.keys() <= {"name"} else manifest


def _class_alone(fields: TracedFields) -> dict[str, Any] | None:
    """What a start shows of a model without its manifest: its class, which is the name of a run that nobody named.

    LangSmith's wrappers name their runs like LangChain's classes, but their outputs are the API's own.
    """
    if fields.name is None or not REGISTRY.knows_class(fields.name):
        return None
    is_ours = is_langchains(fields.outputs) if fields.outputs else "batch_size" in fields.extra
    return {"id": [fields.name]} if is_ours else None


def sounds_in(inputs: object) -> bool:
    """Whether the prompt holds sound; see `run_start.holds_sound`."""
    return holds_sound(_prompt(inputs))


def _prompt(inputs: object) -> Any:
    """The messages of the first prompt, as far as they can be found."""
    told = as_mapping(inputs)
    messages = None if told is None else told.get("messages")
    if isinstance(messages, list | tuple) and messages and isinstance(messages[0], list | tuple):
        return messages[0]
    return messages
