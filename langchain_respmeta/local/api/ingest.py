"""Check and store a request's parts in one transaction."""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException

from langchain_respmeta.local.api.multipart import Batch
from langchain_respmeta.local.store import feedback, runs_write
from langchain_respmeta.local.store.run_parts import RunPart
from langchain_respmeta.local.store.store import Store

_POST_NEEDS: Final = ("name", "run_type")
_BATCH_NEEDS: Final = ("trace_id", "dotted_order")


def check(part: RunPart, *, batched: bool) -> None:
    """Answer 422 for a part without the fields that LangSmith requires."""
    needed = (*(_POST_NEEDS if part.kind == "post" else ()), *(_BATCH_NEEDS if batched else ()))
    missing = [name for name in needed if not part.fields.get(name)]
    if missing:
        raise HTTPException(422, f"{part.kind} of run {part.run_id} lacks {', '.join(missing)}")


def store_batch(store: Store, batch: Batch) -> None:
    """Store all parts; duplicates are left out, and named in a 409 after the rest is stored.

    A client does not retry after a 409, so the new parts of a batch must not be lost with it.
    """
    refused: list[str | None] = []
    with store.write() as connection:
        refused += runs_write.write_runs(connection, batch.runs)
        refused += [feedback.create(connection, body, "multipart") for body in batch.feedback]
        runs_write.write_attachments(connection, batch.attachments)
    reasons = [reason for reason in refused if reason is not None]
    if reasons:
        raise HTTPException(409, "; ".join(reasons))
