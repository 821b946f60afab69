"""What all drafts of one compiled reader have in common, so that a straight way need not look at each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from langchain_respmeta.providers.engine.scratch import UNTIL_PRICED

if TYPE_CHECKING:
    from langchain_respmeta.providers.engine.scratch import ReadDraft


class CommonFacts(NamedTuple):
    """What all drafts of one compiled reader have in common."""

    is_usual: bool
    """Whether a straight way may read them."""
    tells_end: bool
    """Whether they tell how the answer ended."""
    is_priced: bool
    """Whether the provider tells the cost."""
    may_tell_speed: bool
    """Whether they tell a time that gives the speed."""
    holds_scratch: bool
    """Whether they hold keys until they are priced."""


UNUSUAL: Final = CommonFacts(
    is_usual=False, tells_end=False, is_priced=False, may_tell_speed=False, holds_scratch=False
)


def common_of(draft: ReadDraft) -> CommonFacts:
    """The facts of a reader, by one of its drafts."""
    keys = draft.keys()
    return CommonFacts(
        is_usual="langchain_cache_hit" not in keys,
        tells_end="role" not in keys or not keys.isdisjoint(("finish_reason", "native_finish_reason")),
        is_priced="cost.total" in keys,
        may_tell_speed=not keys.isdisjoint(("timing.completion_s", "timing.generation_s")),
        holds_scratch=not keys.isdisjoint(UNTIL_PRICED),
    )
