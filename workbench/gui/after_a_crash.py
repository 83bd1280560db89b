"""The first moments after a window that was not closed: what it left is put back and told."""

from collections.abc import Callable

from workbench.crashes import LeftBehind
from workbench.gui.desktop import show_in_files
from workbench.gui.state.workplace import Kept, kept_in
from workbench.gui.widgets.notice_bar import NoticeAction, NoticeBar

_BACK = "What was open and begun is back."
_NOT_AGAIN = "It did so soon after its project was opened, so the project was not opened again."


def greet(left: LeftBehind, bring_back: Callable[[Kept], bool] | None, notices: NoticeBar) -> None:
    """Put back what a window had, and tell of its end.

    Parameters
    ----------
    left : LeftBehind
    bring_back : callable or None
        Opens the project again; None where the user has named another one.
    notices : NoticeBar
    """
    kept, told, actions = kept_in(left.state), [_end_of(left)], []
    if kept.project and bring_back is not None:
        if kept.brought_back:
            told.append(_NOT_AGAIN)
            actions.append(NoticeAction("Open the project", lambda: bring_back(kept)))
        elif bring_back(kept):
            told.append(_BACK)
    if left.report is not None:
        folder = left.report.parent
        actions.append(NoticeAction("Open folder", lambda: show_in_files(folder)))
    notices.add("warning", " ".join(told), _report_of(left), actions)


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
