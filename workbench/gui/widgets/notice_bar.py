"""Sentences to the user that never stand in the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from workbench.gui.look import theme
from workbench.gui.widgets.button import Button, IconButton
from workbench.gui.widgets.icon import Icon
from workbench.gui.widgets.text import label

_LOOKS = {
    "info": ("information-outline", "accent"),
    "warning": ("alert-outline", "warning"),
    "error": ("alert-circle-outline", "bad"),
}
_MOST = 3
_HEIGHT_OF_REPORT = 180
_MILLISECONDS_OF_INFORMATION = 9_000


@dataclass(frozen=True)
class NoticeAction:
    """A button of a notice; a passing one does not keep the notice of a project that is closed."""

    words: str
    does: Callable[[], object]
    passing: bool = False


class NoticeBar(QWidget):
    """The latest notices, newest last; informations leave by themselves, the rest is dismissed."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notices")
        self.setAccessibleName("Notices")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(1)
        self._notices: list[_Notice] = []
        self.hide()

    def add(
        self, level: str, sentence: str, report: str = "", actions: Sequence[NoticeAction] = ()
    ) -> None:
        """Show a sentence.

        Parameters
        ----------
        level : str
            ``info``, ``warning`` or ``error``.
        sentence : str
        report : str
            What can be folded out below it, and copied.
        actions : sequence of NoticeAction
            More buttons.
        """
        for notice in self._notices:
            if (notice.level, notice.sentence) == (level, sentence):
                self._drop(notice)
                break
        notice = _Notice(level, sentence, report, actions)
        notice.close_button.clicked.connect(lambda: self._drop(notice))
        if level == "info" and not notice.is_lasting:
            timer = QTimer(notice, interval=_MILLISECONDS_OF_INFORMATION, singleShot=True)
            timer.timeout.connect(lambda: self._drop(notice))
            timer.start()
        self._notices.append(notice)
        self._column.addWidget(notice)
        if len(self._notices) > _MOST:
            self._drop(self._notices[0])
        self.show()

    def sentences(self) -> list[str]:
        """Return what is shown, oldest first."""
        return [notice.sentence for notice in self._notices]

    def clear(self) -> None:
        """Dismiss all."""
        for notice in list(self._notices):
            self._drop(notice)

    def clear_passing(self) -> None:
        """Dismiss all that can only be read: reports and offers are of the program, and stay."""
        for notice in [each for each in self._notices if not each.is_lasting]:
            self._drop(notice)

    def _drop(self, notice: "_Notice") -> None:
        if notice in self._notices:
            self._notices.remove(notice)
            self._column.removeWidget(notice)
            notice.hide()
            notice.deleteLater()
        self.setVisible(bool(self._notices))


class _Notice(QWidget):
    def __init__(
        self, level: str, sentence: str, report: str, actions: Sequence[NoticeAction]
    ) -> None:
        super().__init__()
        self.level, self.sentence = level, sentence
        self.is_lasting = bool(report) or not all(each.passing for each in actions)
        icon, self._tone = _LOOKS.get(level, _LOOKS["info"])
        words = label(sentence, wrap=True)
        words.setAccessibleName(f"{level}: {sentence}")
        self.close_button = IconButton("close", "Dismiss this notice")
        row = QHBoxLayout()
        row.setSpacing(11)
        row.addWidget(Icon(icon, 18, self._tone))
        row.addWidget(words, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(20, 7, 12, 7)
        self._column.addLayout(row)
        if report:
            self._add_report(report, row)
        for each in actions:
            row.addWidget(Button(each.words, kind="quiet", pressed=each.does))
        row.addWidget(self.close_button)

    def _add_report(self, report: str, row: QHBoxLayout) -> None:
        fold = QPlainTextEdit(report, readOnly=True)
        fold.setObjectName("report")
        fold.setAccessibleName("Report")
        fold.setFixedHeight(_HEIGHT_OF_REPORT)
        fold.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        fold.hide()
        self._column.addWidget(fold)
        details = Button("Details", kind="quiet", name="report-details")
        details.setCheckable(True)
        details.toggled.connect(fold.setVisible)
        copy = Button("Copy report", kind="quiet", name="copy-report")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(report))
        row.addWidget(details)
        row.addWidget(copy)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        tone = getattr(colours, self._tone)
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.blend(tone, 0.13)))
        painter.fillRect(0, 0, 3, self.height(), QColor(tone))
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.update()
