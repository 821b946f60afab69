"""A demo that needs no key and no network: the real integrations, answered by a replay server.

Also the test double of the model providers: `ReplayServer`. `python -m langchain_respmeta.demo` is `respmeta demo`.
"""

from __future__ import annotations

import sys

from langchain_respmeta.cli.demo.answer import Answer, Scenario, recorded_answer
from langchain_respmeta.cli.demo.models import chat_model, scenario_model, scenario_runnable
from langchain_respmeta.cli.demo.program import run_demo
from langchain_respmeta.cli.demo.replay import ReplayServer
from langchain_respmeta.cli.demo.scenarios import demo_scenarios

__all__ = [
    "Answer",
    "ReplayServer",
    "Scenario",
    "chat_model",
    "demo_scenarios",
    "recorded_answer",
    "run_demo",
    "scenario_model",
    "scenario_runnable",
]

if __name__ == "__main__":
    from langchain_respmeta.cli.main import main

    sys.exit(main(["demo", *sys.argv[1:]]))
