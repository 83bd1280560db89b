"""What a training has to say, in a quiet sentence below its curves."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from workbench.gui.widgets.icon import Icon
from workbench.gui.widgets.text import label, plain_tip, set_role
from workbench.jobs import Notice

_LOOKS = {"info": ("information-outline", "muted"), "warning": ("alert-outline", "warning")}


class NoticeLine(QWidget):
    """The latest sentence; the tool tip has all of them. Without any, the line is not there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training-notices")
        self.setAccessibleName("Messages of the training")
        self._sentences: list[str] = []
        self._icon = Icon("information-outline", 16)
        self._words = label("", "muted", wrap=True, name="notice-words")
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(6)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)
        self.hide()

    def add(self, notice: Notice) -> None:
        """Show a sentence in place of the one before."""
        if notice.text in self._sentences:
            self._sentences.remove(notice.text)
        self._sentences.append(notice.text)
        icon, tone = _LOOKS[notice.level]
        self._icon.show_icon(icon, tone)
        set_role(self._words, tone)
        more = len(self._sentences) - 1
        self._words.setText(notice.text + (f"  (and {more} before)" if more else ""))
        all_of_it = "\n".join(self._sentences)
        self._words.setToolTip(plain_tip(all_of_it) if more else "")
        self.setAccessibleDescription(all_of_it)
        self.show()

    def clear(self) -> None:
        """Forget everything."""
        self._sentences = []
        self.hide()

    def sentences(self) -> list[str]:
        """Return what was said, oldest first."""
        return list(self._sentences)
