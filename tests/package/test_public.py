"""Public names and signatures are pinned: a change needs a diff of public.txt and a line in the changelog."""

from pathlib import Path

from tests.package.public import lines

PINNED = Path(__file__).with_name("public.txt")


def test_public_names_and_signatures_are_those_that_are_pinned() -> None:
    pinned = PINNED.read_text().splitlines()
    now = lines()
    gone, new = sorted(set(pinned) - set(now)), sorted(set(now) - set(pinned))
    assert not gone, (
        f"public names were dropped or changed (python -m tests.package.public > public.txt): {gone}"
    )
    assert not new, (
        f"new public names are not pinned yet (python -m tests.package.public > public.txt): {new}"
    )
