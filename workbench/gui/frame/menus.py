"""The menu bar, made from the table of actions; and the windows that are made from it too."""

from functools import partial
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMainWindow, QMenu

from workbench.gui import projects
from workbench.gui.actions.palette import Palette
from workbench.gui.actions.shortcut_list import ShortcutList
from workbench.gui.actions.table import Pages, Reach, declared_menus
from workbench.gui.frame.about import AboutDialog
from workbench.gui.help.places import help_for
from workbench.gui.look.theme_switch import ThemeSwitch
from workbench.gui.session import Session
from workbench.gui.state.action import Action, Menu, all_actions
from workbench.gui.state.job_history import JobHistory
from workbench.gui.widgets.notice_bar import NoticeBar

if TYPE_CHECKING:  # the first window does not wait for it
    from workbench.gui.frame.job_history_window import JobHistoryWindow
    from workbench.gui.guide.guide import Guide
    from workbench.gui.help.help_window import HelpWindow

_ROLES = {"quit": QAction.MenuRole.QuitRole, "about": QAction.MenuRole.AboutRole}


class Menus(QObject):
    """Makes the menus of the window, and keeps those that change up to date.

    Parameters
    ----------
    window : QMainWindow
    pages : Pages
    session : Session
    theme_switch : ThemeSwitch
    notices : NoticeBar
    history : JobHistory
    """

    def __init__(
        self,
        window: QMainWindow,
        pages: Pages,
        session: Session,
        theme_switch: ThemeSwitch,
        notices: NoticeBar,
        history: JobHistory,
    ) -> None:
        super().__init__(window)
        self._window, self._pages, self._session = window, pages, session
        self.declared = declared_menus(Reach(window, pages, session, theme_switch, notices, self))
        self._made: list[tuple[Action, QAction]] = []  # that stay as long as the window
        self._menus: list[tuple[Menu, QMenu]] = []
        for menu in self.declared:
            if menu.in_bar:
                self._fill(window.menuBar().addMenu(menu.title), menu)
        self._about: AboutDialog | None = None
        self._palette: Palette | None = None
        self._shortcuts: ShortcutList | None = None
        self._help: HelpWindow | None = None
        self._guide: Guide | None = None
        self._history = history
        self._history_window: JobHistoryWindow | None = None
        session.jobs_changed.connect(self.refresh)
        session.selection_history.canUndoChanged.connect(self.refresh)
        session.selection_history.canRedoChanged.connect(self.refresh)
        session.answer_history.indexChanged.connect(self.refresh)
        session.settings_history.changed.connect(self.refresh)
        self.refresh()

    def _fill(self, made: QMenu, menu: Menu) -> None:
        self._menus.append((menu, made))
        if menu.changes:
            made.aboutToShow.connect(partial(self._list, made, menu))
            return
        made.setToolTipsVisible(True)
        made.aboutToShow.connect(self.refresh)  # something may have been done from the palette
        group = QActionGroup(self)
        for entry in menu.entries():
            if entry is None:
                made.addSeparator()
            elif isinstance(entry, Menu):
                self._fill(made.addMenu(entry.title), entry)
            else:
                action = self._add(made, entry)
                self._made.append((entry, action))
                if entry.chosen is not None:
                    group.addAction(action)

    def _list(self, made: QMenu, menu: Menu) -> None:
        made.clear()
        for inner in made.findChildren(QMenu):
            inner.deleteLater()
        self._put(made, menu)
        if made.isEmpty():
            made.addAction("None yet").setEnabled(False)

    def _put(self, made: QMenu, menu: Menu) -> None:
        """Fill a menu for the moment that it is open."""
        for entry in menu.entries():
            if isinstance(entry, Action):
                self._follow(entry, self._add(made, entry))
            elif entry is not None:
                self._put(made.addMenu(entry.title), entry)

    def _add(self, made: QMenu, entry: Action) -> QAction:
        action = QAction(entry.text, made)
        action.setObjectName(entry.name)
        action.setShortcuts(entry.sequences())
        if entry.everywhere:
            action.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
        action.setMenuRole(_ROLES.get(entry.name, QAction.MenuRole.NoRole))
        action.setCheckable(entry.chosen is not None)
        action.triggered.connect(lambda: entry.does())
        made.addAction(action)
        return action

    def _follow(self, entry: Action, action: QAction) -> None:
        why_not = entry.why_not()
        action.setEnabled(not why_not)
        action.setToolTip(why_not or entry.tip)
        if entry.chosen is not None:
            action.setChecked(entry.chosen())

    def refresh(self) -> None:
        """Enable what can be done now; of the rest, the tool tip says why not."""
        if not shiboken6.isValid(self._session.selection_history):
            return  # a history that ends with the window says that nothing can be undone any more
        for entry, action in self._made:
            self._follow(entry, action)
        for menu, made in self._menus:
            made.setEnabled(not menu.why_not())

    def action(self, name: str) -> QAction:
        """Return an entry of a menu by the name it was declared with."""
        return next(action for entry, action in self._made if entry.name == name)

    # ---------------------------------------------------------------- windows

    def show_palette(self) -> None:
        """Show everything that can be done, to be found by a few letters."""
        if self._palette is None:
            self._palette = Palette(self._window)
        self._palette.offer(list(all_actions(self.declared)))

    def show_shortcuts(self) -> None:
        """Show the list of shortcuts, beside the window."""
        if self._shortcuts is None:
            self._shortcuts = ShortcutList(self._window, list(all_actions(self.declared)))
        self._shortcuts.show()
        self._shortcuts.raise_()

    def show_help(self, place: str = "") -> None:
        """Show a page of help beside the window: by default that of where the focus is."""
        from workbench.gui.help.help_window import HelpWindow

        if self._help is None:
            self._help = HelpWindow(self._window)
            self._session.theme_changed.connect(self._help.apply_theme)
        standing = self._window.focusWidget()
        page = self._pages.page(self._pages.current_page())
        inside = standing is not None and page.isAncestorOf(standing)
        self._help.show_place(place or help_for(standing if inside else page))
        self._help.show()
        self._help.raise_()
        self._help.activateWindow()

    def show_guide(self) -> None:
        """Lead over the window, step by step."""
        from workbench.gui.guide.guide import Guide

        if self._guide is None:
            open_sample = partial(projects.open_sample, self._session)
            self._guide = Guide(self._window, self._pages, open_sample)
            self._guide.left.connect(self._forget_guide)
            self._guide.begin()

    def _forget_guide(self) -> None:
        self._guide = None

    def show_history(self) -> None:
        """Show the jobs that have ended, beside the window."""
        from workbench.gui.frame.job_history_window import JobHistoryWindow

        if self._history_window is None:
            self._history_window = JobHistoryWindow(self._history, self._window)
        self._history_window.show()
        self._history_window.raise_()

    def show_about(self) -> None:
        """Show what this is, without standing in the way."""
        if self._about is None:
            self._about = AboutDialog(self._window)
        self._about.show()
        self._about.raise_()
