"""docs/settings.md names the handler's arguments and the variables, with their defaults."""

import inspect
import re
from pathlib import Path

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._process.settings import ENABLED, HANDLER, STATE_DIR
from tests.docs.page import run, sections

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text("utf-8")


def test_the_settings_are_the_handler_s_with_their_defaults() -> None:
    table = PAGE[PAGE.index("| argument | default |") :].split("\n\n")[0]
    named = {
        name: (default.strip('`"').replace("_", ""), meaning)
        for name, default, meaning in re.findall(r"^\| `(\w+)` \| (.+?) \| (.+) \|$", table, re.MULTILINE)
    }
    assert list(named) == list(inspect.signature(RespMetaHandler).parameters)
    assert {name: named[name] for name in HANDLER} == {
        name: ("all" if setting.default is None else str(setting.default), setting.meaning)
        for name, setting in HANDLER.items()
    }


def test_the_variables_that_are_no_argument_are_named() -> None:
    assert {ENABLED, STATE_DIR} <= set(re.findall(r"^\| `(\w+)`", PAGE, re.MULTILINE))


def test_a_record_says_whose_call_it_was_as_the_page_shows() -> None:
    program = run(sections("docs/settings.md")["Whose call it was"])
    assert (program["record"].thread_id, program["record"].run_name) == ("t-1", "FakeListChatModel")
