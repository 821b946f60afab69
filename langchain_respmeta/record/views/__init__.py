"""The record as text, HTML, Markdown and OpenTelemetry attributes."""
