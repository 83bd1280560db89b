"""The line above the curves: how the training stands, and how they are drawn."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from workbench.gui.training.curves.run_picker import RunPicker
from workbench.gui.widgets.button import IconButton
from workbench.gui.widgets.fields import Slider
from workbench.gui.widgets.text import ElidedLabel, label


class CurvesBar(QWidget):
    """Controls of a `CurvesPanel`, which listens to them.

    Attributes
    ----------
    status : ElidedLabel
    overlay : RunPicker
    slider : Slider
        Of smoothing, 0 to 100.
    logarithmic : QCheckBox
    fit : IconButton
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.status = ElidedLabel("", "muted", Qt.TextElideMode.ElideRight)
        self.status.setObjectName("training-status")
        self.overlay = RunPicker()
        self.slider = Slider()
        self.slider.setObjectName("smoothing")
        self.slider.setAccessibleName("Smoothing of the curves")
        self.slider.setRange(0, 100)
        self.slider.setValue(60)
        self.slider.setFixedWidth(80)
        self.slider.setToolTip(
            "Running mean over the last values; at 0 the values themselves. The faint line always "
            "shows the values."
        )
        self.logarithmic = QCheckBox("Log scale")
        self.logarithmic.setObjectName("logarithmic")
        self.logarithmic.setChecked(True)
        self.logarithmic.setToolTip("Draw the losses on a logarithmic axis.")
        self.fit = IconButton(
            "arrow-expand-horizontal", "Show all steps (double click)", name="follow"
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.status, 1)
        row.addWidget(self.overlay)
        row.addWidget(label("Smoothing", "muted"))
        row.addWidget(self.slider)
        row.addSpacing(6)
        row.addWidget(self.logarithmic)
        row.addWidget(self.fit)
