"""`RespMetaHandler`: LangChain's callbacks in, records out."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from inspect import signature
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler

from langchain_respmeta._agents import callbacks
from langchain_respmeta._agents.contributor import AGENTS
from langchain_respmeta._process.faults import FAULTS, guarded, report
from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._process.settings import HANDLER, from_environment
from langchain_respmeta._process.state import STATE
from langchain_respmeta._reading.read import is_repeat
from langchain_respmeta._reading.stream_notes import MAX_RECENT
from langchain_respmeta._runs import background, lookups
from langchain_respmeta._runs.continued_traces import is_sent
from langchain_respmeta._runs.contributors import contribute
from langchain_respmeta._runs.ids import id_of, parent_of
from langchain_respmeta._runs.outcome import Answered, Failed, Outcome
from langchain_respmeta._runs.run import Run
from langchain_respmeta._runs.stream_watch import note_chunk, note_event
from langchain_respmeta._runs.table import RUNS
from langchain_respmeta.handler import settings as _settings
from langchain_respmeta.handler.pipeline import read_run
from langchain_respmeta.handler.records import Records
from langchain_respmeta.handler.run_keeper import RunKeeper
from langchain_respmeta.handler.sink import Sink

if TYPE_CHECKING:
    from typing import Self

    from langsmith import Client

    from langchain_respmeta._delivery.service import Delivery
    from langchain_respmeta.enrich.enricher import Enricher
    from langchain_respmeta.langsmith.feedback.rules import FeedbackRule

logger: Final = logging.getLogger("langchain_respmeta")

Feedback = Literal["exceptions", "all", False]

contribute(AGENTS)


class RespMetaHandler(BaseCallbackHandler):
    """Puts what a provider says about its answer on the LangSmith run, and keeps it as a typed record.

    One instance serves any number of threads, event loops and runs. Pass it in a config's `callbacks`, in a model's
    constructor, or on a graph; nothing in it ever raises into the chain or waits for a network.

    A copy or deep copy is the handler itself. Pickled it is a handler with the same settings and no records; `client` is
    left out, and a sink, enricher or rule that cannot be pickled makes pickling raise, as it does anywhere.

    Args:
        metadata: Whether runs get the flat `respmeta_…` keys and the nested record.
        feedback: "exceptions" (a refusal, a cut answer, …), "all" (0 or 1 for each on every run, and numbers),
            False, or a list of `FeedbackRule`.
        prices: Whether costs are computed where the provider reports none.
        include_content: Whether texts (refusal, quotes, tool arguments, reasoning) may appear in records and on runs.
        sinks: Callables that get every record.
        enrichers: Look up what answers do not report, e.g. `OpenRouterEnricher()`.
        project: Only runs traced to this LangSmith project are touched. Default: all.
        client: LangSmith client that feedback goes through. Default: each run's own.
        prefix: Of the keys on runs and of feedback keys.
        max_records: How many records `records` holds.
        extend_trace_retention: Whether feedback may move a trace to LangSmith's extended (ten times dearer) retention.
        provider: Who is behind an address, a class or a model, where that cannot be seen: `{"llm.example.com": "openai",
            "MyChatModel": "anthropic", "gpt-*": "openai"}`. Each key is compared with the host of the base URL, the class
            and the requested model, whatever the case; `*` stands for any part. The first that fits counts. One call
            can say it by `config={"metadata": {"respmeta_provider": "openai"}}`, which counts more.

    Raises:
        SettingsError: an argument, or a `RESPMETA_…` variable that stands in for one, cannot be used.
    """

    run_inline = True
    raise_error = False

    def __init__(
        self,
        *,
        metadata: bool | None = None,
        feedback: Feedback | Sequence[FeedbackRule] | None = None,
        prices: bool | None = None,
        include_content: bool | None = None,
        sinks: Sequence[Sink] = (),
        enrichers: Sequence[Enricher] = (),
        project: str | None = None,
        client: Client | None = None,
        prefix: str | None = None,
        max_records: int | None = None,
        extend_trace_retention: bool | None = None,
        provider: Mapping[str, str] | None = None,
    ) -> None:
        settings = from_environment(HANDLER, os.environ)
        self.metadata: Final = _settings.choose("metadata", metadata, settings)
        self.prices: Final = _settings.choose("prices", prices, settings)
        self.include_content: Final = _settings.choose("include_content", include_content, settings)
        self.prefix: Final = _settings.choose("prefix", prefix, settings)
        self.extend_trace_retention: Final = _settings.choose(
            "extend_trace_retention", extend_trace_retention, settings
        )
        self.feedback: Final = _settings.choose("feedback", feedback, settings)
        self.project: Final = _settings.choose("project", project, settings)
        self.client: Final = client
        self.provider: Final = provider
        self.sinks: Final = tuple(_settings.callables("sinks", sinks))
        self.enrichers: Final = tuple(_settings.enrichers(enrichers))
        records = Records(
            _settings.choose("max_records", max_records, settings), include_content=self.include_content
        )
        rules = _settings.rules(self.feedback, self.prefix) if self.feedback else ()
        self._keeper: Final = RunKeeper(records, self.sinks, rules, _settings.patterns(provider))
        self._installed = False
        if self.prices:
            with loading:
                from langchain_respmeta.enrich.prices import price_draft

            price_draft.preload()

    # --- copies ------------------------------------------------------------------------------------------------------

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        """Return the handler itself: hosts copy their flows and configs, and all copies share its records."""
        return self

    def __getstate__(self) -> dict[str, Any]:
        """Return the settings and what a subclass keeps, for another process. Records and the client stay in this one."""
        if self.client is not None:
            logger.warning(
                "The client of a RespMetaHandler is not pickled: the copy's feedback goes through each run's own client"
            )
        kept = {name: value for name, value in vars(self).items() if name not in _NOT_SENT}
        return {**kept, "max_records": self._keeper.records.maximum}

    def __setstate__(self, state: dict[str, Any]) -> None:
        settings = {name: state[name] for name in _SETTINGS}
        RespMetaHandler.__init__(self, **settings)
        vars(self).update((name, value) for name, value in state.items() if name not in settings)

    # --- callbacks -------------------------------------------------------------------------------------------------

    @property
    def ignore_chain(self) -> bool:
        """Chains tell nothing about answers, but agents, parsers and further attempts are seen by them."""
        return not callbacks.wants_chains()

    @property
    def ignore_retriever(self) -> bool:
        """Retrievers tell nothing, either."""
        return True

    @property
    def ignore_retry(self) -> bool:
        """Each attempt is a run of its own."""
        return True

    @property
    def ignore_custom_event(self) -> bool:
        """Custom events tell nothing, either."""
        return True

    def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[Any]],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """A chat model was called."""
        self._start(serialized, run_id, parent_run_id, metadata, kwargs, messages[0])

    def on_llm_start(
        self,
        serialized: dict[str, Any],
        prompts: list[str],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """A completion model was called."""
        self._start(serialized, run_id, parent_run_id, metadata, kwargs, prompts)

    def _start(
        self, serialized: Any, run_id: Any, parent_id: Any, metadata: Any, rest: dict[str, Any], prompt: Any
    ) -> None:
        try:
            if not self._installed:
                self._install()
            known = run_id if type(run_id) is UUID else id_of(run_id)
            parent = None if parent_id is None else id_of(parent_id)
            params, options = rest.get("invocation_params"), rest.get("options")
            run = Run(known, serialized, metadata, params, options, parent, read_run, prompt, (self,))
            if STATE[RUNS].open(run, self) and (parent is not None or callbacks.wants_chains()):
                _note_start(run, rest.get("tags"))
        except Exception as fault:  # noqa: BLE001 - the fault boundary
            report("noting the start of a model run", fault)

    def _install(self) -> None:
        with loading:
            from langchain_respmeta.langsmith import seam

        self._installed = True
        if self.metadata or self.feedback:
            seam.install()

    def on_llm_new_token(self, token: Any, *, chunk: Any = None, run_id: UUID, **kwargs: Any) -> None:  # noqa: ARG002
        """A chunk of the answer came; `token` may be empty, or a list of content blocks."""
        try:
            stream = STATE[RUNS].streams.get(run_id.int)
            if stream is None:
                self._note_chunk(token, chunk, run_id)
            elif stream.owner is self:
                recent = stream.recent
                recent.append(chunk)
                if len(recent) >= MAX_RECENT:
                    stream.look()
        except AttributeError:  # an id that is no UUID
            self._note_chunk(token, chunk, run_id)
        except Exception as fault:  # noqa: BLE001 - the fault boundary, without a decorator's cost for each token
            report("noting a chunk", fault)

    @guarded("noting a chunk")
    def _note_chunk(self, token: Any, chunk: Any, run_id: Any) -> None:
        """Note one of the first chunks of a stream: until its first token came."""
        runs = STATE[RUNS]
        run = runs.live(id_of(run_id))
        if run is not None and run.handlers[0] is self:  # each of several handlers gets each chunk
            note_chunk(run, token, chunk)
            if run.first_token is not None:
                runs.follow(run)

    def on_stream_event(self, event: Any, *, run_id: UUID, **kwargs: Any) -> None:  # noqa: ARG002
        """An event of `stream_events(version="v3")`."""
        try:
            runs = STATE[RUNS]
            run = runs.live(run_id if type(run_id) is UUID else id_of(run_id))
            if run is not None and run.handlers[0] is self:
                note_event(run, event)
                if runs.streams:
                    runs.streams.pop(run.id.int, None)
        except Exception as fault:  # noqa: BLE001 - the fault boundary, without a decorator's cost for each event
            report("noting a stream event", fault)

    def on_llm_end(self, response: Any, *, run_id: UUID, **kwargs: Any) -> None:  # noqa: ARG002
        """The answer came."""
        self._end(run_id, Answered(response, is_repeat(response)))

    def on_llm_error(
        self,
        error: BaseException,
        *,
        run_id: UUID,
        response: Any = None,
        **kwargs: Any,  # noqa: ARG002
    ) -> None:
        """The call failed, or its stream was abandoned."""
        self._end(run_id, Failed(error, response))

    def _end(self, run_id: Any, outcome: Outcome) -> None:
        try:
            runs = STATE[RUNS]
            run = runs.get(run_id if type(run_id) is UUID else id_of(run_id))
            if run is None or self not in run.handlers:
                return
            is_first = run.end_source is None
            run.end(outcome)
            if not run.end_was_reported:
                run.end_was_reported = True
                run.is_sent = is_first and self.project is None and is_sent(run.id)
                if run.notes is not None or run.drafts is not None or type(outcome) is Failed:
                    _note_end(run, outcome)
                if not runs.retire(run):
                    runs.came_after_all()
            self._keeper.keep(run)
        except Exception as fault:  # noqa: BLE001 - the fault boundary
            report("recording an answer", fault)

    @guarded("noting the start of a chain")
    def on_chain_start(
        self,
        serialized: Any,  # noqa: ARG002
        inputs: Any,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,  # noqa: ARG002
    ) -> None:
        """A chain, graph or node starts."""
        if not self._installed:
            self._install()
        callbacks.chain_started(self, inputs, id_of(run_id), parent_of(parent_run_id), tags, metadata)

    @guarded("noting the end of a chain")
    def on_chain_end(self, outputs: Any, *, run_id: UUID, **kwargs: Any) -> None:  # noqa: ARG002
        """A chain ended."""
        callbacks.chain_ended(outputs, id_of(run_id))

    @guarded("noting the failure of a chain")
    def on_chain_error(
        self,
        error: BaseException,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,  # noqa: ARG002
    ) -> None:
        """A chain failed, or waits for a person."""
        callbacks.chain_failed(error, id_of(run_id), parent_of(parent_run_id))

    @guarded("noting the start of a tool")
    def on_tool_start(
        self,
        serialized: dict[str, Any] | None,
        input_str: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        inputs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """A tool runs."""
        if not self._installed:
            self._install()
        name = (serialized or {}).get("name") or kwargs.get("name")
        args = {"input": input_str} if inputs is None else inputs
        callbacks.tool_started(
            self, name, args, id_of(run_id), parent_of(parent_run_id), kwargs.get("tool_call_id")
        )

    @guarded("noting the result of a tool")
    def on_tool_end(self, output: Any, *, run_id: UUID, **kwargs: Any) -> None:  # noqa: ARG002
        """A tool returned."""
        callbacks.tool_ended(id_of(run_id), output)

    @guarded("noting the failure of a tool")
    def on_tool_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:  # noqa: ARG002
        """A tool raised, or waits for a person."""
        callbacks.tool_failed(id_of(run_id), error)

    # --- what users ask ----------------------------------------------------------------------------------------------

    @property
    def records(self) -> Records:
        """The records of the last runs, oldest first."""
        STATE[RUNS].sweep()
        return self._keeper.records

    def summary(self) -> dict[str, Any]:
        """Sums over all records since the handler was made: calls, tokens, cost, outcomes, unmapped paths, faults."""
        STATE[RUNS].sweep()
        background.BACKGROUND.drain()
        sums, faults = self._keeper.totals.summary(), STATE[FAULTS]
        return {**sums, "never_ended": STATE[RUNS].never_ended, "faults": dict(faults)}

    @property
    def delivery(self) -> Delivery:
        """Feedback of this process: how many were sent, wait, failed, were dropped."""
        with loading:
            from langchain_respmeta.langsmith.feedback.send import delivery

        return delivery()

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until enrichers are done and feedback is delivered; False when `timeout` seconds were too short."""
        with loading:
            from langchain_respmeta.langsmith.feedback.send import flush

        until = monotonic() + timeout
        found = True
        if self.enrichers:
            background.BACKGROUND.drain()
            found = lookups.flush(self.enrichers, timeout)
        return flush(max(0.0, until - monotonic())) and found

    def close(self, timeout: float = 5.0) -> bool:
        """Deliver what waits, for `timeout` seconds at most. The handler can be used on."""
        return self.flush(timeout)

    def __repr__(self) -> str:
        return f"RespMetaHandler({len(self._keeper.records)} records, feedback={self.feedback!r}, prefix={self.prefix!r})"


_SETTINGS: Final = tuple(name for name in signature(RespMetaHandler).parameters if name != "client")
_NOT_SENT: Final = frozenset({"client", "_keeper", "_installed"})


def _note_start(run: Run, tags: Any) -> None:
    try:
        callbacks.model_started(run, run.parent_id, tags)
    except Exception as fault:  # noqa: BLE001 - a fault in agents' notes costs them alone
        report("noting what an agent did", fault)


def _note_end(run: Run, outcome: Outcome) -> None:
    try:
        if isinstance(outcome, Failed):
            callbacks.model_failed(run, outcome.error, run.parent_id)
        elif isinstance(outcome, Answered) and run.notes is not None:
            callbacks.model_ended(run, outcome.response)
        if run.drafts is not None:
            run.prompt = None
    except Exception as fault:  # noqa: BLE001 - a fault in agents' notes costs them alone
        report("noting what an agent did", fault)
