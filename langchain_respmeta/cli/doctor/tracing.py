"""Check LangSmith's environment as its own SDK reads it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from langsmith import Client, utils

from langchain_respmeta.cli.doctor.finding import Case, Finding

_LOOKS_ON: Final = frozenset({"1", "true", "yes", "on"})
_HIDING: Final = ("HIDE_INPUTS", "HIDE_OUTPUTS", "HIDE_METADATA")


def tracing(case: Case) -> Iterator[Finding]:
    """Check whether runs are sent, and where."""
    case.traces = bool(utils.tracing_is_enabled())
    yield from _switch(case)
    if not case.traces:
        return
    case.project = utils.get_tracer_project() or "default"
    yield from _client(case)
    if case.client is None:
        return
    case.endpoint = _shown(str(case.client.api_url))
    yield Finding("ok", "endpoint", case.endpoint)
    yield Finding("ok", "project", repr(case.project))
    wanted = case.settings.get("project")
    if wanted and wanted != case.project:
        yield Finding(
            "problem",
            "RESPMETA_PROJECT",
            f"only runs of project {wanted!r} are touched, but runs go to {case.project!r}",
            "set both to the same project, or remove RESPMETA_PROJECT",
        )


def _switch(case: Case) -> Iterator[Finding]:
    if case.traces:
        yield Finding("ok", "tracing", "on")
        return
    said = utils.get_env_var("TRACING_V2") or utils.get_env_var("TRACING")
    if said is not None and said.strip().lower() in _LOOKS_ON:
        yield Finding(
            "problem",
            "tracing",
            f"LANGSMITH_TRACING is {said!r}, which LangSmith's SDK does not take for true: nothing is traced",
            "write it in lower case: LANGSMITH_TRACING=true",
        )
    else:
        yield Finding(
            "note",
            "tracing",
            "off: nothing goes to LangSmith, unless a LangChainTracer is passed by hand",
            "set LANGSMITH_TRACING=true and LANGSMITH_API_KEY; without a key, run `respmeta serve` and set what it prints",
        )


def _client(case: Case) -> Iterator[Finding]:
    """Create the client that the SDK would, but without threads and, in any mode, without OpenTelemetry."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            case.client = Client(auto_batch_tracing=False, tracing_mode="langsmith")
    except (utils.LangSmithError, ValueError) as fault:
        case.no_client = str(fault)
        yield Finding(
            "problem",
            "langsmith",
            f"its client cannot be made, so nothing is sent: {fault}",
            "correct the variable",
        )
        return
    if _is_hosted(case.client) and not _has_key(case.client):
        yield Finding(
            "problem",
            "key",
            "there is none: LangSmith refuses whatever is sent",
            "set LANGSMITH_API_KEY; without one, run `respmeta serve` and set what it prints",
        )


def _is_hosted(client: Client) -> bool:
    return (urlsplit(client.api_url).hostname or "").endswith("langchain.com")


def _has_key(client: Client) -> bool:
    return bool(client.api_key or getattr(client, "_oauth_access_token", None))


def _shown(url: str) -> str:
    """Return the address without a password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def privacy(case: Case) -> Iterator[Finding]:
    """Check what the user hides, and what looks hidden but is not."""
    case.hidden = tuple(name for name in _HIDING if utils.get_env_var(name) == "true")
    for name in _HIDING:
        said = utils.get_env_var(name)
        if said is not None and name not in case.hidden and said.strip().lower() in _LOOKS_ON:
            yield Finding(
                "problem",
                f"LANGSMITH_{name}",
                f"is {said!r}, which LangSmith's SDK does not take for true: nothing is hidden",
                f"write it in lower case: LANGSMITH_{name}=true",
            )
    if case.hidden:
        yield Finding(
            "note",
            "hidden",
            f"{', '.join(case.hidden)}: runs get the flat scalars only, no nested record; feedback no comments",
        )
    if case.settings.get("include_content"):
        yield Finding(
            "note",
            "RESPMETA_INCLUDE_CONTENT",
            "texts of answers (refusals, quotes, tool arguments) go into records, onto runs and into feedback"
            + (", but not where the client hides anything" if case.hidden else ""),
        )


def mode(case: Case) -> Iterator[Finding]:
    """Check sampling, OpenTelemetry, copies."""
    rate = utils.get_env_var("TRACING_SAMPLING_RATE")
    if case.client is not None and rate:
        yield Finding("note", "sampling", f"{rate} of the traces are sent, and feedback on exactly those")
    case.mode = _mode()
    if case.mode == "otel":
        yield Finding(
            "note",
            "otel",
            "runs leave as OpenTelemetry spans: facts ride as attributes langsmith.metadata.respmeta_*",
        )
    elif case.mode == "hybrid":
        yield Finding(
            "ok", "otel", "hybrid: runs go to LangSmith and leave as spans too; both carry the facts"
        )
    if os.environ.get("LANGSMITH_RUNS_ENDPOINTS"):
        yield Finding(
            "note",
            "replicas",
            "LANGSMITH_RUNS_ENDPOINTS: every copy of a run carries its metadata; feedback goes to the copy that keeps "
            "the run's id, which is the one in the run's own project",
        )


def _mode() -> str:
    said = utils.get_env_var("TRACING_MODE")
    if said is not None:
        return said.strip().lower()
    if utils.is_env_var_truish("OTEL_ONLY"):
        return "otel"
    return "hybrid" if utils.is_env_var_truish("OTEL_ENABLED") else "langsmith"
