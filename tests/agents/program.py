"""An agent that pauses for approval in one process and resumes in another: `python -m tests.agents.program STEP …`.

It looks up two cities at once (each look-up runs a chain of its own), calls a tool that fails, and asks to send mails,
which a person must approve. At last it asks for a tool that its caller runs. Old results are cleared from its prompts.
"""

import json
import sys
from dataclasses import dataclass
from typing import Any

from langchain.agents import AgentState, create_agent
from langchain.agents.middleware import (
    AgentMiddleware,
    ClearToolUsesEdit,
    ContextEditingMiddleware,
    HumanInTheLoopMiddleware,
    hook_config,
)
from langchain.tools import ToolRuntime
from langchain_core.messages import ToolMessage
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import BaseTool, tool
from langchain_core.tracers.langchain import LangChainTracer
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command
from langsmith import Client

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.demo import chat_model
from tests.agents.bodies import MODELS
from tests.sending import send_all

TURNS = (
    ("", ("call_rome", "weather", {"city": "Rome"}), ("call_oslo", "weather", {"city": "Oslo"})),
    ("", ("call_sum", "add_up", {"numbers": ["seven", "x"]})),
    (
        "",
        ("call_mail", "send_mail", {"to": "ann@example.com"}),
        ("call_spam", "send_mail", {"to": "all@example.com"}),
        ("call_who", "send_mail", {"to": "bob"}),
    ),
    ("", ("call_pay", "pay", {"euros": 7})),
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
def send_mail(to: str, runtime: ToolRuntime) -> Command:  # type: ignore[type-arg]
    """Send a mail."""
    reply = ToolMessage(f"sent to {to}", tool_call_id=runtime.tool_call_id)
    return Command(update={"sent_to": to, "messages": [reply]})


@tool
def pay(euros: int) -> None:
    """Pay. The agent's caller runs this."""
    raise NotImplementedError(euros)


TOOLS: list[BaseTool] = [weather, add_up, send_mail, pay]
QUESTION = {"messages": [("user", "Which is warmer, Rome or Oslo? Tell Ann.")]}
DECISIONS = {
    "decisions": [
        {"type": "edit", "edited_action": {"name": "send_mail", "args": {"to": "anna@example.com"}}},
        {"type": "reject", "message": "not everybody"},
        {"type": "respond", "message": "Bob knows already"},
    ]
}


class State(AgentState):  # type: ignore[type-arg]
    """The agent's state, with the last mail's receiver."""

    sent_to: str


class Forgiving(AgentMiddleware):
    """Return a tool's failure to the model instead of ending the agent."""

    def wrap_tool_call(self, request: Any, handler: Any) -> Any:
        """Run the tool."""
        try:
            return handler(request)
        except ValueError as error:
            return ToolMessage(str(error), tool_call_id=request.tool_call["id"], status="error")


class HandsBack(AgentMiddleware):
    """Ends the agent where it asks for a tool that its caller runs."""

    @hook_config(can_jump_to=["end"])
    def after_model(self, state: Any, runtime: Any) -> Any:
        """The calls stay in the last message."""
        asked = [call["name"] for call in state["messages"][-1].tool_calls]
        return {"jump_to": "end"} if "pay" in asked else None


@dataclass
class Setting:
    """The callbacks' configuration of both processes."""

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
        middleware=[
            Forgiving(),
            ContextEditingMiddleware(edits=[ClearToolUsesEdit(trigger=10, keep=1)]),
            HumanInTheLoopMiddleware({"send_mail": True}),
            HandsBack(),
        ],
        checkpointer=saver,
        state_schema=State,
    )


def run(step: str, setting: Setting) -> list[dict[str, Any]]:
    """Start, or resume; the records of this process."""
    client = Client(api_url=setting.server_url, api_key="any")
    handler = RespMetaHandler(include_content=True, feedback=False)
    tracer = LangChainTracer(client=client, project_name=setting.project)
    config: Any = {"callbacks": [handler, tracer], "configurable": {"thread_id": "mail"}}
    with SqliteSaver.from_conn_string(setting.database) as saver:
        agent_of(setting, saver).invoke(QUESTION if step == "start" else Command(resume=DECISIONS), config)
    send_all(client)
    return [record.to_dict() for record in handler.records]


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], Setting(*sys.argv[2:]))))
