"""docs/grafana: a dashboard and alert rules, whose queries are written with the names that the sinks read.

The same queries serve what `prometheus()` shows and what OpenTelemetry's exporters hand to Prometheus.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from langchain_respmeta.sinks.metric_names import (
    ERROR_TYPE,
    FINISH_REASON,
    METRICS,
    NAMES_VERSION,
    PROVIDER,
    REFUSAL_SOURCE,
    REQUEST_MODEL,
    SERVICE_TIER,
    UNPRICED_REASON,
    prometheus_label,
)

_BY_NAME: Final = {metric.name: metric for metric in METRICS}
_MODEL: Final = prometheus_label(REQUEST_MODEL)
_PROVIDER: Final = prometheus_label(PROVIDER)
_TIER: Final = prometheus_label(SERVICE_TIER)
_CHOSEN: Final = f'{{{_PROVIDER}=~"$provider",{_MODEL}=~"$model"}}'
_DURATIONS: Final = ("gen_ai.client.operation.duration", "gen_ai.client.inference.duration")
"""One of them is there: which one, the conventions' own variable says."""

_REST: Final = "$__rate_interval"
_WHOLE: Final = "$__range"


def _total(name: str, over: str, by: str = "", chosen: str = _CHOSEN) -> str:
    """How much a counter grew, by a label."""
    (sample,) = _BY_NAME[name].samples
    return f"sum{_by(by)} (increase({sample}{chosen}[{over}]))"


def _share(part: str, whole: str, over: str, by: str = "", chosen: str = _CHOSEN) -> str:
    """The share of one counter in another; nothing where there is no whole, 0 where there is no part."""
    of = _total(whole, over, by, chosen)
    return f"({_total(part, over, by, chosen)} or 0 * {of}) / ({of} > 0)"


def _quantile(share: float, names: tuple[str, ...], over: str, by: str = "", chosen: str = _CHOSEN) -> str:
    """A quantile of a distribution, by a label."""
    labels = ", ".join(filter(None, ("le", by)))
    rates = " or ".join(f"rate({_BY_NAME[name].samples[0]}{chosen}[{over}])" for name in names)
    return f"histogram_quantile({share}, sum by ({labels}) ({rates}))"


def _by(label: str) -> str:
    return f" by ({label})" if label else ""


@dataclass(frozen=True)
class _Panel:
    title: str
    queries: tuple[tuple[str, str], ...]
    """PromQL, and its legend."""
    unit: str = "short"
    kind: str = "timeseries"
    stacked: bool = False
    about: str = ""

    @property
    def size(self) -> tuple[int, int]:
        return (4, 4) if self.kind == "stat" else (12, 8)


def _one(title: str, query: str, unit: str = "short") -> _Panel:
    return _Panel(title, ((query, ""),), unit, kind="stat")


def _lines(
    title: str, query: str, label: str, unit: str = "short", *, stacked: bool = False, about: str = ""
) -> _Panel:
    return _Panel(title, ((query, f"{{{{{label}}}}}"),), unit, stacked=stacked, about=about)


_PANELS: Final = (
    _one("Calls", _total("respmeta.calls", _WHOLE)),
    _one("Cost", _total("respmeta.cost_usd", _WHOLE), "currencyUSD"),
    _one("Failed", _share("respmeta.errors", "respmeta.calls", _WHOLE), "percentunit"),
    _one("Refused", _share("respmeta.refusals", "respmeta.calls", _WHOLE), "percentunit"),
    _one("Cut by a token limit", _share("respmeta.truncations", "respmeta.calls", _WHOLE), "percentunit"),
    _one("95 % answered within", _quantile(0.95, _DURATIONS, _WHOLE), "s"),
    _lines(
        "What each model costs",
        _total("respmeta.cost_usd", _REST, _MODEL),
        _MODEL,
        "currencyUSD",
        stacked=True,
    ),
    _lines(
        "Why answers ended",
        _total("respmeta.calls", _REST, prometheus_label(FINISH_REASON)),
        prometheus_label(FINISH_REASON),
        stacked=True,
    ),
    _Panel(
        "Seconds to the answer",
        tuple((_quantile(share, _DURATIONS, _REST), f"p{share * 100:g}") for share in (0.5, 0.95, 0.99)),
        "s",
    ),
    _lines("p95 of each model", _quantile(0.95, _DURATIONS, _REST, _MODEL), _MODEL, "s"),
    _lines("p95 of each service tier", _quantile(0.95, _DURATIONS, _REST, _TIER), _TIER, "s"),
    _lines(
        "p95 to the first token",
        _quantile(0.95, ("respmeta.time_to_first_token",), _REST, _MODEL),
        _MODEL,
        "s",
        about="Streamed calls.",
    ),
    _lines(
        "p95 of waiting at the provider",
        _quantile(0.95, ("respmeta.queue_time",), _REST, _PROVIDER),
        _PROVIDER,
        "s",
        about="Providers that tell it, such as Groq.",
    ),
    _Panel(
        "Tokens",
        (
            (_total("respmeta.input_tokens", _REST), "input"),
            (_total("respmeta.cache_read_tokens", _REST), "of it from the cache"),
            (_total("respmeta.output_tokens", _REST), "output"),
            (_total("respmeta.reasoning_tokens", _REST), "of it reasoning"),
        ),
    ),
    _lines(
        "Share of the input that came from the cache",
        _share("respmeta.cache_read_tokens", "respmeta.input_tokens", _REST, _MODEL),
        _MODEL,
        "percentunit",
    ),
    _Panel(
        "What the cache saved, and what writing it added",
        (
            (_total("respmeta.cache_saved_usd", _REST), "saved"),
            (_total("respmeta.cache_added_usd", _REST), "added"),
        ),
        "currencyUSD",
    ),
    _lines(
        "Failures by kind",
        _total("respmeta.errors", _REST, prometheus_label(ERROR_TYPE)),
        prometheus_label(ERROR_TYPE),
        stacked=True,
    ),
    _lines(
        "Refusals by source",
        _total("respmeta.refusals", _REST, prometheus_label(REFUSAL_SOURCE)),
        prometheus_label(REFUSAL_SOURCE),
        stacked=True,
    ),
    _Panel(
        "Tried again, and what the tries before cost",
        (
            (_total("respmeta.superseded_calls", _REST), "calls"),
            (_total("respmeta.superseded_cost_usd", _REST), "USD"),
        ),
    ),
    _lines(
        "Calls without a price",
        _total("respmeta.unpriced_calls", _REST, prometheus_label(UNPRICED_REASON)),
        prometheus_label(UNPRICED_REASON),
        stacked=True,
    ),
)
_COLUMNS: Final = 24
_SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}


def dashboard() -> str:
    """dashboard.json, as Grafana imports it."""
    page = {
        "uid": "langchain-respmeta",
        "title": "LLM calls (langchain-respmeta)",
        "description": f"Names of version {NAMES_VERSION}; docs/metrics.md lists them.",
        "tags": ["llm", "langchain"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "time": {"from": "now-24h", "to": "now"},
        "refresh": "1m",
        "templating": {"list": _variables()},
        "panels": _laid_out(),
    }
    return json.dumps(page, indent=1) + "\n"


def _variables() -> list[dict[str, Any]]:
    (calls,) = _BY_NAME["respmeta.calls"].samples
    source = {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Data source"}
    chosen = [
        {
            "name": name,
            "type": "query",
            "label": name.title(),
            "datasource": _SOURCE,
            "query": {"query": f"label_values({calls}, {label})", "refId": name},
            "refresh": 2,
            "multi": True,
            "includeAll": True,
            "allValue": ".*",
            "current": {"text": "All", "value": "$__all"},
        }
        for name, label in (("provider", _PROVIDER), ("model", _MODEL))
    ]
    return [source, *chosen]


def _laid_out() -> list[dict[str, Any]]:
    panels, x, y = [], 0, 0
    for number, panel in enumerate(_PANELS, 1):
        width, height = panel.size
        panels.append(_panel(number, panel, {"x": x, "y": y, "w": width, "h": height}))
        x += width
        if x >= _COLUMNS:
            x, y = 0, y + height
    return panels


def _panel(number: int, panel: _Panel, place: dict[str, int]) -> dict[str, Any]:
    custom: dict[str, Any] = {"stacking": {"mode": "normal"}, "fillOpacity": 40} if panel.stacked else {}
    instant = panel.kind == "stat"
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.about,
        "datasource": _SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0, "custom": custom}, "overrides": []},
        "targets": [
            {
                "refId": chr(ord("A") + place),
                "datasource": _SOURCE,
                "expr": query,
                "legendFormat": legend,
                "instant": instant,
                "range": not instant,
            }
            for place, (query, legend) in enumerate(panel.queries)
        ],
    }


# --- alerts.yaml -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Alert:
    name: str
    query: str
    summary: str
    lasting: str = "10m"
    severity: str = "warning"


def _often(part: str, above: float) -> str:
    """A share that is too high, of a model that has enough calls to tell."""
    enough = f"{_total('respmeta.calls', '15m', _MODEL, '')} >= 20"
    return f"{_share(part, 'respmeta.calls', '15m', _MODEL, '')} > {above} and {enough}"


_OF_MODEL: Final = f"{{{{ $labels.{_MODEL} }}}}"
_PERCENT: Final = "{{ $value | humanizePercentage }}"
_ALERTS: Final = (
    _Alert(
        "LlmAnswersCut",
        _often("respmeta.truncations", 0.1),
        f"{_PERCENT} of the answers of {_OF_MODEL} were cut by a token limit",
    ),
    _Alert(
        "LlmAnswersRefused",
        _often("respmeta.refusals", 0.05),
        f"{_PERCENT} of the answers of {_OF_MODEL} were declined or withheld",
    ),
    _Alert(
        "LlmCallsFail",
        _often("respmeta.errors", 0.05),
        f"{_PERCENT} of the calls of {_OF_MODEL} failed",
        severity="critical",
    ),
    _Alert(
        "LlmCallsSlow",
        f"{_quantile(0.95, _DURATIONS, '15m', _MODEL, '')} > 30",
        f"5 % of the calls of {_OF_MODEL} take longer than {{{{ $value | humanizeDuration }}}}",
    ),
    _Alert(
        "LlmSpendOfTheDay",
        f"{_total('respmeta.cost_usd', '1d', '', '')} > 50",
        '{{ $value | printf "%.2f" }} USD were spent in 24 hours',
        lasting="0m",
        severity="critical",
    ),
    _Alert(
        "LlmSpendRises",
        f"{_total('respmeta.cost_usd', '1h', '', '')} > 3 * {_total('respmeta.cost_usd', '1d', '', '')} / 24"
        f" and {_total('respmeta.cost_usd', '1h', '', '')} > 1",
        'The last hour cost {{ $value | printf "%.2f" }} USD: more than three times the day\'s mean',
    ),
    _Alert(
        "LlmCallsWithoutPrice",
        _often("respmeta.unpriced_calls", 0.05),
        f"{_PERCENT} of the calls of {_OF_MODEL} have no price, so that sums of money are too low",
        lasting="1h",
    ),
)
_ALERTS_HEAD: Final = """\
# Written by docs/generate.py from docs/_grafana.py. Thresholds are examples: copy the file, and set your own.
groups:
  - name: langchain-respmeta
    rules:
"""


def alerts() -> str:
    """alerts.yaml, as Prometheus' `rule_files` and Grafana's import take it."""
    return _ALERTS_HEAD + "".join(map(_rule, _ALERTS))


def _rule(alert: _Alert) -> str:
    return (
        f"      - alert: {alert.name}\n"
        f"        expr: >-\n          {alert.query}\n"
        f"        for: {alert.lasting}\n"
        f"        labels:\n          severity: {alert.severity}\n"
        f"        annotations:\n          summary: {json.dumps(alert.summary)}\n"
    )


FILES: Final = {"grafana/dashboard.json": dashboard, "grafana/alerts.yaml": alerts}
