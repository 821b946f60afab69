"""docs/typescript.md and the files for other languages: what stands on real runs is what they say."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import langchain_respmeta
from langchain_respmeta.local import LocalServer
from tests.docs.test_agents_page import EXAMPLE, TURNS, _tracing_on
from tests.docs.test_keys_page import sent_on_model_runs, sent_on_roots, sent_on_tools_and_parsers

__all__ = ["_tracing_on"]

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "typescript.md").read_text()
KEYS = json.loads((DOCS / "flat-keys.json").read_text())
SCHEMA = json.loads((DOCS / "respmeta.schema.json").read_text())
DECLARED = (DOCS / "respmeta.d.ts").read_text()
KINDS = ("model_run", "root_run", "tool_run")
PYTHON = {"string": str, "integer": int, "number": (int, float), "boolean": bool}


def named(kind: str) -> dict[str, dict[str, Any]]:
    """The published keys of one kind of run."""
    return {key["name"]: key for key in KEYS[kind]}


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("model_run", sent_on_model_runs()),
        ("root_run", sent_on_roots()),
        ("tool_run", sent_on_tools_and_parsers()),
    ],
)
def test_every_key_of_such_a_run_is_published_and_no_other(kind: str, sent: set[str]) -> None:
    facts_of_attempts = {"error_type", "error_status", "latency_s", "model"}  # within a root's lists
    assert set(named(kind)) == (sent - facts_of_attempts if kind == "root_run" else sent)


def test_each_path_of_a_key_is_one_of_the_schema() -> None:
    for key in KEYS["model_run"]:
        found: dict[str, Any] = SCHEMA
        for name in key.get("path", "").split("."):
            if name:
                part = next((one["$ref"] for one in found.get("anyOf", ()) if "$ref" in one), None)
                found = SCHEMA["$defs"][part.rpartition("/")[2]] if part else found
                found = found["properties"][name]
        assert "description" in found


@pytest.fixture
def runs(
    _tracing_on: None,
    server: LocalServer,
    replay: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> list[dict[str, Any]]:
    """What an agent with tools leaves in LangSmith."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "any")
    monkeypatch.setenv("OPENAI_BASE_URL", f"{replay.add('openai', 'docs', TURNS, by='turn')}/v1")
    exec(compile(EXAMPLE, "agents.md", "exec"), {"__name__": "example"})  # noqa: S102
    from langchain_core.tracers.langchain import wait_for_all_tracers

    wait_for_all_tracers()
    return list(server.store.runs(project=os.environ["LANGSMITH_PROJECT"]))


def _kind(run: dict[str, Any]) -> str:
    kind = {"llm": "model_run", "tool": "tool_run"}.get(run["run_type"])
    return kind or "root_run"


def test_real_runs_carry_these_keys_with_these_types_and_a_record_of_this_schema(
    runs: list[dict[str, Any]],
) -> None:
    lenient = json.loads(json.dumps(SCHEMA))
    lenient["required"] = ["schema_version"]  # a run leaves out what was not reported
    seen = set()
    for run in runs:
        told = run["extra"]["metadata"]
        published = named(_kind(run))
        for name, value in told.items():
            if name.startswith("respmeta_"):
                key = published[name.removeprefix("respmeta_")]
                assert isinstance(value, PYTHON[key["type"]])
                assert value in key.get("enum", [value])
                seen.add(_kind(run))
        if "respmeta" in told and "rollup" not in told["respmeta"]:
            Draft202012Validator(lenient).validate(told["respmeta"])
    assert seen == set(KINDS)


def _interfaces() -> Iterator[tuple[str, set[str]]]:
    for name, body in re.findall(r"^export interface (\w+) \{\n(.*?)^\}", DECLARED, re.DOTALL | re.MULTILINE):
        yield name, set(re.findall(r"^  (\w+)\??: .+;$", body, re.MULTILINE))


def test_the_types_have_every_field_of_the_schema() -> None:
    declared = dict(_interfaces())
    for name, part in {**SCHEMA["$defs"], "ResponseMetadata": SCHEMA}.items():
        assert declared[name] == set(part["properties"])


def test_the_page_uses_names_that_are_there() -> None:
    (code,) = re.findall(r"```typescript\n(.*?)```", PAGE, re.DOTALL)
    used = set(re.findall(r"respmeta_(\w+)", code))
    assert used
    assert used <= {name for kind in KINDS for name in named(kind)}
    types = re.search(r"import type \{ (.+) \} from \"./respmeta\"", code)
    assert types is not None
    assert all(f"export type {name}<" in DECLARED for name in types[1].split(", "))


def test_the_job_for_runs_of_langchain_js_uses_names_that_are_there() -> None:
    (job,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    compile(job, "typescript.md", "exec")
    imported = re.findall(r"from langchain_respmeta import (.+)", job)
    assert all(hasattr(langchain_respmeta, name) for name in imported[0].split(", "))


@pytest.mark.skipif(shutil.which("tsc") is None, reason="the TypeScript compiler is not installed")
def test_the_types_compile(tmp_path: Path) -> None:
    shutil.copy(DOCS / "respmeta.d.ts", tmp_path)
    (tmp_path / "use.ts").write_text(
        'import type { ModelRunMetadata } from "./respmeta.js";\n'
        'export const good: ModelRunMetadata<"acme"> = { acme_finish_reason: "stop" };\n'
        "// @ts-expect-error no such word\n"
        'export const bad: ModelRunMetadata = { respmeta_finish_reason: "stopp" };\n'
    )
    done = subprocess.run(
        ["tsc", "--strict", "--noEmit", "--target", "es2022", "--module", "nodenext", "use.ts"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
