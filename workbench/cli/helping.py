"""The command that searches the pages of help, and shows one."""

from typing import Annotated

import typer
from rich.markdown import Markdown
from rich.table import Table

from workbench.cli.following import AsJson, out, print_json, say
from workbench.help import page, pages, search

app = typer.Typer()

_MOST = 12


@app.command("help")
def show_help(
    words: Annotated[
        list[str] | None, typer.Argument(help="What to look for.", show_default=False)
    ] = None,
    name: Annotated[str, typer.Option("--page", help="Show this page.", show_default=False)] = "",
    as_json: AsJson = False,
) -> None:
    """List the pages of help, search in them, or show one."""
    if name:
        _show(name, as_json)
    elif words:
        _search(" ".join(words), as_json)
    elif as_json:
        print_json([{"page": each.name, "answers": each.answers} for each in pages()])
    else:
        table = Table(box=None, show_header=False, pad_edge=False)
        for each in pages()[1:]:
            table.add_row(each.name, each.answers)
        out.print(table)
        say("gera-workbench help --page NAME shows a page; help WORDS searches in all.")


def _show(name: str, as_json: bool) -> None:
    shown = page(name.removesuffix(".md"))
    if as_json:
        print_json({"page": shown.name, "text": shown.text})
    elif out.is_terminal:
        out.print(Markdown(shown.text))
    else:
        say(shown.text)


def _search(words: str, as_json: bool) -> None:
    found = search(words)[:_MOST]
    if as_json:
        print_json(
            [
                {"page": hit.page.name, "section": hit.section.title, "quote": hit.quote}
                for hit in found
            ]
        )
        return
    for hit in found:
        say(f"{hit.page.name}: {hit.section.title}")
        say(f"  {hit.quote}")
    if not found:
        say(f"No section of the help has all of these words: {words}.")
