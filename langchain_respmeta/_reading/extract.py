"""`extract`: the name that tutorials of response metadata use for `normalize`."""

from __future__ import annotations

from typing import Final

from langchain_respmeta._reading.normalize import normalize

extract: Final = normalize
"""`extract(response, provider)` is `normalize(response, provider)`. What others call `id`, `created` and `annotations` are the record's
`response_id`, `created_at` and `citations`; `bool(record.tool_calls)` says whether tools were called, `record.structured_output` whether
structured output was asked for."""
