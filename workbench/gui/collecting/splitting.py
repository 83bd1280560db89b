"""How pairs are divided into training, validation and test."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSpinBox, QWidget

from workbench.gui import theme
from workbench.gui.session import Session
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.text import label
from workbench.project import SplitSettings


class SplitCard(Card):
    """The split's fractions and seed, with a bar that shows them.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        super().__init__("Split", "chart-donut-variant")
        self._session = session
        self._pairs = 0
        self._bar = SplitBar()
        self._words = label("", "caption", wrap=True)
        self.validation = _field("Validation", 0, 50, " %")
        self.test = _field("Test", 0, 80, " %")
        self.seed = _field("Seed", 0, 999_999, "")
        fields = QHBoxLayout()
        fields.setSpacing(7)
        for number, field in enumerate((self.validation, self.test, self.seed)):
            if number:
                fields.addSpacing(8)
            fields.addWidget(label(field.accessibleName(), "muted"))
            fields.addWidget(field)
            field.valueChanged.connect(self._take)
        fields.addStretch(1)
        self.body.addWidget(self._bar)
        self.body.addWidget(self._words)
        self.body.addLayout(fields)
        self.refresh()

    def refresh(self) -> None:
        """Show the settings as the project has them."""
        project = self._session.project
        split = project.settings.split if project else SplitSettings()
        for field, value in (
            (self.validation, round(split.validation * 100)),
            (self.test, round(split.test * 100)),
            (self.seed, split.seed),
        ):
            field.blockSignals(True)
            field.setValue(value)
            field.blockSignals(False)
        self._show()

    def show_pairs(self, pairs: int) -> None:
        """Say what the fractions mean for this many pairs."""
        self._pairs = pairs
        self._show()

    def _show(self) -> None:
        validation, test = self.validation.value(), self.test.value()
        self._bar.show_parts(100 - validation - test, validation, test)
        if not self._pairs:
            self._words.setText("Pairs that share an item stay on one side.")
            return
        held_out, kept = round(self._pairs * test / 100), round(self._pairs * validation / 100)
        self._words.setText(
            f"About {self._pairs - held_out - kept:,} pairs to train with, {kept:,} to watch it "
            f"by, {held_out:,} held out. Pairs that share an item stay on one side."
        )

    def _take(self) -> None:
        project = self._session.project
        # At least a tenth is left to train with.
        self.validation.setMaximum(90 - self.test.value())
        self._show()
        if project is not None:
            project.change(
                split=SplitSettings(
                    seed=self.seed.value(),
                    validation=self.validation.value() / 100,
                    test=self.test.value() / 100,
                )
            )


class SplitBar(QWidget):
    """Three parts of a bar: training, validation, test."""

    def __init__(self) -> None:
        super().__init__()
        self._parts = (70, 10, 20)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_parts(self, training: int, validation: int, test: int) -> None:
        """Show other percentages."""
        self._parts = (training, validation, test)
        self.setAccessibleName(f"{training} % training, {validation} % validation, {test} % test")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), 6, 6)
        painter.setClipPath(shape)
        tones = (0.30, 0.18, 0.09)
        left = 0.0
        names = ("Training", "Validation", "Test")
        for part, tone, name in zip(self._parts, tones, names, strict=True):
            width = self.width() * part / 100
            area = QRectF(left, 0, width - 1, self.height())
            painter.fillRect(area, QColor(colours.blend(colours.accent, tone)))
            for text in (f"{name} {part} %", f"{part} %"):
                if painter.fontMetrics().horizontalAdvance(text) + 10 < width:
                    painter.setPen(QColor(colours.text))
                    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
                    break
            left += width
        painter.end()


def _field(name: str, low: int, high: int, suffix: str) -> QSpinBox:
    field = QSpinBox()
    field.setRange(low, high)
    field.setSuffix(suffix)
    field.setAccessibleName(name)
    field.setFixedWidth(74)
    return field
