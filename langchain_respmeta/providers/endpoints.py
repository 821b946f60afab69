"""The provider of an endpoint by its answer, where the host is unknown.

`ChatOpenAI` and `ChatAnthropic` can be pointed at anybody who speaks their dialect. The host of the base URL names the
vendor. A loopback or private host does not (a proxy, a test, a model on the next machine), nor does a missing one:
there the answer decides, and an answer that OpenAI or Anthropic would not give makes the provider `unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.run_start import OPENAI_CLASSES, RunStart
from langchain_respmeta.providers.engine.values import text_or_empty

_OPENAI_MODEL: Final = re.compile(
    r"(ft:)?("
    r"gpt-(\d|audio|realtime|image)"  # `gpt-35-turbo` is Azure's spelling
    r"|(o[1-9])+($|-)"  # twice where two chunks of a stream had it
    r"|chatgpt-|codex-|computer-use-|omni-moderation|deep-research"
    r"|text-(ada|babbage|curie|davinci|embedding|moderation)"
    r"|(ada|babbage|curie|davinci)($|[-:0])"
    r"|tts-|whisper-|dall-e|sora-"
    r")[^/]*",
    re.IGNORECASE,
)
_ANTHROPIC_MODEL: Final = re.compile(r"claude[-.][^/]*", re.IGNORECASE)

_IDS: Final = (
    (r"gen-\d{10}-\w+", "openrouter"),
    (r"gen_[0-9A-Z]{26}", "vercel"),
    (r"id-\d{13}", "cloudflare"),
    (r"msg_bdrk_\w+", "unknown"),  # Anthropic's models on Bedrock, behind a gateway
    (r"msg_vrtx_\w+", "unknown"),  # and on Vertex AI
    (r"(?:chat|cmpl|chatcmpl)-[0-9a-f]{32}", "unknown"),  # vLLM
    (r"(?:chatcmpl-)?[0-9a-f]{8}-[0-9a-f]{4}-.+", "unknown"),  # Groq, DeepSeek, xAI, Perplexity, DashScope
    (r"chatcmpl-(?:\d{1,6}|[0-9a-f]{24})", "unknown"),  # Ollama, Avian
    (r"[0-9a-f]{32}", "unknown"),  # Mistral
)
_ANY_ID: Final = re.compile(
    rf"(?=([a-z]{{2,12}}[-_])?)(?:{'|'.join(f'{pattern}()' for pattern, _ in _IDS)}|[!-~]{{1,256}})"
)
"""Its head, then a pattern each with a group at its end, so that most are left at their first letter; last what any other id is
made of."""
ID_MATCH: Final = _ANY_ID.fullmatch
"""What `kind_of_id` is made of: its first group, its last one's number, and whether the text is a number."""
"""Ids that OpenAI does not give: its own are `chatcmpl-` and 29 letters and digits, or `resp_` and hex."""

_CLOUDS: Final[Mapping[str, str]] = {r"msg_bdrk_\w+": "aws.bedrock", r"msg_vrtx_\w+": "gcp.vertex_ai"}
"""Whose ids they are in Anthropic's own dialect, which these clouds speak themselves."""

_FINGERPRINTS: Final[tuple[tuple[re.Pattern[str], str | None], ...]] = (
    (re.compile(r"fp_ollama"), "ollama"),
    (re.compile(r"b\d+-[0-9a-z]+"), "llama_cpp"),
    (re.compile(r"vllm-.*", re.IGNORECASE), "vllm"),
    (re.compile(r"(fp_[0-9a-z]+)+"), None),
)
"""`system_fingerprint` of servers that people run themselves; OpenAI's is the last (a merged stream may double it)."""

UNKNOWN: Final = "unknown"

_GATEWAYS: Final = frozenset({"openrouter", "vercel", "cloudflare"})
"""Of those that an id names: the ones that can be at any address."""


def gateway_told(answer: Answer) -> str | None:
    """The gateway that made the answer's id; None where it is unknown."""
    said = _by_id(text_or_empty(answer.metadata.get("id")))
    return said if said in _GATEWAYS else None


def kind_of_id(text: str) -> tuple[str | None, int] | None:
    """How an id begins, and the place in `_IDS` of the first pattern that it fits, from 1; None for what is no id.

    A number alone begins with 0: Groq's tools are numbered in place of an id.
    """
    match = ID_MATCH(text)
    if match is None:
        return None
    return match[1] or ("0" if text.isdecimal() else None), (match.lastindex or 1) - 1


def _by_id(response_id: str) -> str | None:
    kind = kind_of_id(response_id)
    return _IDS[kind[1] - 1][1] if kind is not None and kind[1] else None


def _cloud_by_id(response_id: str) -> str | None:
    kind = kind_of_id(response_id)
    return _CLOUDS.get(_IDS[kind[1] - 1][0]) if kind is not None and kind[1] else None


def named_by_answer(answer: Answer, start: RunStart, dialect: str, host: str | None) -> str:
    """The provider as far as the answer shows it: the dialect's owner if no sign contradicts."""
    get = answer.metadata.get
    if dialect == "openai":
        # OpenAI's class was left at its own address.
        said = _by_signature(answer, host is None and start.integration in OPENAI_CLASSES)
    else:
        said = _cloud_by_id(text_or_empty(get("id")))
    if said is not None:
        return said
    model = text_or_empty(get("model_name") or get("model"))
    if not model and host is None:
        return dialect
    return dialect if _OWN_MODEL[dialect](model or start.requested_model or "") else UNKNOWN


def contradicted(answer: Answer, dialect: str) -> str | None:
    """The provider, if the answer cannot be OpenAI's although its host was called: a proxy may be in between."""
    if dialect != "openai":
        return None
    get = answer.metadata.get
    said = _by_signature(answer, at_home=True)
    return UNKNOWN if said is None and "/" in text_or_empty(get("model_name") or get("model")) else said


def _by_signature(answer: Answer, at_home: bool) -> str | None:  # noqa: FBT001
    """Whose fingerprint or id it is, if not OpenAI's.

    An id of a shape that OpenAI seldom gives is a weak sign: a model of OpenAI's at its own address, with its
    fingerprint, or of the kind that answers with such ids (those that search) is OpenAI's all the same.
    """
    get = answer.metadata.get
    fingerprint, response_id = text_or_empty(get("system_fingerprint")), text_or_empty(get("id"))
    said = _by_fingerprint(fingerprint) if fingerprint else None
    if said is None and response_id:
        said = _by_id(response_id)
        model = text_or_empty(get("model_name") or get("model"))
        if said == UNKNOWN and is_openai_model(model) and (at_home or fingerprint or "-search-" in model):
            return None
    return said


@lru_cache(maxsize=512)
def _by_fingerprint(fingerprint: str) -> str | None:
    return next((vendor for pattern, vendor in _FINGERPRINTS if pattern.fullmatch(fingerprint)), UNKNOWN)


@lru_cache(maxsize=1024)
def is_openai_model(model: str) -> bool:
    """Whether OpenAI has models of such names. Its open weights (`gpt-oss-…`) are served by others."""
    return _OPENAI_MODEL.fullmatch(model) is not None


@lru_cache(maxsize=1024)
def is_anthropic_model(model: str) -> bool:
    """Whether Anthropic has models of such names."""
    return _ANTHROPIC_MODEL.fullmatch(model) is not None


_OWN_MODEL: Final = {"openai": is_openai_model, "anthropic": is_anthropic_model}
