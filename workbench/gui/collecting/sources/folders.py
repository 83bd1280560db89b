"""The project's folders and files of records."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from workbench.gui import words
from workbench.gui.collecting.preview.overview import Overview
from workbench.gui.collecting.source_files import Guess, guess_sources
from workbench.gui.collecting.sources.source_row import RowCalls, SourceRow
from workbench.gui.collecting.sources.taking import take
from workbench.gui.look import theme
from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.widgets import file_dialogs
from workbench.gui.widgets.busy import BusyRing
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import Card, clear
from workbench.gui.widgets.text import ElidedLabel, label, line
from workbench.media import MODALITIES, RECORD_SUFFIXES, Modality
from workbench.project import NAME_RULES, KeyPairs, Project, Source, path_in, relation_of


class FoldersCard(Card):
    """The sources of the open project, each with its options.

    Signals
    -------
    changed, left_out_wanted (number of a source), unfolded.

    Parameters
    ----------
    session : Session
    """

    changed = Signal()
    left_out_wanted = Signal(int)
    unfolded = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__("Folders and files", "folder-multiple-outline")
        self._session = session
        self.rows: list[SourceRow] = []
        self.add_button = Button("&Add", "plus", name="data-add-folder")
        self.menu = QMenu(self)
        self._icons: list[tuple[QAction, str, Modality]] = []
        self._fill_menu()
        self.add_button.setMenu(self.menu)
        self.add_button.setProperty("menu", True)  # room for the arrow
        self.add_button.setAccessibleName("Add a folder or a file")
        self.head.addWidget(self.add_button)
        self._busy = BusyRing("Looking at what was dropped")
        self._busy_with = ElidedLabel("", "caption")
        self._waiting = QWidget()
        waiting = QHBoxLayout(self._waiting)
        waiting.setContentsMargins(2, 4, 0, 0)
        waiting.addWidget(self._busy)
        waiting.addWidget(self._busy_with, 1)
        self._waiting.hide()
        self._guessing = JobSlot(session, self)
        self._guessing.changed.connect(lambda: self._waiting.setVisible(self._guessing.busy))
        self._dropped: list[Path] = []  # what it is found out of now
        self.body.setSpacing(0)
        outer = self.layout()
        assert outer is not None  # noqa: S101 - a card has one
        outer.addWidget(self._waiting)
        session.theme_changed.connect(self._recolour)
        self._recolour()
        self.refresh()

    # --- the menu --------------------------------------------------------------------------------

    def _fill_menu(self) -> None:
        for modality, key in zip(MODALITIES, ("&Images", "&Texts", "&Recordings"), strict=True):
            self._offer(f"{key}…", modality, words.ICONS[modality], partial(self.ask, modality))
        self.menu.addSeparator()
        self._offer(
            "A &file with a text a row…", "text", "table-large", partial(self.ask_file, "text")
        )
        self._offer(
            "A table that lists i&mages…", "image", "table-large", partial(self.ask_file, "image")
        )
        self._offer(
            "A table that lists r&ecordings…", "speech", "table-large",
            partial(self.ask_file, "speech"),
        )  # fmt: skip
        self.menu.addSeparator()
        for rule, text, icon in (
            ("file-name", "File &names as texts…", "form-textbox"),
            ("folder-name", "F&older names as texts…", "folder-text-outline"),
        ):
            self._offer(text, "text", icon, partial(self.ask_names, rule))

    def _offer(self, text: str, modality: Modality, icon: str, asked: Callable[[], None]) -> None:
        action = self.menu.addAction(text)
        action.triggered.connect(lambda _=False: asked())
        self._icons.append((action, icon, modality))

    def _recolour(self) -> None:
        colours = theme.current()
        for action, icon, modality in self._icons:
            action.setIcon(colours.icon(icon, colours.modality[modality]))

    def ask(self, modality: Modality) -> None:
        """Let the user choose a folder of a modality."""
        folder = file_dialogs.choose_folder(
            self, f"Choose a folder of {words.PLURAL[modality]}", "data"
        )
        if folder is not None:
            self.add(folder, [modality])

    def ask_names(self, rule: str) -> None:
        """Let the user choose a folder whose pictures' and recordings' names are texts."""
        folder = file_dialogs.choose_folder(
            self, "Choose a folder of pictures or recordings", "data"
        )
        if folder is not None:
            self._add([("text", folder, rule)])

    def ask_file(self, modality: Modality) -> None:
        """Let the user choose a file with an item of a modality a row."""
        patterns = " ".join(f"*{ending}" for ending in sorted(RECORD_SUFFIXES))
        chosen = file_dialogs.choose_file(
            self,
            f"Choose a file with {'a text' if modality == 'text' else 'a file’s name'} a row",
            "data",
            f"Tables, captions and lines ({patterns});;All files (*)",
        )
        if chosen is not None:
            self._add([(modality, chosen, "whole")])

    # --- the rows --------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the sources as the project has them."""
        unfolded = {_place_of(row.source) for row in self.rows if row.options_button.isChecked()}
        clear(self.body)
        self.rows = []
        project = self._session.project
        if project is None:
            return
        for number, source in enumerate(project.settings.sources):
            calls = RowCalls(
                partial(self._replace, number),
                partial(self._remove, number),
                partial(self.left_out_wanted.emit, number),
            )
            row = SourceRow(self._session, source, project.source_folder(source), calls)
            row.options_button.setChecked(_place_of(source) in unfolded)
            row.options_button.toggled.connect(lambda _: self.unfolded.emit())
            if number:
                self.body.addWidget(line())
            self.body.addWidget(row)
            self.rows.append(row)
        if not self.rows:
            said = "None yet. Add one, or drop folders and tables here."
            self.body.addWidget(label(said, "muted", wrap=True))

    def show_overview(self, overview: Overview) -> None:
        """Show what is known of each source."""
        for row, facts in zip(self.rows, overview.sources, strict=False):
            row.show_facts(facts, scanned=overview.scanned)

    # --- changes ---------------------------------------------------------------------------------

    def add(self, path: Path, modalities: list[Modality] | None = None) -> None:
        """Add a folder or a file; without modalities, what it holds is found out first."""
        if modalities is None:
            self.drop([path])
        else:
            self._add([(modality, path, "whole") for modality in modalities])

    def drop(self, paths: Sequence[Path]) -> None:
        """Add folders and files of records, once it is found out what they hold."""
        project = self._session.project
        if project is None or not paths:
            return
        # what was dropped before is answered with it: nothing that was dropped is lost
        known = self._dropped if self._guessing.busy else []
        self._dropped = wanted = list(dict.fromkeys([*known, *paths]))
        self._busy_with.setText(f"Looking into {words.listed([path.name for path in wanted])}…")
        self._busy.show()
        self._guessing.ask(
            "Looking at what was dropped",
            lambda control: guess_sources(wanted, control),
            self._take_guesses,
            on_error=lambda sentence: self._take_guesses([Guess(wanted[0], [], sentence)]),
        )

    def _take_guesses(self, guesses: list[Guess]) -> None:
        for guess in guesses:
            if guess.sentence:
                self._session.noticed.emit("warning", guess.sentence)
        wanted = [(each, guess.path, "whole") for guess in guesses for each in guess.modalities]
        if wanted:
            self._add(wanted)

    def _add(self, wanted: list[tuple[Modality, Path, str]]) -> None:
        """Add sources, given by modality, place and text rule."""
        project = self._session.project
        if project is None:
            return
        known = {
            (source.modality, project.source_folder(source), _name_rule(source.text))
            for source in project.settings.sources
        }
        new = [
            Source(modality=modality, path=path_in(project.root, place), text=rule)
            for modality, place, rule in wanted
            if (modality, place.absolute(), _name_rule(rule)) not in known
        ]
        if not new:
            places = words.listed([str(place) for _, place, _ in wanted])
            several = "is" if len(wanted) == 1 else "are"
            self._session.noticed.emit("info", f"{places} {several} in the project already.")
            return
        rules = _rules_with_newcomers(project, new)
        self._take([*project.settings.sources, *new], pairings=rules)

    def _replace(self, number: int, source: Source) -> None:
        project = self._session.project
        if project is None:
            return
        sources = list(project.settings.sources)
        sources[number] = source
        if take(self._session, sources=sources):
            self.rows[number].source = source
            self.rows[number].show_facts(None, scanned=False)
            self.changed.emit()

    def _remove(self, number: int) -> None:
        project = self._session.project
        if project is not None:
            sources = list(project.settings.sources)
            del sources[number]
            self._take(sources)

    def _take(self, sources: list[Source], **more: object) -> None:
        if take(self._session, sources=sources, **more):
            self.refresh()
            self.changed.emit()


def source_names(sources: Sequence[Source]) -> list[str]:
    """Return a short name of each source: its last folder, with the one above where that is so."""
    last = [Path(source.path).name or source.path for source in sources]
    times = Counter(zip(last, (source.modality for source in sources), strict=True))
    return [
        "/".join(Path(source.path).parts[-2:]) if times[name, source.modality] > 1 else name
        for name, source in zip(last, sources, strict=True)
    ]


def _place_of(source: Source) -> tuple[str, str, str]:
    """Return what tells a source from the others of a project; one folder may be several."""
    return source.modality, source.path, _name_rule(source.text)


def _name_rule(text: str) -> str:
    """Return the text rule where it makes another source of the same folder."""
    return text if text in NAME_RULES else ""


def _rules_with_newcomers(project: Project, new: list[Source]) -> list[object]:
    """Pair a modality that joins the project with the others by file name, until told otherwise."""
    before = {source.modality for source in project.settings.sources}
    now = before | {source.modality for source in new}
    ruled = {relation_of(*rule.between) for rule in project.settings.pairings}
    rules: list[object] = list(project.settings.pairings)
    for first in MODALITIES:
        for second in MODALITIES[MODALITIES.index(first) + 1 :]:
            joins = {first, second} <= now and not {first, second} <= before
            if joins and (first, second) not in ruled:
                rules.append(KeyPairs(between=(first, second)))
    return rules
