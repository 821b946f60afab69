"""Warnings that a process logs once each."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from langchain_respmeta._process.warn_once import MOST, warn_once

logger = logging.getLogger("langchain_respmeta.tests.warn_once")


def test_a_key_is_logged_once_and_each_logger_has_a_bound(caplog: pytest.LogCaptureFixture) -> None:
    for number in [0, 0, *range(2 * MOST)]:
        warn_once(logger, number, "no. %d", number)
    assert [record.getMessage() for record in caplog.records] == [f"no. {number}" for number in range(MOST)]
    warn_once(logging.getLogger("langchain_respmeta.tests.another"), 0, "another logger's")
    assert caplog.records[-1].getMessage() == "another logger's"


def test_what_a_server_says_silences_no_other_warning(caplog: pytest.LogCaptureFixture) -> None:
    for number in range(2 * MOST):
        warn_once(logger, ("rejected", f"no. {number}"), "no. %d", number)
    warn_once(logger, ("file", "is full"), "another topic's")
    warn_once(logger, "fixed", "a fixed text")
    assert len(caplog.records) == MOST + 2


def test_a_record_names_the_line_that_warned(caplog: pytest.LogCaptureFixture) -> None:
    warn_once(logger, "here", "here")
    assert caplog.records[0].filename == Path(__file__).name


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_logs_anew(caplog: pytest.LogCaptureFixture) -> None:
    warn_once(logger, "told", "told")
    child = os.fork()
    if child == 0:
        warn_once(logger, "told", "told")
        os._exit(len(caplog.records))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2
