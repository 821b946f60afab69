"""Windows cover a span, once, within days; how long they are follows how many runs there are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from langchain_respmeta.history.pull.moments import DAY, HOUR
from langchain_respmeta.history.pull.windows import Pace, Window, gaps

SPANS = st.tuples(st.integers(0, 500), st.integers(1, 60)).map(lambda pair: Window(pair[0], sum(pair)))


@given(st.integers(0, 400), st.integers(1, 200), st.lists(SPANS, max_size=8))
def test_gaps_and_what_is_covered_make_the_span(start: int, length: int, covered: list[Window]) -> None:
    end = start + length
    found = list(gaps(start, end, covered))
    inside = {moment for one in covered for moment in range(one.start, one.end)}
    missing = [moment for gap in found for moment in range(gap.start, gap.end)]
    assert missing == sorted(set(range(start, end)) - inside)


@given(
    st.integers(0, 3 * DAY),
    st.integers(1, 3 * DAY),
    st.lists(st.sampled_from([0.0, 0.01, 0.3, 0.9, 2.0]), min_size=1, max_size=30),
)
def test_windows_follow_one_another_within_days_and_closed_from_open(
    start: int, length: int, shares: list[float]
) -> None:
    gap, pace = Window(start, start + length), Pace()
    closed_until = start + length // 2
    for share in shares:
        window = pace.next_of(gap, closed_until)
        assert gap.start == window.start < window.end <= gap.end
        assert window.start // DAY == (window.end - 1) // DAY
        assert window.end <= closed_until or window.start >= closed_until
        if share > 1:
            pace.overflowed(window, window.start, window.end - 1)
            continue
        pace.filled(window, share)
        gap = Window(window.end, gap.end)
        if gap.start == gap.end:
            return


def test_windows_grow_while_they_are_nearly_empty_and_shrink_when_they_are_full() -> None:
    pace, far = Pace(), Window(0, 10 * DAY)
    assert pace.next_of(far, far.end).end == HOUR
    for _ in range(5):
        pace.filled(Window(0, HOUR), 0.0)
    assert pace.is_longest
    assert pace.next_of(far, far.end).end == DAY
    pace.filled(Window(0, DAY), 0.9)
    assert pace.next_of(far, far.end).end == DAY // 2
    pace.overflowed(
        Window(0, HOUR), HOUR - 2_000_000, HOUR - 1
    )  # the newest: what was seen before it was too much
    assert pace.next_of(far, far.end).end == HOUR - 2_000_000
    pace.overflowed(
        Window(0, HOUR - 2_000_000), HOUR - 4_000_000, HOUR - 2_000_001
    )  # no burst: it is dense all over
    assert pace.next_of(far, far.end).end == 1_000_000
    pace.overflowed(Window(7, 1_000_007), 7, 7)
    assert pace.next_of(far, far.end).end == 1
