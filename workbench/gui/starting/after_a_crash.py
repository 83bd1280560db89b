"""The first moments after a window that was not closed: what it left is put back and told."""

import os
from functools import partial
from pathlib import Path
from typing import Protocol

from workbench.crashes import LeftBehind
from workbench.gui.desktop import show_in_files
from workbench.gui.state.workplace import Kept, kept_in
from workbench.gui.widgets.notice_bar import NoticeAction, NoticeBar
from workbench.home import expanded

_BACK = "What was open and begun is back."
_WAITS = "It did so soon after what was open and begun had come back, so that waits now."


class Bringing(Protocol):
    """Who can put back what a window had."""

    def bring_back(self, kept: Kept) -> bool:
        """Open its project again; return whether that could be done."""


def greet(
    left: LeftBehind, workplace: Bringing | None, notices: NoticeBar, asked: Path | None = None
) -> None:
    """Put back what a window had, and tell of its end.

    Parameters
    ----------
    left : LeftBehind
    workplace : Bringing or None
        None where nothing can be kept in this window.
    notices : NoticeBar
    asked : Path or None
        The project that the user has named: another one than that of the window comes before it.
    """
    kept, told, actions = kept_in(left.state), [_end_of(left)], []
    if kept.project and workplace is not None and (asked is None or _same(asked, kept.project)):
        if not kept.brought_back:
            told += [_BACK] if workplace.bring_back(kept) else []
        else:
            told.append(_WAITS)
            actions.append(NoticeAction("Bring it back", partial(workplace.bring_back, kept)))
    if left.report is not None:
        folder = left.report.parent
        actions.append(NoticeAction("Open folder", lambda: show_in_files(folder)))
    notices.add("warning", " ".join(told), _report_of(left), actions)


def _same(asked: Path, project: str) -> bool:
    return os.path.realpath(expanded(asked)) == os.path.realpath(project)


def _end_of(left: LeftBehind) -> str:
    when = f"{left.when:%d %B %Y, %H:%M}".lstrip("0")
    if left.report is not None:
        return f"The program ended unexpectedly on {when}; a report says where."
    return (
        f"The program was not closed on {when}: something else ended it, memory ran out, or the "
        "computer was switched off."
    )


def _report_of(left: LeftBehind) -> str:
    if left.report is None:
        return ""
    try:
        return left.report.read_text("utf-8", "replace")
    except OSError as error:
        return f"The report {left.report} cannot be read: {error}"
