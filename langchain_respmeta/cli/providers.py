"""`respmeta providers`."""

from __future__ import annotations

from typing import Annotated

import typer

from langchain_respmeta.cli.output import say_json, say_table


def providers(
    as_json: Annotated[bool, typer.Option("--json", help="Print them as a JSON list.")] = False,
) -> None:
    """Who is known, and by which signs."""
    from langchain_respmeta.providers.registry import REGISTRY

    rows = sorted(REGISTRY.rows, key=lambda row: row.reader.name)
    if as_json:
        say_json(
            [
                {
                    "provider": row.reader.name,
                    "package": row.package or None,
                    "classes": list(row.classes),
                    "hosts": list(row.hosts),
                }
                for row in rows
            ]
        )
        return
    say_table(
        ("provider", "package", "classes", "hosts"),
        [(row.reader.name, row.package, "\n".join(row.classes), "\n".join(row.hosts)) for row in rows],
    )
