"""Google's Gemini API, and the Vertex AI backend of the same integration.

https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

import os
from typing import Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.reader import Reader
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.families.gemini import GEMINI

GOOGLE_GENAI: Final = GEMINI
GOOGLE_GENAI_VERTEX: Final = GEMINI.extended("gcp.vertex_ai")


def by_backend(start: RunStart, _answer: Answer) -> Reader:
    """One class, two clouds: its arguments and the environment decide, in the integration's own order."""
    settings = start.settings
    backend = settings.get("vertexai")
    if backend is None:
        wish = "" if start.is_stored else os.environ.get("GOOGLE_GENAI_USE_VERTEXAI", "").lower()
        backend = _WISHES.get(wish, bool(settings.get("credentials") or settings.get("project")))
    return GOOGLE_GENAI_VERTEX if backend else GOOGLE_GENAI


_WISHES: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
