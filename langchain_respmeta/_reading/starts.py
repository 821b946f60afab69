"""Starts of calls that are known already: a model's next call mostly starts as its last one did."""

from __future__ import annotations

import marshal
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, TypeAlias

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta._process.state import Part
from langchain_respmeta.providers.engine.run_start import ENVIRONMENT, NAMED, RunStart

MAX_STARTS: Final = 256
"""Starts that are kept."""

MAX_BYTES: Final = 65_536
"""Bytes of the arguments of a start that is kept: tools may have long descriptions."""

_NOTHING: Final[Mapping[str, Any]] = {}

_NO_FLAGS: Final = (False, False, False)
"""Stored starts do not tell of options and prompts."""

_Variables: TypeAlias = "tuple[object, ...]"
"""Names of variables, as the environment holds them."""

_HELD: Final[Mapping[Any, Any]] = getattr(os.environ, "_data", os.environ)
"""The variables as the environment holds them: `os.environ.get` encodes, raises and catches for each that is not set."""
_as_held: Final[Callable[[str], object]] = str if _HELD is os.environ else os.environ.encodekey


@dataclass(slots=True)
class KnownStart(RunStart):
    """A start that several calls share: nobody changes it."""

    key: int = -1
    """Its number: compiled readers are kept by it."""


class Starts:
    """Starts by everything that they are made of."""

    def __init__(self) -> None:
        self._known: Bounded[tuple[Any, ...], KnownStart] = Bounded(MAX_STARTS)
        self._models: Bounded[int, tuple[object, bytes, _Variables]] = Bounded(MAX_STARTS)
        """By the identity of `serialized`, which it keeps as long as it is here: core makes one for each model."""
        self._keys = count()

    def get(
        self,
        serialized: Any,
        metadata: Any,
        params: Any,
        *,
        structured: bool = False,
        heard: bool = False,
        is_stored: bool = False,
    ) -> RunStart:
        """The start of a call, which all share that start so.

        Args:
            serialized: As the start callback gets it, like the next two.
            metadata: The run's metadata.
            params: `invocation_params`.
            structured: Whether the call's options ask for structured output.
            heard: Whether the prompt holds sound.
            is_stored: Whether the call is read from where it is stored.
        """
        model = self._models.get(id(serialized))
        if model is None and (found := _model_of(serialized)) is not None:
            model = serialized, *found
            self._models.keep(id(serialized), model)
        key = None
        if model is not None:
            variables = () if is_stored else model[2]
            key = _key_of(model[1], variables, metadata, params, structured, heard, is_stored)
        start = None if key is None else self._known.get(key)
        return start or self._made(
            key, serialized, metadata, params, structured=structured, heard=heard, is_stored=is_stored
        )

    def of_mapping(self, data: Mapping[str, Any] | None) -> RunStart:
        """The same for the arguments of a start that were stored as a mapping. Never raises; see `RunStart.from_mapping`."""
        try:
            if data is None:
                return self._known.get(_UNTOLD) or self._of_dict(_NOTHING)
            return self._of_dict(data if data.__class__ is dict else {**data})
        except Exception:  # noqa: BLE001 - a foreign mapping may raise anything
            return RunStart.from_mapping(data)

    def _of_dict(self, data: Any) -> RunStart:
        serialized = data.get("serialized") or {"id": data.get("serialized_id")}
        metadata, params = data.get("metadata"), data.get("invocation_params")
        model = _model_of(serialized)
        key = None if model is None else _key_of(*model, metadata, params, *_NO_FLAGS)
        start = None if key is None else self._known.get(key)
        return start or self._made(key, serialized, metadata, params)

    def _made(
        self,
        key: tuple[Any, ...] | None,
        serialized: Any,
        metadata: Any,
        params: Any,
        *,
        structured: bool = False,
        heard: bool = False,
        is_stored: bool = False,
    ) -> RunStart:
        kind = RunStart if key is None else KnownStart
        start = kind.from_callback(serialized, metadata, params, is_stored=is_stored)
        if start.faults:
            return RunStart.from_callback(serialized, metadata, params, is_stored=is_stored)
        start.response_format = start.response_format or structured
        start.heard = heard
        if key is not None and isinstance(start, KnownStart):
            start.key = next(self._keys)
            self._known.keep(key, start)
        return start


def _key_of(
    model: bytes, variables: _Variables, metadata: Any, params: Any, *flags: bool
) -> tuple[Any, ...] | None:
    """Everything that a start is made of; None where some of it is no plain data."""
    if metadata is None:
        metadata = _NOTHING
    elif metadata.__class__ is not dict:
        return None
    try:
        asked = marshal.dumps(params, 0)
        told = metadata.get
        signs = told("ls_provider"), told("ls_model_name"), told(NAMED)
        hash(signs)
    except (ValueError, TypeError):
        return None
    if len(asked) > MAX_BYTES:
        return None
    key = (model, asked, signs, bool(told("ls_structured_output_format")), flags)
    return (*key, *map(_HELD.get, variables)) if variables else key


def _model_of(serialized: Any) -> tuple[bytes, _Variables] | None:
    """The contents of `serialized`, and the variables of the environment that count for its class."""
    if serialized.__class__ is not dict:
        return None
    try:
        contents = marshal.dumps(serialized, 0)
    except ValueError:
        return None
    path = serialized.get("id")
    name = path[-1] if path.__class__ is list and path else serialized.get("name")
    return (
        None
        if len(contents) > MAX_BYTES
        else (contents, tuple(map(_as_held, ENVIRONMENT.get(name, ()))) if name.__class__ is str else ())
    )


_UNTOLD: Final = (
    marshal.dumps({"id": None}, 0),
    marshal.dumps(None, 0),
    (None, None, None),
    False,
    _NO_FLAGS,
)
"""The key of a start of which nothing is told."""

STARTS: Final = Part(Starts)
"""Starts of this process."""
