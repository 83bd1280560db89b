"""One source of the project: what it holds, and how it is read."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.collecting.preview.overview import SourceFacts
from workbench.gui.collecting.source_files import is_record_file
from workbench.gui.collecting.sources.source_options import SourceOptions
from workbench.gui.session import Session
from workbench.gui.widgets.button import Button, IconButton
from workbench.gui.widgets.icon import Icon
from workbench.gui.widgets.text import ElidedLabel, label, set_role
from workbench.project import Source


@dataclass(frozen=True)
class RowCalls:
    """What a row calls: with the changed source; when it is removed; to see what was left out."""

    changed: Callable[[Source], None]
    removed: Callable[[], None]
    left_out: Callable[[], None]


class SourceRow(QWidget):
    """A source: modality, path, counts; its options unfold below.

    Parameters
    ----------
    session : Session
    source : Source
    place : Path
        Its absolute folder or file.
    calls : RowCalls
    """

    def __init__(self, session: Session, source: Source, place: Path, calls: RowCalls) -> None:
        super().__init__()
        self.source, self._place = source, place
        self._names: list[str] = []  # paths of a few items below it
        self._facts = label("", "caption", wrap=True)
        self.left_out_button = Button(
            "", kind="link", pressed=calls.left_out, tip="Show what was left out, and why"
        )
        self.left_out_button.setProperty("small", True)  # no higher than the line it stands in
        self.left_out_button.hide()
        self.options_button = IconButton("tune-variant", f"Options of {place}")
        self.options_button.setCheckable(True)
        self.remove_button = IconButton(
            "close", f"Remove {place} from the project; its files stay", calls.removed
        )
        for button in (self.options_button, self.remove_button):
            button.setFixedHeight(27)  # kept while the page is laid out anew
        self._records = is_record_file(source, place)
        self._options: SourceOptions | None = None
        self._make_options = partial(
            SourceOptions, session, source, place, calls.changed, records=self._records
        )
        self.options_button.toggled.connect(self._unfold)
        self._lay_out(source, place)
        self.show_facts(None, scanned=False)

    def _lay_out(self, source: Source, place: Path) -> None:
        below = QHBoxLayout()
        below.setSpacing(6)
        below.addWidget(self._facts, 1)
        below.addWidget(self.left_out_button, 0, Qt.AlignmentFlag.AlignTop)
        lines = QVBoxLayout()
        lines.setSpacing(1)
        lines.addWidget(ElidedLabel(str(place)))
        lines.addLayout(below)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(Icon(words.ICONS[source.modality], 20, source.modality))
        head.addSpacing(7)
        head.addLayout(lines, 1)
        head.addWidget(self.options_button)
        head.addWidget(self.remove_button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 6, 0, 6)
        self._column.setSpacing(10)
        self._column.addLayout(head)

    @property
    def options(self) -> SourceOptions:
        """The form of the options, made when it is wanted first: it has many fields."""
        if self._options is None:
            self._options = self._make_options()
            self._options.show_names(self._names)
            self._column.addWidget(self._options)
            self._options.setVisible(self.options_button.isChecked())
        return self._options

    def _unfold(self, shown: bool) -> None:
        self.options.setVisible(shown)
        if shown:
            self.options.unfolded()

    def show_facts(self, facts: SourceFacts | None, *, scanned: bool) -> None:
        """Show what is known of the source; None while it is being looked at."""
        refused = facts is not None and bool(facts.refused)
        set_role(self._facts, "bad" if refused else "caption")
        self._facts.setText(facts.refused if facts and refused else self._said(facts, scanned))
        self._names = _below(self._place, facts) if facts is not None else self._names
        if self._options is not None:
            self._options.show_names(self._names)
        missed = facts.left_out if facts else 0
        self.left_out_button.setText(f"{missed:,} left out")
        self.left_out_button.setVisible(missed > 0 and not refused)
        if refused and self._records and self._options is None:
            self.options_button.setChecked(True)  # such as a table whose columns must be chosen

    def _said(self, facts: SourceFacts | None, scanned: bool) -> str:
        source = self.source
        if facts is None:
            parts = [words.PLURAL[source.modality].capitalize()]
        else:
            count = words.items(facts.items, source.modality)
            parts = [count if scanned else f"{count}, not scanned yet"]
            parts += [facts.kind] if facts.kind else []
        if source.label == "folder" and not self._records:
            parts.append("folders are labels")
        if source.include:
            parts.append(f"only {', '.join(source.include)}")
        if source.exclude:
            parts.append(f"without {', '.join(source.exclude)}")
        return " · ".join(parts)


def _below(place: Path, facts: SourceFacts) -> list[str]:
    """Return the paths of a few items below a source, as its key pattern sees them."""
    paths = [Path(item.path) for item in facts.previews]
    return [path.relative_to(place).as_posix() for path in paths if path.is_relative_to(place)]
