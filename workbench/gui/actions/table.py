"""The table of what the window can be told to do.

An entry here is an entry of a menu, of the palette and, where it has keys, of the list of
shortcuts. Whatever is only of one widget, such as a run's own menu, is declared there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QUndoStack
from PySide6.QtWidgets import QAbstractButton, QMainWindow, QWidget

from workbench.gui import projects
from workbench.gui.collecting.sources.taking import take_again, take_back
from workbench.gui.desktop import show_in_files
from workbench.gui.exploring.state.recent_questions import recent_questions
from workbench.gui.exporting.import_run import import_run
from workbench.gui.log import log_path
from workbench.gui.look.theme_switch import CHOICES, ThemeSwitch
from workbench.gui.pages.page import Page
from workbench.gui.pages.rail_stations import STATIONS
from workbench.gui.picturing.source import sources_seen, titled
from workbench.gui.projects import recent
from workbench.gui.session import Session
from workbench.gui.state.action import Action, Menu, as_menu_text
from workbench.gui.state.answering import pair_selected
from workbench.gui.widgets.notice_bar import NoticeBar

_THEME_NAMES = {"system": "As the system", "light": "Light", "dark": "Dark"}
_KEY = QKeySequence.StandardKey

Entries = Sequence[Action | Menu | None]


class Pages(Protocol):
    """Who has the pages, by their names."""

    def page(self, name: str) -> Page:
        """Return a page."""

    def go_to(self, name: str) -> None:
        """Show a page."""

    def current_page(self) -> str:
        """Return the name of the page that is shown."""

    def rail_button(self, name: str) -> QWidget:
        """Return the button of a page in the rail."""


class Windows(Protocol):
    """Who shows what lies beside or over the pages."""

    def show_palette(self) -> None:
        """Show everything that can be done, to be found by a few letters."""

    def show_help(self, place: str = "") -> None:
        """Show a page of help: by default that of where one is."""

    def show_guide(self) -> None:
        """Lead over the window, step by step."""

    def show_history(self) -> None:
        """Show the jobs that have ended."""

    def show_shortcuts(self) -> None:
        """Show the list of shortcuts."""

    def show_about(self) -> None:
        """Show what this is."""


@dataclass(frozen=True)
class Reach:
    """What actions reach."""

    window: QMainWindow
    pages: Pages
    session: Session
    theme_switch: ThemeSwitch
    notices: NoticeBar
    windows: Windows


def declared_menus(reach: Reach) -> tuple[Menu, ...]:
    """Return the menus of the window, and what else is found in the palette."""
    return (
        Menu("&Project", partial(_project, reach)),
        Menu("&Selection", partial(_selection, reach)),
        Menu("&View", partial(_view, reach)),
        Menu("&Help", partial(_help, reach)),
        Menu("On the pages", partial(_buttons, reach), changes=True, in_bar=False),
        Menu("Runs", partial(_runs, reach), changes=True, in_bar=False),
        Menu("Ask again", partial(_questions, reach), changes=True, in_bar=False),
    )


# ---------------------------------------------------------------- why something cannot be done


def _busy(session: Session) -> str:
    return f"Wait for “{session.jobs[0].title}”, or stop it." if session.jobs else ""


def _unopened(session: Session) -> str:
    return "" if session.project is not None else "Open a project first."


# ---------------------------------------------------------------- the menus


def _project(reach: Reach) -> Entries:
    session, window = reach.session, reach.window
    busy, unopened = partial(_busy, session), partial(_unopened, session)

    def show_folder() -> None:
        if session.project is not None:
            show_in_files(session.project.root)

    return (
        Action("new-project", "&New…", lambda: projects.new_project(session, window), (_KEY.New,),
               why_not=busy, also="create project"),
        Action("open-project", "&Open…", lambda: projects.open_project(session, window),
               (_KEY.Open,), why_not=busy, also="load project"),
        Menu("Open &recent", partial(_recent, session), changes=True, why_not=busy),
        Action("open-sample", "Try the &sample", lambda: projects.open_sample(session),
               why_not=busy, also="example emoji"),
        None,
        Action("import-run", "&Import an exported run…", lambda: import_run(session, window),
               why_not=unopened, also="bundle heads"),
        Action("show-folder", "Show project &folder", show_folder, why_not=unopened,
               also="files directory"),
        Action("close-project", "&Close project", session.close_project, (_KEY.Close,),
               why_not=lambda: unopened() or busy()),
        None,
        Action("quit", "&Quit", window.close, (_KEY.Quit,), also="exit end"),
    )  # fmt: skip


def _recent(session: Session) -> Entries:
    return [
        Action(
            f"recent-{number}", as_menu_text(each.name),
            partial(session.open_project, Path(each.path)), tip=each.path, also=each.path,
            why_not=partial(_gone, each),
        )
        for number, each in enumerate(recent.recent_projects())
    ]  # fmt: skip


def _gone(project: recent.RecentProject) -> str:
    return "" if project.exists() else "Its folder is gone."


def _selection(reach: Reach) -> Entries:
    session = reach.session
    unopened = partial(_unopened, session)
    of_selection = partial(_with_selection, reach)
    undoing = _Undoing(reach)
    return (
        Action("undo", "&Undo", undoing.undo, (_KEY.Undo,), why_not=undoing.why_no_undo,
               tip="Of the selection; on Data, of folders, pairs and split; on Label, of answers",
               also="selection settings answers back"),
        Action("redo", "&Redo", undoing.redo, (_KEY.Redo, "Ctrl+Y"), why_not=undoing.why_no_redo,
               also="selection settings answers again"),
        Action("select-nothing", "&Select nothing", lambda: session.select([]),
               ("Ctrl+Shift+A",), also="clear deselect"),
        None,
        Action("pair-selection", "&Pair the two selected items", partial(_pair, reach),
               ("Ctrl+L",), why_not=unopened, also="label link own by hand"),
        None,
        Action("find-items", "&Find items…", partial(of_selection, "find"), (_KEY.Find,),
               why_not=unopened, also="search"),
        Action("save-selection", "S&ave the selection…", partial(of_selection, "save"),
               ("Ctrl+Shift+S",), why_not=unopened, also="keep bookmark"),
        Action("export-selection", "&Export the selection as CSV…",
               partial(of_selection, "export"), why_not=unopened, also="table items"),
    )  # fmt: skip


class _Undoing:
    """Undo and redo of what the shown page changes.

    Settings on Data, answers on Label, else the selection.
    """

    def __init__(self, reach: Reach) -> None:
        self._session, self._pages = reach.session, reach.pages

    def _on(self, page: str) -> bool:
        return self._pages.current_page() == page

    def _history(self) -> QUndoStack:
        session = self._session
        return session.answer_history if self._on("label") else session.selection_history

    def undo(self) -> None:
        take_back(self._session) if self._on("data") else self._history().undo()

    def redo(self) -> None:
        take_again(self._session) if self._on("data") else self._history().redo()

    def why_no_undo(self) -> str:
        if self._on("data"):
            return "" if self._session.settings_history.next_undo() else "Nothing was changed."
        nothing = "Nothing was answered." if self._on("label") else "Nothing was selected before."
        return "" if self._history().canUndo() else nothing

    def why_no_redo(self) -> str:
        if self._on("data"):
            undone = bool(self._session.settings_history.next_redo())
        else:
            undone = self._history().canRedo()
        return "" if undone else "Nothing was undone."


def _pair(reach: Reach) -> None:
    """Pair the selected items, where they are seen."""
    reach.pages.go_to("explore")
    pair_selected(reach.session)


def _with_selection(reach: Reach, does: str) -> None:
    """Go to the maps, where a selection is seen, and do something with it."""
    from workbench.gui.pages.explore import ExplorePage

    reach.pages.go_to("explore")
    page = reach.pages.page("explore")
    if isinstance(page, ExplorePage):
        does_it = {
            "find": page.tools.search.setFocus,
            "save": page.tools.save,
            "export": page.tools.export,
        }
        does_it[does]()


def _view(reach: Reach) -> Entries:
    stations = [
        Action(f"go-to-{station.name}", station.title, partial(reach.pages.go_to, station.name),
               (f"Ctrl+{number}",), also="page go to")
        for number, station in enumerate(STATIONS, 1)
    ]  # fmt: skip
    return (
        *stations,
        None,
        Menu("&Pictures", partial(_pictures, reach.window), changes=True),
        Menu("&Theme", partial(_themes, reach.theme_switch)),
        Action("dismiss-notices", "&Dismiss notices", reach.notices.clear, ("Ctrl+D",)),
        Action("job-history", "&History of jobs", reach.windows.show_history, ("Ctrl+J",),
               also="log messages past"),
        # the system's own keys differ from desktop to desktop, and on some there are none
        Action("full-screen", "&Full screen", partial(_toggle_full, reach.window),
               ("F11", _KEY.FullScreen)),
    )  # fmt: skip


def _pictures(window: QMainWindow) -> Entries:
    """Return a menu for each chart and map that is seen."""
    return [Menu(title, source.actions) for title, source in titled(sources_seen(window))]


def _themes(switch: ThemeSwitch) -> Entries:
    return [
        Action(f"theme-{choice}", _THEME_NAMES[choice], partial(switch.choose, choice),
               chosen=partial(_is_chosen, switch, choice), also="theme colours mode")
        for choice in CHOICES
    ]  # fmt: skip


def _is_chosen(switch: ThemeSwitch, choice: str) -> bool:
    return switch.choice == choice


def _toggle_full(window: QMainWindow) -> None:
    # by its state: one that was maximised is so again
    window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)


def _help(reach: Reach) -> Entries:
    windows = reach.windows
    return (
        Action("help", "&Help on this page", windows.show_help, (_KEY.HelpContents,),
               also="manual documentation", everywhere=True),
        Action("help-index", "All &pages of help", partial(windows.show_help, "index"),
               also="manual documentation search"),
        Action("glossary", "What &words mean", partial(windows.show_help, "glossary"),
               also="glossary terms"),
        None,
        Action("guide", "Short &tour", windows.show_guide, also="introduction first steps"),
        Action("palette", "&Do anything…", windows.show_palette, ("Ctrl+K", "Ctrl+Shift+P"),
               also="command palette"),
        Action("shortcuts", "&Keyboard shortcuts", windows.show_shortcuts, ("Ctrl+F1",),
               also="keys"),
        None,
        Action("show-log", "Show &log folder", lambda: show_in_files(log_path().parent),
               also="crash report"),
        Action("about", "&About GeRA Workbench", windows.show_about, also="version licence"),
    )  # fmt: skip


# what a page is for: page, object name of its button, and what it does
_BUTTONS = (
    ("data", "data-scan", "Scan the folders"),
    ("encode", "encode-all", "Encode all that is not encoded yet"),
    ("train", "train", "Train with these settings"),
    ("train", "sweep", "Sweep α with these settings"),
    ("classify", "classify", "Classify items by words"),
    ("export", "export-run", "Export the current run"),
)


def _buttons(reach: Reach) -> Entries:
    """Return the buttons that pages are for; each is pressed where it is seen."""
    return [
        Action(f"press-{name}", words, partial(_press, reach, page, name),
               why_not=partial(_why_not_pressed, reach, page, name), also="start run begin")
        for page, name, words in _BUTTONS
    ]  # fmt: skip


def _button(reach: Reach, page: str, name: str) -> QAbstractButton | None:
    found = reach.pages.page(page).findChild(QAbstractButton, name)
    return found if isinstance(found, QAbstractButton) else None


def _press(reach: Reach, page: str, name: str) -> None:
    reach.pages.go_to(page)
    button = _button(reach, page, name)
    if button is not None:
        button.click()


def _why_not_pressed(reach: Reach, page: str, name: str) -> str:
    if reach.session.project is None:
        return _unopened(reach.session)
    button = _button(reach, page, name)
    # also where the page shows something else in its place
    if button is not None and button.isEnabled() and button.isVisibleTo(reach.pages.page(page)):
        return ""
    return f"The page {reach.pages.page(page).title} says what is missing."


def _runs(reach: Reach) -> Entries:
    """Return what is done with each run that has heads, the newest first."""
    session = reach.session
    if session.project is None:
        return ()

    def go(page: str, run: str) -> None:
        session.set_current_run(run)
        reach.pages.go_to(page)

    ready = [run.name for run in session.project.runs() if run.has_heads()]
    return [
        Action(f"{page}-run-{name}", f"{words} {as_menu_text(name)}", partial(go, page, name))
        for name in reversed(ready)
        for page, words in (("explore", "Explore"), ("export", "Export"))
    ]


def _questions(reach: Reach) -> Entries:
    """Return the questions that were asked of this project, the newest first."""
    project = reach.session.project
    if project is None:
        return ()
    why = "" if reach.session.current_run is not None else "Train a run first."
    return [
        Action(f"ask-again-{number}", as_menu_text(words), partial(_ask_again, reach, words),
               why_not=lambda: why, also="question search query")
        for number, words in enumerate(recent_questions(project.root))
    ]  # fmt: skip


def _ask_again(reach: Reach, words: str) -> None:
    from workbench.gui.pages.explore import ExplorePage

    reach.pages.go_to("explore")
    page = reach.pages.page("explore")
    if isinstance(page, ExplorePage):
        page.explored.query.ask_again(words)
