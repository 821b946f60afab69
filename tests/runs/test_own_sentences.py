"""Our own fixed sentences hold no text of an answer: they are whole also in records without content."""

import pytest

from langchain_respmeta._reading import normalize
from langchain_respmeta._runs import read_outcome
from langchain_respmeta.record.content import warning


@pytest.mark.parametrize("sentence", [read_outcome.CUT, read_outcome.ALONE, normalize.CUT])
def test_a_warning_of_ours_is_kept_whole_without_content(sentence: str) -> None:
    assert warning(sentence) == sentence
