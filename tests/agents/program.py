"""An agent that pauses for approval in one process and goes on in another: `python -m tests.agents.program STEP …`.

It looks up two cities at once (each look-up runs a chain of its own), calls a tool that fails, and asks to send mail,
which a person must approve.
"""

import json
import sys
from dataclasses import dataclass
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, HumanInTheLoopMiddleware
from langchain_core.messages import ToolMessage
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import BaseTool, tool
from langchain_core.tracers.langchain import LangChainTracer
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command
from langsmith import Client

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.demo.models import chat_model
from tests.agents.bodies import MODELS

TURNS = (
    ("", ("call_rome", "weather", {"city": "Rome"}), ("call_oslo", "weather", {"city": "Oslo"})),
    ("", ("call_sum", "add_up", {"numbers": ["seven", "x"]})),
    (
        "",
        ("call_mail", "send_mail", {"to": "ann@example.com"}),
        ("call_spam", "send_mail", {"to": "all@example.com"}),
    ),
    ("Rome is warmer; Ann knows.",),
)


@tool
def weather(city: str) -> str:
    """The weather of a city."""
    return RunnableLambda(lambda name: f"{name}: 7 C").with_config(run_name="forecast").invoke(city)


@tool
def add_up(numbers: list[str]) -> int:
    """Add numbers up."""
    return sum(map(int, numbers))


@tool
def send_mail(to: str) -> str:
    """Send a mail."""
    return f"sent to {to}"


TOOLS: list[BaseTool] = [weather, add_up, send_mail]
QUESTION = {"messages": [("user", "Which is warmer, Rome or Oslo? Tell Ann.")]}
EDIT_AND_REJECT = {
    "decisions": [
        {"type": "edit", "edited_action": {"name": "send_mail", "args": {"to": "anna@example.com"}}},
        {"type": "reject", "message": "not everybody"},
    ]
}


class Forgiving(AgentMiddleware):
    """Tells the model that a tool failed, instead of ending the agent."""

    def wrap_tool_call(self, request: Any, handler: Any) -> Any:
        """Run the tool."""
        try:
            return handler(request)
        except ValueError as error:
            return ToolMessage(str(error), tool_call_id=request.tool_call["id"], status="error")


@dataclass
class Setting:
    """What both processes are told."""

    provider: str
    base_url: str
    database: str
    server_url: str
    project: str


def agent_of(setting: Setting, saver: SqliteSaver) -> Any:
    """The agent."""
    return create_agent(
        chat_model(setting.provider, setting.base_url, MODELS[setting.provider]),
        TOOLS,
        middleware=[Forgiving(), HumanInTheLoopMiddleware({"send_mail": True})],
        checkpointer=saver,
    )


def run(step: str, setting: Setting) -> list[dict[str, Any]]:
    """Start, or resume; the records of this process."""
    client = Client(api_url=setting.server_url, api_key="any")
    handler = RespMetaHandler(include_content=True, feedback=False)
    tracer = LangChainTracer(client=client, project_name=setting.project)
    config: Any = {"callbacks": [handler, tracer], "configurable": {"thread_id": "mail"}}
    with SqliteSaver.from_conn_string(setting.database) as saver:
        agent_of(setting, saver).invoke(
            QUESTION if step == "start" else Command(resume=EDIT_AND_REJECT), config
        )
    client.flush()
    return [record.to_dict() for record in handler.records]


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], Setting(*sys.argv[2:]))))
