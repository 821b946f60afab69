"""Google's generateContent and its streams: as JSON, through the real SDK, and as `ChatGoogleGenerativeAI` reads them."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from google import genai
from google.genai import types

from langchain_respmeta import RespMetaHandler, ResponseMetadata, normalize, normalize_stream
from langchain_respmeta.demo import ReplayServer, demo_scenarios, recorded_answer, scenario_model
from tests.providers.raw.same import facts, lacking

SCENARIOS: Final = [
    name
    for name, scenario in demo_scenarios()["google"].items()
    if not scenario.failing and len(scenario.answers) == 1
]


def body(*candidates: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "candidates": list(candidates) or [candidate({"text": "Paris."})],
        "usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 3, "totalTokenCount": 11},
        "modelVersion": "gemini-2.5-flash",
        "responseId": "resp-1",
    } | fields


def candidate(*parts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"content": {"role": "model", "parts": list(parts)}, "finishReason": "STOP", "index": 0} | fields


def client(url: str) -> genai.Client:
    return genai.Client(
        api_key="none-needed",
        vertexai=False,
        http_options=types.HttpOptions(base_url=url, retry_options=None),
    )


def watched(replay: ReplayServer, name: str, *, stream: bool) -> ResponseMetadata:
    handler = RespMetaHandler(feedback=False, include_content=True)
    scenario = demo_scenarios()["google"][name]
    model: Any = scenario_model(replay, scenario)
    config = {"callbacks": [handler]}
    if stream:
        for _ in model.stream(scenario.messages, config):
            pass
    else:
        model.invoke(scenario.messages, config)
    return handler.records[0]


def whole_body(name: str) -> dict[str, Any]:
    """A scenario's, but for a count's sibling that the SDK's class refuses, while its client drops it."""
    raw: Any = demo_scenarios()["google"][name].answers[0].body
    counts = {key: value for key, value in raw["usageMetadata"].items() if key != "serviceTier"}
    return {**raw, "usageMetadata": counts}


REMADE: Final = (
    "tool_calls.0.id",
    "tool_calls.0.args_size_bytes",
    "search_queries",
    "usage.output_tokens: None is not 0",
)
"""What LangChain makes anew or fills in: ids that Google does not give, the text of arguments, empty lists, zeros."""


def missing(ours: ResponseMetadata, theirs: ResponseMetadata) -> list[str]:
    return [told for told in lacking(facts(ours), facts(theirs)) if not any(name in told for name in REMADE)]


# --- the same record on every way ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_sdks_object_says_all_that_langchains_message_says(replay: ReplayServer, name: str) -> None:
    with client(replay.base_url("google", name)) as google:
        record = normalize(google.models.generate_content(model="gemini-2.5-flash", contents="Hi"))
    assert missing(record, watched(replay, name, stream=False)) == []
    assert record.unmapped == ()


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_sdks_stream_says_all_that_langchains_stream_says(replay: ReplayServer, name: str) -> None:
    with client(replay.base_url("google", name)) as google:
        record = normalize_stream(
            google.models.generate_content_stream(model="gemini-2.5-flash", contents="Hi")
        )
    if name == "n2":  # LangChain reads the first candidate of each chunk as the one answer
        assert record.candidates == 2
        return
    assert missing(record, watched(replay, name, stream=True)) == []
    assert record.unmapped == record.warnings == ()


@pytest.mark.parametrize("name", SCENARIOS)
def test_json_a_dict_and_the_sdks_object_give_one_record(name: str) -> None:
    raw: Any = whole_body(name)
    made = types.GenerateContentResponse.model_validate(raw)
    forms = (json.dumps(raw), made, made.model_dump(), made.model_dump(by_alias=True))
    for form in forms:
        assert facts(normalize(form)) == facts(normalize(raw))


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_streams_chunks_give_the_record_of_the_whole_answer(name: str) -> None:
    raw: Any = whole_body(name)
    told = {key: value for key, value in raw.items() if key != "candidates"}
    chunks = [told | {"candidates": [one]} for one in raw.get("candidates", [])] or [told]
    expected = facts(normalize(raw))
    forms: list[Any] = [
        chunks,
        [types.GenerateContentResponse.model_validate(chunk) for chunk in chunks],
        json.dumps(chunks),
        "".join(f"data: {json.dumps(chunk)}\r\n\r\n" for chunk in chunks),
    ]
    for form in forms:
        assert facts(normalize_stream(form)) == expected
    if raw.get("candidates"):
        assert facts(normalize(chunks)) == expected


# --- what LangChain leaves out ---------------------------------------------------------------------------------------


def test_what_langchain_drops_is_in_the_record() -> None:
    record = normalize(
        body(
            candidate(
                {"text": "Paris."},
                avgLogprobs=-0.2,
                logprobsResult={"chosenCandidates": [{"token": "Paris", "logProbability": -0.5}]},
                urlContextMetadata={
                    "urlMetadata": [
                        {
                            "retrievedUrl": "https://a.example",
                            "urlRetrievalStatus": "URL_RETRIEVAL_STATUS_SUCCESS",
                        }
                    ]
                },
                citationMetadata={
                    "citationSources": [{"uri": "https://b.example", "startIndex": 0, "endIndex": 5}]
                },
            ),
            createTime="2026-05-01T08:00:00.123456789Z",
            usageMetadata={
                "promptTokenCount": 300,
                "candidatesTokenCount": 60,
                "thoughtsTokenCount": 20,
                "toolUsePromptTokenCount": 40,
                "cachedContentTokenCount": 100,
                "totalTokenCount": 420,
                "promptTokensDetails": [
                    {"modality": "TEXT", "tokenCount": 20},
                    {"modality": "IMAGE", "tokenCount": 258},
                    {"modality": "AUDIO", "tokenCount": 22},
                ],
                "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 55}],
                "trafficType": "PROVISIONED_THROUGHPUT",
                "serviceTier": "flex",
            },
        )
    )
    assert record.response_id == "resp-1"
    assert record.created_at is not None
    assert record.created_at.isoformat() == "2026-05-01T08:00:00.123456+00:00"
    assert record.service_tier == "flex"
    assert record.logprobs is not None
    assert record.logprobs.mean == -0.5
    assert [citation.url for citation in record.citations] == ["https://b.example"]
    assert record.provider_data["avg_logprobs"] == -0.2
    assert record.provider_data["usage_metadata"] == {"traffic_type": "PROVISIONED_THROUGHPUT"}
    assert (
        record.provider_data["url_context_metadata"]["url_metadata"][0]["retrieved_url"]
        == "https://a.example"
    )
    usage = record.usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (340, 80, 420)
    assert (usage.tool_use_prompt_tokens, usage.cache_read_tokens, usage.reasoning_tokens) == (40, 100, 20)
    assert (usage.input_image_tokens, usage.input_audio_tokens, usage.output_image_tokens) == (258, 22, 55)
    assert record.unmapped == record.warnings == ()


def test_a_count_that_is_not_told_is_none() -> None:
    record = normalize(body(usageMetadata={"promptTokenCount": 8}))
    assert record.usage is not None
    assert record.usage.input_tokens == 8
    assert record.usage.output_tokens is None
    assert record.usage.cache_read_tokens is None


def test_pictures_sound_and_files_are_described() -> None:
    record = normalize(
        body(
            candidate(
                {"inlineData": {"mimeType": "image/png", "data": "QUJD"}},
                {"inlineData": {"mimeType": "audio/L16;rate=24000", "data": "QUJDRA=="}},
                {"fileData": {"mimeType": "video/mp4", "fileUri": "gs://bucket/film.mp4"}},
            )
        )
    )
    assert [(one.kind, one.size_bytes, one.url) for one in record.media] == [
        ("image", 3, None),
        ("audio", 4, None),
        ("video", None, "gs://bucket/film.mp4"),
    ]


def test_the_sdks_bytes_have_the_size_of_the_base64_of_json() -> None:
    raw = body(candidate({"inlineData": {"mimeType": "image/png", "data": "QUJDRA=="}}))
    assert facts(normalize(types.GenerateContentResponse.model_validate(raw))) == facts(normalize(raw))


def test_thoughts_calls_and_code_are_told_apart() -> None:
    record = normalize(
        body(
            candidate(
                {"text": "They want the weather.", "thought": True},
                {"executableCode": {"language": "PYTHON", "code": "print(1)"}},
                {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n"}},
                {
                    "functionCall": {"name": "weather", "args": {"cityName": "Paris"}},
                    "thoughtSignature": "QUJD",
                },
            )
        )
    )
    assert record.reasoning is not None
    assert record.reasoning.text == "They want the weather."
    assert {(call.name, call.server_side, call.id) for call in record.tool_calls} == {
        ("code_execution", True, None),
        ("weather", False, None),
    }
    asked = next(call for call in record.tool_calls if call.name == "weather")
    assert asked.args_size_bytes == len('{"cityName":"Paris"}')
    assert (record.finish_reason, record.native_finish_reason) == ("tool_calls", "STOP")


def test_a_kind_of_part_that_nobody_knows_is_named() -> None:
    assert normalize(body(candidate({"hologram": {"data": "QUJD"}}))).unmapped == ("content.hologram",)


def test_each_candidate_has_a_record_and_the_first_the_counts() -> None:
    record = normalize(
        body(candidate({"text": "A"}), candidate({"text": "B"}, index=1, finishReason="MAX_TOKENS"))
    )
    assert (record.candidates, record.candidate_index, record.finish_reason) == (2, 0, "stop")


# --- blocked and broken ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vertex", [False, True])
def test_a_blocked_prompt_is_a_refusal(*, vertex: bool) -> None:
    feedback = {"blockReason": "PROHIBITED_CONTENT", "blockReasonMessage": "Not this."}
    raw = {"promptFeedback": feedback, "usageMetadata": {"promptTokenCount": 8, "totalTokenCount": 8}}
    if vertex:
        raw["createTime"] = "2026-05-01T08:00:00Z"  # type: ignore[assignment]
    for record in (normalize(raw), normalize_stream([raw])):
        assert record.refused is True
        assert record.refusal is not None
        assert (record.refusal.source, record.refusal.category) == ("prompt_block", "PROHIBITED_CONTENT")
        assert record.usage is not None
        assert record.usage.input_tokens == 8
        assert record.warnings == ()


def test_a_stream_that_broke_off_says_so() -> None:
    piece = candidate({"text": "Par"})
    del piece["finishReason"]
    record = normalize_stream([body(piece)])
    assert record.finish_reason is None
    assert any("ended without" in warning for warning in record.warnings)


def test_counts_of_a_stream_are_those_of_its_last_chunk() -> None:
    counts = ({"promptTokenCount": 9, "candidatesTokenCount": n, "totalTokenCount": 9 + n} for n in (1, 5, 8))
    record = normalize_stream([body(usageMetadata=count) for count in counts])
    assert record.usage is not None
    assert (record.usage.output_tokens, record.usage.total_tokens) == (8, 17)


@pytest.mark.parametrize("cumulative", [False, True])
def test_sources_of_a_stream_are_each_told_once(*, cumulative: bool) -> None:
    def source(number: int) -> dict[str, Any]:
        return {"web": {"uri": f"https://{number}.example", "title": str(number)}}

    lists = [[source(1)], [source(1), source(2)] if cumulative else [source(2)]]
    record = normalize_stream(
        [body(candidate({"text": "A"}, groundingMetadata={"groundingChunks": chunks})) for chunks in lists]
    )
    assert [citation.url for citation in record.citations] == ["https://1.example", "https://2.example"]


@pytest.mark.parametrize("odd", [None, 7, "text", [], [7], {"parts": 7}, {"parts": [None, 7, {}]}])
def test_odd_content_costs_itself_alone(odd: Any) -> None:
    record = normalize(body(candidate() | {"content": odd}))
    assert record.finish_reason == "stop"
    assert record.usage is not None
    assert record.usage.total_tokens == 11


# --- who answered ----------------------------------------------------------------------------------------------------

VERTEX: Final = (
    "https://europe-west4-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/google/models/m"
)


def test_the_gemini_api_is_meant_unless_something_says_vertex(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_GENAI_USE_VERTEXAI", raising=False)
    assert normalize(body()).provider == "gcp.gemini"
    assert normalize(body(), "vertex_ai").provider == normalize(body(), VERTEX).provider == "gcp.vertex_ai"
    assert normalize(body(createTime="2026-05-01T08:00:00Z")).provider == "gcp.vertex_ai"
    rated = candidate(
        {"text": "A"}, safetyRatings=[{"category": "HARM_CATEGORY_HARASSMENT", "probabilityScore": 0.1}]
    )
    assert normalize(body(rated)).provider == "gcp.vertex_ai"
    assert normalize(body(createTime="2026-05-01T08:00:00Z"), "google_genai").provider == "gcp.gemini"
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    assert normalize(body()).provider == "gcp.vertex_ai"


def test_messages_of_protobuf_are_read_as_their_json() -> None:
    """As the SDKs of old give them: `google.cloud.aiplatform`, `google.generativeai`."""
    proto = pytest.importorskip("proto")

    class Usage(proto.Message):  # type: ignore[misc,name-defined]
        prompt_token_count = proto.Field(proto.INT32, number=1)
        candidates_token_count = proto.Field(proto.INT32, number=2)
        cached_content_token_count = proto.Field(proto.INT32, number=3)

    class Reason(proto.Enum):  # type: ignore[misc,name-defined]
        FINISH_REASON_UNSPECIFIED = 0
        STOP = 1
        MAX_TOKENS = 2

    class Candidate(proto.Message):  # type: ignore[misc,name-defined]
        finish_reason = proto.Field(proto.ENUM, number=1, enum=Reason)

    class Response(proto.Message):  # type: ignore[misc,name-defined]
        candidates = proto.RepeatedField(proto.MESSAGE, number=1, message=Candidate)
        usage_metadata = proto.Field(proto.MESSAGE, number=2, message=Usage)
        model_version = proto.Field(proto.STRING, number=3)

    record = normalize(
        Response(
            candidates=[Candidate(finish_reason=Reason.MAX_TOKENS)],
            usage_metadata=Usage(prompt_token_count=8),
            model_version="gemini-1.5-pro-002",
        )
    )
    assert (record.native_finish_reason, record.finish_reason) == ("MAX_TOKENS", "length")
    assert record.model == "gemini-1.5-pro-002"
    assert record.usage is not None
    assert (record.usage.input_tokens, record.usage.cache_read_tokens) == (8, None)


def test_the_sdks_headers_stay_with_its_object(replay: ReplayServer) -> None:
    answer = recorded_answer("json", json.dumps(body()), headers={"server-timing": "gfet4t7; dur=412"})
    with client(replay.add("google", "with_headers", answer)) as google:
        record = normalize(google.models.generate_content(model="gemini-2.5-flash", contents="Hi"))
    assert record.http is not None
    assert record.http.headers["server-timing"] == "gfet4t7; dur=412"


# --- enums as numbers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "category"),
    [
        ({}, "HARM_CATEGORY_HATE_SPEECH"),
        ({"createTime": "2026-01-02T03:04:05Z"}, "HARM_CATEGORY_IMAGE_HARASSMENT"),
    ],
)
def test_an_enums_number_has_its_name_which_the_clouds_differ_in(more: dict[str, Any], category: str) -> None:
    ratings = [{"category": 8, "probability": 1, "severity": 2}]
    answer = body(candidate({"text": "Hi."}, finishReason=1, safetyRatings=ratings)) | more
    for record in (normalize(answer), normalize_stream([answer])):
        assert (record.native_finish_reason, record.finish_reason) == ("STOP", "stop")
        (rating,) = record.safety
        assert (rating.category, rating.probability) == (category, "NEGLIGIBLE")
        assert rating.severity == "HARM_SEVERITY_LOW"


def test_a_number_that_has_no_name_stays_one() -> None:
    ratings = [{"category": 99, "probability": 77}]
    record = normalize(body(candidate({"text": "Hi."}, finishReason=55, safetyRatings=ratings)))
    assert (record.native_finish_reason, record.finish_reason) == ("55", "unknown")
    assert [(one.category, one.probability) for one in record.safety] == [("99", "77")]


def test_a_prompt_that_was_blocked_by_a_number_is_a_refusal_of_that_name() -> None:
    feedback = {"blockReason": 4, "safetyRatings": [{"category": 10, "probability": 4, "blocked": True}]}
    record = normalize({"promptFeedback": feedback, "modelVersion": "gemini-2.5-flash"})
    assert record.refusal is not None
    assert record.refusal.category == "PROHIBITED_CONTENT"
    assert [(one.category, one.probability) for one in record.safety] == [
        ("HARM_CATEGORY_DANGEROUS_CONTENT", "HIGH")
    ]
