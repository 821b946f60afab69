"""`respmeta doctor`: the findings, printed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Final

import typer
from rich.text import Text

from langchain_respmeta.cli.doctor.finding import Finding
from langchain_respmeta.cli.output import console, say_json

_COLOURS: Final = {"ok": "green", "note": "yellow", "problem": "red"}


def doctor(
    ask_server: Annotated[bool, typer.Option(help="Ask LangSmith's endpoint for its version.")] = True,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON list of the findings, the verdict last.")
    ] = False,
) -> None:
    """What will happen to a run here, and why. Exits 1 when something will be missing."""
    from langchain_respmeta.cli.doctor.diagnose import diagnose

    findings = diagnose(ask_server=ask_server)
    if as_json:
        say_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            _show(finding)
    raise typer.Exit(1 if findings[-1].level == "problem" else 0)


def _show(finding: Finding) -> None:
    line = Text.assemble(
        (f"{finding.level:<8}", _COLOURS[finding.level]), (finding.subject, "bold"), f": {finding.says}"
    )
    if finding.advice:
        line.append(f"\n          try: {finding.advice}")
    console().print(line, soft_wrap=True)
