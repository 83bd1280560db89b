"""Settings of a method as they are given to a command."""

import json
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from workbench.errors import WorkbenchError

Assignments = Annotated[
    list[str] | None, typer.Option("--set", help="NAME=VALUE of any other setting.")
]


def assigned(given: Iterable[str] | None) -> dict[str, Any]:
    """Read NAME=VALUE of each; a value as JSON where it is, as a word otherwise."""
    return dict(map(_assignment, given or []))


def _assignment(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign:
        raise WorkbenchError(f"“{text}” is not a setting. Write it as NAME=VALUE.")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
