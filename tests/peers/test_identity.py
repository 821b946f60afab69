"""Who answered, and under which id: what peers take from the request, or from the answer's own words."""

from __future__ import annotations

import pytest

from langchain_respmeta import RespMetaHandler, normalize
from langchain_respmeta.demo import ReplayServer
from tests.peers.bodies import MINI, chat, claude, response, said, spent
from tests.peers.calls import EVERY_WAY, ask, model_at

USAGE = {"input_tokens": 10, "output_tokens": 2}


@EVERY_WAY
@pytest.mark.parametrize("provider", ["openai", "openai_responses", "anthropic"])
def test_the_model_is_the_one_that_served_and_the_asked_one_stands_beside_it(
    replay: ReplayServer, provider: str, mode: str
) -> None:
    """LangChainTracer and PostHog tell the alias of the request for 10 of 15 answers."""
    bodies = {
        "openai": chat(spent(10, 2)),
        "openai_responses": response({**USAGE, "total_tokens": 12}),
        "anthropic": claude(USAGE),
    }
    record = ask(replay, provider, bodies[provider], mode, model="an-alias")
    assert (record.model, record.model_source) == (bodies[provider]["model"], "response")
    assert record.requested_model == "an-alias"


@EVERY_WAY
def test_a_model_named_in_the_text_is_not_the_model(replay: ReplayServer, mode: str) -> None:
    """weave takes the longest text in the output that begins with the asked model's name."""
    text = f"{MINI} is a small model that answers questions about cuneiform."
    record = ask(replay, "openai", chat(spent(10, 2), message={"content": text}), mode, model="gpt-5-mini")
    assert record.model == MINI


def test_where_only_the_asked_name_is_known_it_is_said(replay: ReplayServer) -> None:
    """Groq's integration gives the requested name as if it were the served one."""
    record = ask(replay, "groq", chat(spent(10, 2), model="llama-served"), model="llama-asked")
    assert (record.model, record.model_source) == ("llama-asked", "request")


def test_the_providers_id_is_told_and_never_langchains(replay: ReplayServer) -> None:
    """Eight of ten handlers have no response id; some take LangChain's `lc_run--…` for one."""
    assert ask(replay, "openai", chat(spent(10, 2))).response_id == chat()["id"]
    assert ask(replay, "anthropic", claude(USAGE)).response_id == claude(USAGE)["id"]
    streamed = ask(replay, "anthropic", claude(USAGE), "stream").response_id
    assert streamed in {None, claude(USAGE)["id"]}


@EVERY_WAY
def test_an_openai_compatible_server_is_not_openai(replay: ReplayServer, mode: str) -> None:
    """OpenLLMetry and others call every host behind `ChatOpenAI` OpenAI, and price it so."""
    record = ask(
        replay, "openai", chat(spent(10, 2), model="Qwen/Qwen3-32B", id="chatcmpl-" + "0a" * 16), mode
    )
    assert record.provider == "unknown"
    assert record.cost is not None
    assert record.cost.total is None


@EVERY_WAY
def test_the_service_tier_is_told_in_streams_and_responses_too(replay: ReplayServer, mode: str) -> None:
    """PostHog, the only handler with a tier, loses it there; langsmith's wrapper loses it in streams."""
    assert ask(replay, "openai", chat(spent(10, 2), service_tier="flex"), mode).service_tier == "flex"
    body = response({**USAGE, "total_tokens": 12}, service_tier="priority")
    assert ask(replay, "openai_responses", body, mode).service_tier == "priority"


@EVERY_WAY
def test_citations_of_the_responses_api_are_told(replay: ReplayServer, mode: str) -> None:
    """They stand in the content blocks' annotations, which no handler reads."""
    text = "Voyager 1 is far away."
    cited = [
        {"type": "url_citation", "url": f"https://{n}.example", "title": n, "start_index": 0, "end_index": 9}
        for n in ("a", "b")
    ]
    body = response({**USAGE, "total_tokens": 12}, [said(text, annotations=cited)])
    record = ask(replay, "openai_responses", body, mode)
    assert [citation.url for citation in record.citations] == ["https://a.example", "https://b.example"]
    assert record.citations[0].text == "Voyager 1"


def test_gateway_metadata_of_langsmith_is_kept() -> None:
    """`lc_gateway_metadata` stands in the generation's info, which peers do not look into."""
    message = {"type": "ai", "content": "hi", "response_metadata": {"model_name": MINI}}
    result = {
        "generations": [[{"message": message, "generation_info": {"lc_gateway_metadata": {"trace": "t"}}}]]
    }
    record = normalize(result, start={"serialized": {"id": ["ChatOpenAI"]}})
    assert record.provider_data["lc_gateway_metadata"] == {"trace": "t"}
    assert record.unmapped == ()


def test_a_handler_of_its_own_is_not_needed_for_each_provider(replay: ReplayServer) -> None:
    """Portkey's handler calls `.get` on a missing `generation_info` and loses Anthropic's and Responses' answers."""
    for provider, body in {
        "anthropic": claude(USAGE),
        "openai_responses": response({**USAGE, "total_tokens": 12}),
    }.items():
        assert ask(replay, provider, body).finish_reason == "stop"


def test_what_is_asked_for_twice_is_two_calls(replay: ReplayServer) -> None:
    """Portkey's map is wiped at every root's end, so that calls at the same time lose their data."""
    from concurrent.futures import ThreadPoolExecutor

    handler = RespMetaHandler(feedback=False, prices=False)
    models = [model_at(replay, "openai", chat(spent(10, n), id=f"chatcmpl-{n:029d}")) for n in range(1, 9)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda model: model.invoke("hi", config={"callbacks": [handler]}), models))
    told = {record.response_id: record.usage.output_tokens for record in handler.records if record.usage}
    assert told == {f"chatcmpl-{n:029d}": n for n in range(1, 9)}
