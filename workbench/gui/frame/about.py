"""Help → About."""

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from workbench import __version__
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import row
from workbench.gui.widgets.text import label

_WHAT = (
    "Aligns the spaces of frozen encoders with few pairs, by geometry-regularised alignment "
    "(GeRA), lets you watch it, explore it, and export it."
)
_CREDITS = (
    "MIT licence. The sample’s pictures are by OpenMoji (CC BY-SA 4.0), the typeface is Inter "
    "(SIL Open Font License), the icons are Material Design Icons (Apache 2.0)."
)


class AboutDialog(QDialog):
    """What this program is, its version and its credits."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About GeRA Workbench")
        self.setFixedWidth(440)
        column = QVBoxLayout(self)
        column.setContentsMargins(26, 24, 26, 20)
        column.setSpacing(10)
        column.addWidget(label("GeRA Workbench", "title"))
        column.addWidget(label(f"Version {__version__} · Qt {qVersion()}", "caption"))
        column.addWidget(label(_WHAT, wrap=True))
        column.addWidget(label(_CREDITS, "muted", wrap=True))
        close = Button("Close", pressed=self.close)
        column.addLayout(row(None, close))
