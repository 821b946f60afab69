"""README names only what is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_every_file_and_picture_that_is_named_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_nothing_is_installed_from_an_index_that_does_not_have_it() -> None:
    installed = re.findall(r"pip install '?([^`'\s]+)", README)
    assert installed
    assert {one.split("[")[0] for one in installed} == {"."}
