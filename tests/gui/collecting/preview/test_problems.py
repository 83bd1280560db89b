"""What was left out: sorted, searched, opened, kept, quick."""

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from workbench.gui import desktop
from workbench.gui.collecting.preview.left_out import LeftOut
from workbench.gui.collecting.preview.problems import ProblemsCard

from ..conftest import write_voices


@pytest.fixture
def opened(monkeypatch):
    """Return what was opened with the desktop."""
    paths = []
    monkeypatch.setattr(desktop, "open_file", lambda path: paths.append(("file", path)))
    monkeypatch.setattr(desktop, "show_in_files", lambda path: paths.append(("folder", path)))
    return paths


def _cells(card, column):
    model = card.model
    return [model.index(row, column).data() for row in range(model.rowCount())]


@pytest.fixture
def broken(page, pictures, tmp_path, looked, scanned, session):
    """Scan pictures and voices, an empty file among each; one picture fails to be encoded."""
    voices = write_voices(tmp_path / "voices")
    (pictures / "void.png").touch()
    (voices / "none.wav").touch()
    page.folders.drop([pictures, voices])
    looked()
    scanned()
    catalogue = session.project.catalogue
    emu = next(item for item in catalogue.items("image") if "emu" in item.path)
    catalogue.set_problems("zoo/eye", [(emu.id, "Its colours are too many.")])
    session.catalogue_changed.emit()
    return page.problems


def test_scan_and_encoders_are_in_one_table(broken, page, qtbot, session):
    qtbot.waitUntil(lambda: broken.model.rowCount() == 3, timeout=20_000)
    assert broken.isVisible()
    assert sorted(_cells(broken, 0)) == [
        "pictures/emu.png", "pictures/void.png", "voices/none.wav"
    ]  # fmt: skip
    assert sorted(_cells(broken, 1)) == ["Scan", "Scan", "zoo/eye"]
    assert page.state() == "attention"
    broken.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert _cells(broken, 1) == ["zoo/eye", "Scan", "Scan"]
    broken.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert _cells(broken, 0)[0] == "pictures/emu.png"
    QTest.keyClicks(broken.filter, "EMPTY png")
    assert _cells(broken, 0) == ["pictures/void.png"]
    broken.filter.clear()
    assert len(_cells(broken, 0)) == 3
    with qtbot.waitSignal(session.page_wanted) as wanted:
        broken.again.click()
    assert wanted.args == ["encode"]


def test_a_click_shows_what_was_left_out_of_one_source(broken, page, qtbot):
    qtbot.waitUntil(lambda: broken.model.rowCount() == 3, timeout=20_000)
    assert page.folders.rows[0].left_out_button.text() == "2 left out"
    page.folders.rows[1].left_out_button.click()
    assert _cells(broken, 0) == ["voices/none.wav"]
    assert broken.only.text() == "Only of voices"
    broken.only.click()
    assert broken.model.rowCount() == 3
    assert not broken.only.isVisible()


def test_rows_are_opened_shown_and_copied(broken, opened, pictures, qtbot, session):
    qtbot.waitUntil(lambda: broken.model.rowCount() == 3, timeout=20_000)
    broken.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    broken.table.setFocus()
    broken.table.selectRow(1)
    QTest.keyClick(broken.table, Qt.Key.Key_Return)
    void = pictures / "void.png"
    assert opened == [("file", void)]
    broken.table.doubleClicked.emit(broken.model.index(1, 2))
    menu = broken.table.menu(broken.table.current())
    actions = {action.text().replace("&", ""): action for action in menu.actions()}
    actions["Show in folder"].trigger()
    assert opened[1:] == [("file", void), ("folder", pictures)]
    actions["Copy path and reason"].trigger()
    copied = QGuiApplication.clipboard().text()
    assert copied == f"{void}\tScan\tIt is empty (0 bytes)."
    void.unlink()
    with qtbot.waitSignal(session.noticed) as notice:
        actions["Open"].trigger()
    assert "no longer exists" in notice.args[1]
    assert len(opened) == 3


def test_it_survives_reopening_the_project(broken, page, session, qtbot):
    qtbot.waitUntil(lambda: broken.model.rowCount() == 3, timeout=20_000)
    root = session.project.root
    assert session.close_project()
    assert not broken.isVisible()
    assert session.open_project(root)
    qtbot.waitUntil(lambda: broken.model.rowCount() == 3, timeout=20_000)
    assert broken.isVisible()
    assert page.folders.rows[0].left_out_button.isVisible()


def test_a_hundred_thousand_rows_do_not_hold_the_window_up(session, qtbot):
    card = ProblemsCard(session)
    qtbot.addWidget(card)
    rows = [
        LeftOut(f"/data/Folder {n % 97}/file {n * 7919 % 100_003:06}.png", "Scan",
                f"It is damaged at byte {n % 1013}.", source=n % 3)
        for n in range(100_000)
    ]  # fmt: skip
    card.show()

    def seconds(act):
        start = time.thread_time()
        act()
        card.table.viewport().repaint()
        return time.thread_time() - start

    card.show_problems(rows)
    taken = {
        "show": seconds(lambda: card.show_problems(rows)),
        "sort": seconds(lambda: card.table.sortByColumn(2, Qt.SortOrder.DescendingOrder)),
        "filter": seconds(lambda: card.filter.setText("folder 13 byte 7")),
        "source": seconds(lambda: card.show_only(1, "Folder")),
    }
    assert 0 < card.model.rowCount() < 100_000
    # 0.1 s is aimed at, a fifth of what it takes Python to put the rows into words
    words = seconds(lambda: sorted(map(str, rows)))
    assert max(taken.values()) < words, (taken, words)
