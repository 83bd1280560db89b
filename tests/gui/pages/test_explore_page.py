"""The Explore page with real maps: one selection everywhere, previews, questions."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from worlds.explore import know_texts, open_on, shown_page
from worlds.projects import small_project

from workbench.gui.items.item_looks import NO_LABEL, OTHER, colours_of, marks_of
from workbench.gui.items.item_strip import ItemRole
from workbench.gui.items.previews import Missing, Previews, read_preview
from workbench.gui.look import theme
from workbench.jobs import drain
from workbench.project import Item, Project
from workbench.stations import AlignRequest, ItemColumns, align


def make(folder):
    project = Project.open(small_project(folder))
    drain(align(project, AlignRequest(method="procrustes", name="turned")))


@pytest.fixture
def root(copied, tmp_path):
    return copied(make, tmp_path).root


@pytest.fixture
def page(session, qtbot):
    return shown_page(session, qtbot, (1100, 760))


def on_map(panel):
    points = panel.view.canvas.points
    return set(points.ids[points._selected].tolist())


# ------------------------------------------------------------------------------ parts


def item(number, modality, label="", **facts):
    return Item(modality, f"/nowhere/{number}", "", str(number), label, id=number, **facts)


def test_a_table_colours_by_label_and_names_the_rest():
    items = [item(n, "image", f"label {n % 20:02}") for n in range(100)]
    items += [item(200, "text"), item(201, "speech", "label 00")]
    items += [item(202, "text")]
    table = ItemColumns.of(items, np.array([[0, 200], [1, 201]]))
    ids = np.array([0, 1, 202, 999, 200])
    rgba, legend = colours_of(table, ids, "label", theme.LIGHT)
    assert rgba.shape == (5, 4)
    assert (rgba[2] == rgba[3]).all()  # no label, and no longer in the project
    assert (rgba[4] == rgba[0]).all()  # that of its partner
    assert NO_LABEL in [entry.label for entry in legend]
    _, legend = colours_of(table, table.ids, "label", theme.LIGHT)
    assert OTHER in [entry.label for entry in legend]
    coloured = [entry.members for entry in legend if entry.colour != theme.LIGHT.muted]
    assert sum(map(len, coloured)) >= 14 * 5
    assert table.count(ids) == {"image": 2, "text": 2}
    assert table.pairs_of(np.array([200])).tolist() == [[0, 200]]
    assert marks_of(table, ids).tolist() == [0, 0, 1, 0, 1]


def test_an_empty_table_answers_too():
    table = ItemColumns.of([], np.zeros((0, 2), np.int64))
    ids = np.array([3, 4])
    assert table.count(ids) == {}
    for by in ("modality", "label"):
        rgba, legend = colours_of(table, ids, by, theme.DARK)
        assert len(rgba) == 2
        assert legend == []
    assert not table.has_labels()


def test_previews_are_read_behind_and_kept(qtbot, tmp_path):
    path = tmp_path / "red.png"
    Image.new("RGB", (300, 200), (255, 0, 0)).save(path)
    picture = Item("image", str(path), "", "red", id=1)
    store = Previews()
    assert store.of(picture) is None
    with qtbot.waitSignal(store.ready, timeout=5000) as signal:
        pass
    assert signal.args == [1]
    found = store.of(picture)
    assert isinstance(found, QImage)
    assert (found.width(), found.height()) == (192, 128)
    path.unlink()
    assert store.of(picture) is found
    store.finish()


def test_what_cannot_be_shown_says_why(tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    gone = read_preview(Item("image", str(tmp_path / "gone.png"), "", "gone", id=1))
    assert isinstance(gone, Missing)
    assert "missing" in gone
    assert isinstance(read_preview(Item("image", str(broken), "", "broken", id=2)), Missing)
    assert isinstance(read_preview(Item("speech", str(broken), "", "broken", id=3)), Missing)


# ------------------------------------------------------------------------------ the page


def test_what_is_missing_is_said_with_a_way_there(page, session, qtbot, tmp_path):
    def asked():
        with qtbot.waitSignal(session.page_wanted) as signal:
            page.findChild(object, "explore-missing").click()
        return signal.args[0]

    assert page.state() == "empty"
    assert asked() == "start"
    session.open_project(small_project(tmp_path, 3, encode=False))
    assert asked() == "encode"


def test_both_maps_show_their_spaces(page, qtbot, root):
    open_on(page, qtbot, root)
    assert page.state() == "ready"
    assert page.left.space() == "image"
    assert page.right.space() == "run:turned"
    assert len(page.left.view.canvas.points.ids) == 60
    assert len(page.right.view.canvas.points.ids) == 120
    assert [entry.label for entry in page.right.view.legend.entries()] == ["image", "text"]
    page.colours.choose("label")
    labels = [entry.label for entry in page.right.view.legend.entries()]
    assert labels == ["image", "text", "label 0", "label 1", "label 2"]


def test_one_selection_on_both_maps_and_in_the_strip(page, session, qtbot, root):
    open_on(page, qtbot, root)
    canvas = page.left.view.canvas
    wanted = int(canvas.points.ids[7])
    at = canvas.points.place_of(wanted).toPoint()
    qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=at)
    chosen = set(session.selection.tolist())
    assert len(chosen) == 1
    assert on_map(page.left) == on_map(page.right) == chosen
    assert len(page.right.view.canvas.points._pairs) == 1  # the line to its text
    assert len(page.left.view.canvas.points._pairs) == 0  # whose other end is not on this map
    strip = page.selected.strip
    assert strip.model().index(0, 0).data(ItemRole).id in chosen
    assert "1 image" in page.findChild(object, "selected-words").text()

    other = page.right.view.canvas.points
    place = other.place_of(int(other.ids[100])).toPoint()
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.mouseClick(page.right.view.canvas.viewport(), Qt.MouseButton.LeftButton, shift, place)
    assert len(session.selection) == 2
    page.findChild(object, "selection-undo").click()
    assert set(session.selection.tolist()) == chosen
    page.findChild(object, "selection-redo").click()
    assert len(session.selection) == 2
    page.findChild(object, "selection-select-nothing").click()
    assert on_map(page.left) == on_map(page.right) == set()
    page.grab()


def test_a_legend_chip_selects_its_label_everywhere(page, session, qtbot, root):
    open_on(page, qtbot, root)
    page.colours.choose("label")
    chip = page.right.view.legend.findChild(object, "legend-label 1")
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert len(session.selection) == 40
    assert len(on_map(page.left)) == 20
    assert len(on_map(page.right)) == 40
    page.grab()
    qtbot.waitUntil(lambda: len(page.previews._kept) > 0, timeout=5000)


@pytest.fixture
def loaded(monkeypatch, root):
    return know_texts(monkeypatch, root)


def ask(page, qtbot, text):
    page.query.line.setText(text)
    qtbot.keyClick(page.query.line, Qt.Key.Key_Return)
    assert not page.query.button.isEnabled()
    qtbot.waitUntil(lambda: page.query.button.isEnabled(), timeout=20_000)


def test_answers_are_ranked_ringed_and_selectable(page, session, qtbot, root, loaded):
    open_on(page, qtbot, root)
    assert not page.answers.isVisible()
    assert page.query.target.currentData() == "image"
    ask(page, qtbot, "star 12")
    strip = page.answers.strip
    found = [strip.model().index(row, 0).data(ItemRole) for row in range(20)]
    assert {each.modality for each in found} == {"image"}
    assert "012" in [each.key for each in found[:5]]  # its own picture, held out or not
    for panel in page.panels:
        assert len(panel.view.canvas.points._highlights) == 20
    assert page.answers.isVisible()
    page.grab()

    qtbot.mouseClick(
        strip.viewport(), Qt.MouseButton.LeftButton,
        pos=strip.visualRect(strip.model().index(0, 0)).center(),
    )  # fmt: skip
    assert session.selection.tolist() == [found[0].id]

    ask(page, qtbot, "moon 1")
    assert loaded == ["test/text"]  # kept from the first question
    page.findChild(object, "close-answers").click()
    assert not page.answers.isVisible()
    assert len(page.left.view.canvas.points._highlights) == 0


def test_a_question_that_fails_ends_in_a_sentence(page, qtbot, root, loaded):
    open_on(page, qtbot, root)
    ask(page, qtbot, "something else")
    assert page.answers.words.text() == "These words are not known."
    ask(page, qtbot, "star 12")
    assert page.answers.words.text() == "to “star 12”"


def test_a_dropped_picture_asks(page, qtbot, root, tmp_path):
    open_on(page, qtbot, root)
    Image.new("RGB", (9, 9)).save(tmp_path / "my picture.png")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "my picture.png"))])
    drop = QDropEvent(
        QPointF(QPoint(5, 5)), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    with qtbot.waitSignal(page.explored.query.asked) as signal:
        page.query.dropEvent(drop)
    (term,) = signal.args[0].terms
    assert term.path.name == "my picture.png"
    assert term.modality == "image"
    assert page.explored.query.draft.terms == (term,)
    qtbot.waitUntil(lambda: page.query.button.isEnabled(), timeout=20_000)
    assert page.answers.words.text()  # there is no such encoder, and it says so


def test_without_runs_there_are_maps_and_no_questions(page, session, qtbot, tmp_path):
    open_on(page, qtbot, small_project(tmp_path))
    assert page.left.space() == "image"
    assert page.right.space() == "text"
    assert not page.query.line.isEnabled()
    assert "train one first" in page.query.line.placeholderText()
    run = drain(align(session.project, AlignRequest(method="procrustes")))
    session.set_current_run(run.name)
    qtbot.waitUntil(lambda: page.query.line.isEnabled(), timeout=5000)
    assert page.right.space_choice.findData("run:procrustes") >= 0


@pytest.mark.parametrize("count", [1, 2])
def test_a_tiny_project_can_be_looked_at(page, qtbot, tmp_path, count):
    open_on(page, qtbot, small_project(tmp_path, count, views=["text"]))
    assert page.left.space() == page.right.space() == "text"
    assert page.left._stack.currentWidget() is page.left.view, page.left._words.text()
    assert page.right._stack.currentWidget() is page.right.view, page.right._words.text()
    page.session.select(page.table.ids)
    page.grab()


def test_a_vanished_file_is_named_and_the_rest_stays(page, session, qtbot, root):
    open_on(page, qtbot, root)
    first = session.project.catalogue.items("image")[0]
    import pathlib

    pathlib.Path(first.path).unlink()
    session.select([first.id, first.id + 1])
    page.grab()
    qtbot.waitUntil(lambda: len(page.previews._kept) >= 2, timeout=5000)
    assert isinstance(page.previews.of(first), Missing)
    page.grab()


def test_another_project_replaces_everything(page, session, qtbot, root, tmp_path):
    open_on(page, qtbot, root)
    session.select(page.table.ids[:5])
    open_on(page, qtbot, small_project(tmp_path / "other", 5))
    assert len(session.selection) == 0
    assert len(page.left.view.canvas.points.ids) == 5
    assert session.close_project()
    assert page.state() == "empty"
    page.grab()


def test_the_theme_changes_under_the_maps(page, session, qtbot, root):
    open_on(page, qtbot, root)
    session.theme_changed.emit()
    page.grab()


def test_hovering_shows_what_lies_there(page, qtbot, root):
    open_on(page, qtbot, root)
    canvas = page.left.view.canvas
    at = canvas.points.place_of(int(canvas.points.ids[3])).toPoint()
    card = page.left.view.findChild(object, "hover-card")
    qtbot.mouseMove(canvas.viewport(), at)
    qtbot.waitUntil(card.isVisible, timeout=2000)
    qtbot.mouseMove(canvas.viewport(), QPoint(2, 2))
    qtbot.waitUntil(lambda: not card.isVisible(), timeout=2000)
