"""A demo that needs no key and no network, and the replay server that stands for the model providers in tests.

`python -m langchain_respmeta.demo [--once] [--port N]` starts it; what it is made of is in `langchain_respmeta.cli.demo`.
"""

from __future__ import annotations

import sys

from langchain_respmeta.cli.demo import (
    Answer,
    ReplayServer,
    Scenario,
    chat_model,
    demo_scenarios,
    recorded_answer,
    run_demo,
    scenario_model,
    scenario_runnable,
)

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
    from langchain_respmeta.cli.demo.command_line import main

    sys.exit(main())
