"""Arguments are read from what a class prints of itself."""

from __future__ import annotations

from langchain_respmeta.providers.engine.printed import arguments_of


def test_arguments_that_langchain_only_shows_are_asked_for_too() -> None:
    names = ("location", "model_kwargs", "service_tier")
    asked = {"model_kwargs": {"speed": "fast", "note": 'it\'s {odd}, "very"'}, "service_tier": "flex"}
    shown = ", ".join(f"{name}={value!r}" for name, value in asked.items())
    assert arguments_of(f"Chat(client=<module 'x'>, api_key=SecretStr('*'), {shown}, n=1)", names) == asked
    assert arguments_of("Chat(model_kwargs={'client': <object>}, location='us-east5')", names) == {
        "location": "us-east5"
    }
    assert arguments_of("Chat(model_kwargs={'a': ", names) == {}
    assert arguments_of("", names) == {}
