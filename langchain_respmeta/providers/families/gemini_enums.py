"""Names of the numbers that Google's REST API sends for enums where it was asked to: the two clouds number some otherwise.

https://ai.google.dev/api/generate-content#v1beta.HarmCategory,
https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/HarmCategory
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from langchain_respmeta.providers.engine.values import plain_word

PROBABILITIES: Final = ("HARM_PROBABILITY_UNSPECIFIED", "NEGLIGIBLE", "LOW", "MEDIUM", "HIGH")
SEVERITIES: Final = (
    "HARM_SEVERITY_UNSPECIFIED",
    "HARM_SEVERITY_NEGLIGIBLE",
    "HARM_SEVERITY_LOW",
    "HARM_SEVERITY_MEDIUM",
    "HARM_SEVERITY_HIGH",
)
BLOCKS: Final = ("BLOCK_REASON_UNSPECIFIED", "SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT")
"""Beyond these the clouds' numbers differ."""

_HARM: Final = "HARM_CATEGORY_"
GEMINI_HARMS: Final = tuple(
    _HARM + name
    for name in (
        "UNSPECIFIED",
        "DEROGATORY",
        "TOXICITY",
        "VIOLENCE",
        "SEXUAL",
        "MEDICAL",
        "DANGEROUS",
        "HARASSMENT",
        "HATE_SPEECH",
        "SEXUALLY_EXPLICIT",
        "DANGEROUS_CONTENT",
        "CIVIC_INTEGRITY",
    )
)
VERTEX_HARMS: Final = tuple(
    _HARM + name
    for name in (
        "UNSPECIFIED",
        "HATE_SPEECH",
        "DANGEROUS_CONTENT",
        "HARASSMENT",
        "SEXUALLY_EXPLICIT",
        "CIVIC_INTEGRITY",
        "IMAGE_HATE",
        "IMAGE_DANGEROUS_CONTENT",
        "IMAGE_HARASSMENT",
        "IMAGE_SEXUALLY_EXPLICIT",
        "JAILBREAK",
    )
)


def enum_word(value: object, names: Sequence[str]) -> str | None:
    """The name of a number; any other word, or a number that has no name, as it is."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names):
        return names[value]
    return plain_word(value)
