"""From what the tables and blocks found to a finished draft: one word for the end, one refusal, sums that are told.

The steps run in the order of `settle`; each one owns the private keys (`_…`) that it takes out of the draft.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from itertools import combinations
from typing import Any, Final, NamedTuple

from langchain_respmeta._process.faults import report
from langchain_respmeta._reading import citations, headers
from langchain_respmeta._reading.content import Content
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.reader import Reader
from langchain_respmeta.providers.engine.scratch import DISAGREES, ReadDraft
from langchain_respmeta.providers.engine.table import Leftovers
from langchain_respmeta.providers.families.langchain_usage import LIFETIMES, OTHER_LIFETIMES
from langchain_respmeta.record.draft import CountKey, as_dict, drop_groups
from langchain_respmeta.record.exact import exact_sum
from langchain_respmeta.record.vocabulary import SEVERITY, FinishReason, RefusalSource

_REPEATED: Final = (
    "model",
    "native_finish_reason",
    "_told_finish_reason",
    "service_tier",
    "system_fingerprint",
    "routing.upstream_provider",
)
"""Texts that LangChain concatenates when more than one chunk of a stream carries them.

A whole message may hold them too: `invoke` streams by itself where somebody listens (LangGraph), and its answer is no
chunk any more.
"""


_NO_COUNT: Final = " for usage."
"""What stands in the warning of a count that is none (negative, a text)."""

_TOLD_TWICE: Final = frozenset({"usage.cache_read_tokens", "usage.cache_write_tokens"})
"""Counts that some vendors tell under a name of their own, too: both must be the same."""


def settle(draft: ReadDraft, answer: Answer, reader: Reader, content: Content, leftovers: Leftovers) -> None:
    """Finish `draft` in place."""
    for key, value in leftovers.spares.items():
        told = as_dict(draft).setdefault(key, value)
        if told != value and key in _TOLD_TWICE:
            draft[DISAGREES] = True
            leftovers.warnings.append(f"usage: {key[6:]} is told as {told} and as {value}")
    if any(_NO_COUNT in warning for warning in leftovers.warnings):
        draft[DISAGREES] = True
    read = _Read(answer, reader, content, leftovers)
    for name, step in _STEPS.items():
        try:
            step(draft, read)
        except Exception as fault:  # noqa: BLE001 - whatever it raises, it costs this step alone
            tell(name, fault, leftovers)
    draft["truncated"] = draft.get("finish_reason") == "length"
    draft["refused"] = "refusal.source" in draft


class _Read(NamedTuple):
    """What the steps look at beside the draft."""

    answer: Answer
    reader: Reader
    content: Content
    leftovers: Leftovers


class part:  # noqa: N801 - a context manager, read as a word
    """A part of the reading: what it raises costs this part alone, and is told in the record and once in the log.

    Where every answer passes, a plain `try` that calls `tell` does the same in a third of the time.
    """

    __slots__ = ("leftovers", "name")

    def __init__(self, name: str, leftovers: Leftovers) -> None:
        self.name = name
        self.leftovers = leftovers

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, fault: BaseException | None, _trace: object) -> bool:
        if not isinstance(fault, Exception):
            return False
        tell(self.name, fault, self.leftovers)
        return True


def tell(part: str, fault: Exception, leftovers: Leftovers) -> None:
    """Say that a part could not be read."""
    leftovers.path.clear()
    leftovers.warnings.append(f"{part} could not be read: {type(fault).__name__}")
    report(f"reading {part}", fault)


def _take_headers(draft: ReadDraft, read: _Read) -> None:
    if "_headers" in draft:
        headers.settle(draft, read.leftovers)


def _cost(draft: ReadDraft, _: _Read) -> None:
    if draft.pop("_from_gateways_cache", False):
        bill_nothing(draft)
        return
    if "cost.total" in draft and _is_on_own_key(draft):
        _pay_the_vendor(draft)
    if "cost.total" in draft:
        draft["cost.currency"], draft["cost.source"] = "USD", "provider"


def bill_nothing(draft: ReadDraft) -> None:
    """The cost of an answer out of a cache, in place of what the provider took for the first one."""
    drop_groups(draft, "cost.")
    draft["cost.total"], draft["cost.currency"], draft["cost.source"] = Decimal(0), "USD", "computed"


def _is_on_own_key(draft: ReadDraft) -> bool:
    """Whether the call ran on a key of the user's own.

    ChatOpenRouter drops the word for it: there the vendor's charge, which the router never undercuts, shows it.
    """
    told = draft.get("routing.is_byok")
    return bool(draft.get("cost.upstream_inference", 0) > draft["cost.total"] if told is None else told)


def _pay_the_vendor(draft: ReadDraft) -> None:
    """On a key of the user's own the router's number is its fee: the vendor's charge comes on top of it.

    https://openrouter.ai/docs/guides/overview/auth/byok
    """
    charged = draft.get("cost.upstream_inference")
    if charged is None:
        del draft["cost.total"]
    else:
        draft["cost.total"] = exact_sum(draft["cost.total"], charged)


def _undouble(draft: ReadDraft, read: _Read) -> None:
    if read.answer.is_chunk:
        _undouble_names(draft)
    by_path = as_dict(draft)
    for key in _REPEATED:
        text = by_path.get(key)
        if isinstance(text, str):
            by_path[key] = one_of(once(text)) if (one_of := _GLUED.get(key)) is not None else once(text)
    fingerprint = draft.get("system_fingerprint")
    if isinstance(fingerprint, str) and (match := _SHORT_VERSION.fullmatch(fingerprint)):
        draft["system_fingerprint"] = match[1]


def _undouble_names(draft: ReadDraft) -> None:
    if response_id := draft.get("response_id"):
        draft["response_id"] = _one_id(once(response_id))
    for call in draft.get("tool_calls", ()):
        if name := call.get("name"):
            call["name"] = once(name)


_SHORT_VERSION: Final = re.compile(r"(v\d+)\1+")  # Writer's
_SHORT_UNIT: Final = re.compile(r"eos|o[1-9]")
_SHORTEST: Final = 4
"""Characters of a unit that is not one of those."""


def once(text: str) -> str:
    """`text` without its repetitions: `stopstop` → `stop`. Short units are left alone: they may be meant."""
    unit = (text + text).find(text, 1)
    if unit >= len(text):
        return text
    if _SHORT_UNIT.fullmatch(text[:unit]):
        return text[:unit]
    times = len(text) // unit
    # The smallest whole number of units that is long enough and still repeated.
    for some in range(1, _SHORTEST + 1):
        if some < times and times % some == 0 and some * unit >= _SHORTEST:
            return text[: some * unit]
    return text


_LONGEST_NAME: Final = 512
"""Characters of what is looked at for names that were glued together."""


def _one_model(text: str) -> str:
    """One of the names of a model that chunks gave in several ways: the dated one of `gpt-5-mini-2025-08-07gpt-5-mini`.

    They must be the same name, longer and shorter: a vendor's name before a model's (`qwen/qwen3`) is none of the two.
    """
    head = text[:_SHORTEST]
    if len(text) > _LONGEST_NAME or (place := text.find(head, _SHORTEST)) < 0:
        return text
    places = [0]
    while place > 0:
        places.append(place)
        place = text.find(head, place + 1)
    for cuts in (places, *([0, one] for one in places[1:])):
        names = {once(text[at:end]) for at, end in zip(cuts, [*cuts[1:], len(text)], strict=True)}
        longest = max(names, key=len)
        if all(name == longest or _is_shorter(name, longest) for name in names):
            return longest
    return text


def _is_shorter(name: str, longer: str) -> bool:
    """Whether `longer` is `name` with a date or version behind it."""
    return longer.startswith(name) and name[-1:].isalnum() and longer[len(name)] in "-@:."


def _one_tier(text: str) -> str:
    """The last of several tiers: the first chunks may name the one that was asked for."""
    words = _apart(text, _TIERS) if text not in _TIERS else []
    return words[-1] if words else text


_TIERS: Final = frozenset(
    {
        "auto",
        "default",
        "flex",
        "priority",
        "scale",
        "standard",
        "batch",
        "on_demand",
        "performance",
        "reserved",
    }
)


def _one_fingerprint(text: str) -> str:
    """The last of several: OpenAI's, and those that are like it."""
    place = text.rfind("fp_")
    return text[place:] if place > 0 and text.startswith("fp_") else text


_ID_HEAD: Final = re.compile(r"[A-Za-z]{2,12}[-_]")


def _one_id(text: str) -> str:
    """The first of several ids of one kind and length."""
    head = _ID_HEAD.match(text)
    place = text.find(head[0], 1) if head is not None else -1
    return text[:place] if place > 0 and len(text) % place == 0 else text


_GLUED: Final[Mapping[str, Callable[[str], str]]] = {
    "model": _one_model,
    "service_tier": _one_tier,
    "system_fingerprint": _one_fingerprint,
}
"""Field → which of several unequal texts in a row is told."""

_RATED_AGAIN: Final = frozenset({"google", "azure_content_filter"})
"""Who rates the whole answer again with every chunk; LangChain puts all of it into one list."""

_RATED_ONCE: Final = frozenset({"google"})
"""Of them, who gives no category twice in one answer: there a repetition shows that it was streamed."""


def _latest_ratings(draft: ReadDraft, read: _Read) -> None:
    ratings = draft.get("safety")
    again = _RATED_AGAIN if read.answer.is_chunk else _RATED_ONCE
    if ratings and len(ratings) > 1 and all(one["source"] in again for one in ratings):
        draft["safety"] = list({(one["category"], one["scope"]): one for one in ratings}.values())


# --- numbers ---------------------------------------------------------------------------------------------------------

_PARTS: Final[Mapping[CountKey, tuple[tuple[CountKey, ...], ...]]] = {
    "usage.input_tokens": (
        ("usage.cache_read_tokens", "usage.cache_write_tokens"),
        ("usage.input_audio_tokens", "usage.input_image_tokens", "usage.input_video_tokens"),
        ("usage.tool_use_prompt_tokens",),
    ),
    "usage.output_tokens": (
        ("usage.reasoning_tokens",),
        ("usage.output_audio_tokens", "usage.output_image_tokens"),
        ("usage.accepted_prediction_tokens", "usage.rejected_prediction_tokens"),
    ),
    "usage.cache_write_tokens": (tuple(LIFETIMES.values()),),
}
"""Count → its parts, in groups of those that exclude each other: neither one of a group nor their sum is above it."""


_OUTSIDE: Final[tuple[tuple[CountKey, CountKey], ...]] = (
    ("usage.reasoning_tokens", "usage.output_tokens"),  # Vertex AI, xAI
    ("usage.input_audio_tokens", "usage.input_tokens"),  # Mistral
    ("usage.tool_use_prompt_tokens", "usage.input_tokens"),  # Gemini
    ("usage.cache_read_tokens", "usage.input_tokens"),  # Anthropic's counts under OpenAI's names
    ("usage.cache_write_tokens", "usage.input_tokens"),
)
"""Details that some providers count beside their whole, and only in the total."""


def _usage(draft: ReadDraft, read: _Read) -> None:
    told: list[str] = []
    _check(draft, read, told)
    if told:
        draft[DISAGREES] = True
        read.leftovers.warnings.extend(f"usage: {one}" for one in told)


def _check(draft: ReadDraft, read: _Read, told: list[str]) -> None:
    """Make the sums that are not told, and say which counts disagree."""
    lives = _other_lifetimes(draft, read.leftovers)
    _sum_cache_writes(draft, lives, told)
    total = draft.get("usage.total_tokens")
    if total is not None and "usage.input_tokens" in draft and "usage.output_tokens" in draft:
        missing = total - draft["usage.input_tokens"] - draft["usage.output_tokens"]
        if missing and not (missing > 0 and _include(draft, missing)):
            given, made = draft["usage.input_tokens"], draft["usage.output_tokens"]
            told.append(f"input {given} + output {made} is not total {total}")
    for whole, groups in _PARTS.items():
        if whole in draft:
            for group in groups:
                _compare(draft, whole, [part for part in group if draft.get(part)], told)


def _compare(draft: ReadDraft, whole: CountKey, parts: list[CountKey], told: list[str]) -> None:
    """Say which part is more than its whole; where none is, whether they are so together."""
    above = [part for part in parts if draft[part] > draft[whole]]
    limit = f"is more than {whole[6:]} {draft[whole]}"
    told.extend(f"{part[6:]} {draft[part]} {limit}" for part in above)
    if not above and sum(draft[part] for part in parts) > draft[whole]:
        together = " + ".join(f"{part[6:]} {draft[part]}" for part in parts)
        told.append(f"{together} {limit}")


def _include(draft: ReadDraft, missing: int) -> bool:
    """Add to their wholes the details that the total counts and the wholes do not: the sum proves which."""
    told = [(part, whole) for part, whole in _OUTSIDE if draft.get(part)]
    for size in range(1, len(told) + 1):
        for some in combinations(told, size):
            if sum(draft[part] for part, _ in some) == missing:
                for part, whole in some:
                    draft[whole] += draft[part]
                return True
    return False


def _other_lifetimes(draft: ReadDraft, leftovers: Leftovers) -> int:
    """Writes of lifetimes that have no field: a part of all writes, kept by their names."""
    scratch = as_dict(draft)
    told = {life: scratch.pop(key) for life in OTHER_LIFETIMES if (key := f"_writes_{life}") in draft}
    if told:
        leftovers.path.clear()
        leftovers.keep("cache_creation", told)
    return sum(told.values())


def _sum_cache_writes(draft: ReadDraft, others: int, told: list[str]) -> None:
    """LangChain sets `cache_creation` to 0 where it knows the split by lifetime; else the provider's whole counts."""
    parts = [draft[key] for key in LIFETIMES.values() if key in draft]
    split = sum(parts) + others
    if not split:
        return
    written = draft.get("usage.cache_write_tokens")
    if not written:
        draft["usage.cache_write_tokens"] = split
    elif split < written:
        # More than the whole is told by the comparison below.
        told.append(f"cache writes by lifetime {split} are not cache_write_tokens {written}")


# --- the end ---------------------------------------------------------------------------------------------------------

_UNSPECIFIED: Final = "FINISH_REASON_UNSPECIFIED"
_WORD: Final = re.compile(r"[\w.:/-]{1,64}")
"""What is a provider's word and may be logged; anything else might be a sentence of somebody's."""


def _finish(draft: ReadDraft, read: _Read) -> None:
    answer, reader = read.answer, read.reader
    told = draft.pop("_told_finish_reason", None)
    native = draft.get("native_finish_reason")
    if native is not None and native.startswith(_UNSPECIFIED):
        # Where Vertex AI sent no word (a stream's first chunks), protobuf fills this in; merging glued it to the real one.
        native = draft["native_finish_reason"] = once(native.replace(_UNSPECIFIED, ""))
    if not native:
        draft.pop("native_finish_reason", None)
        return
    word = native.casefold()
    if word not in reader.finish and not word.isdecimal() and (words := _apart(word, reader.finish)):
        # Several candidates, or chunks that disagree, merged into one: the worst of them is told.
        word = native = max(words, key=lambda one: SEVERITY.get(reader.finish[one] or "stop", 0))
        draft["native_finish_reason"] = native
    known = reader.finish.get(word, "unknown")
    if word not in reader.finish:
        read.leftovers.unmapped.append(
            f"finish_reason={native}" if _WORD.fullmatch(native) else "finish_reason"
        )
    if known == "stop" and reader.stop_covers_tools and _asks_the_caller(answer, draft):
        known = "tool_calls"
    if told is not None:
        known = _say_more(draft, told, known, reader)
    if known is not None:
        draft["finish_reason"] = draft.get("finish_reason", known) if known == "stop" else known


def _asks_the_caller(answer: Answer, draft: ReadDraft) -> bool:
    """Whether the message lists calls, and one of them is not the provider's own."""
    listed = answer.tool_calls or answer.invalid_tool_calls
    return bool(listed) and any(not call.get("server_side") for call in draft.get("tool_calls", ()))


def _say_more(draft: ReadDraft, told: str, known: FinishReason | None, reader: Reader) -> FinishReason | None:
    """A router's word and its vendor's own: the latter is the native one, and at times it says more."""
    draft["native_finish_reason"] = told
    said = reader.finish.get(told.casefold())
    return said if said in _SAY_MORE else known


_SAY_MORE: Final = frozenset({"refusal", "pause", "stop_sequence"})
"""What routers fold into coarser words."""


def _apart(text: str, known: Collection[str]) -> list[str]:
    """The known words that `text` was glued together from; empty where it was not.

    From the end to the beginning: for each place the longest word that leads on from it to the end.
    """
    words = sorted(filter(None, known), key=len, reverse=True)
    if not words or len(text) > _LONGEST_GLUED:
        return []
    leads: list[str | None] = [None] * len(text)
    for place in range(len(text) - 1, -1, -1):
        for word in words:
            end = place + len(word)
            if text.startswith(word, place) and (end == len(text) or leads[end] is not None):
                leads[place] = word
                break
    found: list[str] = []
    place = 0
    while place < len(text) and (word_here := leads[place]) is not None:
        found.append(word_here)
        place += len(word_here)
    return found


_LONGEST_GLUED: Final = 20_000
"""Characters: no stream's finish words are as long, glued together."""


def _refusal(draft: ReadDraft, read: _Read) -> None:
    content = read.content
    block, block_message = draft.pop("_block_reason", None), draft.pop("_block_message", None)
    category, text = draft.pop("_refusal_category", None), draft.pop("_refusal_text", None)
    guardrail, filtered = draft.pop("_guardrail_reason", None), draft.pop("_filter_text", None)
    if content.refusals:
        said, kind = content.refusals[-1]
        text, category = text or said, category or kind
    finish = draft.get("finish_reason")
    if block is not None:
        draft.setdefault("finish_reason", "content_filter")
        _refused(draft, "prompt_block", block_message or text, block)
    elif guardrail is not None or draft.get("native_finish_reason") == "guardrail_intervened":
        if finish == "content_filter":
            _refused(draft, "guardrail", guardrail or text, category)
    elif finish == "refusal":
        _refused(draft, "stop_reason", text, category)
    elif text or content.refusals:
        _refused(draft, "message", text, category)
    elif finish == "content_filter":
        _refused(draft, "content_filter", filtered, category or _blocked_category(draft))
    elif finish == "error" and filtered:
        draft["error.type"], draft["error.message"] = draft["native_finish_reason"], filtered


def _refused(draft: ReadDraft, source: RefusalSource, reason: str | None, category: str | None) -> None:
    draft["refusal.source"] = source
    if reason:
        draft["refusal.reason"] = reason
    if category:
        draft["refusal.category"] = category


def _blocked_category(draft: ReadDraft) -> str | None:
    blocked = [rating["category"] for rating in draft.get("safety", ()) if rating.get("blocked")]
    return blocked[0] if len(blocked) == 1 else None


def _own_names(draft: ReadDraft, read: _Read) -> None:
    names = read.reader.tool_names
    for call in draft.get("tool_calls", ()) if names else ():
        if call.get("server_side"):
            call["name"] = names.get(call.get("name", ""), call.get("name"))


# --- sources and names -----------------------------------------------------------------------------------------------


def _settle_citations(draft: ReadDraft, seen: _Read) -> None:
    content = seen.content
    found = list(content.citations)
    for key, read in _LISTED_BESIDE.items():
        if items := as_dict(draft).pop(key, None):
            found += read(items, content.text)
    if found:
        draft["citations"] = citations.distinct(found)


_LISTED_BESIDE: Final[dict[str, Callable[[Any, str], list[citations.Citation]]]] = {
    "_annotations": lambda items, text: citations.of_block(items, text, 0),
    "_grounding": citations.of_grounding,
    "_recited": citations.of_recitations,
    "_cohere_citations": citations.of_cohere,
    "_search_results": lambda items, _: citations.of_search_results(items, "search_results"),
    "_listed_results": lambda items, _: citations.of_search_results(items, "search_results"),
    "_listed_citations": lambda items, _: citations.of_search_results(items, "citations"),
}
"""Private key → how its citations are read, the ones that say most first."""


def _model(draft: ReadDraft, read: _Read) -> None:
    served = draft.pop("_served_model", None)
    if served:
        draft["model"], draft["model_source"] = served, "response"
    elif "model" in draft:
        asked = read.reader.model_is_request
        if callable(asked):
            asked = asked(read.answer)
        draft["model_source"] = "request" if asked else "response"


_STEPS: Final[dict[str, Callable[[ReadDraft, _Read], None]]] = {
    "repetitions": _undouble,
    "safety": _latest_ratings,
    "headers": _take_headers,
    "usage": _usage,
    "cost": _cost,
    "finish_reason": _finish,
    "refusal": _refusal,
    "citations": _settle_citations,
    "tool_calls": _own_names,
    "model": _model,
}
"""What is settled, in this order."""
