"""The command that puts the program into the desktop's menu."""

from typing import Annotated

import typer

from workbench.cli.following import say
from workbench.menu_entry import add_menu_entry, remove_menu_entry

app = typer.Typer()


@app.command("menu-entry")
def menu_entry(
    remove: Annotated[bool, typer.Option("--remove", help="Take it away again.")] = False,
) -> None:
    """Put the program into the menu of your desktop (Linux)."""
    done = remove_menu_entry() if remove else add_menu_entry()
    if not done:
        say("There is no menu entry.")
    for path in done:
        say(f"{'Removed' if remove else 'Written'}: {path}")
