"""Renaming, deleting and restoring by the command line: the same for runs and for studies."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Protocol

import typer
from rich import box
from rich.table import Column, Table

from workbench.cli.following import out, print_json, say
from workbench.errors import WorkbenchError
from workbench.project import Deleted

ListDeleted = Annotated[bool, typer.Option("--deleted", help="List what can be restored.")]


class Named(Protocol):
    """What lies on a shelf."""

    @property
    def name(self) -> str:
        """What it is called."""


class Shelf(Protocol):
    """Where runs or studies lie."""

    def rename(self, name: str, wish: str) -> Named:
        """Give another name."""

    def delete(self, name: str) -> Deleted:
        """Move out of sight."""

    def deleted(self) -> list[Deleted]:
        """Return what can be restored."""

    def restore(self, deleted: Deleted) -> Named:
        """Bring back."""

    def delete_for_good(self, deleted: Deleted) -> None:
        """Take off the disk."""


def change(
    shelf: Shelf, what: str, *, rename: tuple[str, str] | None = None, delete: Sequence[str] = (),
    restore: Sequence[str] = (), for_good: bool = False,
) -> Iterator[str]:  # fmt: skip
    """Do what was asked for, and yield a sentence of each thing done.

    Parameters
    ----------
    shelf : Shelf
    what : str
        What lies there, such as ``run``.
    rename : tuple of (name, new name), optional
    delete, restore : sequence of str
        Names.
    for_good : bool
        Whether all that is deleted is taken off the disk.
    """
    if rename is not None:
        new = shelf.rename(*rename)
        yield f"The {what} “{rename[0]}” was renamed to “{new.name}”."
    for name in delete:
        shelf.delete(name)
        yield f"The {what} “{name}” is deleted. For thirty days --restore {name} restores it."
    for name in restore:
        back = shelf.restore(_last_deleted(shelf, what, name))
        as_name = f" as “{back.name}”" if back.name != name else ""
        yield f"The {what} “{name}” is restored{as_name}."
    if for_good:
        gone = shelf.deleted()
        for each in gone:
            shelf.delete_for_good(each)
        were = f"{what} was" if len(gone) == 1 else f"{_PLURAL[what]} were"
        yield f"{len(gone):,} deleted {were} removed from the disk."


def list_deleted(shelf: Shelf, what: str, as_json: bool) -> None:
    """Print what can be restored."""
    deleted = shelf.deleted()
    if as_json:
        found: list[Any] = [
            {"name": each.name, "deleted": each.when.isoformat()} for each in deleted
        ]
        print_json(found)
    elif not deleted:
        say(f"No deleted {_PLURAL[what]} are kept.")
    else:
        table = Table(Column(what, overflow="fold"), "deleted", box=box.SIMPLE_HEAD)
        for each in deleted:
            table.add_row(each.name, f"{each.when.astimezone():%Y-%m-%d %H:%M}")
        out.print(table)


_PLURAL = {"run": "runs", "study": "studies"}


def _last_deleted(shelf: Shelf, what: str, name: str) -> Deleted:
    known = shelf.deleted()
    for each in known:
        if each.name == name:
            return each
    names = ", ".join(dict.fromkeys(each.name for each in known)) or "none"
    raise WorkbenchError(f"No deleted {what} is called “{name}”. Deleted {_PLURAL[what]}: {names}.")
