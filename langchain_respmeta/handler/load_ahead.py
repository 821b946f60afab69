"""Load what the first call needs on a thread of its own: making a handler takes no time, and no event loop waits for imports."""

from __future__ import annotations

from functools import partial
from threading import Thread
from typing import Final

from langchain_respmeta._process.faults import guarded
from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._process.lifecycle import Child, in_child


class _Ahead:
    """What was begun, once a process."""

    def __init__(self) -> None:
        self.begin_again()
        in_child(Child.HANDLERS, self.begin_again)

    def begin_again(self) -> None:
        """Begin anew in a forked child: the loading thread does not exist there."""
        self.is_begun = self.has_prices = False


_AHEAD: Final = _Ahead()


def load_ahead(*, prices: bool) -> None:
    """Begin to load, and return at once; where no thread can be had, the first call loads."""
    if _AHEAD.is_begun and (_AHEAD.has_prices or not prices):
        return
    _AHEAD.is_begun = True
    _AHEAD.has_prices = _AHEAD.has_prices or prices
    try:
        Thread(target=partial(_load, prices=prices), name="respmeta-loader", daemon=True).start()
    except RuntimeError:
        _AHEAD.begin_again()


@guarded("loading what a call needs")
def _load(*, prices: bool) -> None:
    if prices:  # first: its data takes longest
        with loading:
            from langchain_respmeta.enrich.prices import price_draft

        price_draft.preload()
    with loading:
        from langchain_respmeta.handler import watching  # noqa: F401 - with all that it needs
