"""A separate environment for the demo: the user's settings are neither used nor changed."""

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

# Prefixes of variables that would change the destination or content of the demo's calls and traces.
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

# Loggers of the SDKs about answers that the demo contains on purpose (a blocked prompt, an overloaded server).
_TALKATIVE = ("google_genai", "httpx", "langchain_google_genai", "langchain_fireworks", "langchain_mistralai")


@contextmanager
def isolated_environment() -> Iterator[Path]:
    """Hide the user's settings and silence the SDKs during the block.

    Yields:
        A directory that is deleted at the end; it holds the feedback outbox.
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
    """Make langsmith read its variables again: it caches them."""
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
