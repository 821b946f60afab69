"""docs/metrics.md: each program runs as it is written, and shows what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from langchain_respmeta.demo import ReplayServer, demo_scenarios
from tests.docs.page import sections
from tests.waiting import CEILING_S

_PAGE = sections("docs/metrics.md")
_MODEL = 'from langchain_openai import ChatOpenAI\nmodel = ChatOpenAI(model="gpt-5-mini")\n'
_FAKE = """
from langchain_core.language_models import FakeListChatModel
model = FakeListChatModel(responses=["hello"])
"""
"""Loaded in a tenth of the time."""


@pytest.fixture
def environment(replay: ReplayServer) -> dict[str, str]:
    """`ChatOpenAI` is answered by the demo."""
    answer = demo_scenarios()["openai"]["basic"].answers[0]
    url = replay.add("openai", "metrics-page", [answer])
    return {**os.environ, "OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": "none"}


def _said(program: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=CEILING_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_opentelemetry_shows_the_call_at_the_program_s_end(environment: dict[str, str]) -> None:
    (program,) = [block.text for block in _PAGE["OpenTelemetry"] if block.language == "python"]
    (resource,) = json.loads(_said(_MODEL + program, environment))["resource_metrics"]
    metrics = {metric["name"]: metric for metric in resource["scope_metrics"][0]["metrics"]}
    (point,) = metrics["respmeta.calls"]["data"]["data_points"]
    assert (point["value"], point["attributes"]["user_id"]) == (1, "ada")


def test_prometheus_shows_the_call_to_a_scrape_also_of_many_processes(tmp_path: Path) -> None:
    alone, many = [block.text for block in _PAGE["Prometheus"] if block.language == "python"]
    alone = alone.replace("start_http_server(9100)", "server, _ = start_http_server(0)")
    looked = """
from urllib.request import urlopen
assert handler.flush(60)
print(urlopen(f"http://127.0.0.1:{server.server_port}/metrics").read().decode())
"""
    assert 'user_id="ada"} 1.0' in _said(_FAKE + alone + looked, dict(os.environ))
    gathered = """
body = application({"REQUEST_METHOD": "GET", "PATH_INFO": "/metrics"}, lambda status, headers: None)
print(b"".join(body).decode())
"""
    shared = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    _said(_FAKE + alone.replace("server, _ = start_http_server(0)", ""), shared)
    told = _said(many + gathered, shared)
    assert [
        line
        for line in told.splitlines()
        if line.startswith("respmeta_calls_total") and line.endswith(" 1.0")
    ]
