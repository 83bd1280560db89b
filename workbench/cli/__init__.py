"""The command line: one command a station, printing what it tells; no logic of its own."""

from typing import Annotated

import typer

from workbench import __version__
from workbench.cli import (
    aligning,
    classifying,
    collecting,
    comparing,
    encoding,
    evaluating,
    exporting,
    helping,
    labelling,
    menu,
    picturing,
    proposing,
    runs,
    studying,
)
from workbench.cli.following import say

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Align the spaces of frozen encoders with few pairs, look at it, take it home.",
)
# in the order of the road
for commands in (
    collecting, encoding, aligning, evaluating, classifying, comparing, labelling, proposing,
    studying, exporting, runs, picturing, helping, menu,
):  # fmt: skip
    app.add_typer(commands.app)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"gera-workbench {__version__}")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Align the spaces of frozen encoders with few pairs, look at it, take it home."""
