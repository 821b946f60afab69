"""Google's Gemini API, and the Vertex AI backend of the same integration.

https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers._gemini import GEMINI

GOOGLE_GENAI: Final = GEMINI
