"""JSON that a command is given: a file, or standard input."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from langchain_respmeta.errors import SettingsError

_NOTHING: Final[tuple[Any, ...]] = (None, "", [], {})


def json_of(file: Path | None) -> Any:
    """Return the JSON of a file or of standard input.

    Raises:
        SettingsError: It cannot be read, or nothing is in it.
    """
    name = "standard input" if file is None else str(file)
    try:
        text = sys.stdin.read() if file is None else file.read_text("utf-8")
        if not text.strip():
            raise SettingsError(f"{name} is empty", setting="file")
        value = json.loads(text)
    except OSError as fault:
        raise SettingsError(f"{name} cannot be read: {fault.strerror}", setting="file") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{name} is not text in UTF-8", setting="file") from None
    except RecursionError:
        raise SettingsError(f"{name} is nested too deep", setting="file") from None
    except json.JSONDecodeError as fault:
        raise SettingsError(f"{name} is not JSON: {fault}", setting="file") from None
    if value in _NOTHING:
        raise SettingsError(f"{name} holds nothing to read: {json.dumps(value)}", setting="file")
    return value
