"""The demo: real integration classes, replayed providers, the embedded server, and what ends up on the runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.util import find_spec
from textwrap import shorten
from threading import Event
from typing import TYPE_CHECKING

from langchain_respmeta.cli.demo.models import integration_modules
from langchain_respmeta.cli.demo.replay import ReplayServer
from langchain_respmeta.cli.demo.scenarios import demo_scenarios
from langchain_respmeta.errors import MissingExtraError

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langsmith import Client
    from rich.console import Console

    from langchain_respmeta import RespMetaHandler
    from langchain_respmeta.cli.demo.calls import MadeCall
    from langchain_respmeta.cli.demo.table import EnrichedRun

__all__ = ["run_demo"]

PROJECT = "respmeta-demo"

# As slow as a very fast provider, so that latencies and times to first token are not all zero.
_ANSWER_DELAY_S = 0.04
_CHUNK_DELAY_S = 0.004
_DELIVERY_S = 20.0
_REASON_CHARACTERS = 120


def run_demo(once: bool = False, port: int | None = None, *, as_json: bool = False) -> int:  # noqa: FBT001 - a flag of the command line
    """Run the demo and show the enriched runs.

    Needs no key and no network but the loopback; the user's environment is neither used nor changed.

    Args:
        once: Return when the table is printed, instead of serving the page until Ctrl-C.
        port: Of the embedded server; a free one when None.
        as_json: Print the runs as JSON on standard output, and everything else on standard error.

    Returns:
        Exit status: 0, or 1 when a run came back from the server without its record.

    Raises:
        MissingExtraError: A package of the extra ``demo`` is not installed.
    """
    _require_packages()
    from langchain_respmeta.cli.demo.environment import isolated_environment
    from langchain_respmeta.cli.output import console, say_json
    from langchain_respmeta.local import LocalServer

    people = console(stderr=as_json)
    with isolated_environment(), LocalServer(port=port or 0) as server:
        runs = _make_runs(server.url, people)
        if as_json:
            say_json({"url": server.url, "project": PROJECT, "runs": [asdict(run) for run in runs]})
        status = _show(runs, server.url, people)
        if not once:
            _stay(people)
    return status


def _require_packages() -> None:
    """Report missing packages before anything starts."""
    for module in ("rich", "langchain", "langgraph", *integration_modules()):
        try:
            found = find_spec(module) is not None
        except ValueError:  # find_spec raises for a module that is blocked in sys.modules
            found = False
        if not found:
            raise MissingExtraError("The demo", extra="demo", package=module.replace("_", "-"))


def _make_runs(url: str, console: "Console") -> "list[EnrichedRun]":
    """Make every call under tracing, wait for delivery, and read the runs back."""
    from langchain_respmeta import RespMetaHandler
    from langchain_respmeta.cli.demo.table import read_runs

    handler = RespMetaHandler()
    with (
        ReplayServer(
            demo_scenarios(), answer_delay_s=_ANSWER_DELAY_S, chunk_delay_s=_CHUNK_DELAY_S
        ) as replay,
        _traced_to(url, handler) as client,
    ):
        _make_all_calls(replay, {"callbacks": [handler]}, console)
    return read_runs(client, PROJECT)


@contextmanager
def _traced_to(url: str, handler: "RespMetaHandler") -> "Iterator[Client]":
    """Trace the block to a server, and return when all of it has arrived."""
    from langsmith import Client, tracing_context

    from langchain_respmeta._delivery import service

    client = Client(api_url=url, api_key="the-embedded-server-needs-none")
    with tracing_context(enabled=True, client=client, project_name=PROJECT):
        yield client
    client.flush()
    handler.flush(_DELIVERY_S)
    # The outbox is in the demo's own directory, which is deleted next.
    service.close(_DELIVERY_S)


def _make_all_calls(replay: ReplayServer, config: "RunnableConfig", console: "Console") -> None:
    from langchain_respmeta.cli.demo import calls

    console.print("[bold]Seven providers, replayed on this machine; every class is the real one.[/bold]\n")
    with console.status("Loading the integrations …") as status:
        for outcome in calls.make_calls(replay, config):
            status.update(f"{outcome.call.provider} {outcome.call.name} …")
            if outcome.error is not None:
                console.print(_failure(outcome), markup=False)
        calls.run_chain(replay, config)
        calls.run_traced_function(replay, config)
        calls.run_fallback(replay, config)
        answer = calls.run_agent(replay, config)
    console.print(f"The agent says: {answer}\n", markup=False)


def _failure(outcome: "MadeCall") -> str:
    reason = shorten(str(outcome.error), _REASON_CHARACTERS, placeholder=" …")
    return f"Fails, as it should: {outcome.call.provider} {outcome.call.name}: {reason}"


def _show(runs: "list[EnrichedRun]", url: str, console: "Console") -> int:
    from langchain_respmeta.cli.demo.table import calls_table, traces_table

    console.print(calls_table(runs), "", traces_table(runs), "", sep="\n")
    model_runs = [run for run in runs if run.run_type == "llm"]
    bare = [run.name for run in model_runs if not run.is_enriched]
    if bare or not model_runs:
        console.print(
            f"[red]{len(bare)} of {len(model_runs)} model runs have no record: {', '.join(bare)}[/red]"
        )
        return 1
    console.print(f"All {len(model_runs)} model runs carry their record. The page: [bold]{url}[/bold]")
    return 0


def _stay(console: "Console") -> None:
    console.print("It stays until you press Ctrl-C.")
    try:
        Event().wait()
    except KeyboardInterrupt:
        console.print("\nBye.")
