"""Start: try the sample, make a project, or go on with one."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout

from workbench.gui import projects, words
from workbench.gui.look import theme
from workbench.gui.pages.page import Page
from workbench.gui.projects import recent
from workbench.gui.session import Session
from workbench.gui.widgets.button import IconButton
from workbench.gui.widgets.card import Card, clear
from workbench.gui.widgets.sheet import Sheet
from workbench.gui.widgets.text import ElidedLabel, label, line

_PROMISE = (
    "Bring pictures, texts and recordings into one space, with frozen encoders and a few hundred "
    "pairs: watch the alignment train, explore it, search it, and export it."
)


class StartPage(Page):
    """What a newcomer sees first."""

    name = "start"
    title = "Start"
    icon = "home-variant-outline"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        sheet = Sheet(width=760)
        outer.addWidget(sheet)
        column = sheet.column
        column.addSpacing(38)
        column.addWidget(label("GeRA Workbench", "display"))
        column.addWidget(label(_PROMISE, "muted", wrap=True))
        column.addSpacing(14)

        self.sample_button = ActionTile(
            "creation-outline",
            "Try the sample",
            "About a thousand OpenMoji pictures and their names, drawn here in a few seconds.",
            lambda: projects.open_sample(session),
        )
        self.sample_button.setObjectName("start-sample")
        self.new_button = ActionTile(
            "folder-plus-outline",
            "New project…",
            "A folder of its own. Your files are only read, never changed.",
            lambda: projects.new_project(session, self),
        )
        self.new_button.setObjectName("start-new")
        self.open_button = ActionTile(
            "folder-open-outline",
            "Open project…",
            "Choose a project folder, or drop one anywhere on this window.",
            lambda: projects.open_project(session, self),
        )
        self.open_button.setObjectName("start-open")
        tiles = QHBoxLayout()
        tiles.setSpacing(14)
        for tile in (self.sample_button, self.new_button, self.open_button):
            tiles.addWidget(tile, 1)
        column.addLayout(tiles)
        column.addSpacing(10)

        self._recent = Card("Recent projects", "history")
        self._recent.body.setSpacing(0)
        self._rows: list[RecentRow] = []
        column.addWidget(self._recent)
        column.addStretch(1)
        session.project_changed.connect(self._remember)
        session.catalogue_changed.connect(self._remember)
        self._list()

    def shown(self) -> None:
        self._list()

    def recent_rows(self) -> list["RecentRow"]:
        """Return the rows of the list, newest first."""
        return list(self._rows)

    def _remember(self) -> None:
        if self.session.project is not None:
            recent.remember(self.session.project)
        self._list()
        self.state_changed.emit()

    def _list(self) -> None:
        body = self._recent.body
        clear(body)
        self._rows = []
        known = recent.recent_projects()
        for number, project in enumerate(known):
            if number:
                body.addWidget(line())
            self._rows.append(RecentRow(project, self._open, self._forget))
            body.addWidget(self._rows[-1])
        if not known:
            body.addWidget(label("Projects you open are listed here.", "muted"))

    def _open(self, path: str) -> None:
        self.session.open_project(Path(path))

    def _forget(self, path: str) -> None:
        recent.forget(path)
        self._list()


class ActionTile(QAbstractButton):
    """A large button: an icon, what it does, and a sentence about it.

    Parameters
    ----------
    icon, title, sentence : str
    pressed : callable
    """

    def __init__(self, icon: str, title: str, sentence: str, pressed: Callable[[], object]) -> None:
        super().__init__()
        self._icon_name, self._sentence = icon, sentence
        self.setText(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: pressed())

    def sizeHint(self) -> QSize:
        return QSize(220, 148)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, 148)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        active = self.underMouse() or self.hasFocus()
        fill = colours.blend(colours.accent, 0.07) if self.underMouse() else colours.surface
        painter.setBrush(QColor(colours.raised if self.isDown() else fill))
        painter.setPen(QColor(colours.accent if active else colours.border))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
        colours.icon(self._icon_name, colours.accent).paint(
            painter, QRectF(15, 17, 28, 28).toRect()
        )
        font = self.font()
        font.setPixelSize(15)
        font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(colours.text))
        painter.drawText(QRectF(18, 56, self.width() - 36, 22), 0, self.text())
        font.setPixelSize(12)
        font.setWeight(font.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(colours.muted))
        painter.drawText(
            QRectF(18, 80, self.width() - 34, 62), Qt.TextFlag.TextWordWrap, self._sentence
        )
        painter.end()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()


class RecentRow(QFrame):
    """One remembered project; greyed where its folder is gone.

    Parameters
    ----------
    project : RecentProject
    opened, forgotten : callable
        Called with the path.
    """

    def __init__(
        self,
        project: recent.RecentProject,
        opened: Callable[[str], None],
        forgotten: Callable[[str], None],
    ) -> None:
        super().__init__()
        self.project = project
        here = project.exists()
        self.open_button = RecentButton(project, here)
        self.open_button.clicked.connect(lambda: opened(project.path))
        self.remove_button = IconButton(
            "close", f"Remove {project.name} from this list", lambda: forgotten(project.path)
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(6)
        row.addWidget(self.open_button, 1)
        row.addWidget(self.remove_button)


class RecentButton(QAbstractButton):
    """The part of a `RecentRow` that opens the project."""

    def __init__(self, project: recent.RecentProject, here: bool) -> None:
        super().__init__()
        self.setEnabled(here)
        self.setAccessibleName(f"Open {project.name}, {project.path}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        title = label(project.name, "heading")
        place = ElidedLabel(project.path, "caption")
        counts = [words.items(n, modality) for modality, n in project.counts.items() if n]
        facts = label(" · ".join(counts) if here else "missing", "caption")
        when = label(words.moment(project.when()), "caption")
        left, right = QVBoxLayout(), QVBoxLayout()
        for half, widgets in ((left, (title, place)), (right, (when, facts))):
            half.setSpacing(1)
            for widget in widgets:
                widget.setEnabled(here)
                widget.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
                half.addWidget(widget)
        for widget in (facts, when):
            widget.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 5, 8, 5)
        self._row.setSpacing(16)
        self._row.addLayout(left, 1)
        self._row.addLayout(right)

    def sizeHint(self) -> QSize:
        return self._row.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colours.accent) if self.hasFocus() else Qt.PenStyle.NoPen)
        lit = self.isEnabled() and self.underMouse()
        painter.setBrush(QColor(colours.raised) if lit else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
        painter.end()
