"""The parts of docs/metrics.md that tell the names: from the table that the sinks read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from langchain_respmeta.sinks.metric_names import (
    BASE,
    LABELS,
    METRICS,
    NAMES_VERSION,
    OF_RECORD,
    Era,
    Metric,
    prometheus_label,
)

_MARKS: Final = re.compile(r"(<!-- metrics: [^\n]*-->\n).*?(<!-- /metrics -->)", re.DOTALL)
_TITLES: Final[dict[Era, str]] = {
    "own": "Always",
    "default": "The conventions' older names (up to v1.41): the default",
    "latest": "The conventions' newest names: in their place with `gen_ai_latest_experimental`",
}


def metrics_page() -> str:
    """The page as it is, with the tables of metrics and labels."""
    page = (Path(__file__).parent / "metrics.md").read_text()
    return _MARKS.sub(lambda marks: f"{marks[1]}{_tables()}{marks[2]}", page)


def _tables() -> str:
    parts = [f"Version {NAMES_VERSION} of the names.\n"]
    for era, title in _TITLES.items():
        rows = [_row(metric) for metric in METRICS if metric.era == era]
        parts.append(
            f"### {title}\n\n| OpenTelemetry | Prometheus | unit | what | labels |\n|---|---|---|---|---|\n"
            + "\n".join(rows)
            + "\n"
        )
    parts.append(f"### Labels\n\nOn every metric: {_codes(BASE)}, as far as the call tells them.\n")
    parts.append("| OpenTelemetry | Prometheus | what |\n|---|---|---|\n" + "\n".join(_labels()) + "\n")
    return "\n".join(parts)


def _row(metric: Metric) -> str:
    first, *more = metric.samples
    names = f"`{first}`" + "".join(f", `{name.removeprefix(metric.family)}`" for name in more)
    cells = (f"`{metric.name}`", names, f"`{metric.unit}`", metric.meaning, _codes(metric.labels))
    return f"| {' | '.join(cells)} |"


def _labels() -> Iterable[str]:
    for label, meaning in LABELS.items():
        yield f"| `{label}` | `{prometheus_label(label)}` | {meaning} |"
    for word, label in OF_RECORD.items():
        yield f"| `{label}` | `{prometheus_label(label)}` | `by={(word,)!r}` |"
    yield '| `user_id` | `user_id` | `by=("user_id",)`: a key of the run\'s own metadata has its own name |'


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
