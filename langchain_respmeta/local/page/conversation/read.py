"""Inputs and outputs of a run become a conversation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from langchain_respmeta.local.page.conversation.fields import Fields
from langchain_respmeta.local.page.conversation.messages import (
    finish_of,
    forced_messages,
    read_message,
    read_messages,
    value_message,
)
from langchain_respmeta.local.page.conversation.model import Conversation, Data, Message, Section, Text

_PLAIN_KEYS: Final = frozenset({"input", "output", "messages", "message", "content"})
"""Keys that need no heading where they are the only one."""
_DEEPEST_STATE: Final = 3
"""Objects within objects in which messages are looked for."""


def conversation_of(inputs: object, outputs: object) -> Conversation:
    """What went in and what came out, of stored JSON that was parsed."""
    before, after = sections_of(inputs), sections_of(outputs)
    return Conversation(before, _without_repeated(before, after))


def sections_of(value: object) -> list[Section]:
    """The inputs or the outputs of a run."""
    if value is None or value in ({}, []):
        return []
    if not isinstance(value, dict):
        return _of_value(None, value)
    for key, read in _ANSWERS.items():
        if isinstance(found := value.get(key), list) and found:
            return read(found)
    if message := read_message(value):
        return [Section(None, [message])]
    keys = [key for key, one in value.items() if one is not None]
    return [
        section
        for key in keys
        for section in _of_value(None if keys == [key] and key in _PLAIN_KEYS else key, value[key])
    ]


def _of_value(title: str | None, value: object, depth: int = 0) -> list[Section]:
    """One key of a state; an object within that holds messages is a state, too."""
    if messages := _messages_in(value):
        return [Section(title, messages)]
    if title in (None, "messages", "prompts") and isinstance(value, list) and value:
        return _of_batches(value, title)
    if isinstance(value, dict) and _holds_messages(value, depth):
        return [
            section
            for key, one in value.items()
            if one is not None
            for section in _of_value(f"{title}.{key}" if title else key, one, depth + 1)
        ]
    return [Section(title, [value_message(value)])]


def _holds_messages(value: Mapping[str, object], depth: int) -> bool:
    """Whether messages are among the values of an object, or of one within."""
    return depth < _DEEPEST_STATE and any(
        bool(_messages_in(one)) or (isinstance(one, dict) and _holds_messages(one, depth + 1))
        for one in value.values()
        if isinstance(one, (dict, list))
    )


def _messages_in(value: object) -> list[Message] | None:
    """The messages of a value that is one, holds some, or is a list of documents."""
    if isinstance(value, dict) and (message := read_message(value)):
        return [message]  # a pair of texts alone may be anything, among messages it is one
    if isinstance(value, dict) and isinstance(inner := value.get("messages"), list) and len(value) == 1:
        return read_messages(inner)
    if isinstance(value, dict) and isinstance(kwargs := value.get("kwargs"), dict) and value.get("lc"):
        # `dumpd` of a prompt value or a document
        return _document(kwargs) or _messages_in({"messages": kwargs.get("messages")}) or _prompt(kwargs)
    if isinstance(value, dict):
        return _prompt(value) if value.get("type") == "StringPromptValue" else _document(value)
    if isinstance(value, list) and value:
        return read_messages(value) or _documents(value)
    return None


def _prompt(kwargs: Mapping[str, object]) -> list[Message] | None:
    text = kwargs.get("text")
    return [Message("human", "prompt", [Text(text)])] if isinstance(text, str) else None


def _documents(values: Sequence[object]) -> list[Message] | None:
    found = [_messages_in(value) for value in values if isinstance(value, dict)]
    if len(found) != len(values) or not all(one and one[0].role == "document" for one in found):
        return None
    return [message for one in found for message in one or ()]


def _document(value: Mapping[str, object]) -> list[Message] | None:
    """A document of a retriever."""
    text = value.get("page_content")
    if not isinstance(text, str):
        return None
    fields = Fields({key: one for key, one in value.items() if key != "page_content"})
    title = fields.inner("metadata")
    name = title.word("title", "source", "url", "file_name")
    return [Message("document", "document", [Text(text)], name, rest=fields.rest)]


def _of_batches(values: Sequence[object], title: str | None) -> list[Section]:
    """The prompts of one call, or messages with others among them."""
    if all(isinstance(one, list) and read_message(one) is None for one in values):
        several = len(values) > 1
        return [
            Section(f"Prompt {number}" if several else None, forced_messages(batch))
            for number, batch in enumerate(values, 1)
            if isinstance(batch, list)
        ]
    if title == "prompts" and all(isinstance(one, str) for one in values):
        several = len(values) > 1
        return [
            Section(f"Prompt {number}" if several else None, [Message("human", "prompt", [Text(str(one))])])
            for number, one in enumerate(values, 1)
        ]
    if title == "messages" or any(read_message(one) for one in values):
        return [Section(title if title != "messages" else None, forced_messages(values))]
    return [Section(title, [value_message(values)])]


def _of_generations(generations: Sequence[object]) -> list[Section]:
    """The outputs of a model: for each prompt its candidates."""
    batches = [one if isinstance(one, list) else [one] for one in generations if one]
    return [
        Section(
            _candidate(number, len(batch), f"prompt {prompt}" if len(batches) > 1 else None),
            [_generation(one)],
        )
        for prompt, batch in enumerate(batches, 1)
        for number, one in enumerate(batch, 1)
    ]


def _candidate(number: int, of: int, prompt: str | None = None) -> str | None:
    """The heading of one candidate, None where there is only one."""
    words = [prompt, f"candidate {number} of {of}" if of > 1 else None]
    return ", ".join(filter(None, words)).capitalize() or None


def _generation(generation: object) -> Message:
    if not isinstance(generation, dict):
        return value_message(generation)
    fields = Fields(generation)
    message = read_message(fields.value("message"))
    text = fields.text("text")
    finish = finish_of(fields.peek("generation_info"))
    if message is None:
        parts = [Data(generation)] if text is None else [Text(text)]
        return Message("ai", "generation", parts, finish=finish, rest={} if text is None else fields.rest)
    if text and not message.text:  # the only place where an unknown message has its text
        message = replace(message, parts=[*message.parts, Text(text)])
    return replace(message, finish=message.finish or finish)


def _of_choices(choices: Sequence[object], key: str) -> list[Section]:
    """OpenAI's or Gemini's own answer, as their wrapped clients trace it."""
    sections = list[Section]()
    for number, choice in enumerate(choices, 1):
        source = choice if isinstance(choice, dict) else {}
        message = read_message(source.get(key)) or value_message(choice)
        answer = replace(message, finish=message.finish or finish_of(source))
        sections.append(Section(_candidate(number, len(choices)), [answer]))
    return sections


_ANSWERS: Final[Mapping[str, Callable[[Sequence[object]], list[Section]]]] = {
    "generations": _of_generations,
    "choices": partial(_of_choices, key="message"),
    "candidates": partial(_of_choices, key="content"),
}
"""Keys that hold a model's answers: of LangChain, OpenAI and Gemini."""


def _without_repeated(before: Sequence[Section], after: Sequence[Section]) -> list[Section]:
    """The outputs without the messages of the input that a state gives back."""
    given = [section.messages for section in before if section.messages]
    return [_shortened(section, given) for section in after]


def _shortened(section: Section, given: Sequence[Sequence[Message]]) -> Section:
    for messages in given:
        count = len(messages)
        back = section.messages[:count]
        said = any(message.role != "value" for message in back)
        if said and len(back) == count and all(map(_same, messages, back)):
            return replace(section, messages=section.messages[count:], repeated=count)
    return section


def _same(given: Message, back: Message) -> bool:
    """Whether two messages say the same; a state makes a text a human's message, and gives ids."""
    is_text = given.role == "value" and back.role == "human"
    return (given.role == back.role or is_text) and list(given.parts) == list(back.parts)
