"""The two things every reader works on: what was known at the start of a run, and what came back.

An `Answer` is the same whether it was taken from a live message, or from the dumped message of a LangSmith run: that
is why both ways give the same record.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from langchain_respmeta._process.faults import report
from langchain_respmeta.providers.engine.hosts import host_of
from langchain_respmeta.providers.engine.printed import arguments_of
from langchain_respmeta.record.bounds import MAX_KEPT, MAX_KEPT_CHARS, Budget, is_tame, tamed
from langchain_respmeta.record.plain import as_mapping

_EMPTY: Final[Mapping[str, Any]] = {}
_BASE_URL_KEYS: Final = dict.fromkeys(
    (
        "openai_api_base",
        "base_url",
        "anthropic_api_url",
        "azure_endpoint",
        "endpoint",
        "api_base",
        "endpoint_url",
        "api_url",
    )
)
"""Names of the argument in the integrations' constructors, in the order of their weight."""

_BOUND: Final = (
    "metadata",
    "usage",
    "kwargs",
    "content",
    "tool_calls",
    "invalid_tool_calls",
    "tool_call_chunks",
)
"""What of an answer is bounded, the parts that say most first."""

MAX_CANDIDATES: Final = 1_000
"""Generations of one result that are read."""

NAMED: Final = "respmeta_provider"
"""The key of a call's own metadata that names who is behind it."""

OPENAI_CLASSES: Final = frozenset({"ChatOpenAI", "OpenAI"})
_OLLAMA_CLASSES: Final = frozenset({"ChatOllama", "OllamaLLM"})
_LONGEST_URL: Final = 2_048


@dataclass(slots=True)
class RunStart:
    """What `on_chat_model_start` (or `on_llm_start`) said: the only place where the integration names itself."""

    integration: str | None = None
    """Class of the model, e.g. `ChatOpenAI`: the last part of `serialized["id"]`."""
    ls_provider: str | None = None
    """`metadata["ls_provider"]`; core derives it from the class name where the integration is silent."""
    llm_type: str | None = None
    """`invocation_params["_type"]`, e.g. `openai-chat`."""
    requested_model: str | None = None
    base_url: str | None = None
    response_format: bool = False
    """Whether structured output was asked for."""
    params: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The model's own arguments, as far as LangChain serializes them (`serialized["kwargs"]`)."""
    provider: str | None = None
    """Who is behind, where the caller says so: what the call looks like does not count then."""
    faults: list[str] = field(default_factory=list)
    """What could not be read."""
    printed: str = ""
    """What the model prints as, where LangChain does not serialize its class (`serialized["repr"]`)."""
    heard: bool = False
    """Whether the model was sent sound."""

    @classmethod
    def from_callback(
        cls,
        serialized: Mapping[str, Any] | None,
        metadata: Mapping[str, Any] | None,
        invocation_params: Mapping[str, Any] | None,
    ) -> RunStart:
        """From the arguments of the start callback, any of which may be missing or odd. Never raises."""
        try:
            return cls._of_callback(serialized, metadata, invocation_params)
        except Exception as fault:  # noqa: BLE001 - a stranger's mapping: whatever it raises, the answer can be read
            return cls._unread(fault)

    @classmethod
    def _of_callback(cls, serialized: object, metadata: object, invocation_params: object) -> RunStart:
        serialized, metadata = _mapping(serialized), _mapping(metadata)
        params, settings = _mapping(invocation_params), _mapping(serialized.get("kwargs"))
        return cls(
            integration=_class_name(serialized),
            ls_provider=_text(metadata.get("ls_provider")),
            llm_type=_text(params.get("_type")),
            requested_model=_requested_model(params, metadata),
            base_url=_base_url(serialized, settings, params),
            response_format=bool(
                params.get("response_format") or metadata.get("ls_structured_output_format")
            ),
            params=params,
            settings=settings,
            printed=_text(serialized.get("repr")) or "",
            provider=_text(metadata.get(NAMED)),
        )

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any] | None) -> RunStart:
        """From the keyword arguments of the start callback, kept as a mapping (also `serialized_id` alone).

        Never raises.
        """
        try:
            if not data:
                return cls()
            serialized = data.get("serialized") or {"id": data.get("serialized_id")}
            return cls._of_callback(serialized, data.get("metadata"), data.get("invocation_params"))
        except Exception as fault:  # noqa: BLE001 - see `from_callback`
            return cls._unread(fault)

    @classmethod
    def _unread(cls, fault: Exception) -> RunStart:
        report("looking at a start", fault)
        return cls(faults=[f"the start could not be read: {type(fault).__name__}"])

    @property
    def host(self) -> str | None:
        """Host name of the base URL, in lower case."""
        return host_of(self.base_url) or None


@dataclass(slots=True)
class Answer:
    """One generation with everything LangChain says about it, as plain mappings and lists."""

    metadata: Mapping[str, Any]
    """`response_metadata`, completed from `generation_info` and `llm_output`."""
    usage: Mapping[str, Any] | None = None
    """`usage_metadata`."""
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    """`additional_kwargs`."""
    content: Any = ""
    message_id: str | None = None
    tool_calls: list[Any] = field(default_factory=list)
    invalid_tool_calls: list[Any] = field(default_factory=list)
    tool_call_chunks: list[Any] | None = None
    """Of a merged stream: the raw text of the arguments, before it was repaired."""
    is_chunk: bool = False
    """A stream's chunks, merged by addition: texts may be doubled, lists repeated."""
    is_protocol: bool = False
    """Put together from a protocol stream's events (v3): details and lists are those of the last chunk."""
    is_message: bool = True
    is_plain: bool = False
    """Holds plain JSON data only, and no more of it than may be kept: whoever copies some need not look again."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of a call that raised: those of the HTTP response, names in lower case. They say who answered; none is kept."""
    faults: list[str] = field(default_factory=list)
    """What was not of the expected shape."""

    def parts(self) -> list[Any]:
        """What the provider said, in the order of `_BOUND`."""
        return [
            self.metadata,
            self.usage,
            self.kwargs,
            self.content,
            self.tool_calls,
            self.invalid_tool_calls,
            self.tool_call_chunks,
        ]

    def bound(self, left: Budget | None = None) -> None:
        """Bring all parts within one budget and into plain shapes; what was left out is told.

        Args:
            left: What may still be read of the result that the answer belongs to; it is used up.
        """
        left = left or Budget.for_reading()
        parts = self.parts()
        budget = left.for_next()
        values, chars = budget.values, budget.chars
        tame = is_tame(parts, budget)
        if not tame:
            self._tame(parts, budget)
        values, chars = values - budget.values, chars - budget.chars
        self.is_plain = tame and values <= MAX_KEPT and chars <= MAX_KEPT_CHARS
        left.values, left.chars = left.values - values, left.chars - chars

    def _tame(self, parts: list[Any], budget: Budget) -> None:
        parsed = self.kwargs.get("parsed")
        for name, value in zip(_BOUND, parts, strict=True):
            setattr(self, name, tamed(value, budget))
        if parsed is not None and self.kwargs.get("parsed") is not parsed:
            self.kwargs = {**self.kwargs, "parsed": parsed}  # only its type's name is told
        if budget.cut:
            self.faults.append(
                f"the answer was not read whole: {budget.cut} places were too large, deep or odd"
            )

    @property
    def is_text(self) -> bool:
        """Whether a plain completion model gave text in place of a message."""
        return not self.is_message and self.content is not None


NO_ANSWER: Final = "expected a message or a result"
"""How the fault of a thing begins that is neither."""


def answers_of(result: object) -> list[Answer]:
    """Every generation of an `LLMResult`, a message, or their dumped forms; empty where there is none. Never raises.

    What they hold is bounded and tame: readers meet dict, list, text, numbers and a few plain leaves only.
    """
    try:
        return _answers_of(result)
    except Exception as fault:  # noqa: BLE001 - a stranger's object, which raises when it is looked at
        report("looking at an answer", fault)
        told = f"the answer could not be looked at ({type(fault).__name__})"
        return [Answer(metadata={}, content=None, is_message=False, faults=[told])]


def _answers_of(result: Any) -> list[Answer]:
    if _has(result, "generations"):
        return _of_generations(result.generations, result.llm_output)
    plain = as_mapping(result) if not _has(result, "response_metadata") else None
    if plain is not None and "generations" in plain:
        return _of_generations(plain["generations"], plain.get("llm_output"))
    if plain is not None and not _OF_GENERATIONS.isdisjoint(_undumped(plain)):
        return [_of_generation(plain if isinstance(result, Mapping) else result, _EMPTY, Budget.for_result())]
    return [_of_message(result, _EMPTY, _EMPTY, Budget.for_result())]


def _has(value: object, name: str) -> bool:
    """Whether there is such an attribute; of pydantic's objects, which take long to say no, such a field."""
    fields = getattr(type(value), "__pydantic_fields__", None)
    return hasattr(value, name) if fields is None else name in fields


def _of_generations(generations: object, llm_output: object) -> list[Answer]:
    faults: list[str] = []
    batch = generations[0] if isinstance(generations, list) and generations else ()
    if not isinstance(batch, list | tuple):
        batch = (batch,)
    if len(batch) > MAX_CANDIDATES:
        faults.append(f"only {MAX_CANDIDATES} of {len(batch)} generations were read")
        batch = batch[:MAX_CANDIDATES]
    left = Budget.for_result()
    output = _mapping_or_fault(llm_output, "llm_output", faults, left)
    if isinstance(generations, list) and len(generations) > 1:
        # Of several prompts: their counts are added up there, and no prompt's own.
        output = {name: value for name, value in output.items() if name != "token_usage"}
    answers = [_of_generation(generation, output, left) for generation in batch]
    for answer in answers:
        answer.faults.extend(faults)
    return answers


def _of_generation(generation: object, output: Mapping[str, object], left: Budget) -> Answer:
    if isinstance(generation, Mapping):
        fields = _undumped(generation)
        message, info, text = fields.get("message"), fields.get("generation_info"), fields.get("text")
    else:
        message = getattr(generation, "message", None)
        info, text = getattr(generation, "generation_info", None), getattr(generation, "text", "")
    info = _mapping_or_fault(info, "", [], left) if isinstance(info, Mapping) else _EMPTY
    if message is None:
        is_chunk = type(generation).__name__.endswith("Chunk")
        plain = Answer(metadata={**output, **info}, content=text, is_message=False, is_chunk=is_chunk)
        plain.bound(left)
        return plain
    return _of_message(message, output, info, left)


def _of_message(message: Any, output: Mapping[str, Any], info: Mapping[str, Any], left: Budget) -> Answer:
    dumped = isinstance(message, Mapping)
    get = _undumped(message).get if dumped else lambda name: getattr(message, name, None)
    faults: list[str] = []
    content, told, usage, kwargs = (get(name) for name in _OF_MESSAGES)
    if content is told is usage is kwargs is None:
        faults.append(f"{NO_ANSWER}, got {type(message).__name__} without content")
    metadata = _mapping_or_fault(told, "response_metadata", faults, left)
    for extra in (info, output):
        if extra and not extra.keys() <= metadata.keys():
            metadata = {**extra, **metadata}
    is_chunk = _is_chunk(message, dumped=dumped)
    message_id, chunks = get("id"), get("tool_call_chunks") if is_chunk else None
    is_protocol = not is_chunk and not info and not output and _is_protocol(metadata)
    if is_protocol and metadata.get("logprobs"):
        # Those of the last chunk only: half a truth. Whoever saw the chunks puts the whole list back.
        metadata = {**metadata, "logprobs": None}
    answer = Answer(
        metadata=metadata,
        usage=usage if type(usage) is dict else as_mapping(usage),
        kwargs=_mapping_or_fault(kwargs, "additional_kwargs", faults, left),
        content=content,
        message_id=message_id if isinstance(message_id, str) else None,
        tool_calls=_list(get("tool_calls")),
        invalid_tool_calls=_list(get("invalid_tool_calls")),
        tool_call_chunks=_list(chunks) if chunks else None,
        is_chunk=is_chunk,
        is_protocol=is_protocol,
        is_message=content is not None,
        faults=faults,
    )
    answer.bound(left)
    return answer


def _is_protocol(metadata: Mapping[str, object]) -> bool:
    return metadata.get("output_version") == "v1" and "token_usage" not in metadata


_OF_GENERATIONS: Final = frozenset({"message", "generation_info"})
_OF_MESSAGES: Final = ("content", "response_metadata", "usage_metadata", "additional_kwargs")


def _undumped(dumped: Mapping[str, object]) -> Mapping[str, Any]:
    """The fields, which LangChain's serializer puts into `kwargs`, and `message_to_dict` into `data`."""
    inner = dumped.get("kwargs", dumped.get("data"))
    return inner if isinstance(inner, Mapping) else dumped


def _is_chunk(message: Any, *, dumped: bool) -> bool:
    if not dumped:
        return type(message).__name__.endswith("Chunk") or _has(message, "tool_call_chunks")
    path = message.get("id")
    name = path[-1] if isinstance(path, list) and path else message.get("type")
    return isinstance(name, str) and name.endswith("Chunk")


def _mapping_or_fault(value: object, name: str, faults: list[str], left: Budget) -> Mapping[str, Any]:
    if value is None:
        return _EMPTY
    # `bound` walks through a plain dict, with all the rest.
    mapping = value if type(value) is dict else tamed(value, left.for_next())
    if not isinstance(mapping, dict):
        faults.append(f"{name}: expected a mapping, got {type(value).__name__}")
        return {name: value}
    return mapping


def _mapping(value: object) -> Mapping[str, Any]:
    """`value` as a mapping; empty where it is none."""
    if value is None:
        return _EMPTY
    return value if type(value) is dict else as_mapping(value) or _EMPTY


# Two readers of `engine.values` once more: every start and every answer is read by them, without another file.
def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _class_name(serialized: Mapping[str, Any]) -> str | None:
    path = serialized.get("id")
    return _text(path[-1]) if isinstance(path, list | tuple) and path else _text(serialized.get("name"))


def _requested_model(params: Mapping[str, object], metadata: Mapping[str, object]) -> str | None:
    for source, key in (
        (params, "model"),
        (params, "model_name"),
        (params, "model_id"),
        (metadata, "ls_model_name"),
    ):
        if text := _text(source.get(key)):
            return text
    return None


def _base_url(
    serialized: Mapping[str, object], settings: Mapping[str, object], params: Mapping[str, object]
) -> str | None:
    for source in (settings, params):
        if not _BASE_URL_KEYS.keys().isdisjoint(source):
            for key in _BASE_URL_KEYS:
                if text := _text(source.get(key)):
                    return text
    name = _class_name(serialized)
    if isinstance(printed := serialized.get("repr"), str) and "base_url=" in printed:
        shown = _text(arguments_of(printed, ("base_url",)).get("base_url"))
        if shown is not None and len(shown) <= _LONGEST_URL:
            return shown
    if name in _OLLAMA_CLASSES:
        return os.environ.get("OLLAMA_HOST") or None
    if name in OPENAI_CLASSES:
        # OPENAI_BASE_URL is read by OpenAI's SDK, so LangChain does not show it in what it serializes.
        return os.environ.get("OPENAI_API_BASE") or os.environ.get("OPENAI_BASE_URL") or None
    return None
