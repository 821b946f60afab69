"""Check the runs that a server received, independent of how the handler was attached."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from langchain_respmeta.record.derived import COUNTED, DERIVED
from langchain_respmeta.record.flat_keys import FLAT
from tests.attachment.places import USER_TAG, user_metadata

SUMMED: Final = ("input_tokens", "output_tokens", "total_tokens", "cache_read_tokens", "reasoning_tokens")
OF_SUMS: Final = (
    "llm_calls",
    "unpriced_calls",
    "models",
    "providers",
    "refused_calls",
    "truncated_calls",
    "error_calls",
)
"""Keys that a run has only beside the sums of several calls."""
KEYS: Final = frozenset({"schema_version", *FLAT, *COUNTED, *DERIVED})
"""Every key that a model run may have, without the prefix."""

_WITH_OWN_FACTS: Final = frozenset({"tool", "parser"})
"""Run types with keys of their own: see tests/agents."""

_OURS: Final = re.compile(r"(?:respmeta|other|inner)(?:_(\w+))?")

Run = Mapping[str, Any]


def faults_in(
    runs: Sequence[Run], project: str, prefixes: Sequence[str], *, copied: bool = False
) -> list[str]:
    """Everything that is wrong with one project's runs."""
    roots = {run["trace_id"]: run for run in runs if run["parent_run_id"] is None}
    calls: dict[str, list[Run]] = {trace: [] for trace in roots}
    found = []
    for run in runs:
        found += [f"{run['run_type']} {run['name']}: {fault}" for fault in _faults_of_any(run, project)]
        if run["run_type"] == "llm":
            calls.setdefault(run["trace_id"], []).append(run)
            found += [
                f"llm {fault}" for prefix in prefixes for fault in _faults_of_call(run, prefix, copied=copied)
            ]
        elif run["parent_run_id"] is not None and run["run_type"] not in _WITH_OWN_FACTS:
            found += [
                f"{run['name']}: has {key}" for key in metadata_of(run) if key.startswith(tuple(prefixes))
            ]
    for trace, root in roots.items():
        found += [
            f"root {root['name']}: {f}" for p in prefixes for f in _faults_of_root(root, calls[trace], p)
        ]
    return [*found, *_mixed_up(runs, prefixes[0])]


def metadata_of(run: Run) -> dict[str, Any]:
    """A run's metadata."""
    return (run["extra"] or {}).get("metadata") or {}


def ours_of(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What we put there."""
    return {key: value for key, value in metadata.items() if key.startswith("respmeta")}


def message_of(run: Run) -> Mapping[str, Any]:
    """The message that a model run gave back, as the tracer dumped it."""
    generation = run["outputs"]["generations"][0]
    message = (generation[0] if isinstance(generation, list) else generation)["message"]
    return message.get("kwargs", message)


def _faults_of_any(run: Run, project: str) -> Iterator[str]:
    if run["end_time"] is None:
        yield "never finished"
    if run["posts"] != 1 or run["patches"] > 1:
        yield f"{run['posts']} posts, {run['patches']} patches"
    metadata = metadata_of(run)
    for key, value in user_metadata(project).items():
        # A traceable function and LangChain's own helpers are not given the metadata of the config.
        if metadata.get(key, value) != value:
            yield f"the user's {key} is {metadata[key]!r}"
    ours = (match for key in metadata if (match := _OURS.fullmatch(key)))
    strange = [match[0] for match in ours if match[1] and match[1] not in KEYS]
    if strange and run["run_type"] == "llm" and run["parent_run_id"] is not None:
        yield f"strange keys {strange}"
    if any("respmeta" in tag for tag in run["tags"] or ()):
        yield f"tags {run['tags']}"


def _faults_of_call(run: Run, prefix: str, *, copied: bool) -> Iterator[str]:
    metadata = metadata_of(run)
    record = metadata.get(prefix)
    if not isinstance(record, dict) or f"{prefix}_schema_version" not in metadata:
        yield f"carries no {prefix}"
        return
    if USER_TAG not in (run["tags"] or ()):
        yield f"lost the user's tag: {run['tags']}"
    if missing := user_metadata("").keys() - metadata.keys():
        yield f"lost the user's metadata {missing}"
    if not copied and record.get("run_id") != run["id"]:
        yield f"says it is run {record.get('run_id')}"
    if run["error"]:
        if metadata.get(f"{prefix}_finish_reason") != "error" or not metadata.get(f"{prefix}_error_type"):
            yield f"failed, but {prefix}_finish_reason is {metadata.get(f'{prefix}_finish_reason')}"
        return
    yield from _differences(run, metadata, record, prefix)


def _differences(
    run: Run, metadata: Mapping[str, Any], record: Mapping[str, Any], prefix: str
) -> Iterator[str]:
    message = message_of(run)
    usage, said = message["usage_metadata"], message["response_metadata"]
    response_id = said.get("id")  # ChatOpenAI loses it in streams: then None is right
    expected = {
        "response_id": response_id,
        "model": said["model_name"],
        "finish_reason": said["finish_reason"],
        "input_tokens": usage["input_tokens"],
        "output_tokens": usage["output_tokens"],
        "total_tokens": usage["total_tokens"],
        "cache_read_tokens": usage["input_token_details"]["cache_read"],
        "reasoning_tokens": usage["output_token_details"]["reasoning"],
    }
    for key, value in expected.items():
        if metadata.get(f"{prefix}_{key}") != value:
            yield f"{prefix}_{key} is {metadata.get(f'{prefix}_{key}')!r}, the answer says {value!r}"
    if record.get("response_id") != response_id:
        yield f"the nested record is that of {record.get('response_id')}"
    columns = metadata.get("usage_metadata") or {}
    if any(columns.get(key) != usage[key] for key in ("input_tokens", "output_tokens", "total_tokens")):
        yield f"usage_metadata is {columns}"


def _faults_of_root(root: Run, calls: Sequence[Run], prefix: str) -> Iterator[str]:
    metadata = metadata_of(root)
    if not calls:
        yield from (f"has {key} without model calls" for key in metadata if key.startswith(prefix))
        return
    if calls == [root]:
        yield from (f"repeats itself as {key}" for key in OF_SUMS if f"{prefix}_{key}" in metadata)
        return
    if root["run_type"] != "llm":
        if "rollup" not in (metadata.get(prefix) or {}):
            yield f"has no {prefix} roll-up"
        if "usage_metadata" in metadata:
            yield "has usage_metadata, which the server would count twice"
    found = [metadata_of(call) for call in calls]
    expected: dict[str, Any] = {"llm_calls": len(calls)}
    for key in SUMMED:
        expected[key] = sum(one.get(f"{prefix}_{key}", 0) for one in found)
    expected["models"] = ", ".join(sorted({one.get(f"{prefix}_model", "unknown") for one in found}))
    expected["error_calls"] = sum(one.get(f"{prefix}_finish_reason") == "error" for one in found)
    for key, value in expected.items():
        if metadata.get(f"{prefix}_{key}") != value:
            yield f"{prefix}_{key} is {metadata.get(f'{prefix}_{key}')!r}, the calls make {value!r}"


def _mixed_up(runs: Sequence[Run], prefix: str) -> Iterator[str]:
    ids = Counter(metadata_of(run).get(f"{prefix}_response_id") for run in runs if run["run_type"] == "llm")
    yield from (f"{count} runs say they are {name}" for name, count in ids.items() if name and count > 1)
