"""The words by which a run is found: of its name, error, tags, metadata, and of the texts of its inputs and outputs.

Words are made here, for the index and for a search alike, so that both agree whatever the versions of SQLite and Unicode:
letters and digits, without case and accents. Scripts that write no spaces have a word for each sign.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from langchain_respmeta.local.store.payloads import metadata_of, value_of
from langchain_respmeta.local.store.written import PREFIX

VERSION: Final = 1
"""Of the rules below: an index by other rules is built again."""
MOST: Final = 100_000
"""Characters of the inputs, and of the outputs, that are indexed: the first."""
_UUID_LENGTH: Final = 36
_LONGEST_ID: Final = 128
_LONGEST_WORD: Final = 256
"""A longer text without a space is data in base64, a key, a signature."""
_SILENT: Final = frozenset(
    {
        *("lc", "type", "role", "data", "signature", "thought_signature", "encrypted_content"),
        *("logprobs", "usage_metadata", "token_usage", "usage"),
    }
)
"""Keys of inputs and outputs under which nobody searches for words."""
_OWN_SILENT: Final = frozenset(
    {"checkpoint_ns", "langgraph_checkpoint_ns", f"{PREFIX}schema_version", f"{PREFIX}cost_source"}
)
"""Keys of metadata that differ in all runs, or are the same in all, and name nothing."""
_RUN_ID: Final = ("run-", "lc_run-")
"""How the ids of messages begin that repeat the run's."""
_UUID: Final = re.compile(
    r"([0-9a-fA-F]{8})-([0-9a-fA-F]{4})-([0-9a-fA-F]{4})-([0-9a-fA-F]{4})-([0-9a-fA-F]{12})"
)
_WORD: Final = re.compile(r"[^\W_]+")
_NO_SPACES: Final = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    "\U00020000-\U0003ffff])"
)
"""Thai to Khmer, Japanese, Chinese, Korean."""


def words_in(text: str) -> list[str]:
    """The words of a text, as they are indexed."""
    return _WORD.findall(_plain(text).lower())


def words_of_run(
    name: str | None,
    error: str | None,
    tags: str | None,
    metadata: Mapping[str, object],
    inputs: object,
    outputs: object,
) -> str:
    """What the index takes of a run: its words, and what separates them."""
    pieces = [name or "", error or "", " ".join(_texts(value_of(tags))), *_named(metadata)]
    pieces += (" ".join(_texts(payload))[:MOST] for payload in (inputs, outputs))
    return _plain("\n".join(pieces))


def words_of_row(
    name: str | None,
    error: str | None,
    tags: str | None,
    extra: str | None,
    inputs: str | None,
    outputs: str | None,
) -> str:
    """The same from the columns of a stored run."""
    return words_of_run(name, error, tags, metadata_of(extra), value_of(inputs), value_of(outputs))


def _plain(text: str) -> str:
    """Only what the index's tokenizer splits as `words_in` does: it takes each sign beyond ASCII for a letter."""
    if text.isascii():
        return text
    parted = unicodedata.normalize("NFKD", text.casefold())
    bare = unicodedata.normalize("NFC", "".join(c for c in parted if not unicodedata.combining(c)))
    return _NO_SPACES.sub(r" \1 ", " ".join(_WORD.findall(bare)))


def _named(metadata: Mapping[str, object]) -> Iterator[str]:
    """Texts and whole numbers of the metadata; of the record only its texts, as its numbers are filtered by."""
    for key, value in metadata.items():
        if key in _OWN_SILENT:
            continue
        if isinstance(value, str):
            yield _spelled(value)
        elif type(value) is int and not key.startswith(PREFIX):
            yield str(value)
    record = metadata.get(PREFIX.removesuffix("_"))
    request_id = record.get("request_id") if isinstance(record, dict) else None
    if isinstance(request_id, str):
        yield _spelled(request_id)


def _texts(payload: object) -> list[str]:
    """The texts in a payload, in their order, as many as are indexed."""
    found, waiting, left = list[str](), [payload], MOST
    while waiting and left > 0:
        value = waiting.pop()
        if isinstance(value, str):
            text = _spelled(value)
            left -= len(text) + 1
            found.append(text)
        elif isinstance(value, dict):
            waiting += _values(value)
        elif isinstance(value, list):
            waiting += reversed(value)
    return found


def _values(value: dict[str, object]) -> list[object]:
    """What may hold texts, the last first."""
    held = {key: one for key, one in value.items() if one and key not in _SILENT}
    if isinstance(held.get("id"), list):  # the path of a class
        del held["id"]
    message = held.get("message")
    if isinstance(message, dict) and message.get("type") == "constructor":  # which has the same text
        held.pop("text", None)
    return list(reversed(held.values()))


def _spelled(text: str) -> str:
    """A text without what is no word; a UUID alone is one word."""
    if len(text) < _UUID_LENGTH:
        return text
    if len(text) <= _LONGEST_ID:
        return "" if text.startswith(_RUN_ID) and " " not in text else _UUID.sub(r"\1\2\3\4\5", text)
    return text[:MOST] if not text.isascii() or " " in text[:_LONGEST_WORD] else ""
