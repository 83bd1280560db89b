"""The alignment methods and their settings, as tables or as JSON."""

from typing import Any

from rich import box
from rich.table import Table

from workbench.alignment import OWN_WORDS, MethodEntry, method_problems, methods
from workbench.cli.following import AsJson, out, print_json, say, tell

_ADVANCED = " *"


def list_methods(as_json: AsJson = False) -> None:
    """List the alignment methods and their settings."""
    if as_json:
        print_json([_plain(entry) for entry in (*methods(), OWN_WORDS)])
        return
    for entry in (*methods(), OWN_WORDS):
        ends = "trained step by step" if entry.trains else "in closed form"
        say(f"{entry.name}: {entry.title}, {entry.source}, {ends}.\n{entry.summary}")
        out.print(_table(entry))
    say(
        "Settings are set by “gera-workbench align PROJECT --method METHOD --set NAME=VALUE”. "
        f"{_ADVANCED.strip()}: rarely needs a change. automatic: chosen by the method."
    )
    for sentence in method_problems():
        tell(sentence, "yellow")


def _plain(entry: MethodEntry) -> dict[str, Any]:
    return {
        "name": entry.name, "title": entry.title, "summary": entry.summary,
        "source": entry.source, "trains": entry.trains, "settings": entry.schema(),
    }  # fmt: skip


def _table(entry: MethodEntry) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("setting", no_wrap=True)
    table.add_column("default", no_wrap=True)
    table.add_column("range", overflow="fold", min_width=12)
    table.add_column("what it does", ratio=1)
    fields: dict[str, dict[str, Any]] = entry.schema().get("properties", {})
    for name, field in sorted(fields.items(), key=lambda item: bool(item[1].get("advanced"))):
        mark = _ADVANCED if field.get("advanced") else ""
        default = _shown(field.get("default"))
        table.add_row(name + mark, default, range_of(field), field.get("description", ""))
    return table


def range_of(field: dict[str, Any]) -> str:
    """Say which values a setting takes, by its JSON schema, with their unit."""
    unit = str(field.get("unit", ""))
    found = [words for kind in field.get("anyOf", [field]) if (words := _values(kind, unit))]
    return ", ".join(dict.fromkeys(found))


def _values(kind: dict[str, Any], unit: str) -> str:
    if "enum" in kind or "const" in kind:
        return ", ".join(map(_shown, kind.get("enum", [kind.get("const")])))
    low, high = kind.get("minimum", kind.get("exclusiveMinimum")), kind.get("maximum")
    if low is not None:
        above = "above" if "exclusiveMinimum" in kind else "" if high is not None else "from"
        upwards = f"to {_shown(high)}" if high is not None else ""
        return " ".join(part for part in (above, _shown(low), upwards, unit) if part)
    return {
        "boolean": "true, false", "null": "automatic", "object": "one a view",
        "number": "a number", "integer": "a whole number",
    }.get(str(kind.get("type")), "")  # fmt: skip


def _shown(value: Any) -> str:
    if value is None:
        return "automatic"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,.12g}"
    return str(value).lower() if isinstance(value, bool) else str(value)
