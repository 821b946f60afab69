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

from langchain_respmeta._agents.chains import wants_chains
from langchain_respmeta._process.faults import FAULTS, guarded, report
from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._process.settings import HANDLER, from_environment
from langchain_respmeta._process.state import STATE
from langchain_respmeta._runs import background
from langchain_respmeta._runs.ids import id_of, parent_of
from langchain_respmeta.handler import settings as _settings
from langchain_respmeta.handler.load_ahead import load_ahead
from langchain_respmeta.handler.records import Records
from langchain_respmeta.handler.run_keeper import RunKeeper
from langchain_respmeta.record.allowed_facts import allowed
from langchain_respmeta.sinks.sink import Sink, close_sinks, flush_sinks

if TYPE_CHECKING:
    from types import ModuleType
    from typing import Self

    from langsmith import Client

    from langchain_respmeta._delivery.service import Delivery
    from langchain_respmeta.enrich.enricher import Enricher
    from langchain_respmeta.langsmith.feedback.rules import FeedbackRule
    from langchain_respmeta.monitor.monitor import Monitor

logger: Final = logging.getLogger("langchain_respmeta")

Feedback = Literal["exceptions", "all", False]


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
        by: Keys of the run's own metadata that records carry, such as `("user_id", "tenant")`; `"tags"` carries the run's tags.
            Thread, agent, node, step and the run's name are always carried. Nothing of it is put on runs a second time.
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
        by: Sequence[str] | None = None,
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
        self.by: Final = _settings.choose("by", by, settings)
        records = Records(
            _settings.choose("max_records", max_records, settings),
            include_content=self.include_content,
            more=allowed(*self.by),
        )
        named_one_by_one = self.feedback and not isinstance(self.feedback, str)
        rules = _settings.rules(self.feedback, self.prefix) if named_one_by_one else ()
        self._keeper: Final = RunKeeper(records, self.sinks, rules, _settings.patterns(provider))
        self._watching: ModuleType | None = None
        load_ahead(prices=self.prices)

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
        return not wants_chains()

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
        try:
            watching = self._watching or self._install()
            watching.started(self, serialized, run_id, parent_run_id, metadata, kwargs, messages[0])
        except Exception as fault:  # noqa: BLE001 - the fault boundary, without a decorator's cost for each call
            report("noting the start of a model run", fault)

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
        try:
            watching = self._watching or self._install()
            watching.started(self, serialized, run_id, parent_run_id, metadata, kwargs, prompts)
        except Exception as fault:  # noqa: BLE001 - as above
            report("noting the start of a model run", fault)

    def _install(self) -> ModuleType:
        """Load what a call needs, and put the wrapper around LangSmith's runs."""
        with loading:
            from langchain_respmeta.handler import watching

        watching.seam.install()  # without keys and feedback, too: the traced run alone knows its trace
        if isinstance(self.feedback, str):
            self._keeper.rules = _settings.rules(self.feedback, self.prefix)
        self._watching = watching
        return watching

    def on_llm_new_token(self, token: Any, *, chunk: Any = None, run_id: UUID, **kwargs: Any) -> None:  # noqa: ARG002
        """A chunk of the answer came; `token` may be empty, or a list of content blocks."""
        watching = self._watching
        try:
            stream = STATE[watching.RUNS].streams.get(run_id.int)  # type: ignore[union-attr]
            if stream is None:
                self._note_chunk(token, chunk, run_id)
            elif stream.owner is self:
                recent = stream.recent
                recent.append(chunk)
                if len(recent) >= watching.MAX_RECENT:  # type: ignore[union-attr]
                    stream.look()
        except AttributeError:  # an id that is no UUID, or no call was begun
            self._note_chunk(token, chunk, run_id)
        except Exception as fault:  # noqa: BLE001 - the fault boundary, without a decorator's cost for each token
            report("noting a chunk", fault)

    @guarded("noting a chunk")
    def _note_chunk(self, token: Any, chunk: Any, run_id: Any) -> None:
        """Note one of the first chunks of a stream: until its first token came."""
        if self._watching is not None:
            self._watching.token_came(self, token, chunk, run_id)

    def on_stream_event(self, event: Any, *, run_id: UUID, **kwargs: Any) -> None:  # noqa: ARG002
        """An event of `stream_events(version="v3")`."""
        try:
            if self._watching is not None:
                self._watching.event_came(self, event, run_id)
        except Exception as fault:  # noqa: BLE001 - as above
            report("noting a stream event", fault)

    def on_llm_end(self, response: Any, *, run_id: UUID, **kwargs: Any) -> None:  # noqa: ARG002
        """The answer came."""
        try:
            if (watching := self._watching) is not None:
                answered = watching.Answered(response, watching.is_repeat(response))
                watching.ended(self, self._keeper, run_id, answered)
        except Exception as fault:  # noqa: BLE001 - as above
            report("recording an answer", fault)

    def on_llm_error(
        self,
        error: BaseException,
        *,
        run_id: UUID,
        response: Any = None,
        **kwargs: Any,  # noqa: ARG002
    ) -> None:
        """The call failed, or its stream was abandoned."""
        try:
            if (watching := self._watching) is not None:
                watching.ended(self, self._keeper, run_id, watching.Failed(error, response))
        except Exception as fault:  # noqa: BLE001 - as above
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
        agents = (self._watching or self._install()).callbacks
        agents.chain_started(self, inputs, id_of(run_id), parent_of(parent_run_id), tags, metadata)

    @guarded("noting the end of a chain")
    def on_chain_end(self, outputs: Any, *, run_id: UUID, **kwargs: Any) -> None:  # noqa: ARG002
        """A chain ended."""
        (self._watching or self._install()).callbacks.chain_ended(outputs, id_of(run_id))

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
        (self._watching or self._install()).callbacks.chain_failed(
            error, id_of(run_id), parent_of(parent_run_id)
        )

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
        agents = (self._watching or self._install()).callbacks
        name = (serialized or {}).get("name") or kwargs.get("name")
        args = {"input": input_str} if inputs is None else inputs
        agents.tool_started(
            self, name, args, id_of(run_id), parent_of(parent_run_id), kwargs.get("tool_call_id")
        )

    @guarded("noting the result of a tool")
    def on_tool_end(self, output: Any, *, run_id: UUID, **kwargs: Any) -> None:  # noqa: ARG002
        """A tool returned."""
        (self._watching or self._install()).callbacks.tool_ended(id_of(run_id), output)

    @guarded("noting the failure of a tool")
    def on_tool_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:  # noqa: ARG002
        """A tool raised, or waits for a person."""
        (self._watching or self._install()).callbacks.tool_failed(id_of(run_id), error)

    # --- what users ask ----------------------------------------------------------------------------------------------

    @property
    def records(self) -> Records:
        """The records of the last runs, oldest first."""
        self._sweep()
        return self._keeper.records

    def summary(self) -> dict[str, Any]:
        """Sums over all records since the handler was made: calls, tokens, cost, outcomes, unmapped paths, faults."""
        never_ended = self._sweep()
        background.BACKGROUND.drain()
        sums, faults = self._keeper.totals.summary(), STATE[FAULTS]
        return {**sums, "never_ended": never_ended, "faults": dict(faults)}

    @property
    def monitor(self) -> Monitor:
        """The figures of this handler's calls by group and window, up to the calls that have ended by now.

        It is made when it is first asked for, with the records that are held then, and groups by what the handler's `by` names.
        From then on it gets every record.
        """
        self._sweep()
        background.BACKGROUND.drain()
        return self._keeper.monitor(self.by)

    def _sweep(self) -> int:
        """Find the calls that no end can come of any more; return how many there were."""
        with loading:
            from langchain_respmeta._runs.table import RUNS

        STATE[RUNS].sweep()
        return STATE[RUNS].never_ended

    @property
    def delivery(self) -> Delivery:
        """Feedback of this process: how many were sent, wait, failed, were dropped."""
        with loading:
            from langchain_respmeta.langsmith.feedback.send import delivery

        return delivery()

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until everything that is known of the calls so far is where it goes.

        All ended calls are read; enrichers are done; every sink got its records, and those that hold records back have brought
        them to their places; feedback is delivered.

        Args:
            timeout: Seconds for all of it. A sink of your own that takes longer for one record is waited for.

        Returns:
            Whether all of it is done; False when `timeout` was too short, or a sink could not write.
        """
        with loading:
            from langchain_respmeta.langsmith.feedback.send import flush

        until = monotonic() + timeout
        done = [background.BACKGROUND.drain(timeout)]
        if self.enrichers:
            with loading:
                from langchain_respmeta._runs import lookups

            done += [lookups.flush(self.enrichers, _left(until)), background.BACKGROUND.drain(_left(until))]
        done += [flush_sinks(self.sinks, _left(until)), flush(_left(until))]
        return all(done)

    def close(self, timeout: float = 5.0) -> bool:
        """Flush, and let sinks close what they hold open. The handler can be used on: its sinks open it again."""
        done = self.flush(timeout)
        close_sinks(self.sinks)
        return done

    def __repr__(self) -> str:
        return f"RespMetaHandler({len(self._keeper.records)} records, feedback={self.feedback!r}, prefix={self.prefix!r})"


def _left(until: float) -> float:
    return max(0.0, until - monotonic())


_SETTINGS: Final = tuple(name for name in signature(RespMetaHandler).parameters if name != "client")
_NOT_SENT: Final = frozenset({"client", "_keeper", "_watching"})


def prepare(handler: RespMetaHandler) -> None:
    """Load what a call needs, before the first one or with it."""
    if handler._watching is None:  # noqa: SLF001 - the class's own module
        handler._install()  # noqa: SLF001
