"""Where an integration hands over something that contradicts the raw answer, and nothing it hands over shows the truth.

Each row is a fault of an integration that no handler can mend; the docs list them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from tests.conformance._calls import Call
from tests.conformance._compare import Finding


@dataclass(frozen=True, slots=True)
class Known:
    """A pattern over (label, mode, field), and why it is so."""

    label: str
    mode: str
    name: str
    reason: str
    fits: Callable[[Call, Finding], bool] = lambda call, finding: True


KNOWN: Final[tuple[Known, ...]] = (
    Known(
        "* ChatAnthropicVertex",
        "v3",
        "tool_calls.args_size_bytes",
        "the arguments of tool calls are lost on the way to the protocol's events",
        lambda _, finding: finding.verdict == "missing",
    ),
    Known("* dumped *", "v3", "logprobs.*", "a dump of v3 holds the last chunk's log probabilities only"),
    Known("* dumped *", "v3", "citations*", "a dump of v3 holds the last citation of each block only"),
    Known("* dumped *", "v3", "reasoning.*", "a dump of v3 may lack pieces of the reasoning"),
    Known("* dumped Chat[NO]*", "*", "usage.*", "in a dump, usage sent with every chunk is already added up"),
    Known("* dumped ChatOpenAI", "stream", "tool_calls.*", "in a dump, cut arguments are already repaired"),
    *(
        Known(
            f"* {origin} ChatBedrock",
            "*",
            "usage.*",
            "counted by HTTP headers, which differ from the body here",
        )
        for origin in ("dumped", "written")
    ),
    Known(
        "* ChatLiteLLM", "*", "api", "LiteLLM answers in Chat Completions, whatever it spoke to the vendor"
    ),
    Known("* ChatLiteLLM", "*", "native_finish_reason", "LiteLLM's word in place of the vendor's"),
)


def explained(call: Call, finding: Finding) -> str | None:
    """Why a finding could not be otherwise, or None."""
    for known in KNOWN:
        place = ((call.label, known.label), (call.mode, known.mode), (finding.name, known.name))
        if all(fnmatchcase(value, pattern) for value, pattern in place) and known.fits(call, finding):
            return known.reason
    return None
