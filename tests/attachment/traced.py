"""A user's process that traces to the embedded server, and what arrived there."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from langsmith import Client, run_trees

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._delivery import service
from langchain_respmeta.local import LocalServer
from tests.attachment.check import metadata_of
from tests.attachment.places import tracing_to
from tests.attachment.wire import Wire
from tests.sending import send_all
from tests.waiting import CEILING_S


@dataclass
class Traced:
    """The server, the wire to it, and the client that LangChain takes by default."""

    server: LocalServer
    wire: Wire
    client: Client
    project: str

    def runs(self, project: str | None = None, **where: Any) -> list[dict[str, Any]]:
        """Runs that arrived, after everything was sent."""
        send_all(self.client)
        return self.server.store.runs(project=project or self.project, **where)

    def model_run(self) -> dict[str, Any]:
        """The only model run."""
        (run,) = self.runs(run_type="llm")
        return run

    def model_metadata(self) -> dict[str, Any]:
        """Metadata of the only model run."""
        return metadata_of(self.model_run())

    def root_metadata(self) -> dict[str, Any]:
        """Metadata of the only root."""
        (root,) = [run for run in self.runs() if run["parent_run_id"] is None]
        return metadata_of(root)

    def feedback(self, handler: RespMetaHandler) -> list[dict[str, Any]]:
        """Feedback that arrived, after everything was delivered."""
        send_all(self.client)
        assert handler.flush(CEILING_S), handler.delivery
        ids = {run["id"] for run in self.runs()}
        return [one for one in self.server.store.feedback() if one["run_id"] in ids]

    def use(self, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Client:
        """Make a client with these options LangChain's default."""
        self.client = Client(api_url=self.wire.url, api_key="any", **options)
        monkeypatch.setattr(run_trees, "_CLIENT", self.client)
        return self.client


@contextmanager
def traced_to(
    server: LocalServer, project: str, environment: Mapping[str, str] | None = None
) -> Iterator[Traced]:
    """This process traces to `server`, with a delivery that holds nothing of earlier tests."""
    service.close(0.5)
    with Wire(server.url) as wire:
        client = Client(api_url=wire.url, api_key="any")
        with tracing_to(client, wire.url, project, environment or {}):
            yield Traced(server, wire, client, project)
        client.cleanup()
    service.close(0.5)
