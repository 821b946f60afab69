"""Models that answer from a list, tools, and what arrived at the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from langchain.agents import AgentState
from langchain.tools import ToolRuntime
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import BaseTool, tool
from langgraph.types import Command, interrupt
from langsmith import Client

from langchain_respmeta import RespMetaHandler, ResponseMetadata
from langchain_respmeta.local import LocalServer
from langchain_respmeta.record.parts import ToolExecution
from tests.sending import send_all

QUESTION: Any = {"messages": [("user", "Please.")]}


@dataclass
class Script:
    """A model's answers in order, after a number of failures."""

    answers: list[AIMessage | str]
    fails: int


SCRIPTS: list[Script] = []


class Model(BaseChatModel):
    """Answers from a script, which its copies share: the SDK copies what a traced function is given."""

    script: int

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self.bind(tools=tools, **kwargs)

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        script = SCRIPTS[self.script]
        if script.fails:
            script.fails -= 1
            raise ConnectionError("overloaded")
        answer = script.answers.pop(0)
        message = AIMessage(answer) if isinstance(answer, str) else answer
        return ChatResult(generations=[ChatGeneration(message=message)])


def model(*answers: AIMessage | str, fails: int = 0) -> Model:
    SCRIPTS.append(Script(list(answers or ["fine"] * 20), fails))
    return Model(script=len(SCRIPTS) - 1)


def asks(*calls: tuple[str, str, dict[str, Any]]) -> AIMessage:
    """An answer that asks for tools: (id, tool, arguments) of each call."""
    return AIMessage(
        "", tool_calls=[{"id": i, "name": n, "args": a, "type": "tool_call"} for i, n, a in calls]
    )


class State(AgentState):  # type: ignore[type-arg]
    """An agent's state with a key of its own."""

    city: str


@tool
def look_up(word: str) -> str:
    """Look a word up."""
    return f"{word}: found"


@tool
def ask_user(question: str) -> str:
    """Ask the user."""
    return f"they said {interrupt({'question': question})}"


@tool
def move(city: str, runtime: ToolRuntime) -> Command:  # type: ignore[type-arg]
    """Move to a city."""
    return Command(
        update={"city": city, "messages": [ToolMessage("moved", tool_call_id=runtime.tool_call_id)]}
    )


@tool
def explode(reason: str) -> str:
    """Fail."""
    raise RuntimeError(reason)


@tool
def delegate(task: str) -> str:
    """Have a chain do it."""
    return RunnableLambda(str.upper).with_config(run_name="inner").invoke(task)


@tool
def draw(what: str) -> list[dict[str, Any]]:
    """Draw."""
    return [
        {"type": "text", "text": f"a {what}"},
        {"type": "image", "base64": "aGVsbG8=", "mime_type": "image/png"},
    ]


TOOLS: Sequence[BaseTool] = (look_up, ask_user, move, explode, delegate, draw)


def executions(handler: RespMetaHandler) -> list[ToolExecution]:
    """Of all records."""
    return [one for record in handler.records for one in record.tool_executions]


def asker(handler: RespMetaHandler) -> ResponseMetadata:
    """The first record that asked for tools."""
    return next(record for record in handler.records if record.tool_calls)


@dataclass
class Sent:
    """Callbacks that trace to a server, and what arrived there."""

    callbacks: list[Any]
    client: Client
    server: LocalServer
    project: str

    def config(self, thread: str = "1") -> Any:
        return {"callbacks": self.callbacks, "configurable": {"thread_id": thread}}

    def runs(self, **where: Any) -> list[dict[str, Any]]:
        send_all(self.client)
        return self.server.store.runs(project=self.project, **where)

    def metadata(self, **where: Any) -> list[dict[str, Any]]:
        """Our metadata of each run, in the order of their starts."""
        runs = sorted(self.runs(**where), key=lambda run: run["start_time"])
        return [
            {key: value for key, value in run["extra"]["metadata"].items() if key.startswith("respmeta")}
            for run in runs
        ]

    def roots(self) -> list[dict[str, Any]]:
        roots = [run for run in self.runs() if run["parent_run_id"] is None]
        return [run["extra"]["metadata"] for run in sorted(roots, key=lambda run: run["start_time"])]
