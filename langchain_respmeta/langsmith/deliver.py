"""From a finished run to feedback on its way: rules are asked here, the rest is the worker's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from langchain_respmeta._faults import guarded

if TYPE_CHECKING:
    from langsmith.run_trees import RunTree

    from langchain_respmeta.handler import RespMetaHandler
    from langchain_respmeta.langsmith.worker import Delivery
    from langchain_respmeta.providers._table import Draft


@guarded("giving feedback")
def send_feedback(draft: Draft, tree: RunTree, handlers: Sequence[RespMetaHandler], *, hides: bool) -> None:
    """Hand the feedback of one run over to the worker. Several handlers' items with one id are one item."""
    asked = [handler for handler in handlers if handler.rules]
    if not asked:
        return
    from langchain_respmeta._build import record_of
    from langchain_respmeta.langsmith import worker
    from langchain_respmeta.langsmith.feedback import Target, items_for

    for handler in asked:
        client = handler.client or tree.client
        target = Target(
            run_id=tree.id,
            trace_id=tree.trace_id,
            project=tree.session_name,
            api_url=client.api_url,
            session_id=tree.session_id,
            start_time=tree.start_time,
            address=getattr(tree, "address", None),
        )
        items = items_for(
            handler.rules,
            draft,
            target,
            record=lambda content=handler.include_content: record_of(draft, include_content=content),  # type: ignore[misc]
            include_content=handler.include_content,
            hidden=hides,
            extend_trace_retention=handler.extend_trace_retention,
        )
        if items:
            worker.submit(items, client)


def delivery() -> Delivery:
    """Counts of this process's feedback."""
    from langchain_respmeta.langsmith import worker

    return worker.delivery()


def flush(timeout: float) -> bool:
    """Wait for delivery."""
    from langchain_respmeta.langsmith import worker

    return worker.flush(timeout)
