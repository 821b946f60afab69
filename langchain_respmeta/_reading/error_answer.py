"""An error's body where an answer was asked for: it is read as the failure that an SDK would have raised for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from langchain_respmeta._reading.error_body import code_of, fault_of
from langchain_respmeta._reading.failures import draft_of_failure
from langchain_respmeta.providers.endpoints import UNKNOWN
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.raw.body import LIST, raw_body_of
from langchain_respmeta.providers.registry import REGISTRY
from langchain_respmeta.record.bounds import Budget, tamed

_FAILED: Final = range(400, 600)
_WORDS: Final = frozenset({"message", "code", "type", "status", "metadata", "Message", "Code"})
_UNNAMED: Final = "error"
"""The type of an error that does not say what it is."""


def draft_of_error_body(response: object, start: RunStart) -> ReadDraft | None:
    """A draft with the error that `response` tells of; None where it tells of none. Never raises."""
    raw, status = raw_body_of(response), _status_of(response)
    body = _first(raw.body) if raw is not None else None
    if status is None and (body is None or not is_error(body)):
        return None
    body, headers = body or {}, raw.headers if raw is not None else {}
    draft = draft_of_failure(_Answered(body, headers, status), None, start)
    draft["error.type"] = _type_of(body)
    if draft.get("provider", UNKNOWN) == UNKNOWN and start.host is not None:
        draft["provider"] = REGISTRY.at(start.host)
    return draft


def is_error(body: Mapping[str, Any]) -> bool:
    """Whether a body says that the call failed, in a form that some API documents."""
    if _is_fault(body.get("error")) or _is_fault(body.get("Error")):
        return True
    errors = body.get("errors")
    if isinstance(errors, list) and errors:
        return _is_fault(errors[0])
    return body.get("object") == "error" and isinstance(body.get("message"), str)


def _is_fault(value: object) -> bool:
    if isinstance(value, Mapping):
        return not _WORDS.isdisjoint(value)
    return isinstance(value, str) and bool(value.strip())


def _first(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Google sends a list of one."""
    listed = body.get(LIST)
    if not isinstance(listed, list):
        return body
    return listed[0] if listed and isinstance(listed[0], Mapping) else None


def _status_of(response: object) -> int | None:
    """The status of an HTTP response that failed."""
    if isinstance(response, Mapping):
        return None
    try:
        status = getattr(response, "status_code", None)
    except Exception:  # noqa: BLE001 - a foreign attribute may raise anything
        return None
    return status if isinstance(status, int) and status in _FAILED else None


def _type_of(body: Mapping[str, Any]) -> str:
    """The provider's own kind of error."""
    of_boto = body.get("Error")
    if isinstance(of_boto, Mapping):
        body = {"error": {"code": of_boto.get("Code")}}
    fault = fault_of(tamed(body, Budget.for_reading()))
    kind = fault.get("type")
    return kind if isinstance(kind, str) and kind.isidentifier() else code_of(fault) or _UNNAMED


class _Answered(Exception):  # noqa: N818 - never raised
    """Has the attributes that SDKs' exceptions have."""

    def __init__(self, body: Mapping[str, Any], headers: Mapping[str, str], status: int | None) -> None:
        super().__init__()
        self.body, self.headers, self.status_code = body, headers, status
        self.request_id = body.get("request_id")
        if "Error" in body:
            self.response = body  # as boto3 has it
