"""Every shape of messages becomes the same conversation, and nothing of it is lost."""

from dataclasses import asdict
from typing import Any

import pytest

from langchain_respmeta.local.page.conversation.model import (
    Citation,
    Conversation,
    Data,
    Media,
    Message,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from langchain_respmeta.local.page.conversation.read import conversation_of
from langchain_respmeta.local.page.conversation.room import Room
from langchain_respmeta.local.page.conversation.view import MOST_MESSAGES, MOST_PARTS, Entry, View, view_of
from tests.local.shapes import (
    CALLS,
    MESSAGES,
    PICTURES,
    PNG,
    REASONING,
    RESULTS,
    WEATHER,
    answered,
    asked,
    constructor,
)


def only(inputs: Any = None, outputs: Any = None) -> Message:
    (message,) = conversation_of(inputs, outputs).messages
    return message


def entries(view: View) -> list[Entry]:
    return [entry for section in (*view.inputs, *view.outputs) for entry in section.entries]


@pytest.mark.parametrize("name", MESSAGES)
@pytest.mark.parametrize("place", ["batch", "state", "alone"])
def test_a_message_of_any_shape_is_the_same_message(name: str, place: str) -> None:
    value = MESSAGES[name]
    if place == "alone" and isinstance(value, list):
        assert list(only({"roles": value}).parts) == [Data(value)], "two texts alone may be anything"
        return
    inputs = {"batch": {"messages": [[value]]}, "state": {"messages": [value]}, "alone": {"input": value}}[
        place
    ]
    message = only(inputs)
    assert (message.role, list(message.parts)) == ("human", [Text("hello")])


@pytest.mark.parametrize("name", CALLS)
def test_a_call_of_any_shape_is_one_call_with_its_arguments(name: str) -> None:
    message = only({"messages": [CALLS[name]]})
    assert (message.role, list(message.parts)) == ("ai", [ToolCall("weather", "c1", WEATHER)])


@pytest.mark.parametrize("result", RESULTS)
@pytest.mark.parametrize("call", CALLS)
def test_a_result_stands_beside_its_call(call: str, result: str) -> None:
    view = view_of(conversation_of({"messages": [CALLS[call], RESULTS[result]]}, None))
    (entry,) = entries(view)
    (shown,) = entry.parts
    assert shown.result is not None
    assert (shown.result.message, shown.result.failed) == (2, False)
    assert [one.part for one in shown.result.parts] == [Text("sunny")]


def test_ids_that_come_again_are_matched_turn_by_turn() -> None:
    turns = [
        one
        for text in ("first", "second")
        for one in (CALLS["LangChain"], {"role": "tool", "tool_call_id": "c1", "content": text})
    ]
    found = entries(view_of(conversation_of({"messages": turns}, None)))
    results = [entry.parts[0].result for entry in found]
    assert [one and [shown.part for shown in one.parts] for one in results] == [
        [Text("first")],
        [Text("second")],
    ]


def test_a_result_without_its_call_and_an_output_stand_where_they_came() -> None:
    alone = entries(view_of(conversation_of({"messages": [RESULTS["OpenAI"]]}, None)))
    assert alone[0].parts[0].kind == "result"
    view = view_of(conversation_of({"messages": [CALLS["OpenAI"]]}, {"messages": [RESULTS["OpenAI"]]}))
    assert [entry.number for entry in view.outputs[0].entries] == [2]


@pytest.mark.parametrize("name", REASONING)
def test_reasoning_of_any_shape_is_reasoning(name: str) -> None:
    message = only(
        None, answered(constructor("AIMessage", content=[REASONING[name], {"type": "text", "text": "so"}]))
    )
    assert list(message.parts) == [Reasoning("hmm"), Text("so")]


def test_reasoning_and_refusals_beside_the_content_are_read() -> None:
    more = {"reasoning_content": "hmm", "refusal": "no"}
    message = only(None, answered(constructor("AIMessage", content="so", additional_kwargs=more)))
    assert list(message.parts) == [Reasoning("hmm"), Text("so"), Refusal("no")]
    hidden = only(asked({"type": "redacted_thinking", "data": "secret"}))
    assert list(hidden.parts) == [Reasoning(None)]
    assert "secret" in str(hidden.rest)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_of_any_shape_is_one_picture(name: str) -> None:
    assert list(only(asked(PICTURES[name])).parts) == [Media("image", "image/png", data=PNG)]


MEDIA: dict[str, tuple[Any, Media]] = {
    "an address": (
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        Media("image", url="https://example.com/a.png"),
    ),
    "a sound of OpenAI": (
        {"type": "input_audio", "input_audio": {"data": "UklG", "format": "wav"}},
        Media("audio", "audio/wav", data="UklG"),
    ),
    "a file of OpenAI": (
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBE"}},
        Media("file", "application/pdf", "a.pdf", data="JVBE"),
    ),
    "a file kept by the provider": (
        {"type": "input_file", "file_id": "file-1"},
        Media("file", file_id="file-1"),
    ),
    "a text of Anthropic": (
        {
            "type": "document",
            "title": "A",
            "source": {"type": "text", "media_type": "text/plain", "data": "grass"},
        },
        Media("file", "text/plain", "A", text="grass"),
    ),
    "a document of Bedrock": (
        {"document": {"format": "txt", "name": "A", "source": {"text": "grass"}}},
        Media("file", None, "A", text="grass"),
    ),
    "a text of v1": (
        {"type": "text-plain", "text": "grass", "mime_type": "text/plain"},
        Media("file", "text/plain", text="grass"),
    ),
    "a video of v1": (
        {"type": "video", "base64": "AAAA", "mime_type": "video/mp4"},
        Media("video", "video/mp4", data="AAAA"),
    ),
}


@pytest.mark.parametrize("name", MEDIA)
def test_other_media_are_what_they_are(name: str) -> None:
    block, medium = MEDIA[name]
    assert list(only(asked(block)).parts) == [medium]


CITATIONS: dict[str, tuple[Any, Citation]] = {
    "v1": (
        {"type": "citation", "url": "https://a.example", "title": "A", "cited_text": "q"},
        Citation("A", "https://a.example", "q"),
    ),
    "chat completions": (
        {"type": "url_citation", "url_citation": {"url": "https://a.example", "title": "A"}},
        Citation("A", "https://a.example", None),
    ),
    "Anthropic": (
        {"type": "char_location", "cited_text": "q", "document_title": "A", "document_index": 0},
        Citation("A", None, "q"),
    ),
}


@pytest.mark.parametrize("name", CITATIONS)
def test_sources_of_a_text_are_its_citations(name: str) -> None:
    source, citation = CITATIONS[name]
    message = only(asked({"type": "text", "text": "so", "citations": [source]}))
    assert list(message.parts) == [Text("so", (citation,))]


def test_candidates_and_prompts_have_headings_and_their_own_ends() -> None:
    outputs = {
        "generations": [
            [
                {"text": "a", "generation_info": {"finish_reason": "stop"}},
                {"text": "b", "generation_info": {"finish_reason": "length"}},
            ],
            [{"text": "c"}],
        ]
    }
    found = conversation_of({"prompts": ["one", "two"]}, outputs)
    assert [section.title for section in found.inputs] == ["Prompt 1", "Prompt 2"]
    assert [section.title for section in found.outputs] == [
        "Prompt 1, candidate 1 of 2",
        "Prompt 1, candidate 2 of 2",
        "Prompt 2",
    ]
    assert [message.finish for message in found.messages] == [None, None, "stop", "length", None]
    assert [message.text for message in found.messages] == ["one", "two", "a", "b", "c"]


def test_a_wrapped_client_s_answer_is_a_conversation() -> None:
    outputs = {
        "id": "x",
        "choices": [{"finish_reason": "length", "message": {"role": "assistant", "content": "cut"}}],
    }
    message = only(None, outputs)
    assert (message.role, message.text, message.finish) == ("ai", "cut", "length")
    items = {
        "output": [
            REASONING["Responses"],
            CALLS["Responses"],
            {"type": "message", "role": "assistant", "content": "so"},
        ]
    }
    found = [part for one in conversation_of(None, items).messages for part in one.parts]
    assert found == [Reasoning("hmm"), ToolCall("weather", "c1", WEATHER), Text("so")]


def test_a_state_that_comes_back_shows_what_is_new() -> None:
    given = [constructor("HumanMessage", content="hello", type="human"), CALLS["LangChain"]]
    back = [{"type": "human", "content": "hello", "id": "given-later"}, CALLS["v1"], RESULTS["OpenAI"]]
    found = conversation_of({"messages": given}, {"messages": back})
    assert found.outputs[0].repeated == 2
    assert [message.role for message in found.outputs[0].messages] == ["tool"]
    changed = conversation_of({"messages": given}, {"messages": [MESSAGES["a pair"], RESULTS["OpenAI"]]})
    assert changed.outputs[0].repeated == 0


def test_a_state_within_an_object_is_a_state() -> None:
    update = {"messages": [MESSAGES["model_dump"]], "n": 1}
    given = {"input": {"text": "why", "type": "StringPromptValue"}}
    found = conversation_of(given, {"output": {"update": update, "goto": "b", "graph": None}})
    sections = (*found.inputs, *found.outputs)
    assert [(one.title, [list(message.parts) for message in one.messages]) for one in sections] == [
        (None, [[Text("why")]]),
        ("update.messages", [[Text("hello")]]),
        ("update.n", [[Data(1)]]),
        ("goto", [[Text("b")]]),
    ]
    gemini = conversation_of(None, {"candidates": [{"content": MESSAGES["Gemini"], "finishReason": "STOP"}]})
    assert [(one.text, one.finish) for one in gemini.messages] == [("hello", "STOP")]


def test_keys_of_a_state_documents_and_objects_are_kept_apart() -> None:
    inputs = {"question": "why?", "k": 3, "history": [["human", "a"], ["ai", "b"]]}
    documents = [{"page_content": "grass", "metadata": {"source": "a.md", "score": 0.5}, "type": "Document"}]
    found = conversation_of(inputs, {"documents": documents, "vector": [0.5, 1]})
    titles = {
        section.title: [(one.role, one.name, list(one.parts)) for one in section.messages]
        for section in (*found.inputs, *found.outputs)
    }
    assert titles == {
        "question": [("value", None, [Text("why?")])],
        "k": [("value", None, [Data(3)])],
        "history": [("human", None, [Text("a")]), ("ai", None, [Text("b")])],
        "documents": [("document", "a.md", [Text("grass")])],
        "vector": [("value", None, [Data([0.5, 1])])],
    }


STRANGE: tuple[Any, ...] = (
    *(None, {}, [], 3, "text", [1], [[1]], {"messages": None}, {"messages": 3}, {"messages": [[]]}),
    *(
        {"messages": [None, 3, "x"]},
        {"generations": [None, 3, [None]]},
        {"generations": {}},
        {"choices": [3]},
    ),
    *({"messages": [{"role": 3, "content": 4}]}, {"messages": [{"role": "user", "content": {"type": []}}]}),
    *({"messages": [{"type": "human"}]}, {"lc": 1, "id": [], "kwargs": []}, {"messages": [["human"]]}),
    asked(
        *(
            {"type": kind}
            for kind in ("text", "tool_use", "image", "document", "tool_result", "thinking", "non_standard")
        )
    ),
    asked({"type": "image", "source": {"source": {"source": {"source": {"data": "x"}}}}}),
    asked({"type": "tool_result", "content": {"content": [{"type": "tool_result", "content": [[["x"]]]}]}}),
    asked({"type": "text", "text": "", "annotations": [3, "u", {}, {"url": 3}]}),
    {
        "messages": [
            {"role": "assistant", "content": "", "tool_calls": [3, {}, {"function": 3}, {"args": [1]}]}
        ]
    },
    {
        "messages": [
            {"role": "assistant", "content": "", "tool_calls": "x", "additional_kwargs": {"audio": {}}}
        ]
    },
)


@pytest.mark.parametrize("value", STRANGE, ids=range(len(STRANGE)))
def test_any_other_value_is_shown_as_it_is(value: Any) -> None:
    for found in (conversation_of(value, None), conversation_of(None, value), conversation_of(value, value)):
        view = view_of(found)
        assert all(isinstance(message.text, str) for message in found.messages)
        assert view.total == sum(1 for _ in found.messages)


def leaves(value: Any) -> list[str]:
    """Texts in a value, but the words that only name its shape."""
    if isinstance(value, dict):
        named = {
            "type",
            "lc",
            "repr",
            "id",
            "role",
            "signature",
            "index",
            "source_type",
            "detail",
            "format",
            "status",
        }
        return [
            leaf
            for key, one in value.items()
            if key not in named or isinstance(one, dict)
            for leaf in leaves(one)
        ]
    if isinstance(value, list):
        return [leaf for one in value for leaf in leaves(one)]
    return [value] if isinstance(value, str) and value else []


def said(found: Conversation) -> str:
    """All that a conversation holds, as text."""
    return repr([asdict(message) for message in found.messages])


@pytest.mark.parametrize(
    "block", [*REASONING.values(), *PICTURES.values(), *(one for one, _ in MEDIA.values())], ids=str
)
def test_no_text_of_a_block_is_lost(block: Any) -> None:
    marked = {**block, "brand_new": {"x": "kept-1"}, "extras": {"y": ["kept-2"]}}
    found = conversation_of(asked(marked), None)
    for leaf in leaves(marked):
        assert leaf.split(",")[-1] in said(found)


def test_what_no_reader_knows_is_kept_whole() -> None:
    block = {"type": "hologram", "beams": [{"x": "kept"}]}
    message = only(asked({"type": "text", "text": "so"}, block))
    assert list(message.parts) == [Text("so"), Data(block, "hologram")]
    wrapped = only(asked({"type": "non_standard", "value": block}))
    assert list(wrapped.parts) == [Data(block, "hologram")]


def test_long_texts_are_folded_and_the_longest_cut_with_a_count() -> None:
    short = Room().text("a\nb")
    assert (short.head, short.folded, short.cut) == ("a\nb", 0, 0)
    long = Room().text("word " * 2_000)
    assert (len(long.head) + long.folded, long.cut) == (10_000, 0)
    assert long.head.endswith(" ")
    lines = Room().text("\n".join(map(str, range(200))))
    assert lines.head.count("\n") == 24
    huge = Room().text("x" * 1_000_000)
    assert len(huge.head) + huge.folded + huge.cut == 1_000_000
    assert huge.cut == 900_000


def test_a_page_has_room_for_so_much_and_counts_the_rest() -> None:
    room = Room(most=100)
    first, second, third = room.text("a" * 60), room.text("b" * 60), room.data({"c": 1})
    assert (first.cut, second.cut) == (0, 20)
    assert (third.head, third.cut) == ("", len('{\n  "c": 1\n}'))


def test_signs_that_turn_or_hide_text_are_shown() -> None:
    shown = Room().text("a\u202eb\u2066c\x00\U000e0041<i>").head
    assert not set("\u202e\u2066\x00\U000e0041") & set(shown)
    assert "U+202E" in shown
    assert "RIGHT-TO-LEFT OVERRIDE" in shown
    assert "U+E0041" in shown
    assert "&lt;i&gt;" in shown
    flag = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
    assert Room().text(f"é {flag} \u05d0").head == f"é {flag} \u05d0"


def messages(count: int) -> Conversation:
    return conversation_of(
        {"messages": [["human", str(n)] for n in range(1, count + 1)]},
        {"output": {"role": "assistant", "content": "end"}},
    )


def test_many_messages_are_shown_from_the_end_of_the_input_and_paged() -> None:
    found = messages(1_000)
    view = view_of(found)
    assert (view.start, view.end, view.total, view.later) == (901, 1_001, 1_001, None)
    assert entries(view)[-1].message.text == "end"
    seen, start = [], 1
    while start:
        page = view_of(found, start)
        seen += [entry.number for entry in entries(page)]
        start = page.later or 0
    assert seen == list(range(1, 1_002))
    assert view_of(found, view.earlier).end >= view.start - 1
    assert len(entries(view_of(found, 1))) == MOST_MESSAGES
    assert view_of(found, 10**9).start == 1_001
    whole = view_of(messages(20))
    assert (whole.start, whole.earlier, whole.later) == (1, None, None)


def test_many_parts_of_one_message_are_counted() -> None:
    found = conversation_of(asked(*({"type": "text", "text": str(n)} for n in range(10_000))), None)
    (entry,) = entries(view_of(found))
    *read, rest = entry.message.parts
    assert isinstance(rest, Data)
    assert isinstance(rest.value, list)
    assert len(read) + len(rest.value) == 10_000
    assert (len(entry.parts), entry.left_out) == (MOST_PARTS, len(read) + 1 - MOST_PARTS)


def test_content_within_content_without_end_is_shown_as_json() -> None:
    nested: Any = "x"
    for _ in range(300):
        nested = [{"type": "tool_result", "tool_use_id": "t", "content": nested}]
    message = only(asked(*nested))
    depth, part = 0, message.parts[0]
    while isinstance(part, ToolResult):
        depth, part = depth + 1, part.parts[0]
    assert depth < 20
    assert isinstance(part, Data)
