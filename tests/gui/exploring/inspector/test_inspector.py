"""The inspector shows what the stations say of one item and of many, and leads to others."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel
from worlds.fakes import FakeShelf, encode_all, make_project
from worlds.projects import small_project

from workbench.cache import EmbeddingCache, prepare_cache
from workbench.evaluation import compare_neighbourhoods, distortion, retrieve
from workbench.gui.exploring.inspector.heat_maps import HeatMap
from workbench.gui.exploring.inspector.histogram import Histogram
from workbench.gui.items.previews import Missing
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, align, distribution, inspector, scan


def arrays(root, modality):
    """Return ids and rows before and after, read again by themselves."""
    view = drain(inspector(Project.open(root), "turned")).space.views[modality]
    return view.ids, view.before, view.after


def click(qtbot, rows, number):
    place = rows.visualRect(rows.model().index(number, 0)).center()
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_neighbours_are_those_of_evaluation(measured, looked, root):
    ids, before, after = arrays(root, "image")
    together = compare_neighbourhoods(before, after, 10)
    shown = looked(int(ids[7]))
    kept, lost, gained = (set(ids[each].tolist()) for each in together.changes(7))
    frozen, aligned = shown.before.rows(), shown.after.rows()
    assert {row.id for row in frozen} == kept | lost
    assert {row.id for row in aligned} == kept | gained
    assert {row.id for row in frozen if row.note.startswith("lost → ")} == lost
    assert {row.id for row in aligned if row.note.startswith("gained ← ")} == gained
    assert [row.rank for row in frozen] == list(range(1, 11))
    places = {row.id: row.rank for row in aligned}
    for row in frozen:
        if row.id in kept:
            assert row.note == f"kept → {places[row.id]}"
            assert row.tone == "good"
    words = shown.findChild(object, "neighbours-summary").text()
    assert words == f"Nearest images: {len(kept)} kept · {len(lost)} lost · {len(gained)} gained"


def test_the_right_partner_is_marked_with_its_rank(measured, looked, root):
    ids, _, images = arrays(root, "image")
    text_ids, _, texts = arrays(root, "text")
    pairs = np.stack([np.arange(60), np.arange(60)], axis=1)
    ranks = retrieve(images, texts, pairs).ranks
    farthest, nearest = int(ranks.argmax()), int(ranks.argmin())
    assert ranks[farthest] > 5  # so that it is not among those shown anyway
    for row in (farthest, nearest):
        shown = looked(int(ids[row])).across["text"].rows()
        (partner,) = [each for each in shown if each.strong]
        assert partner.id == text_ids[row]
        assert partner.rank == ranks[row]
        assert f"correct partner, rank {ranks[row]} of 60" in partner.note
        others = [each.id for each in shown if not each.strong]
        order = text_ids[np.argsort(-(texts @ images[row]))].tolist()
        assert others == [each for each in order[:5] if each != partner.id]


def test_heat_maps_share_order_and_scale_and_give_the_distortion(measured, looked, root):
    ids, before, after = arrays(root, "image")
    shown = looked(int(ids[3]))
    maps = shown.operators
    assert maps.before.top == maps.after.top
    difference = maps.after.values - maps.before.values
    np.testing.assert_allclose(maps.difference.values, difference)
    bent = distortion(before, after, 50)
    assert float(np.square(difference).sum()) == pytest.approx(float(bent[3]), rel=1e-4)
    share = float(bent[3] / bent.sum())
    assert f"Distortion {bent[3]:.3g}, {share:.2%}" in shown.bent.text()
    key = measured.table.item(int(ids[3])).key
    assert maps.before.in_words(0, 0) == f"{key} → {key}"


def test_a_click_on_a_neighbour_goes_there(measured, looked, qtbot, root):
    shown = looked(int(arrays(root, "image")[0][7]))
    there = shown.after.rows()[2].id
    click(qtbot, shown.after, 2)
    assert measured.session.selection.tolist() == [there]
    qtbot.waitUntil(lambda: shown.look.item == there, timeout=20_000)
    measured.session.undo_selection()
    assert measured.session.selection.tolist() == [int(arrays(root, "image")[0][7])]


def test_a_click_on_a_map_is_seen_in_the_inspector_and_everywhere(measured, qtbot):
    canvas = measured.left.view.canvas
    wanted = int(canvas.points.ids[11])
    at = canvas.points.place_of(wanted).toPoint()
    qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(lambda: measured.inspector.item.look is not None, timeout=20_000)
    assert measured.inspector.item.look.item == int(measured.session.selection[0])
    assert measured.selected.strip.items.ids.tolist() == measured.session.selection.tolist()


def test_a_selection_has_a_distribution_and_its_worst_tears(measured, qtbot, root):
    ids, before, after = arrays(root, "image")
    bent = distortion(before, after, 50)
    measured.session.select(ids[:20])
    group = measured.inspector.group
    qtbot.waitUntil(lambda: len(group.tears.rows()) == 10, timeout=20_000)
    assert [row.id for row in group.tears.rows()] == ids[:20][np.argsort(-bent[:20])[:10]].tolist()
    assert group.histogram.shown.counts.sum() == 20
    assert group.histogram.shown.mean == pytest.approx(float(bent[:20].mean()), rel=1e-4)
    assert "20 selected items" in group.words.text()
    measured.grab()
    worst = group.tears.rows()[0].id
    click(qtbot, group.tears, 0)
    assert measured.session.selection.tolist() == [worst]
    qtbot.waitUntil(lambda: measured.inspector.item.look is not None, timeout=20_000)


def test_all_items_are_told_of_when_none_is_selected(measured, qtbot):
    measured.inspector._all.click()
    group = measured.inspector.group
    qtbot.waitUntil(lambda: len(group.tears.rows()) == 10, timeout=20_000)
    assert "120 items" in group.words.text()
    measured.inspector._one.click()
    qtbot.waitUntil(lambda: "Click a point" in measured.inspector._words.text(), timeout=5000)


def test_other_numbers_of_neighbours(measured, looked, qtbot):
    first = int(measured.table.ids[0])
    shown = looked(first)
    measured.inspector.neighbours.setValue(4)
    qtbot.waitUntil(lambda: len(shown.before.rows()) == 4, timeout=20_000)
    assert len(shown.after.rows()) == 4


def test_without_a_run_it_says_what_to_do(opened, tmp_path):
    page = opened(small_project(tmp_path))
    page.session.select(page.table.ids[:1])
    page.grab()
    assert "Train a run" in page.inspector._words.text()


def test_another_run_is_looked_at_when_it_is_chosen(measured, looked, qtbot):
    project = measured.session.project
    shown = looked(int(measured.table.ids[7]))
    before = [row.id for row in shown.after.rows()]
    drain(align(project, AlignRequest(method="ridge", name="straight")))
    measured.session.set_current_run("straight")
    expected = drain(inspector(project, "straight")).neighbours(int(measured.table.ids[7]))
    qtbot.waitUntil(
        lambda: [row.id for row in shown.after.rows()] == expected.after.ids.tolist(),
        timeout=20_000,
    )
    assert measured.explored.looking.run == "straight"
    assert len(before) == 10


def test_items_that_are_not_in_the_run_are_refused_in_words(measured, looked, qtbot):
    looked(int(measured.table.ids[0]))
    measured.session.select([10**6])
    qtbot.waitUntil(lambda: "is not in the run" in measured.inspector._words.text(), timeout=20_000)
    looked(int(measured.table.ids[0]))  # and the next one is shown again


def test_identical_items_and_one_pair_can_be_looked_at(opened, looked, qtbot, tmp_path):
    root = small_project(tmp_path, 8)
    project = Project.open(root)
    drain(align(project, AlignRequest(method="procrustes", name="turned")))
    for view in ("image", "text"):
        with EmbeddingCache(project.cache_path(view, f"test/{view}"), "r+") as cache:
            cache.write(np.arange(8), np.ones((8, 6), np.float32))
    page = opened(root)
    qtbot.waitUntil(lambda: page.explored.looking.figures() is not None, timeout=20_000)
    shown = looked(int(page.table.ids[0]))
    assert len(shown.before.rows()) == 7
    assert "Distortion" in shown.bent.text()
    page.inspector._all.click()
    qtbot.waitUntil(lambda: "16 items" in page.inspector.group.words.text(), timeout=5000)
    page.grab()


def test_a_file_deleted_while_shown_is_named_and_the_rest_stays(measured, looked, qtbot):
    item = measured.table.item(int(measured.table.ids[5]))
    neighbour = looked(item.id).before.rows()[0].item
    qtbot.waitUntil(lambda: not measured.previews._asked, timeout=5000)
    for gone in (item, neighbour):
        Path(gone.path).unlink()
    measured.previews.clear()
    measured.grab()
    qtbot.waitUntil(
        lambda: (
            isinstance(measured.previews.of(neighbour), Missing)
            and isinstance(measured.previews.of(item), Missing)
        ),
        timeout=5000,
    )
    measured.grab()
    assert len(measured.inspector.item.before.rows()) == 10


def test_strange_and_endless_texts_are_shown(opened, looked, tmp_path):
    root = small_project(tmp_path, 12)
    texts = sorted((tmp_path / "files" / "text").rglob("*.txt"))
    for path, text in zip(
        texts, ("مرحبا بالعالم", "你好，世界", "🦜🎈", "word " * 2000), strict=False
    ):
        path.write_text(text, encoding="utf-8")
    project = Project.open(root)
    drain(scan(project))
    ids, marks = project.catalogue.fingerprints("text")
    path = project.cache_path("text", "test/text")
    with EmbeddingCache(path) as cache:
        rows = cache.read()
    path.unlink()
    prepare_cache(path, {"name": "test/text", "modality": "text", "width": 6}, ids, marks)
    with EmbeddingCache(path, "r+") as cache:
        cache.write(np.arange(12), rows)
    drain(align(project, AlignRequest(method="procrustes", name="turned")))
    opened(root)
    for item in project.catalogue.items("text"):
        shown = looked(item.id)
        assert len(shown.before.rows()) == 10
        assert all(len(row.name()) <= 120 for row in shown.before.rows())


def test_items_without_a_partner_and_views_without_pairs(opened, looked, tmp_path, monkeypatch):
    FakeShelf().put(monkeypatch)
    project = encode_all(make_project(tmp_path, 20, ("text", "image"), extra=3))
    drain(align(project, AlignRequest(method="ridge", name="turned")))
    page = opened(project.root)
    paired = set(project.catalogue.pairs()["image", "text"].ravel().tolist())
    (alone, *_) = [each.id for each in project.catalogue.items() if each.id not in paired]
    shown = looked(alone)
    (across,) = shown.across.values()
    assert len(across.rows()) == 5
    assert not any(row.strong for row in across.rows())
    words = [each.text() for each in shown.findChildren(QLabel) if "partner" in each.text()]
    assert any("no partner" in each for each in words)
    assert page.colours.choice.findData("rank") > 0


# ------------------------------------------------------------------------------ parts


def test_a_heat_map_knows_what_lies_where(qtbot):
    drawn = HeatMap("m", "A matrix")
    qtbot.addWidget(drawn)
    drawn.resize(100, 100)
    drawn.show_values(np.eye(4, dtype=np.float32), 1.0)
    assert drawn.entry_at(QPoint(10, 60).toPointF()) == (2, 0)
    assert drawn.entry_at(QPoint(99, 99).toPointF()) == (3, 3)
    assert drawn.entry_at(QPoint(10, 160).toPointF()) is None
    colours = drawn.colours()
    assert (colours[0, 0] != colours[0, 1]).any()
    assert (colours[0, 0] == colours[3, 3]).all()
    with qtbot.waitSignal(drawn.chosen) as chosen:
        qtbot.mouseClick(drawn, Qt.MouseButton.LeftButton, pos=QPoint(30, 80))
    assert chosen.args == [3, 1]
    drawn.show_values(np.zeros((2, 2), np.float32), 0.0)
    drawn.grab()


@pytest.mark.parametrize("values", [[], [0.5], [0.0] * 9, list(range(100))])
def test_a_histogram_of_anything_can_be_drawn(qtbot, values):
    drawn = Histogram("h", "Values")
    qtbot.addWidget(drawn)
    drawn.resize(200, 84)
    drawn.show_distribution(distribution(np.array(values)))
    drawn.grab()
    assert sum(bar.height() > 0 for bar in drawn._bars()) == np.count_nonzero(drawn.shown.counts)
