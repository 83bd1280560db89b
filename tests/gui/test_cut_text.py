"""No words are cut in a small window, on any page."""

from contextlib import suppress

from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from worlds.cut_text import cut_text
from worlds.projects import small_project

from workbench.gui.pages.rail_stations import STATIONS
from workbench.gui.widgets.fields import ComboBox, SpinBox
from workbench.gui.widgets.text import ElidedLabel
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, align, evaluate


def _make(folder):
    project = Project.open(small_project(folder))
    for method in ("procrustes", "ridge"):
        run = drain(align(project, AlignRequest(method=method)))
        drain(evaluate(project, run.name))


_ROWS = [
    {
        "step": step, "loss": 1 / step, "contrastive": 0.5, "geometric/image": 0.2,
        "geometric/text": 0.1, "recall@1": 0.2, "recall@10": 0.6, "preservation/image": 0.7,
        "preservation/text": 0.8, "effective_rank": 12.0,
    }
    for step in range(1, 60)
]  # fmt: skip


def test_no_page_cuts_its_words(window, copied, tmp_path, qtbot):
    project = copied(_make, tmp_path)
    window.theme_switch.choose("light")
    window.resize(1024, 700)
    window.session.open_project(project.root)
    _assert_whole(window, [each.name for each in STATIONS], qtbot)
    window.page("train").curves.take_saved(_ROWS, [])
    explore = window.page("explore")
    for _ in range(2):
        explore.maps.add()
    window.session.select(explore.explored.table.ids[:30])
    _assert_whole(window, ["train", "explore"], qtbot)
    window.theme_switch.choose("dark")
    window.resize(1280, 800)
    _assert_whole(window, [each.name for each in STATIONS], qtbot)


def _assert_whole(window, names, qtbot):
    for name in names:
        window.go_to(name)
        qtbot.waitUntil(lambda: not window.session._jobs, timeout=60_000)
        with suppress(qtbot.TimeoutError):  # what was shown last gets its room a moment later
            qtbot.waitUntil(lambda: window.grab() and not cut_text(window), timeout=3_000)
        assert cut_text(window) == [], f"{name} at {window.width()} x {window.height()}"


def test_what_is_cut_is_found(qtbot):
    around = QWidget()
    qtbot.addWidget(around)
    words = "more words than there is room for"
    combo, spin = ComboBox(around), SpinBox(around)
    combo.addItem(words)
    spin.setSuffix(f" {words}")
    cut = [
        QLabel(words, around), QPushButton(words, around), combo, spin, ElidedLabel(words),
        QLabel(words, around),
    ]  # fmt: skip
    cut[4].setParent(around)
    cut[4].mode = cut[4].mode.ElideRight
    cut[5].setWordWrap(True)
    around.resize(400, 400)
    for place, each in enumerate(cut):
        each.setGeometry(0, 40 * place, 60, 20)
    around.show()
    assert len(cut_text(around)) == len(cut)
    for each in cut:
        each.resize(390, 30)
    assert cut_text(around) == []
