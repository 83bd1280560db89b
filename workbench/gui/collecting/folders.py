"""The project's folders."""

import os
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from workbench.gui import projects, theme, words
from workbench.gui.collecting.guess import guess_modalities
from workbench.gui.collecting.source_row import SourceRow
from workbench.gui.session import Session
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import Card, clear
from workbench.gui.widgets.text import label, line
from workbench.media import MODALITIES, Modality
from workbench.project import KeyPairs, Project, Source, relation_of


class FoldersCard(Card):
    """The sources of the open project, each with its options.

    Parameters
    ----------
    session : Session
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__("Folders", "folder-multiple-outline")
        self._session = session
        self.rows: list[SourceRow] = []
        self.add_button = Button("Add folder", "plus", name="data-add-folder")
        self._menu = QMenu(self)
        self._actions: dict[Modality, QAction] = {}
        for modality in MODALITIES:
            action = self._menu.addAction(f"{words.PLURAL[modality].capitalize()}…")
            action.triggered.connect(partial(self._ask_for, modality))
            self._actions[modality] = action
        self.add_button.setMenu(self._menu)
        self.add_button.setProperty("menu", True)  # room for the arrow
        self.head.addWidget(self.add_button)
        self.body.setSpacing(0)
        session.theme_changed.connect(self._recolour)
        self._recolour()
        self.refresh()

    def _recolour(self) -> None:
        colours = theme.current()
        for modality, action in self._actions.items():
            action.setIcon(colours.icon(words.ICONS[modality], colours.modality[modality]))

    def refresh(self) -> None:
        """Show the sources as the project has them."""
        clear(self.body)
        self.rows = []
        project = self._session.project
        if project is None:
            return
        for number, source in enumerate(project.settings.sources):
            folder = project.source_folder(source)
            row = SourceRow(
                source,
                str(folder),
                not folder.is_dir(),
                partial(self._replace, number),
                partial(self._remove, number),
            )
            if number:
                self.body.addWidget(line())
            self.body.addWidget(row)
            self.rows.append(row)
        if not self.rows:
            self.body.addWidget(label("None yet. Add one, or drop it here.", "muted"))

    def show_counts(self, counts: list[int]) -> None:
        """Show how many items each source has."""
        for row, count in zip(self.rows, counts, strict=False):
            row.show_count(count)

    def ask(self, modality: Modality) -> None:
        """Let the user choose a folder of a modality."""
        folder = projects.choose_folder(self, f"Choose a folder of {words.PLURAL[modality]}")
        if folder is not None:
            self.add(folder, [modality])

    def _ask_for(self, modality: Modality, _checked: bool) -> None:
        self.ask(modality)

    def add(self, folder: Path, modalities: list[Modality] | None = None) -> None:
        """Add a folder; without modalities, those its files have."""
        project = self._session.project
        if project is None:
            return
        found = guess_modalities(folder) if modalities is None else modalities
        if not found:
            self._session.noticed.emit(
                "warning", f"{folder} holds no pictures, texts or recordings, so it was not added."
            )
            return
        known = {(s.modality, project.source_folder(s)) for s in project.settings.sources}
        new = [
            Source(modality=modality, path=_written(folder, project.root))
            for modality in found
            if (modality, folder.absolute()) not in known
        ]
        if not new:
            self._session.noticed.emit("info", f"{folder} is in the project already.")
            return
        _pair_newcomers(project, new)
        self._take([*project.settings.sources, *new])

    def _replace(self, number: int, source: Source) -> None:
        project = self._session.project
        if project is None:
            return
        sources = list(project.settings.sources)
        sources[number] = source
        project.change(sources=sources)
        self.rows[number].source = source
        self.rows[number].show_count(None)
        self.changed.emit()

    def _remove(self, number: int) -> None:
        project = self._session.project
        if project is not None:
            sources = list(project.settings.sources)
            del sources[number]
            self._take(sources)

    def _take(self, sources: list[Source]) -> None:
        project = self._session.project
        if project is not None:
            project.change(sources=sources)
            self.refresh()
            self.changed.emit()


def _pair_newcomers(project: Project, new: list[Source]) -> None:
    """Pair a modality that joins the project with the others by file name, until told otherwise."""
    before = {source.modality for source in project.settings.sources}
    now = before | {source.modality for source in new}
    ruled = {relation_of(*rule.between) for rule in project.settings.pairings}
    rules = list(project.settings.pairings)
    for first in MODALITIES:
        for second in MODALITIES[MODALITIES.index(first) + 1 :]:
            joins = {first, second} <= now and not {first, second} <= before
            if joins and (first, second) not in ruled:
                rules.append(KeyPairs(between=(first, second)))
    if len(rules) > len(project.settings.pairings):
        project.change(pairings=rules)


def _written(folder: Path, root: Path) -> str:
    """Write a folder inside the project relative to it, so that the project can be moved."""
    folder = folder.absolute()
    if folder.is_relative_to(root):
        return Path(os.path.relpath(folder, root)).as_posix()
    return str(folder)
