"""Makes the dictionary anew with which the embedded server packs the texts of runs: of the demo's runs, in words of no meaning.

python docs/dictionary.py    writes langchain_respmeta/local/store/runs.dictionary

Files packed with an earlier dictionary stay readable: each file keeps those that it was written with.
"""

from __future__ import annotations

import json
import random
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import zstandard
from langsmith import Client, tracing_context

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.cli.demo import calls
from langchain_respmeta.cli.demo.environment import isolated_environment
from langchain_respmeta.cli.demo.replay import ReplayServer
from langchain_respmeta.cli.demo.scenarios import demo_scenarios
from langchain_respmeta.local import LocalServer, Store
from langchain_respmeta.local.store import payloads
from langchain_respmeta.local.store.packed import DICTIONARY, LEVEL

SIZE: Final = 32_768
_TIMES: Final = 3
"""How often each text is taken, with other words and numbers in it."""
_SENTENCE: Final = 4
"""Words from which on a text counts as written by somebody."""
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_URL: Final = re.compile(r"http://127\.0\.0\.1:\d+/\S*")
_OF_THIS_MACHINE: Final = ("LANGSMITH_CONFIG_FILE", "revision_id")
_PLAIN: Final = {"platform": "Linux-6.8.0-x86_64-with-glibc2.39", "runtime_version": "3.12.3"}
_WORDS: Final = (
    "the of and to in a is that for it as was with be by on not are this have from or an they which you were all her"
    " would there their we him been has when who will no more if out so said what up its about into than them can only"
    " other new some could time these two may then do first any my now such like our over me even most after also did"
    " many before must through back years where much your way well down should because each just those people how"
)


def record(store_url: str) -> None:
    """Make the demo's calls, traced to a server."""
    handler, client = RespMetaHandler(), Client(api_url=store_url, api_key="none")
    with (
        ReplayServer(demo_scenarios()) as replay,
        tracing_context(enabled=True, client=client, project_name="demo"),
    ):
        config: Any = {"callbacks": [handler]}
        list(calls.make_calls(replay, config))
        for run in (calls.run_chain, calls.run_traced_function, calls.run_fallback, calls.run_agent):
            run(replay, config)
    client.flush()
    handler.flush(20.0)


def neutral(value: Any, chance: random.Random) -> Any:
    """The same shape with words, ids and numbers of no meaning."""
    match value:
        case dict():
            known = {key: below for key, below in value.items() if key not in _OF_THIS_MACHINE}
            return {key: _PLAIN.get(key) or neutral(below, chance) for key, below in known.items()}
        case list():
            return [neutral(below, chance) for below in value]
        case str():
            return _neutral_text(value, chance)
        case float():
            return round(value * chance.random(), 6)
        case int() if not isinstance(value, bool) and value > _SENTENCE:
            return chance.randrange(value + 1)
    return value


def _neutral_text(text: str, chance: random.Random) -> str:
    words = text.count(" ")
    if words >= _SENTENCE:
        return " ".join(chance.choices(_WORDS.split(), k=min(60, words)))
    return _URL.sub(
        "https://api.example.com/v1", _ID.sub(lambda _: str(uuid.UUID(int=chance.getrandbits(128))), text)
    )


def samples(store: Store) -> Iterator[bytes]:
    """All payloads of all runs."""
    chance = random.Random(1)  # noqa: S311 - words, no secrets
    for run in store.runs():
        for name in payloads.COLUMNS:
            for _ in range(_TIMES if run.get(name) else 0):
                yield json.dumps(neutral(run[name], chance), separators=(",", ":")).encode()


def main() -> None:
    """Write the dictionary."""
    with isolated_environment(), LocalServer() as server:
        record(server.url)
        made = zstandard.train_dictionary(SIZE, list(samples(server.store)), level=LEVEL)
    path = Path(__file__).parent.parent / "langchain_respmeta" / "local" / "store" / DICTIONARY
    path.write_bytes(made.as_bytes())
    print(f"{DICTIONARY}: {len(made):,} bytes, number {made.dict_id()}")


if __name__ == "__main__":
    main()
