"""Check the versions, and the seam with a trial run that is not sent."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import metadata
from typing import Any, Final

from langchain_respmeta._version import __version__
from langchain_respmeta.cli.doctor.finding import Case, Finding

_NEEDED: Final = {"langchain-core": (1, 0), "langsmith": (0, 12), "genai-prices": (0, 2)}


def versions(_: Case) -> Iterator[Finding]:
    """Check our version, and those that decide what works."""
    yield Finding("ok", "python", sys.version.split()[0])
    yield Finding("ok", "langchain-respmeta", __version__)
    for package, minimum in _NEEDED.items():
        wanted = f"{package}>={'.'.join(map(str, minimum))}"
        try:
            version = metadata.version(package)
        except metadata.PackageNotFoundError:
            yield Finding("problem", package, "not installed", f"pip install '{wanted}'")
            continue
        if _numbers(version) >= minimum:
            yield Finding("ok", package, version)
        else:
            yield Finding("problem", package, f"{version} is too old", f"pip install -U '{wanted}'")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3] if part.isdecimal())


def seam(case: Case) -> Iterator[Finding]:
    """Check whether metadata gets onto a run."""
    from langchain_respmeta.langsmith import seam as wrapper

    case.seam = wrapper.install() or (None if case.wrong_settings else _tried())
    if case.seam is None:
        tried = "" if case.wrong_settings else ", and a trial run left with its metadata on it"
        yield Finding("ok", "seam", f"langsmith's RunTree is as expected{tried}")
    else:
        yield Finding(
            "problem",
            "seam",
            f"nothing can be put on LangSmith runs: {case.seam}",
            "handler.records and handler.summary() still work; try another langsmith version, and please report this one",
        )


class _Nowhere:
    """A LangSmith client that keeps runs instead of sending them."""

    api_url = "nowhere"

    def __init__(self) -> None:
        from langchain_respmeta.langsmith import hiding

        self.sent: list[dict[str, Any]] = []
        vars(self).update(dict.fromkeys(hiding.HIDING))  # it hides nothing

    def create_run(self, *_: Any, **run: Any) -> None:
        self.sent.append(run)

    update_run = create_run


def _tried() -> str | None:
    """Report a model call to a tracer and a handler, as LangChain does; send nothing."""
    from langchain_core.callbacks import CallbackManager
    from langchain_core.messages import AIMessage, HumanMessage
    from langchain_core.outputs import ChatGeneration, LLMResult
    from langchain_core.tracers.langchain import LangChainTracer

    from langchain_respmeta.handler.handler import RespMetaHandler

    client = _Nowhere()
    tracer = LangChainTracer(client=client, project_name="doctor")  # type: ignore[arg-type]
    handler = RespMetaHandler(
        metadata=True, feedback=False, prices=False, project="doctor", prefix="doctor", max_records=1
    )
    message = AIMessage("fine", response_metadata={"finish_reason": "stop"})
    try:
        # Not through a model: it would be traced to the environment's server.
        (call,) = CallbackManager([tracer, handler]).on_chat_model_start({}, [[HumanMessage("how are you?")]])
        call.on_llm_end(LLMResult(generations=[[ChatGeneration(message=message)]]))
    except Exception as fault:  # noqa: BLE001 - whatever a future version raises, the doctor goes on
        return f"a trial run failed ({type(fault).__name__}: {fault})"
    found: dict[str, Any] = {}
    for run in client.sent:
        found |= (run.get("extra") or {}).get("metadata") or {}
    return (
        None if found.get("doctor_finish_reason") == "stop" else "a trial run was sent without its metadata"
    )
