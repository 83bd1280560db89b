"""Actions and menus, as they are declared: without widgets."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QKeySequence

Keys = str | QKeySequence.StandardKey


def _always() -> str:
    return ""


@dataclass(frozen=True)
class Action:
    """Something that can be done.

    From these the menu bar, the shortcuts, the palette and the list of shortcuts are made.

    Attributes
    ----------
    name : str
        The object name of what is made of it; no two have the same.
    text : str
        As it stands in the menu, with its ``&``.
    does : callable
    keys : tuple of keys
        The first is the one that is shown.
    why_not : callable
        Says in a sentence why it cannot be done now; nothing where it can.
    also : str
        Other words that it is found by.
    chosen : callable or None
        Whether it is the one of several that is chosen.
    tip : str
    everywhere : bool
        Whether its keys are heard in all windows, and not in the main one only.
    """

    name: str
    text: str
    does: Callable[[], object]
    keys: tuple[Keys, ...] = ()
    why_not: Callable[[], str] = _always
    also: str = ""
    chosen: Callable[[], bool] | None = None
    tip: str = ""
    everywhere: bool = False

    def title(self) -> str:
        """Return its text as it is read."""
        return plain(self.text)

    def sequences(self) -> list[QKeySequence]:
        """Return all its keys, also those that the system has beside the usual ones."""
        found: list[QKeySequence] = []
        for keys in self.keys:
            if isinstance(keys, str):
                found.append(QKeySequence(keys))
            else:
                found += QKeySequence.keyBindings(keys)
        return list(dict.fromkeys(found))

    def shown_keys(self) -> str:
        """Return its first keys as this system writes them; nothing where it has none."""
        native = QKeySequence.SequenceFormat.NativeText
        return next((each.toString(native) for each in self.sequences()), "")


@dataclass(frozen=True)
class Menu:
    """Actions under a title.

    Attributes
    ----------
    title : str
        With its ``&``.
    entries : callable
        Returns actions, menus in it, and None for a line between them.
    changes : bool
        Whether the entries are others from time to time; they are asked for whenever it opens.
    in_bar : bool
        Whether it is a menu of the window; others are only found in the palette.
    why_not : callable
        As of an action, for all in it.
    """

    title: str
    entries: "Callable[[], Sequence[Action | Menu | None]]"
    changes: bool = False
    in_bar: bool = True
    why_not: Callable[[], str] = _always


@dataclass(frozen=True)
class Found:
    """An action and where it stands, such as “View › Theme”."""

    action: Action
    path: tuple[str, ...]
    why_not: str


def all_actions(menus: Sequence[Menu]) -> Iterator[Found]:
    """Return every action there is now, in the order of the menus."""

    def inside(menu: Menu, path: tuple[str, ...], why: str) -> Iterator[Found]:
        path, why = (*path, plain(menu.title)), why or menu.why_not()
        for entry in menu.entries():
            if isinstance(entry, Menu):
                yield from inside(entry, path, why)
            elif entry is not None:
                yield Found(entry, path, why or entry.why_not())

    for menu in menus:
        yield from inside(menu, (), "")


def plain(text: str) -> str:
    """Return the text of a menu without its mark for the keyboard, and without dots at its end."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…")


def as_menu_text(words: str) -> str:
    """Return words of the user's as a menu shows them as they are."""
    return words.replace("&", "&&")
