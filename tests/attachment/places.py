"""Places for the handler, and the metadata that each run must then have."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from langchain_core.tracers import LangChainTracer
from langsmith import Client, run_trees, tracing_context
from langsmith import utils as langsmith_utils

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.handler import hooks
from tests.attachment.setting import Setting

USER_TAG: Final = "the-users-tag"


@dataclass
class Cell:
    """One cell of the matrix while it runs."""

    project: str
    client: Client
    """Of the server that the environment points to."""
    second_client: Client
    """Of another server."""
    stack: ExitStack
    prefixes: tuple[str, ...] = ("respmeta",)
    handlers: list[RespMetaHandler] = field(default_factory=list)
    """Each of them must have a record of every model run."""
    copies: tuple[str, ...] = ()
    """Further projects that the same runs were copied to."""
    uses_second_server: bool = False

    def handler(self, **settings: Any) -> RespMetaHandler:
        """A handler; without feedback, which has tests of its own."""
        made = RespMetaHandler(feedback=False, **settings)
        self.handlers.append(made)
        return made

    def setting(self, callbacks: list[Any] | None = None, **rest: Any) -> Setting:
        """What the way of calling is given."""
        config: dict[str, Any] = {"metadata": user_metadata(self.project), "tags": [USER_TAG]}
        if callbacks is not None:
            config["callbacks"] = callbacks
        return Setting(config, **rest)

    def tracer(self) -> LangChainTracer:
        """A tracer that is passed by hand."""
        return LangChainTracer(project_name=self.project, client=self.client)


def user_metadata(project: str) -> dict[str, Any]:
    """What the user put on the runs."""
    return {"cell": project, "customer": "a", "respect": 1}


Place = Callable[[Cell], Setting]
PLACES: Final[dict[str, Place]] = {}


def _place(function: Place) -> Place:
    PLACES[function.__name__.strip("_")] = function
    return function


@_place
def root_config(cell: Cell) -> Setting:
    return cell.setting([cell.handler()])


@_place
def constructor(cell: Cell) -> Setting:
    return cell.setting(model_kwargs={"callbacks": [cell.handler()]})


@_place
def with_config(cell: Cell) -> Setting:
    return cell.setting(model_config={"callbacks": [cell.handler()]}, binds=True)


@_place
def tracer_then_handler(cell: Cell) -> Setting:
    return cell.setting([cell.tracer(), cell.handler()])


@_place
def handler_then_tracer(cell: Cell) -> Setting:
    return cell.setting([cell.handler(), cell.tracer()])


@_place
def environment(cell: Cell) -> Setting:
    patch = cell.stack.enter_context(pytest.MonkeyPatch.context())
    patch.setenv("RESPMETA_ENABLED", "true")
    patch.setenv("RESPMETA_FEEDBACK", "false")
    patch.setattr(hooks._HOOKS, "process_wide", None)
    hooks.register()
    process_wide = hooks.get_enabled_handler()
    assert process_wide is not None
    cell.handlers.append(process_wide)
    return cell.setting()


@_place
def context_manager(cell: Cell) -> Setting:
    cell.stack.enter_context(hooks.get_response_metadata_callback(cell.handler()))
    return cell.setting(carries_context=True)


@_place
def nested_context_managers(cell: Cell) -> Setting:
    for prefix in ("respmeta", "inner"):
        cell.stack.enter_context(hooks.get_response_metadata_callback(cell.handler(prefix=prefix)))
    cell.prefixes = ("respmeta", "inner")
    return cell.setting(carries_context=True)


@_place
def two_prefixes(cell: Cell) -> Setting:
    cell.prefixes = ("respmeta", "other")
    return cell.setting([cell.handler(), cell.handler(prefix="other")])


@_place
def same_prefix_twice(cell: Cell) -> Setting:
    return cell.setting([cell.handler(), cell.handler()])


@_place
def root_and_constructor(cell: Cell) -> Setting:
    return cell.setting([cell.handler()], model_kwargs={"callbacks": [cell.handler()]})


@_place
def everywhere_the_same(cell: Cell) -> Setting:
    handler = cell.handler()
    return cell.setting(
        [handler], model_kwargs={"callbacks": [handler]}, model_config={"callbacks": [handler]}
    )


@_place
def two_tracers(cell: Cell) -> Setting:
    cell.uses_second_server = True
    other = LangChainTracer(project_name=cell.project, client=cell.second_client)
    return cell.setting([cell.tracer(), cell.handler(), other])


@_place
def replicas(cell: Cell) -> Setting:
    cell.copies = (f"{cell.project}-copy",)
    names = (cell.project, *cell.copies)
    # Before 0.4 the SDK took pairs of a project and updates.
    copies: Any = [{"project_name": n} if hasattr(run_trees, "WriteReplica") else (n, None) for n in names]
    cell.stack.enter_context(tracing_context(replicas=copies))
    return cell.setting([cell.handler()], carries_context=True)


@contextmanager
def tracing_to(
    client: Client, url: str, project: str, more: Mapping[str, str] | None = None
) -> Iterator[None]:
    """The environment of a user who traces to a server: the client is the one that LangChain takes by default."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "LANGSMITH_TRACING": "true",
            "LANGSMITH_ENDPOINT": url,
            "LANGSMITH_API_KEY": "any",
            "LANGSMITH_PROJECT": project,
            **(more or {}),
        }.items():
            patch.setenv(name, value)
        patch.setattr(run_trees, "_CLIENT", client)
        forget_environment()
        yield
    forget_environment()


def forget_environment() -> None:
    """Let the SDK read its variables again."""
    langsmith_utils.get_env_var.cache_clear()
    langsmith_utils.get_tracer_project.cache_clear()
