"""What will happen to a run here, and why: versions, the seam, LangSmith's environment, privacy, prices, the outbox.

Nothing is changed and nothing is sent, but for one `GET /info` when asked to look at the server.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Final, Literal

from langchain_respmeta import _settings
from langchain_respmeta._version import __version__
from langchain_respmeta.errors import RespMetaError

Level = Literal["ok", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        level: ok, note (works, but know it), problem (something will be missing).
        subject: What was looked at.
        says: What is so.
        advice: What to do, where there is something to do.
    """

    level: Level
    subject: str
    says: str
    advice: str = ""


def diagnose(environ: Mapping[str, str] | None = None, *, ask_server: bool = True) -> list[Finding]:
    """All findings, in the order in which a run passes them.

    Args:
        environ: The environment to look at; the process's own by default.
        ask_server: Whether LangSmith's endpoint may be asked for its version (one GET, 3 s at most).
    """
    env = os.environ if environ is None else environ
    found: list[Finding] = []
    for look in _LOOKS:
        found.extend(look(env))
    if ask_server and _traces(env):
        found.extend(_server(env))
    return [*found, _verdict(env, found)]


# --- looks -----------------------------------------------------------------------------------------------------------

_NEEDED: Final = {"langchain-core": (1, 0), "langsmith": (0, 12), "genai-prices": (0, 2)}
_TRUE: Final = frozenset({"true", "1"})


def _versions(_env: Mapping[str, str]) -> Iterator[Finding]:
    yield Finding("ok", "python", sys.version.split()[0])
    yield Finding("ok", "langchain-respmeta", __version__)
    for package, minimum in _NEEDED.items():
        try:
            version = metadata.version(package)
        except metadata.PackageNotFoundError:
            yield Finding("problem", package, "not installed", f"pip install {package}")
            continue
        fits = _numbers(version) >= minimum
        wanted = ".".join(map(str, minimum))
        yield Finding(
            "ok" if fits else "problem",
            package,
            version,
            "" if fits else f"pip install -U '{package}>={wanted}'",
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3] if part.isdecimal())


def _seam(_env: Mapping[str, str]) -> Iterator[Finding]:
    from langchain_respmeta.langsmith import seam

    fault = seam.install()
    if fault is None:
        yield Finding(
            "ok",
            "seam",
            "RunTree.patch and RunTree.post are as expected: metadata will ride each run's own payload",
        )
    else:
        yield Finding(
            "problem", "seam", fault, "records stay in handler.records; please report your langsmith version"
        )


def _own_settings(env: Mapping[str, str]) -> Iterator[Finding]:
    try:
        given = _settings.read(env)
        for name, value in given.items():
            _settings.choose(name, None, given)
            yield Finding("ok", f"RESPMETA_{name.upper()}", repr(value))
    except RespMetaError as fault:
        yield Finding("problem", "settings", str(fault), "correct the variable, or remove it")
    if env.get("RESPMETA_ENABLED", "").lower() in _TRUE:
        yield Finding(
            "note", "RESPMETA_ENABLED", "every model run is watched once langchain_respmeta is imported"
        )


def _tracing(env: Mapping[str, str]) -> Iterator[Finding]:
    if not _traces(env):
        yield Finding(
            "note",
            "tracing",
            "LANGSMITH_TRACING is not true: nothing goes to LangSmith unless a tracer is passed explicitly",
            "set LANGSMITH_TRACING=true, or use handler.records in process",
        )
        return
    yield Finding("ok", "tracing", f"on, project {_first(env, 'PROJECT') or 'default'!r}")
    endpoint = _endpoint(env)
    yield Finding("ok", "endpoint", endpoint)
    if not _first(env, "API_KEY") and not _is_local(endpoint):
        yield Finding(
            "problem",
            "key",
            "LANGSMITH_API_KEY is not set",
            "set it, or point LANGSMITH_ENDPOINT at `respmeta serve`",
        )
    if rate := _first(env, "TRACING_SAMPLING_RATE"):
        yield Finding("note", "sampling", f"{rate} of the traces are sent; feedback is sampled the same way")


def _privacy(env: Mapping[str, str]) -> Iterator[Finding]:
    hidden = [
        name
        for name in ("HIDE_INPUTS", "HIDE_OUTPUTS", "HIDE_METADATA")
        if (_first(env, name) or "").lower() in _TRUE
    ]
    if hidden:
        yield Finding(
            "note",
            "hidden",
            f"{', '.join(hidden)}: runs get the flat scalars only, no nested record and no comments",
        )
    if "HIDE_METADATA" in hidden:
        yield Finding(
            "problem",
            "metadata",
            "LANGSMITH_HIDE_METADATA removes all metadata, ours too",
            "use handler.records",
        )
    if (_first(env, "TRACING_MODE") or "").lower() in {"otel", "otel_only"} or (
        _first(env, "OTEL_ONLY") or ""
    ).lower() in _TRUE:
        yield Finding(
            "note",
            "otel",
            "runs go out as spans: metadata rides them, feedback is not sent (a span has no run id)",
        )
    if _first(env, "RUNS_ENDPOINTS"):
        yield Finding(
            "note", "replicas", "runs are copied with their metadata; feedback goes to the primary only"
        )


def _prices(_env: Mapping[str, str]) -> Iterator[Finding]:
    from langchain_respmeta import pricing

    cost = pricing.price("openai", "gpt-5-mini", {"input_tokens": 1_000_000, "output_tokens": 0})
    if "cost.total" in cost:
        yield Finding("ok", "prices", str(cost.get("cost.price_version")))
    else:
        yield Finding(
            "problem", "prices", str(cost.get("cost.unpriced_reason")), "pip install -U genai-prices"
        )


def _outbox(_env: Mapping[str, str]) -> Iterator[Finding]:
    from langchain_respmeta.langsmith.outbox_admin import outbox_status

    status = outbox_status()
    yield Finding("ok", "outbox", f"{status['path']}: {status['rows']} rows, {status['bytes']} bytes")
    for server in status["servers"]:
        if server["failed"]:
            yield Finding(
                "problem",
                "outbox",
                f"{server['failed']} feedback for {server['api_url']} were refused",
                "respmeta outbox status",
            )
        elif server["waiting"]:
            yield Finding(
                "note",
                "outbox",
                f"{server['waiting']} feedback wait for {server['api_url']}",
                "respmeta outbox retry",
            )
    for aside in status["damaged"]:
        yield Finding("note", "outbox", f"a damaged outbox was moved aside: {aside}")


_LOOKS: Final[tuple[Callable[[Mapping[str, str]], Iterator[Finding]], ...]] = (
    _versions,
    _seam,
    _own_settings,
    _tracing,
    _privacy,
    _prices,
    _outbox,
)


def _server(env: Mapping[str, str]) -> Iterator[Finding]:
    """One look at the endpoint, through LangSmith's own client."""
    from langsmith import Client
    from langsmith.utils import LangSmithError

    client = Client(
        api_url=_endpoint(env),
        api_key=_first(env, "API_KEY") or "none",
        auto_batch_tracing=False,
        timeout_ms=3_000,
    )
    try:
        response = client.request_with_retries("GET", "/info", stop_after_attempt=1)
        version = response.json().get("version", "unknown")
    except (LangSmithError, OSError, ValueError) as fault:
        yield Finding(
            "problem",
            "server",
            f"no answer ({type(fault).__name__})",
            "feedback waits in the outbox; traces are LangSmith's SDK's",
        )
        return
    yield Finding("ok", "server", f"answers, version {version}")


# --- verdict ---------------------------------------------------------------------------------------------------------


def _verdict(env: Mapping[str, str], found: list[Finding]) -> Finding:
    problems = [finding.subject for finding in found if finding.level == "problem"]
    if problems:
        return Finding(
            "problem", "verdict", f"something will be missing; see {', '.join(dict.fromkeys(problems))}"
        )
    if not _traces(env):
        return Finding(
            "note", "verdict", "runs are recorded in process only (handler.records, handler.summary())"
        )
    return Finding(
        "ok",
        "verdict",
        "each watched model run gets its metadata, each root run its sums, and exceptions get feedback",
    )


def _first(env: Mapping[str, str], name: str) -> str | None:
    return env.get(f"LANGSMITH_{name}") or env.get(f"LANGCHAIN_{name}")


def _traces(env: Mapping[str, str]) -> bool:
    names = ("LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING", "LANGCHAIN_TRACING")
    return any(env.get(name, "").lower() in _TRUE for name in names)


def _endpoint(env: Mapping[str, str]) -> str:
    return _first(env, "ENDPOINT") or "https://api.smith.langchain.com"


def _is_local(endpoint: str) -> bool:
    return any(f"//{host}" in endpoint for host in ("127.0.0.1", "localhost", "[::1]"))
