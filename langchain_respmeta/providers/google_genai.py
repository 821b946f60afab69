"""Google's Gemini API, and the Vertex AI backend of the same integration.

https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

import os
from typing import Final

from langchain_respmeta.providers.engine import values
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.reader import Reader
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.families.gemini import GEMINI, VERTEX_RATINGS
from langchain_respmeta.record.plain import as_mapping

GOOGLE_GENAI: Final = GEMINI
GOOGLE_GENAI_VERTEX: Final = GEMINI.extended("gcp.vertex_ai", metadata=VERTEX_RATINGS)


def by_backend(start: RunStart, answer: Answer) -> Reader:
    """One class, two clouds: its arguments and the environment decide, in the integration's own order.

    An API's own answer of Vertex AI may show it; one that does not is the Gemini API's, unless the environment says otherwise.
    """
    settings = start.settings
    backend = settings.get("vertexai")
    if backend is None and answer.api is not None and _is_of_vertex(answer):
        backend = True
    if backend is None:
        wish = "" if start.is_stored else os.environ.get("GOOGLE_GENAI_USE_VERTEXAI", "").lower()
        backend = _WISHES.get(wish, bool(settings.get("credentials") or settings.get("project")))
    return GOOGLE_GENAI_VERTEX if backend else GOOGLE_GENAI


def _is_of_vertex(answer: Answer) -> bool:
    """Whether it has what the Gemini API never sends: a time, the kind of traffic, scores of its ratings."""
    if "create_time" in answer.metadata or "traffic_type" in (
        as_mapping(answer.metadata.get("usage_metadata")) or ()
    ):
        return True
    ratings = values.items_of(answer.metadata.get("safety_ratings"))
    return any(isinstance(rating, dict) and "probability_score" in rating for rating in ratings)


_WISHES: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
