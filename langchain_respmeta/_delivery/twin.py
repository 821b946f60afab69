"""A LangSmith client as the worker needs it: whether it can send feedback, and a copy of it that never waits long."""

from __future__ import annotations

import copy
import inspect
import os
from collections import OrderedDict
from collections.abc import Mapping

import requests
from langsmith import Client
from langsmith.schemas import LangSmithInfo
from requests.adapters import HTTPAdapter

from langchain_respmeta._delivery.settings import DeliverySettings

__all__ = ["feedback_parameters", "is_sampled", "objection", "twin"]


def objection(client: Client) -> str | None:
    """Why no feedback can go through this client; None when it can."""
    if _tracing_mode(client) == "otel":
        return (
            "tracing mode 'otel' exports no LangSmith run ids, so there is nothing to give feedback on;"
            " the facts are in the span attributes langsmith.metadata.respmeta_*"
        )
    if "extend_trace_retention" not in feedback_parameters(client):
        return (
            "this langsmith version would move every trace with feedback to the dearer extended retention;"
            " upgrade with: pip install -U 'langsmith>=0.12'"
        )
    if _samples_by_chance(client):
        return (
            "this langsmith version samples traces by chance, so nobody can tell which of them have feedback coming;"
            " upgrade with: pip install -U 'langsmith>=0.12'"
        )
    return None


def _tracing_mode(client: Client) -> str:
    """'langsmith', 'otel' or 'hybrid'. In hybrid mode LangSmith has the runs too, and takes feedback."""
    mode = getattr(client, "tracing_mode", None)
    if isinstance(mode, str):
        return mode
    if getattr(client, "otel_exporter", None) is None:
        return "langsmith"
    only = os.environ.get("LANGSMITH_OTEL_ONLY") or os.environ.get("OTEL_ONLY") or ""
    return "otel" if only.lower() in {"1", "true"} else "hybrid"


def is_sampled(client: Client, trace_id: str) -> bool:
    """Whether the client sends this trace."""
    decide = getattr(client, "_should_sample", None)
    return bool(decide(trace_id)) if callable(decide) and inspect.signature(decide).parameters else True


def _samples_by_chance(client: Client) -> bool:
    """Before 0.12 the SDK sampled each trace at random; since then the trace's id decides, the same everywhere."""
    rate = getattr(client, "tracing_sample_rate", None)
    decide = getattr(client, "_should_sample", None)
    return rate is not None and rate < 1 and callable(decide) and not inspect.signature(decide).parameters


def twin(client: Client, settings: DeliverySettings) -> Client:
    """Return a copy of the client for a background worker.

    Same class, address, credentials, workspace and sampling, but: a session of its own (the client closes its at
    exit) without urllib3's retries (they sleep through `Retry-After` in place, three times), short timeouts, and no
    batching (whose reply would be lost). It holds no reference to the client, whose threads end by counting references.
    """
    if not isinstance(client, Client):
        return client
    other = copy.copy(client)
    changes = {
        "session": _session_like(client.session, settings.senders),
        "_timeout": (settings.connect_timeout_s, settings.read_timeout_s),
        "tracing_queue": None,
        "compressed_traces": None,
        "_get_data_type_cached": None,
        "_langsmith_api": None,
        "_langsmith_api_sync": None,
        # A single feedback needs none of it, and fetching it is one more request that may hang.
        "_info": LangSmithInfo(),
    }
    for name, value in changes.items():
        if hasattr(client, name):
            setattr(other, name, value)
    return other


def _session_like(session: requests.Session, connections: int) -> requests.Session:
    if type(session) is not requests.Session:
        return session  # a user's own class: a copy may be incomplete
    other = copy.copy(session)
    other.adapters = OrderedDict(session.adapters)
    for prefix in ("https://", "http://"):
        other.mount(prefix, HTTPAdapter(max_retries=0, pool_maxsize=connections))
    return other


def feedback_parameters(client: Client) -> Mapping[str, inspect.Parameter]:
    """Return the parameters of the client's `create_feedback`."""
    return inspect.signature(client.create_feedback).parameters
