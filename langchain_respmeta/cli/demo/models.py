"""The real integration classes, pointed at a replay server.

All that they would read from the environment is set: dummy keys, the base URL, the region, no retries. The
integration packages are imported when a model is made.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from langchain_respmeta.cli.demo.answer import Scenario
from langchain_respmeta.cli.demo.replay import ReplayServer
from langchain_respmeta.errors import MissingExtraError

if TYPE_CHECKING:
    from langchain_core.language_models import LanguageModelInput
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import Runnable

__all__ = ["chat_model", "integration_modules", "scenario_model", "scenario_runnable"]

_KEY = "replay-needs-no-key"
_REGION = "us-east-1"

_Settings = Callable[[str, int], dict[str, object]]


@dataclass(frozen=True, slots=True)
class _Integration:
    """One integration class.

    Attributes:
        module: Python module of the class.
        name: The class.
        settings: (base URL without the provider's path, retries) → arguments.
        adjust: (model, retries): what no argument says.
    """

    module: str
    name: str
    settings: _Settings
    adjust: Callable[[object, int], None] = lambda model, retries: None  # noqa: ARG005

    def load(self) -> type:
        try:
            return cast("type", getattr(import_module(self.module), self.name))
        except ImportError as error:
            raise MissingExtraError(self.name, extra="demo", package=self.module.replace("_", "-")) from error


def _openai(base_url: str, retries: int) -> dict[str, object]:
    # ChatOpenAI requests usage in streams only at OpenAI's own address, hence stream_usage; and it switches to the
    # Responses API by itself for some models with tools, hence use_responses_api.
    return {
        "base_url": f"{base_url}/v1",
        "api_key": _KEY,
        "max_retries": retries,
        "stream_usage": True,
        "use_responses_api": False,
    }


def _openai_responses(base_url: str, retries: int) -> dict[str, object]:
    return {**_openai(base_url, retries), "use_responses_api": True}


def _anthropic(base_url: str, retries: int) -> dict[str, object]:
    return {"base_url": base_url, "api_key": _KEY, "max_retries": retries}


def _google(base_url: str, retries: int) -> dict[str, object]:
    # Its max_retries counts attempts, and 0 means the SDK's own default.
    return {"base_url": base_url, "api_key": _KEY, "max_retries": retries + 1, "vertexai": False}


def _bedrock(base_url: str, retries: int) -> dict[str, object]:
    # Static credentials keep botocore from asking the metadata service; the control-plane client is not needed
    # for a model id, and making one would double the time of construction.
    return {
        "base_url": base_url,
        "region_name": _REGION,
        "aws_access_key_id": _KEY,
        "aws_secret_access_key": _KEY,
        "max_retries": retries,
        "bedrock_client": _NOT_CALLED,
    }


def _without_retries(model: Any, retries: int) -> None:
    """Remove botocore's retry handler: without retries it marks each success as MaxAttemptsReached."""
    if not retries:
        service = "bedrock-runtime"
        model.client.meta.events.unregister(f"needs-retry.{service}", unique_id=f"retry-config-{service}")


def _mistral(base_url: str, retries: int) -> dict[str, object]:
    return {"base_url": f"{base_url}/v1", "api_key": _KEY, "max_retries": retries + 1}


def _groq(base_url: str, retries: int) -> dict[str, object]:
    return {"base_url": base_url, "api_key": _KEY, "max_retries": retries}


def _fireworks(base_url: str, retries: int) -> dict[str, object]:
    return {"base_url": f"{base_url}/inference", "api_key": _KEY, "max_retries": retries}


_NOT_CALLED = object()

_INTEGRATIONS: Mapping[str, _Integration] = {
    "openai": _Integration("langchain_openai", "ChatOpenAI", _openai),
    "openai_responses": _Integration("langchain_openai", "ChatOpenAI", _openai_responses),
    "anthropic": _Integration("langchain_anthropic", "ChatAnthropic", _anthropic),
    "google": _Integration("langchain_google_genai", "ChatGoogleGenerativeAI", _google),
    "bedrock": _Integration("langchain_aws", "ChatBedrockConverse", _bedrock, _without_retries),
    "mistral": _Integration("langchain_mistralai", "ChatMistralAI", _mistral),
    "groq": _Integration("langchain_groq", "ChatGroq", _groq),
    "fireworks": _Integration("langchain_fireworks", "ChatFireworks", _fireworks),
}


def integration_modules() -> tuple[str, ...]:
    """The Python modules of the demo's integrations."""
    return tuple(dict.fromkeys(integration.module for integration in _INTEGRATIONS.values()))


def chat_model(
    provider: str, base_url: str, model: str, *, retries: int = 0, **options: object
) -> "BaseChatModel":
    """Make the integration class of a provider.

    Args:
        provider: A key of the demo answers, e.g. ``openai`` or ``openai_responses``.
        base_url: Address without the provider's own path, as `ReplayServer.base_url` gives it.
        model: The model name to ask for.
        retries: Further attempts of the integration's own client after a failure.
        **options: Further arguments of the class; they win.

    Raises:
        MissingExtraError: The integration is not installed.
        ValueError: The provider is not one of the demo's.
    """
    if provider not in _INTEGRATIONS:
        raise ValueError(f"no demo integration {provider!r}: choose one of {', '.join(_INTEGRATIONS)}")
    integration = _INTEGRATIONS[provider]
    model_class = integration.load()
    made = model_class(**{"model": model, **integration.settings(base_url, retries), **options})
    integration.adjust(made, retries)
    return cast("BaseChatModel", made)


def scenario_model(replay: ReplayServer, scenario: Scenario, **options: object) -> "BaseChatModel":
    """Make the model that a demo scenario asks for, pointed at its answers; without tools."""
    base_url = replay.base_url(scenario.provider, scenario.name)
    return chat_model(scenario.provider, base_url, scenario.model, **{**scenario.options, **options})


def scenario_runnable(
    replay: ReplayServer, scenario: Scenario, **options: object
) -> "Runnable[LanguageModelInput, AIMessage]":
    """Make the model of a scenario with its tools and call arguments bound; ask it ``scenario.messages``."""
    model = scenario_model(replay, scenario, **options)
    runnable: Runnable[LanguageModelInput, AIMessage] = model
    if scenario.tools:
        tools = import_module("langchain_respmeta.cli.demo.tools").resolve_tools(scenario.tools)
        runnable = model.bind_tools(tools)
    if scenario.bind:
        runnable = runnable.bind(**scenario.bind)
    return runnable
