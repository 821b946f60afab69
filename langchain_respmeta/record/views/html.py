"""The record for notebooks: the lines of `describe`, escaped, without scripts, readable on light and dark themes.

Colours come from the notebook (`inherit`) or lie half transparent above it, and styles stand on the elements:
notebooks drop `<style>` from what they do not trust.
"""

from __future__ import annotations

from html import escape
from typing import Final

from langchain_respmeta.record.fields import RecordFields
from langchain_respmeta.record.views.format import one_line, web_url
from langchain_respmeta.record.views.lines import Entry, Section, analyze

_BOX: Final = (
    "font:13px/1.5 system-ui,sans-serif;color:inherit;max-width:56em;padding:.6em .9em;"
    "border:1px solid rgba(128,128,128,.4);border-radius:6px"
)
_TITLE: Final = "font-weight:600;font-size:14px;margin-bottom:.4em"
_ALERT: Final = "margin:.3em 0;padding:.25em .6em;border-left:4px solid #dc2626;background:rgba(220,38,38,.16);font-weight:600"
_TABLE: Final = "font:inherit;border-collapse:collapse;border:0;margin:0;background:transparent;color:inherit"
_ROW: Final = "background:transparent"
_LABEL: Final = (
    "font:inherit;text-align:left;vertical-align:top;padding:.1em 1.2em .1em 0;opacity:.72;border:0;"
    "white-space:nowrap;color:inherit"
)
_VALUE: Final = "font:inherit;text-align:left;padding:.1em 0;border:0;overflow-wrap:anywhere;color:inherit"
_HEADING: Final = "margin:.6em 0 0"
_LIST: Final = "margin:.1em 0 0;padding-left:1.8em"
_LINK: Final = "color:inherit;text-decoration:underline"


def to_html(record: RecordFields) -> str:
    """A box with alarms, facts and lists; links only to http(s) addresses."""
    analysis = analyze(record)
    parts = (
        f'<div style="{_TITLE}">Response Analysis</div>',
        *(f'<div style="{_ALERT}">{escape(alert)}</div>' for alert in analysis.alerts),
        f'<table style="{_TABLE}"><tbody>',
        *(_row(label, text) for label, text in analysis.facts),
        "</tbody></table>",
        *(_section(section) for section in analysis.sections),
    )
    return f'<div class="respmeta" style="{_BOX}">{"".join(parts)}</div>'


def _row(label: str, text: str) -> str:
    head = f'<th scope="row" style="{_LABEL}">{escape(label)}</th>'
    return f'<tr style="{_ROW}">{head}<td style="{_VALUE}">{escape(text)}</td></tr>'


def _section(section: Section) -> str:
    heading = f'<div style="{_HEADING}">{escape(section.heading)}</div>'
    if not section.entries:
        return heading
    tag = "ol" if section.numbered else "ul"
    items = "".join(f"<li>{_entry(entry)}</li>" for entry in section.entries)
    more = f"<div>{escape(section.more)}</div>" if section.more else ""
    return f'{heading}<{tag} style="{_LIST}">{items}</{tag}>{more}'


def _entry(entry: Entry) -> str:
    url = web_url(entry.url)
    if url is None:
        address = one_line(entry.url or "")
        return escape(entry.text + (f" - {address}" if address not in {"", entry.text} else ""))
    attributes = f'href="{escape(url)}" style="{_LINK}" target="_blank" rel="noopener noreferrer"'
    return f"<a {attributes}>{escape(entry.text)}</a>"
