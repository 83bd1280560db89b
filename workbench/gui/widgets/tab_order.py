"""The order in which the Tab key visits widgets that were made at different times."""

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLayout, QLayoutItem, QWidget


def order_tabs(layout: QLayout) -> None:
    """Let the Tab key follow a layout, row by row, into its widgets and their layouts.

    Qt itself visits widgets in the order in which they were made, so those of a rebuilt card would
    come last.
    """
    for one, next_one in pairwise(_stops(layout)):
        QWidget.setTabOrder(one, next_one)


def _stops(layout: QLayout | None) -> list[QWidget]:
    stops: list[QWidget] = []
    for entry in _entries(layout) if layout is not None else ():
        widget: QWidget | None = entry.widget()
        if widget is None:
            stops += _stops(entry.layout())
        elif widget.focusPolicy() & Qt.FocusPolicy.TabFocus == Qt.FocusPolicy.TabFocus:
            stops.append(widget)  # what it holds, such as a spin box's line, goes with it
        else:
            stops += _stops(widget.layout())
    return stops


def _entries(layout: QLayout) -> list[QLayoutItem]:
    if not isinstance(layout, QFormLayout):
        found = [layout.itemAt(number) for number in range(layout.count())]
        return [entry for entry in found if entry is not None]
    roles = (
        QFormLayout.ItemRole.SpanningRole,
        QFormLayout.ItemRole.LabelRole,
        QFormLayout.ItemRole.FieldRole,
    )
    places = [layout.itemAt(row, role) for row in range(layout.rowCount()) for role in roles]
    return [entry for entry in places if entry is not None]
