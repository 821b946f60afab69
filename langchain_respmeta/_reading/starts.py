"""Starts of calls that are known already: a model's next call mostly starts as its last one did."""

from __future__ import annotations

import marshal
import os
from collections.abc import Mapping
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

_Model: TypeAlias = "tuple[object, bytes, tuple[str, ...]]"
"""`serialized` itself, its contents, and the environment's variables that count for its class."""


@dataclass(slots=True)
class KnownStart(RunStart):
    """A start that several calls share: nobody changes it."""

    key: int = -1
    """Its number: compiled readers are kept by it."""


class Starts:
    """Starts by everything that they are made of."""

    def __init__(self) -> None:
        self._known: Bounded[tuple[Any, ...], KnownStart] = Bounded(MAX_STARTS)
        self._models: Bounded[int, _Model] = Bounded(MAX_STARTS)
        """By identity, which an object keeps as long as it is here: core makes one `serialized` for each model."""
        self._keys = count()

    def get(
        self, serialized: Any, metadata: Any, params: Any, *, structured: bool = False, heard: bool = False
    ) -> RunStart:
        """The start of a call, which all share that start so.

        Args:
            serialized: As the start callback gets it, like the next two.
            metadata: The run's metadata.
            params: `invocation_params`.
            structured: Whether the call's options ask for structured output.
            heard: Whether the prompt holds sound.
        """
        key = _key_of(self._models, serialized, metadata, params, structured, heard)
        start: RunStart | None = None if key is None else self._known.get(key)
        if start is None:
            kind = RunStart if key is None else KnownStart
            start = kind.from_callback(serialized, metadata, params)
            start.response_format = start.response_format or structured
            start.heard = heard
            if key is not None and isinstance(start, KnownStart) and not start.faults:
                start.key = next(self._keys)
                self._known.keep(key, start)
        return start

    def of_mapping(self, data: Mapping[str, Any]) -> RunStart:
        """The same for the arguments of a start that were stored as a mapping; see `RunStart.from_mapping`."""
        serialized = data.get("serialized") or {"id": data.get("serialized_id")}
        return self.get(serialized, data.get("metadata"), data.get("invocation_params"))


def _key_of(
    models: Bounded[int, _Model], serialized: Any, metadata: Any, params: Any, *flags: bool
) -> tuple[Any, ...] | None:
    """Everything that a start is made of; None where some of it is no plain data."""
    if serialized.__class__ is not dict or not (metadata is None or metadata.__class__ is dict):
        return None
    try:
        _, model, variables = models.get(id(serialized)) or _known_model(models, serialized)
        told = _NOTHING.get if metadata is None else metadata.get
        asked = marshal.dumps(params, 0)
        if len(asked) > MAX_BYTES:
            return None
        signs = told("ls_provider"), told("ls_model_name"), told(NAMED)
        key = (model, asked, *signs, bool(told("ls_structured_output_format")), *flags)
        hash(signs)
    except (ValueError, TypeError):
        return None
    return (*key, *map(os.environ.get, variables)) if variables else key


def _known_model(models: Bounded[int, _Model], serialized: dict[str, Any]) -> _Model:
    contents = marshal.dumps(serialized, 0)
    path = serialized.get("id")
    name = path[-1] if isinstance(path, list | tuple) and path else serialized.get("name")
    model = serialized, contents, ENVIRONMENT.get(name, ()) if isinstance(name, str) else ()
    if len(contents) <= MAX_BYTES:
        models.keep(id(serialized), model)
    return model


STARTS: Final = Part(Starts)
"""Starts of this process."""
