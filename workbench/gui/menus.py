"""The menu bar: one declaration an action, with its shortcut."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from workbench.gui import projects, recent
from workbench.gui.about import AboutDialog
from workbench.gui.desktop import show_in_files
from workbench.gui.exporting.import_run import import_run
from workbench.gui.log import log_path
from workbench.gui.pages.page import Page
from workbench.gui.rail_stations import STATIONS
from workbench.gui.session import Session
from workbench.gui.theme_switch import CHOICES, ThemeSwitch
from workbench.gui.widgets.notice_bar import NoticeBar

Shortcut = str | QKeySequence.StandardKey | None
_THEME_NAMES = {"system": "As the system", "light": "Light", "dark": "Dark"}


class Pages(Protocol):
    """Who has the pages, by their names."""

    def page(self, name: str) -> Page:
        """Return a page."""

    def go_to(self, name: str) -> None:
        """Show a page."""


class Menus(QObject):
    """Makes the menus of the window, and keeps those that change up to date.

    Parameters
    ----------
    window : QMainWindow
    pages : Pages
    session : Session
    theme_switch : ThemeSwitch
    notices : NoticeBar
    """

    def __init__(
        self,
        window: QMainWindow,
        pages: Pages,
        session: Session,
        theme_switch: ThemeSwitch,
        notices: NoticeBar,
    ) -> None:
        super().__init__(window)
        self._window, self._pages, self._session = window, pages, session
        self._theme_switch, self._notices = theme_switch, notices
        self._about: AboutDialog | None = None
        self._make_project_menu()
        self._make_selection_menu()
        self._make_view_menu()
        self._make_help_menu()
        session.jobs_changed.connect(self.refresh)
        self.refresh()

    def _make_project_menu(self) -> None:
        window, session, key = self._window, self._session, QKeySequence.StandardKey
        menu = window.menuBar().addMenu("&Project")
        self._new = self._add(menu, "&New…", key.New, lambda: projects.new_project(session, window))
        self._open = self._add(
            menu, "&Open…", key.Open, lambda: projects.open_project(session, window)
        )
        self._recent = menu.addMenu("Open &recent")
        self._recent.aboutToShow.connect(self._list_recent)
        self._sample = self._add(
            menu, "Try the &sample", None, lambda: projects.open_sample(session)
        )
        menu.addSeparator()
        self._import = self._add(
            menu, "&Import an exported run…", None, lambda: import_run(session, window)
        )
        self._folder = self._add(menu, "Show project &folder", None, self._show_folder)
        self._close = self._add(menu, "&Close project", key.Close, session.close_project)
        menu.addSeparator()
        self._add(menu, "&Quit", key.Quit, window.close).setMenuRole(QAction.MenuRole.QuitRole)

    def _make_selection_menu(self) -> None:
        session, key = self._session, QKeySequence.StandardKey
        menu = self._window.menuBar().addMenu("&Selection")
        undo = self._add(menu, "&Undo selection", key.Undo, session.undo_selection)
        redo = self._add(menu, "&Redo selection", key.Redo, session.redo_selection)
        history = session.selection_history
        for action, can, can_changed in (
            (undo, history.canUndo(), history.canUndoChanged),
            (redo, history.canRedo(), history.canRedoChanged),
        ):
            action.setEnabled(can)
            can_changed.connect(action.setEnabled)
        self._add(menu, "&Select nothing", "Ctrl+Shift+A", lambda: session.select([]))
        menu.addSeparator()
        self._of_project = [
            self._add(menu, words, keys, partial(self._with_selection, does))
            for words, keys, does in (
                ("&Find items…", key.Find, "find"),
                ("S&ave the selection…", "Ctrl+Shift+S", "save"),
                ("&Export the selection as CSV…", None, "export"),
            )
        ]

    def _with_selection(self, does: str) -> None:
        """Go to the maps, where a selection is seen, and do something with it."""
        from workbench.gui.pages.explore import ExplorePage

        self._pages.go_to("explore")
        page = self._pages.page("explore")
        if isinstance(page, ExplorePage):
            does_it = {
                "find": page.tools.search.setFocus,
                "save": page.tools.save,
                "export": page.tools.export,
            }
            does_it[does]()

    def _make_view_menu(self) -> None:
        menu = self._window.menuBar().addMenu("&View")
        for number, station in enumerate(STATIONS, 1):
            self._add(
                menu, station.title, f"Ctrl+{number}", partial(self._pages.go_to, station.name)
            )
        menu.addSeparator()
        themes = menu.addMenu("&Theme")
        group = QActionGroup(self)
        for choice in CHOICES:
            action = self._add(
                themes, _THEME_NAMES[choice], None, partial(self._theme_switch.choose, choice)
            )
            action.setCheckable(True)
            action.setChecked(self._theme_switch.choice == choice)
            action.setObjectName(f"theme-{choice}")
            group.addAction(action)
        self._add(menu, "&Dismiss notices", "Ctrl+D", self._notices.clear)
        self._add(menu, "&Full screen", QKeySequence.StandardKey.FullScreen, self._toggle_full)

    def _make_help_menu(self) -> None:
        menu = self._window.menuBar().addMenu("&Help")
        self._add(menu, "Show &log folder", None, self._show_log)
        about = self._add(menu, "&About GeRA Workbench", None, self.show_about)
        about.setMenuRole(QAction.MenuRole.AboutRole)

    def _add(
        self, menu: QMenu, text: str, shortcut: Shortcut, triggered: Callable[[], object]
    ) -> QAction:
        action = QAction(text, self)
        if shortcut is not None:
            action.setShortcut(QKeySequence(shortcut))
        action.triggered.connect(lambda: triggered())
        menu.addAction(action)
        return action

    def refresh(self) -> None:
        """Enable what can be done now."""
        session = self._session
        opened = session.project is not None
        idle = not session.jobs
        for action in (self._new, self._open, self._sample):
            action.setEnabled(idle)
        self._recent.setEnabled(idle)
        for action in (self._import, self._folder, *self._of_project):
            action.setEnabled(opened)
        self._close.setEnabled(opened and idle)

    def show_about(self) -> None:
        """Show what this is, without standing in the way."""
        if self._about is None:
            self._about = AboutDialog(self._window)
        self._about.show()
        self._about.raise_()

    def _list_recent(self) -> None:
        self._recent.clear()
        for project in recent.recent_projects():
            open_it = partial(self._session.open_project, Path(project.path))
            action = self._add(self._recent, project.name.replace("&", "&&"), None, open_it)
            action.setToolTip(project.path)
            action.setEnabled(project.exists())
        if self._recent.isEmpty():
            self._recent.addAction("No projects yet").setEnabled(False)

    def _show_folder(self) -> None:
        if self._session.project is not None:
            show_in_files(self._session.project.root)

    def _show_log(self) -> None:
        show_in_files(log_path().parent)

    def _toggle_full(self) -> None:
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()
