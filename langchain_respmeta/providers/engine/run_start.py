"""What is known of a call when it starts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from langchain_respmeta._process.faults import report
from langchain_respmeta.providers.engine.hosts import host_of
from langchain_respmeta.providers.engine.printed import arguments_of
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

NAMED: Final = "respmeta_provider"
"""The key of a call's own metadata that names who is behind it."""

OPENAI_CLASSES: Final = frozenset({"ChatOpenAI", "OpenAI"})

_OLLAMA_CLASSES: Final = frozenset({"ChatOllama", "OllamaLLM"})

ENVIRONMENT: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(OPENAI_CLASSES, ("OPENAI_API_BASE", "OPENAI_BASE_URL")),
    **dict.fromkeys(_OLLAMA_CLASSES, ("OLLAMA_HOST",)),
    **dict.fromkeys(("ChatGoogleGenerativeAI", "GoogleGenerativeAI"), ("GOOGLE_GENAI_USE_VERTEXAI",)),
}
"""Class → variables of the environment that say whom it calls."""

_LONGEST_URL: Final = 2_048


@dataclass(slots=True)
class RunStart:
    """The arguments of `on_chat_model_start` (or `on_llm_start`): the only place where the integration names itself."""

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
    """The provider, where the caller names it: it wins over all signs of the call."""
    faults: list[str] = field(default_factory=list)
    """What could not be read."""
    printed: str = ""
    """The model's `repr`, where LangChain does not serialize its class (`serialized["repr"]`)."""
    heard: bool = False
    """Whether the model was sent sound."""
    is_stored: bool = False
    """Whether it is the start of a stored run: this process's environment says nothing about whom that called."""

    @classmethod
    def from_callback(
        cls,
        serialized: Mapping[str, Any] | None,
        metadata: Mapping[str, Any] | None,
        invocation_params: Mapping[str, Any] | None,
        *,
        is_stored: bool = False,
    ) -> RunStart:
        """From the arguments of the start callback, any of which may be missing or odd. Never raises."""
        try:
            return cls._of_callback(serialized, metadata, invocation_params, is_stored=is_stored)
        except Exception as fault:  # noqa: BLE001 - a foreign mapping may raise anything; the answer can still be read
            return cls._unread(fault)

    @classmethod
    def _of_callback(
        cls, serialized: object, metadata: object, invocation_params: object, *, is_stored: bool = False
    ) -> RunStart:
        serialized, metadata = _mapping(serialized), _mapping(metadata)
        params, settings = _mapping(invocation_params), _mapping(serialized.get("kwargs"))
        return cls(
            integration=_class_name(serialized),
            ls_provider=_text(metadata.get("ls_provider")),
            llm_type=_text(params.get("_type")),
            requested_model=_requested_model(params, metadata),
            base_url=_base_url(serialized, settings, params)
            or (None if is_stored else _base_url_here(_class_name(serialized))),
            response_format=bool(
                params.get("response_format") or metadata.get("ls_structured_output_format")
            ),
            params=params,
            settings=settings,
            printed=_text(serialized.get("repr")) or "",
            provider=_text(metadata.get(NAMED)),
            is_stored=is_stored,
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


def _mapping(value: object) -> Mapping[str, Any]:
    """`value` as a mapping; empty where it is none."""
    if value is None:
        return _EMPTY
    return value if type(value) is dict else as_mapping(value) or _EMPTY


def _text(value: object) -> str | None:
    """`values.text_or_none`, repeated here: it reads each start several times, on the caller's thread."""
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
    if isinstance(printed := serialized.get("repr"), str) and "base_url=" in printed:
        shown = _text(arguments_of(printed, ("base_url",)).get("base_url"))
        if shown is not None and len(shown) <= _LONGEST_URL:
            return shown
    return None


def _base_url_here(name: str | None) -> str | None:
    """The address that the environment gives to a class of models."""
    if name in _OLLAMA_CLASSES:
        return os.environ.get("OLLAMA_HOST") or None
    if name in OPENAI_CLASSES:
        # OPENAI_BASE_URL is read by OpenAI's SDK, so LangChain does not show it in what it serializes.
        return os.environ.get("OPENAI_API_BASE") or os.environ.get("OPENAI_BASE_URL") or None
    return None
