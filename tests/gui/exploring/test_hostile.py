"""Explore with projects that nobody would make on purpose: everything is tried, nothing breaks."""

import logging
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from worlds.fakes import WIDTHS, FakeShelf, encode_all, make_project

from workbench.cache import EmbeddingCache
from workbench.errors import WorkbenchError
from workbench.gui.exploring.tray.selected_tray import VIEWS
from workbench.jobs import drain
from workbench.project import Project, SplitSettings
from workbench.project.catalogue.catalogue import Found
from workbench.stations import AlignRequest, align

pytestmark = pytest.mark.usefixtures("encoders")
NAMES = [
    "قطط صغيرة", "猫と犬", "🐈 👩‍👩‍👧", "x" * 10_000, "<b>bold</b> & “quoted”",
    "\u202eright to left",
]  # fmt: skip


@pytest.fixture
def encoders(monkeypatch):
    shelf = FakeShelf().put(monkeypatch)
    monkeypatch.setattr(
        "workbench.stations.training.named_classes._loaded",
        lambda _project, modality, card: shelf(card["name"], modality),
    )
    return shelf


def aligned(project, *names):
    for name, method in zip(names, ("procrustes", "ridge"), strict=False):
        drain(align(project, AlignRequest(method=method, name=name, split=SplitSettings())))
    return project


# ------------------------------------------------------------------------------ projects


def nothing(folder):
    folder.mkdir(exist_ok=True)
    return Project.create(folder / "p")


def one_item(folder):
    return encode_all(make_project(folder, 1))


def one_view(folder):
    return encode_all(make_project(folder, 12, ("text",)))


def no_pairs(folder):
    project = encode_all(make_project(folder, 12))
    project.catalogue.take_pairs([])
    return project


def only_words(folder):
    return aligned(no_pairs(folder), "a", "b")


def all_identical(folder):
    # they are not aligned when they are alike, and a sentence says so; but they may become so
    project = aligned(encode_all(make_project(folder, 40)), "a", "b")
    for view in ("image", "text"):
        with EmbeddingCache(project.cache_path(view, f"fake/{view}"), "r+") as cache:
            cache.write(np.arange(40), np.ones((40, WIDTHS[view]), np.float32))
    return project


def a_view_without_pairs(folder):
    project = encode_all(make_project(folder, 40, ("image", "text", "speech")))
    kept = project.catalogue.pairs()["image", "text"]
    project.catalogue.take_pairs([(int(a), int(b)) for a, b in kept])
    return aligned(project, "a", "b")


def strange_words(folder):
    project = encode_all(make_project(folder, 40))
    found = []
    for number, item in enumerate(project.catalogue.items()):
        words = NAMES[number % len(NAMES)]
        given = {k: v for k, v in asdict(item).items() if k != "id"}
        given |= {"label": words, "key": f"{words[:200]} {number // 2}"}
        if item.modality == "text":
            given["text"] = words * (1 if len(words) > 100 else 1000)
        found.append(Found(**given))
    project.catalogue.take(found)
    return aligned(project, "a", "b")


def files_that_go(folder):
    return aligned(encode_all(make_project(folder, 40)), "a", "b")


WORLDS = [nothing, one_item, one_view, no_pairs, only_words, all_identical,
          a_view_without_pairs, strange_words, files_that_go]  # fmt: skip


# ------------------------------------------------------------------------------ the walk


def settled(page, qtbot):
    qtbot.waitUntil(lambda: not page.session._jobs, timeout=60_000)
    page.grab()


def colour(page, qtbot):
    choice = page.colours.choice
    for number in range(choice.count()):
        choice.setCurrentIndex(number)
        settled(page, qtbot)


def look(page, qtbot, ids):
    for chosen in (ids[:1], ids[-1:], ids):
        page.session.select(chosen)
        settled(page, qtbot)
    for button in page.inspector.findChildren(type(page.inspector._one)):
        if button.isCheckable() and button.isVisible() and button.isEnabled():
            button.click()
            settled(page, qtbot)
    for view in VIEWS:
        page.selected.set_view(view)
        settled(page, qtbot)


def compare(page, qtbot):
    page.maps_or_compare.show_comparison()
    settled(page, qtbot)
    for sheet in ("changed", "groups", "overlap"):
        page.compare.side.show_sheet(sheet)
        settled(page, qtbot)
    page.maps_or_compare.show_comparison(shown=False)


def ask(page, qtbot):
    for words in ("thing 3", "猫", "x" * 10_000):
        if page.query.button.isEnabled():
            page.query.line.setText(words)
            qtbot.keyClick(page.query.line, Qt.Key.Key_Return)
            settled(page, qtbot)


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.__name__)
def test_everything_can_be_tried(page, qtbot, tmp_path, world, caplog):
    project = world(tmp_path)
    told = []
    page.session.noticed.connect(lambda level, sentence: told.append((level, sentence)))
    assert page.session.open_project(project.root)
    settled(page, qtbot)
    if page.table is None:
        assert world is nothing
        return
    if world is files_that_go:
        for item in project.catalogue.items()[::2]:
            Path(item.path).unlink()
    colour(page, qtbot)
    look(page, qtbot, page.table.ids)
    compare(page, qtbot)
    colour(page, qtbot)  # now that things are selected, and figures known
    ask(page, qtbot)
    page.session.select([])
    settled(page, qtbot)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert not [words for _, words in told if "unexpected" in words]


def test_a_walk_finds_a_fault(page, qtbot, tmp_path, caplog, monkeypatch):
    # else the test above could not fail
    def broken(*_, **__):
        raise ValueError("on purpose")

    project = files_that_go(tmp_path)
    monkeypatch.setattr("workbench.stations.find_items", broken)
    assert page.session.open_project(project.root)
    settled(page, qtbot)
    page.tools.search.setText("thing")
    page.tools.find()
    settled(page, qtbot)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_without_pairs_and_names_nothing_can_be_aligned(tmp_path):
    project, found = no_pairs(tmp_path), []
    for item in project.catalogue.items():
        given = {name: value for name, value in asdict(item).items() if name != "id"}
        found.append(Found(**given | {"label": ""}))
    project.catalogue.take(found)
    with pytest.raises(WorkbenchError, match="no pairs"):
        aligned(project, "a")
