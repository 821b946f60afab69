"""Who is who: one row a provider, and the look-up from what was known at the start of a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from langchain_respmeta.answer import Answer, RunStart
from langchain_respmeta.errors import ProviderError
from langchain_respmeta.providers._dialects import GENERIC
from langchain_respmeta.providers._reader import Reader
from langchain_respmeta.providers.anthropic import ANTHROPIC
from langchain_respmeta.providers.bedrock import BEDROCK
from langchain_respmeta.providers.fireworks import FIREWORKS
from langchain_respmeta.providers.google_genai import GOOGLE_GENAI
from langchain_respmeta.providers.groq import GROQ
from langchain_respmeta.providers.mistral import MISTRAL
from langchain_respmeta.providers.openai import OPENAI


@dataclass(frozen=True, slots=True)
class Row:
    """How a provider is known.

    Attributes:
        reader: How its answers are read.
        classes: LangChain classes, the surest sign.
        ls_providers: Values of `metadata["ls_provider"]`.
        types: Values of `invocation_params["_type"]`.
        dialects: Values of `response_metadata["model_provider"]`; names a dialect more often than a vendor.
        hosts: Ends of host names that are this vendor's, whatever class was pointed at them.
        package: The integration's package, for the documentation.
    """

    reader: Reader
    classes: tuple[str, ...] = ()
    ls_providers: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    package: str = ""


ROWS: Final[tuple[Row, ...]] = (
    Row(
        OPENAI,
        classes=("ChatOpenAI", "OpenAI"),
        ls_providers=("openai", "openai-codex"),
        types=("openai-chat", "openai", "openai-codex-chat"),
        dialects=("openai",),
        hosts=("api.openai.com",),
        package="langchain-openai",
    ),
    Row(
        ANTHROPIC,
        classes=("ChatAnthropic", "ChatAnthropicMessages"),
        ls_providers=("anthropic",),
        types=("anthropic-chat",),
        dialects=("anthropic",),
        hosts=("api.anthropic.com",),
        package="langchain-anthropic",
    ),
    Row(
        GOOGLE_GENAI,
        classes=("ChatGoogleGenerativeAI",),
        ls_providers=("google_genai",),
        types=("chat-google-generative-ai",),
        dialects=("google_genai",),
        hosts=("generativelanguage.googleapis.com",),
        package="langchain-google-genai",
    ),
    Row(
        BEDROCK,
        classes=("ChatBedrockConverse",),
        ls_providers=("amazon_bedrock",),
        types=("amazon_bedrock_converse_chat",),
        dialects=("bedrock_converse",),
        hosts=("amazonaws.com",),
        package="langchain-aws",
    ),
    Row(
        MISTRAL,
        classes=("ChatMistralAI",),
        ls_providers=("mistral", "mistralai"),
        types=("mistralai-chat",),
        dialects=("mistralai",),
        hosts=("api.mistral.ai",),
        package="langchain-mistralai",
    ),
    Row(
        GROQ,
        classes=("ChatGroq",),
        ls_providers=("groq",),
        types=("groq-chat",),
        dialects=("groq",),
        hosts=("api.groq.com",),
        package="langchain-groq",
    ),
    Row(
        FIREWORKS,
        classes=("ChatFireworks", "Fireworks"),
        ls_providers=("fireworks",),
        types=("fireworks-chat",),
        dialects=("fireworks",),
        hosts=("api.fireworks.ai",),
        package="langchain-fireworks",
    ),
)

_SIGNS: Final = ("classes", "ls_providers", "types", "dialects")


class Registry:
    """Rows by each of their signs."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.rows: list[Row] = []
        self._by: dict[str, dict[str, Reader]] = {sign: {} for sign in _SIGNS}
        for row in rows:
            self.add(row)

    def add(self, row: Row, *, replace: bool = False) -> None:
        """Make a provider known.

        Raises:
            ProviderError: a sign already belongs to another provider and `replace` is false.
        """
        for sign in _SIGNS:
            for value in getattr(row, sign):
                owner = self._by[sign].get(value)
                if owner is not None and not replace:
                    raise ProviderError(
                        f"{sign[:-1]} {value!r} already belongs to {owner.name!r}; pass replace=True to take it over",
                        provider=row.reader.name,
                    )
        for sign in _SIGNS:
            self._by[sign].update(dict.fromkeys(getattr(row, sign), row.reader))
        self.rows.append(row)

    def find(self, start: RunStart, answer: Answer) -> Reader:
        """The reader for a run: by class, `ls_provider`, `_type`, then the answer's dialect; else the generic one."""
        by = self._by
        return (
            by["classes"].get(start.integration or "")
            or by["ls_providers"].get(start.ls_provider or "")
            or by["types"].get(start.llm_type or "")
            or by["dialects"].get(_word(answer.metadata.get("model_provider")))
            or GENERIC
        )


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


REGISTRY: Final = Registry(ROWS)
