"""An environment of its own for the demo: nothing the user has set up is used, sent to, or written to."""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from langsmith import utils as langsmith_utils

__all__ = ["isolated_environment"]

# Whose variables would change where the demo's calls or traces go, or what they hold.
_PREFIXES = (
    "ANTHROPIC_",
    "AWS_",
    "FIREWORKS_",
    "GEMINI_",
    "GOOGLE_",
    "GROQ_",
    "LANGCHAIN_",
    "LANGGRAPH_",
    "LANGSMITH_",
    "LS_",
    "MISTRAL_",
    "OPENAI_",
    "OTEL_",
    "RESPMETA_",
)
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")

# What the SDKs log about answers that are in the demo on purpose (a blocked prompt, an overloaded server).
_TALKATIVE = ("google_genai", "httpx", "langchain_google_genai", "langchain_fireworks", "langchain_mistralai")


@contextmanager
def isolated_environment() -> Iterator[Path]:
    """Hide the user's settings and keep the SDKs quiet for the time of the block.

    Yields:
        A directory that is deleted at the end; the feedback outbox lies in it.
    """
    before = dict(os.environ)
    with TemporaryDirectory(prefix="respmeta-demo-", ignore_cleanup_errors=True) as name, _quiet():
        _hide()
        os.environ.update(_own(name))
        _forget_environment()
        try:
            yield Path(name)
        finally:
            os.environ.clear()
            os.environ.update(before)
            _forget_environment()


def _forget_environment() -> None:
    """Make langsmith read its variables again: it keeps what it has read."""
    cached: Any = langsmith_utils.get_env_var
    cached.cache_clear()


def _hide() -> None:
    for name in list(os.environ):
        if name.startswith(_PREFIXES) or name.upper() in _PROXIES:
            del os.environ[name]


def _own(directory: str) -> dict[str, str]:
    nowhere = str(Path(directory) / "none")
    return {
        "AWS_CONFIG_FILE": nowhere,
        "AWS_SHARED_CREDENTIALS_FILE": nowhere,
        "AWS_EC2_METADATA_DISABLED": "true",
        "LANGSMITH_CONFIG_FILE": nowhere,
        "NO_PROXY": "127.0.0.1,localhost",
        "RESPMETA_STATE_DIR": directory,
    }


@contextmanager
def _quiet() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
