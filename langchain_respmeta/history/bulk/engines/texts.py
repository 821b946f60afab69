"""Units and their counts as JSON, the form in which they travel to a cluster's worker and back.

Only these texts travel: rows go from a worker to the output's file system, never through the driver.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from langchain_respmeta.errors import HistoryError
from langchain_respmeta.history.bulk.engines import Tick
from langchain_respmeta.history.bulk.job import Job, Unit, UnitDone
from langchain_respmeta.history.bulk.work import do_unit

_ADVICE: Final = {
    "No module named 'langchain_respmeta'": "Install langchain-respmeta with its extra on the workers, in the same version as here.",
    "No module named 'pyarrow'": "Install langchain-respmeta with its extra on the workers, in the same version as here.",
}
_GO_ON: Final = "What is done stays done: the same command goes on from there."
_ERROR: Final = re.compile(r"(?!\S*UserCodeException)[\w.]*(Error|Exception)\b")
"""A line of tracebacks that says what was raised, other than the one that Ray Data wraps all others in."""


def text_of(unit: Unit) -> str:
    """Return a unit as JSON."""
    return json.dumps(unit.to_dict())


def do_text(unit: str, job: dict[str, Any]) -> str:
    """Do a unit on the worker, and return what became of it as JSON."""
    return json.dumps(do_unit(Unit.from_dict(json.loads(unit)), Job.from_dict(job)).to_dict())


def told(texts: Iterable[str], tick: Tick | None) -> Iterator[UnitDone]:
    """Read what workers returned, on the driver."""
    for text in texts:
        done = UnitDone.from_dict(json.loads(text))
        if tick is not None:
            tick(done.rows)
        yield done


def failed(engine: str, fault: Exception, advice: Mapping[str, str]) -> HistoryError:
    """Say in few words that an engine failed.

    Args:
        engine: Its name, for people.
        fault: What it raised: often a page of text, and another one for each process that the error went through.
        advice: What to do about it, by a part of that text.
    """
    text = str(fault)
    does = next((advice for sign, advice in {**_ADVICE, **advice}.items() if sign in text), _GO_ON)
    lines = [line.strip() for line in text.splitlines() if line.strip()] or [repr(fault)]
    said = next((line for line in reversed(lines) if _ERROR.match(line)), lines[0])
    return HistoryError(f"{engine} failed: {said.rstrip('.')}. {does}")
