"""Finds words that do not fit the widget that says them."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QPushButton,
    QStyle,
    QStyleOptionComboBox,
    QTabBar,
    QToolButton,
    QWidget,
)

from workbench.gui.widgets.text import ElidedLabel

_ROUNDING = 1  # pixels


def cut_text(root):
    """Return a line for each widget below one that is seen and shows only a part of its words."""
    return [
        f"{_place(each)}: {text!r}, {short} pixels short"
        for each in root.findChildren(QWidget)
        if each.isVisible() and not each.visibleRegion().isEmpty()
        for text, short in _short_of(each)
        if short > _ROUNDING
    ]


def _place(widget):
    parts = []
    while widget is not None and len(parts) < 3:
        parts.append(widget.objectName() or type(widget).__name__)
        widget = widget.parentWidget()
    return " < ".join(parts)


def _short_of(widget):
    """Yield words of a widget, and how many pixels they lack."""
    if isinstance(widget, QLabel):
        yield from _of_label(widget)
    elif isinstance(widget, QComboBox):
        option = QStyleOptionComboBox()
        widget.initStyleOption(option)
        room = widget.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox,
            option,
            QStyle.SubControl.SC_ComboBoxEditField,
            widget,
        )
        if not widget.isEditable():
            yield widget.currentText(), _width(widget, widget.currentText()) - room.width()
    elif isinstance(widget, QAbstractSpinBox):
        yield widget.text(), _width(widget, widget.text()) - widget.lineEdit().width()
    elif isinstance(widget, QTabBar):
        for number in range(widget.count()):
            text = widget.tabText(number)
            yield text, _width(widget, text) - widget.tabRect(number).width()
    elif isinstance(widget, QHeaderView):
        yield from _of_header(widget)
    elif isinstance(widget, QPushButton | QToolButton | QAbstractButton) and widget.text():
        yield widget.text(), widget.sizeHint().width() - widget.width()


def _of_label(label):
    shortened = isinstance(label, ElidedLabel) and label.mode == Qt.TextElideMode.ElideMiddle
    if not label.text() or label.textFormat() == Qt.TextFormat.RichText or shortened:
        return  # a path or a name may be of any length: what is left out is in the tool tip
    if label.wordWrap():
        yield label.text(), label.heightForWidth(label.width()) - label.height()
    else:
        widest = max(_width(label, line) for line in label.text().split("\n"))
        yield label.text(), widest - label.contentsRect().width()


def _of_header(header):
    if header.orientation() == Qt.Orientation.Vertical:
        return
    model = header.model()
    for section in range(header.count()):
        text = str(model.headerData(section, header.orientation()) or "")
        if not header.isSectionHidden(section):
            yield text, _width(header, text) - header.sectionSize(section)


def _width(widget, text):
    return widget.fontMetrics().horizontalAdvance(text)
