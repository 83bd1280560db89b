"""Bring resources/help/command-line.md in step with what the commands declare.

    python packaging/command_page.py

Of each command the line below its heading and its table are written anew; what stands between them
is written by hand. A command that has no section yet gets one at the end of the page.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "resources" / "help" / "command-line.md"
_SECTION = "\n### "
_HEAD = "| argument or option | what |\n|---|---|"


def declared() -> dict[str, Any]:
    """Return the commands of the program by name, in the order of `--help`."""
    import typer

    from workbench.__main__ import app

    # the window and the picture tour are declared first, and come last on the page
    found = dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    return found | {name: found.pop(name) for name in ("window", "tour")}


def in_step(page: str, commands: Mapping[str, Any]) -> str:
    """Return the page with the lines and tables that the commands have now.

    Raises
    ------
    ValueError
        A section is of no command.
    """
    before, *sections = page.split(_SECTION)
    written = {}
    for section in sections:
        name, *paragraphs = (each.strip("\n") for each in section.strip("\n").split("\n\n"))
        if name not in commands:
            raise ValueError(f"The page has a section “{name}”, but there is no such command.")
        written[name] = _section(name, paragraphs[1:], commands[name])
    missing = [_section(name, [], commands[name]) for name in commands if name not in written]
    return f"\n{_SECTION}".join([before.strip("\n"), *written.values(), *missing]) + "\n"


def _section(name: str, by_hand: list[str], command: Any) -> str:
    """Return a section: name, what the command does, what is written by hand, and its table."""
    kept = [each for each in by_hand if not each.startswith(_HEAD)]
    following = []
    if kept and kept[-1].startswith("## "):  # the heading of the next group of commands
        following.append(kept.pop())
    does = " ".join(str(command.help).split())
    return "\n\n".join([name, does, *kept, _table(command), *following])


def _table(command: Any) -> str:
    rows = [f"| {_name(each)} | {_words(each)} |" for each in command.params]
    return "\n".join([_HEAD, *rows])


def _name(parameter: Any) -> str:
    """Return how a parameter is written: PROJECT, [FOLDER], --seed …, --json."""
    if parameter.param_type_name == "argument":
        name = (parameter.metavar or parameter.name.upper()).strip("[].")
        name += "…" if parameter.nargs == -1 else ""
        return f"`{name}`" if parameter.required else f"`[{name}]`"
    (option,) = (each for each in parameter.opts if each.startswith("--"))
    if parameter.is_flag:
        return f"`{option}`"
    return f"`{option} {parameter.metavar or '…'}`"


def _words(parameter: Any) -> str:
    words = [str(parameter.help or "").replace("|", "\\|")]
    if words[0][-1:].isalnum():
        words[0] += "."
    if getattr(parameter, "multiple", False) and "repeated" not in words[0]:
        words.append("May be repeated.")
    default = parameter.default
    if parameter.param_type_name == "option" and default not in (None, False, "", []):
        shown = f"{default:g}" if isinstance(default, float) else default
        words.append(f"Default: {shown}.")
    return " ".join(each for each in words if each)


if __name__ == "__main__":
    PAGE.write_text(in_step(PAGE.read_text(encoding="utf-8"), declared()), encoding="utf-8")
