"""Feedback: which facts of an answer become LangSmith feedback on its run.

Two kinds of rules share one protocol (`Rule`). The built-in tables read the *flat view* of a record: a mapping with
dotted keys as in the record's field names (`"finish_reason"`, `"usage.input_tokens"`, `"cost.total"`, …), where an
absent key means "not reported"; it needs no typed record. A user's `FeedbackRule` gets the typed `ResponseMetadata`, which
`record` builds only for such a rule.

| key (`respmeta_` +)   | "exceptions" sends it when                   | "all" sends on every run | config      |
|-----------------------|----------------------------------------------|--------------------------|-------------|
| refused               | the model or a filter declined               | 0 or 1                   | categorical |
| content_filtered      | a filter cut or replaced the answer          | 0 or 1                   | categorical |
| truncated             | a token limit cut the answer                 | 0 or 1                   | categorical |
| paused                | the provider paused a long turn              | 0 or 1                   | categorical |
| invalid_tool_call     | arguments of a tool call could not be parsed | 0 or 1                   | categorical |
| error                 | the call failed                              | 0 or 1                   | categorical |
| price_missing         | no price is known though the provider's are  | 0 or 1                   | categorical |
| finish_reason         | never                                        | its number and word      | categorical |
| time_to_first_token_s | never                                        | seconds                  | continuous  |
| cache_read_share      | never                                        | 0..1 of the input tokens | continuous  |
| tokens_per_second     | never                                        | output tokens a second   | continuous  |
| cost_millidollars     | never                                        | thousandths of a dollar  | continuous  |

A fact that the provider did not report gives no feedback, even under "all".
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha1
from typing import TYPE_CHECKING, Any, Final, Literal, cast
from uuid import UUID

from langchain_respmeta._delivery.item import Config, FeedbackItem, Score, Value
from langchain_respmeta._process.warn_once import warn_once
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.langsmith.feedback.builtin import TABLES, Flag, is_ordinary
from langchain_respmeta.langsmith.feedback.rule import Draft, FlatRecord, Rule, Seen, Target
from langchain_respmeta.record.plain import json_safe

if TYPE_CHECKING:
    from langchain_respmeta.record.record import ResponseMetadata

__all__ = ["FeedbackItem", "FeedbackRule", "Rule", "Target", "items_for", "may_apply", "rules_for"]

logger = logging.getLogger(__name__)

KEY_LENGTH: Final = 180
"""LangSmith refuses longer keys."""
SCORE_LIMIT: Final = 99_999.9999
"""LangSmith stores scores as decimals of nine digits, four of them behind the point."""
COMMENT_LENGTH: Final = 4_000
_NAMESPACE: Final = UUID("6d1f2c1e-7a53-5f0e-9a55-3c1b8f0a7d42")


@dataclass(frozen=True, slots=True)
class FeedbackRule:
    """A user's own rule: `when(record)` is true → feedback `key` with score, value and comment on the run.

    Args:
        key: Feedback key, at most 180 characters. A key's configuration is the workspace's: keep keys few and stable.
        when: Called with the `ResponseMetadata` of each finished generation.
        score: Number or bool, or a callable of the record. LangSmith keeps 4 decimals and at most ±99,999.9999; a
            number beyond that is sent as `value`.
        value: Text, number, bool or dict, or a callable of the record.
        comment: Text, or a callable of the record. Not sent where the client hides outputs or metadata.
        config: LangSmith's `FeedbackConfig`, e.g. `{"type": "continuous", "min": 0, "max": 1}`. It is applied when
            the key is first used in a workspace.
    """

    key: str
    when: Callable[[ResponseMetadata], bool]
    score: Score | Callable[[ResponseMetadata], Score] = None
    value: Value | Callable[[ResponseMetadata], Value] = None
    comment: str | Callable[[ResponseMetadata], str | None] | None = None
    config: Config | None = None

    def __post_init__(self) -> None:
        _check_key(self.key)
        if not callable(self.when):
            raise SettingsError(f"FeedbackRule {self.key!r}: `when` must be callable", setting="when")

    def draft(self, seen: Seen) -> Draft | None:
        """Return the rule's result for the run, None when it does not apply."""
        record = seen.record()
        if not self.when(record):
            return None
        return Draft(
            self.score(record) if callable(self.score) else self.score,
            self.value(record) if callable(self.value) else self.value,
            self.comment(record) if callable(self.comment) else self.comment,
            routine=_is_continuous(self.config),
        )


def rules_for(
    feedback: Literal["exceptions", "all", False] | Sequence[Rule], *, prefix: str = "respmeta"
) -> tuple[Rule, ...]:
    """Return the rules of a handler's `feedback` argument.

    Args:
        feedback: "exceptions", "all", False for none, or one's own `FeedbackRule`s.
        prefix: Put before the built-in keys with an underscore. A user's keys stay as they are.

    Raises:
        SettingsError: `feedback` is none of these, or two rules have the same key.
    """
    if feedback is False:
        return ()
    if isinstance(feedback, str):
        return _table(feedback, prefix)
    if not isinstance(feedback, Sequence) or not all(
        callable(getattr(rule, "draft", None)) for rule in feedback
    ):
        raise _wrong(feedback)
    return _distinct(tuple(cast("Sequence[Rule]", feedback)))


def _distinct(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    keys = [rule.key for rule in rules]
    if len(set(keys)) != len(keys):
        raise SettingsError(f"feedback: each rule needs a key of its own, got {keys}", setting="feedback")
    return rules


def _table(name: str, prefix: str) -> tuple[Rule, ...]:
    if name not in TABLES:
        raise _wrong(name)
    _check_key(f"{prefix}_time_to_first_token_s")
    return tuple(replace(rule, key=f"{prefix}_{rule.key}") for rule in TABLES[name])


def _wrong(feedback: object) -> SettingsError:
    return SettingsError(
        f'feedback must be "exceptions", "all", False or a list of FeedbackRule, got {feedback!r}',
        setting="feedback",
    )


def _check_key(key: str) -> None:
    if not isinstance(key, str) or not key.strip() or len(key) > KEY_LENGTH:
        raise SettingsError(f"A feedback key has 1 to {KEY_LENGTH} characters, got {key!r}", setting="key")


def _is_continuous(config: Config | None) -> bool:
    return config is not None and config.get("type") == "continuous"


def items_for(
    rules: Sequence[Rule],
    view: FlatRecord,
    target: Target,
    *,
    record: Callable[[], ResponseMetadata],
    include_content: bool = False,
    hidden: bool = False,
    extend_trace_retention: bool = False,
) -> list[FeedbackItem]:
    """Return the feedback that `rules` give for one run. Never raises: leave out a rule that does, with one warning.

    Args:
        rules: From `rules_for`.
        view: The record as a flat mapping with dotted keys. A run of several candidates is given once, as its worst.
        target: The run.
        record: Builds the typed record; called at most once, and only for a `FeedbackRule`.
        include_content: Whether texts of the answer (a refusal's words, an error's message) may be in comments.
        hidden: The client hides outputs or metadata or has an anonymizer: no comments, no free text of anyone.
        extend_trace_retention: Whether this feedback may move the trace to the extended, dearer retention.
    """
    seen = Seen(view, _once(record), include_content and not hidden)
    drafts = [(rule, draft) for rule in rules if (draft := _drafted(rule, seen)) is not None]
    if not drafts:
        return []
    common = _common(target, extend_trace_retention)
    where = target.project if target.address is None else sorted(target.address.items())
    place = f"{where}/{target.run_id}/"
    return [
        FeedbackItem(id=_uuid5(place + rule.key), key=rule.key, **_said(rule, draft, hidden), **common)
        for rule, draft in drafts
    ]


def may_apply(rules: Sequence[Rule], view: FlatRecord) -> bool:
    """Whether rules may apply: False only where `items_for` would return nothing, decided in a microsecond.

    The default rules apply to few runs.
    """
    first = rules[0] if rules else None
    return first is not None and not (isinstance(first, Flag) and not first.always and is_ordinary(view))


def _once(make: Callable[[], ResponseMetadata]) -> Callable[[], ResponseMetadata]:
    made: list[ResponseMetadata] = []

    def get() -> ResponseMetadata:
        if not made:
            made.append(make())
        return made[0]

    return get


def _drafted(rule: Rule, seen: Seen) -> Draft | None:
    """The fault boundary around a rule, which may be a user's code."""
    try:
        draft = rule.draft(seen)
        if draft is None or not isinstance(rule, FeedbackRule):
            return draft  # the tables are valid by themselves
        return replace(
            draft, score=_score(draft.score), value=_value(draft.value), comment=_comment(draft.comment)
        )
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a user's code, which may even end threads (`sys.exit`)
        warn_once(
            logger,
            ("rule", rule.key),
            "Feedback rule %r raised %s: runs on which it raises get no feedback %r",
            rule.key,
            type(error).__name__,  # not its text, which may hold what a user wrote
            rule.key,
        )
        return None


def _score(score: Any) -> Score:
    if score is None or type(score) is int:
        return score
    number = float(score)
    if not math.isfinite(number):
        raise ValueError(f"a score must be finite, got {number}")
    return int(score) if isinstance(score, bool) else round(number, 4)


def _value(value: Any) -> Value:
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return {str(key): json_safe(part) for key, part in value.items()}


def _comment(comment: Any) -> str | None:
    return None if comment is None else str(comment)[:COMMENT_LENGTH]


def _common(target: Target, extend: bool) -> dict[str, Any]:  # noqa: FBT001 - private
    """Return what all items of a run share."""
    return {
        "api_url": target.api_url,
        "project": target.project,
        "session_id": None if target.session_id is None else str(target.session_id),
        "run_id": str(target.run_id),
        "trace_id": str(target.trace_id),
        "start_time": target.start_time.isoformat() if target.start_time else None,
        "address": dict(target.address) if target.address is not None else None,
        "extend_trace_retention": extend,
    }


def _said(rule: Rule, draft: Draft, hidden: bool) -> dict[str, Any]:  # noqa: FBT001 - private
    score, value = _fitting(draft.score, draft.value)
    return {
        "score": score,
        "value": _visible(value, rule.config) if hidden else value,
        "comment": None if hidden else _comment(draft.comment),
        "config": rule.config,
        "routine": draft.routine,
    }


def _uuid5(name: str) -> str:
    """`uuid.uuid5` of a text, which may hold half an emoji (a lone surrogate)."""
    digest = sha1(_NAMESPACE.bytes + name.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
    return str(UUID(bytes=digest[:16], version=5))


def _fitting(score: Score, value: Value) -> tuple[Score, Value]:
    """Move a score that LangSmith cannot store to the value, exactly, instead of changing it."""
    if score is None or abs(score) <= SCORE_LIMIT:
        return score, value
    return None, str(score) if value is None else value


def _visible(value: Value, config: Config | None) -> Value:
    """Where content is hidden, keep only numbers and labels of the key's own configuration."""
    labels = {category.get("label") for category in (config or {}).get("categories") or ()}
    return (
        value
        if isinstance(value, (bool, int, float)) or (isinstance(value, str) and value in labels)
        else None
    )
