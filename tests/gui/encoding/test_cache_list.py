"""What a project holds of a modality, a row for each cache."""

from datetime import datetime
from pathlib import Path

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from workbench.gui.encoding.cache_list import CacheRow, CacheRowWidget
from workbench.gui.look.stylesheet import stylesheet
from workbench.gui.look.theme import LIGHT
from workbench.stations import CacheState


def test_columns_agree_whichever_is_in_use(qtbot):
    state = CacheState(
        Path("a.h5"), "image", "test/a", 3, 0, 3, 8, "float32", 4096, datetime(2026, 1, 1)
    )
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    rows = [CacheRowWidget(CacheRow(state, "A", chosen), "images") for chosen in (True, False)]
    for row in rows:
        column.addWidget(row)
    window.setStyleSheet(stylesheet(LIGHT))  # worn when all is made, as in the main window
    window.resize(900, 200)
    window.show()
    qtbot.waitExposed(window)
    (in_use,) = (each for each in rows[0].findChildren(QLabel) if each.text() == "in use")
    assert in_use.width() == rows[1].use_button.width()
    places = [
        [each.mapTo(window, each.rect().topRight()).x() for each in row.findChildren(QLabel)][:6]
        for row in rows
    ]
    assert places[0] == places[1]
