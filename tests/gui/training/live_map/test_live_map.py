"""The live map: a real page with real small trainings, and its parts by themselves."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from worlds.projects import small_project
from worlds.train import shown_train_page

from workbench.alignment import Snapshot
from workbench.gui.items.previews import Previews
from workbench.gui.look import theme
from workbench.gui.training.live_map.live_map import EMPTY, LiveMap
from workbench.gui.training.live_map.map_and_rank import MapAndRank
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, ShownNeighbourhoods, ShownPairs, align

QUICK = {"neighbours": 5, "anchors": 8, "hidden": 10, "validate_every": 50}


@pytest.fixture
def page(session, qtbot):
    return shown_train_page(session, qtbot)


def idle(page):
    return page._job is None and not page.results_card.evaluating and not page.session.jobs


def begin(page, qtbot, **settings):
    page.setup.form.set_values(QUICK | settings)
    page.findChild(object, "train").click()
    qtbot.waitUntil(lambda: page.map._frame is not None, timeout=60_000)


def end(page, qtbot):
    page.stop()
    qtbot.waitUntil(lambda: idle(page), timeout=60_000)


# ------------------------------------------------------------------------------ the page


def test_pairs_move_while_a_training_runs_and_never_jump(page, session, qtbot, tmp_path):
    session.open_project(small_project(tmp_path))
    assert page.map.points.sentence == EMPTY
    frames = []
    place = page.map.points.move_to
    page.map.points.move_to = lambda positions, bounds: (
        frames.append((positions, bounds)),
        place(positions, bounds),
    )
    begin(page, qtbot, steps=100_000)

    def have_moved():  # on a busy machine few steps come between two frames
        return len(frames) > 8 and np.abs(frames[-1][0] - frames[0][0]).max() > 1e-3

    qtbot.waitUntil(have_moved, timeout=60_000)
    assert page.map.points.positions.shape == (12, 2)  # a tenth of 60 pairs, two items a pair
    assert page.map.caption.text().endswith("of 6 validation pairs in each other’s top 10")
    assert page.map.second.text().startswith("PCA, ")
    end(page, qtbot)
    positions = [frame for frame, _ in frames]
    extent = np.abs(positions[0]).max()
    for before, after in pairwise(positions[1:9]):  # α constant, a quarter of a second each
        assert np.linalg.norm(after - before, axis=1).mean() < 0.5 * extent
    for (_, before), (_, after) in pairwise(frames[:9]):  # one scale, that only ever widens
        assert (after[0] <= before[0] + 1e-9).all()
        assert (after[1] >= before[1] - 1e-9).all()


def test_points_glide_and_then_rest(page, session, qtbot, tmp_path):
    session.open_project(small_project(tmp_path))
    begin(page, qtbot, steps=100_000)
    qtbot.waitUntil(lambda: page.map.points.moving, timeout=20_000)
    end(page, qtbot)
    qtbot.waitUntil(lambda: not page.map.points.moving, timeout=5_000)
    expected = np.concatenate(list(page.map._frame.positions.values()))
    np.testing.assert_allclose(page.map.points.positions, expected, atol=1e-6)


def test_a_run_chosen_from_the_table_is_shown(page, session, qtbot, tmp_path):
    root = small_project(tmp_path)
    settings = {"steps": 8, "neighbours": 5, "anchors": 8, "hidden": 10}
    drain(align(Project.open(root), AlignRequest(settings=settings, name="one")))
    drain(align(Project.open(root), AlignRequest(method="ridge")))
    session.open_project(root)
    qtbot.waitUntil(lambda: page.map._around is not None, timeout=20_000)
    ridge = page.map._glimpse
    space, shown = session.project.run("ridge").space(), page.map.shown
    assert set(shown.ids) == {"image", "text"}
    assert space.views == ("image", "text")
    page.runs.chosen.emit("one")
    qtbot.waitUntil(lambda: page.map._glimpse is not ridge, timeout=20_000)
    qtbot.waitUntil(lambda: page.map._frame is not None, timeout=20_000)
    # the same items: they have moved from where ridge had them
    assert page.map._glimpse.step == 8
    assert len(page.map.points.positions) == sum(map(len, shown.ids.values()))


def test_a_method_that_is_solved_at_once_has_its_map_and_no_rank(page, session, qtbot, tmp_path):
    session.open_project(small_project(tmp_path))
    page.setup.method.setCurrentIndex(page.setup.method.findData("procrustes"))
    page.findChild(object, "train").click()
    qtbot.waitUntil(lambda: idle(page), timeout=60_000)
    qtbot.waitUntil(lambda: page.map._frame is not None, timeout=20_000)
    assert page.map.isVisible()
    assert not page.curves.panel.spread.isVisible()
    assert not page.findChild(QWidget, "rank-tab").isVisible()


def test_map_and_rank_by_turns_or_together(page, session, qtbot, tmp_path):
    session.open_project(small_project(tmp_path))
    begin(page, qtbot, steps=100_000)
    rank = page.curves.panel.spread
    assert (page.map.isVisible(), rank.isVisible()) == (True, False)
    page.findChild(QWidget, "rank-tab").click()
    assert (page.map.isVisible(), rank.isVisible()) == (False, True)
    page.resize(2200, 1000)  # what scrolls is laid out a little later
    qtbot.waitUntil(lambda: (page.map.isVisible(), rank.isVisible()) == (True, True))
    page.resize(1100, 760)
    qtbot.waitUntil(lambda: (page.map.isVisible(), rank.isVisible()) == (False, True))
    page.findChild(QWidget, "map-tab").click()
    assert (page.map.isVisible(), rank.isVisible()) == (True, False)
    end(page, qtbot)


def test_a_hidden_map_costs_nothing_and_is_up_to_date_when_seen(page, session, qtbot, tmp_path):
    session.open_project(small_project(tmp_path))
    begin(page, qtbot, steps=100_000)
    page.hide()
    assert not page.map.points.moving
    looked = []
    look = page.map._look
    page.map._look = lambda: (looked.append(page.map._glimpse.step), look())
    hidden_at = page.map._glimpse.step
    qtbot.waitUntil(lambda: page.map._glimpse.step > hidden_at + 20, timeout=20_000)
    assert not looked
    assert not page.map.points.moving
    end(page, qtbot)
    page.show()
    qtbot.waitUntil(lambda: page.map._frame is not None, timeout=20_000)
    assert looked


def test_a_run_is_not_read_before_the_map_is_looked_at(page, session, qtbot, tmp_path):
    root = small_project(tmp_path)
    drain(align(Project.open(root), AlignRequest(method="ridge")))
    page.hide()
    session.open_project(root)
    qtbot.wait(50)
    assert not page._feed._looking.busy
    page.show()
    qtbot.waitUntil(lambda: page.map._frame is not None, timeout=20_000)


def test_another_project_clears_the_map(page, session, qtbot, tmp_path):
    root = small_project(tmp_path / "a")
    drain(align(Project.open(root), AlignRequest(method="ridge")))
    session.open_project(root)
    qtbot.waitUntil(lambda: page.map._frame is not None, timeout=20_000)
    session.open_project(small_project(tmp_path / "b", encode=False))
    assert page.map.shown is None
    assert len(page.map.points.positions) == 0
    page.grab()


def test_a_run_that_cannot_be_shown_says_why(page, session, qtbot, tmp_path):
    root = small_project(tmp_path)
    run = drain(align(Project.open(root), AlignRequest(method="ridge")))
    recipe = run.recipe()
    recipe.data_fingerprint = "other"
    run.write_recipe(recipe)
    session.open_project(root)
    qtbot.waitUntil(lambda: "have changed since" in page.map.points.sentence, timeout=20_000)
    page.grab()


def test_the_mouse_names_an_item_and_its_partner(page, session, qtbot, tmp_path):
    root = small_project(tmp_path)
    drain(align(Project.open(root), AlignRequest(method="ridge")))
    session.open_project(root)
    qtbot.waitUntil(lambda: page.map._around is not None, timeout=20_000)
    points = page.map.points
    qtbot.waitUntil(lambda: not points.moving, timeout=5_000)
    before = page.map.caption.text()
    apart = np.linalg.norm(points.places()[:, None] - points.places()[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    row = int(apart.min(axis=1).argmax())
    QTest.mouseMove(points, QPoint(*np.round(points.places()[row]).astype(int).tolist()))
    qtbot.waitUntil(lambda: page.map.caption.text() != before, timeout=5_000)
    assert page.map.caption.text().startswith("Rank of partner: ")
    assert "of 5 neighbours kept" in page.map.second.text()
    cards = [card for card in page.findChildren(QWidget, "hover-card") if card.isVisible()]
    assert len(cards) == 2
    assert {card._item.modality for card in cards} == {"image", "text"}
    left = points.mapTo(page, QPoint(0, 0)).x()
    assert all(card.geometry().right() < left for card in cards)
    page.grab()
    QTest.mouseMove(points, QPoint(1, points.height() - 1))
    qtbot.waitUntil(lambda: page.map.caption.text() == before, timeout=5_000)
    assert not any(card.isVisible() for card in cards)


# ------------------------------------------------------------------------------ the map alone


def world(count=40, seed=0):
    """Shown pairs whose two views coincide, with neighbourhoods of ten in a row."""
    rows = np.random.default_rng(seed).normal(size=(count, 8))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    ids = {"image": np.arange(count), "text": np.arange(count) + 1000}
    pairs = {("image", "text"): np.stack([np.arange(count)] * 2, axis=1)}
    return ShownPairs(ids, pairs, True), Snapshot(0, {"image": rows, "text": rows.copy()})


@pytest.fixture
def live_map(qtbot):
    live_map = LiveMap(Previews(), lambda _: None)
    qtbot.addWidget(live_map)
    live_map.resize(300, 300)
    live_map.show()
    qtbot.waitExposed(live_map)
    return live_map


def colours_in(picture):
    picture = picture.toImage()
    return {
        picture.pixelColor(x, y).name()
        for x in range(picture.width())
        for y in range(picture.height())
    }


def test_pairs_that_meet_and_pairs_that_do_not(live_map):
    shown, glimpse = world()
    live_map.begin(shown)
    live_map.take(glimpse)
    assert live_map.caption.text() == "40 of 40 validation pairs in each other’s top 10"
    assert live_map.points._meet.all()
    scattered = Snapshot(1, glimpse.mapped | {"text": glimpse.mapped["text"][::-1].copy()})
    live_map.take(scattered)
    assert live_map.points._meet.sum() < 30
    assert live_map.points.moving
    training = ShownPairs(shown.ids, shown.pairs, False)
    live_map.begin(training)
    live_map.take(glimpse)
    assert live_map.caption.text() == "40 of 40 training pairs in each other’s top 10"


def test_a_collapse_is_seen(live_map, qtbot):
    shown, glimpse = world()
    live_map.begin(shown)
    live_map.take(glimpse)
    wide = np.ptp(live_map.points.places(), axis=0).max()
    close = {v: np.float32(0.05) * rows + np.float32(0.3) for v, rows in glimpse.mapped.items()}
    live_map.take(Snapshot(1, close))
    qtbot.waitUntil(lambda: not live_map.points.moving, timeout=5_000)
    assert np.ptp(live_map.points.places(), axis=0).max() < 0.1 * wide
    live_map.take(Snapshot(2, {v: np.full_like(r, 0.3) for v, r in glimpse.mapped.items()}))
    qtbot.waitUntil(lambda: not live_map.points.moving, timeout=5_000)
    assert np.isfinite(live_map.points.places()).all()
    assert live_map.caption.text() == "0 of 40 validation pairs in each other’s top 10"
    live_map.grab()


def test_all_points_are_inside_whatever_the_size(live_map):
    shown, glimpse = world()
    live_map.begin(shown)
    live_map.take(glimpse)
    for size in ((160, 130), (700, 200), (200, 900)):
        live_map.resize(*size)
        places = live_map.points.places()
        assert (places >= 0).all()
        assert (places <= [live_map.points.width(), live_map.points.height()]).all()


def test_colours_of_modalities_and_of_neighbourhoods(live_map):
    shown, glimpse = world()
    live_map.begin(shown)
    live_map.take(glimpse)
    now = theme.current()
    assert {colour for _, colour, _ in live_map.points._marks} == {
        now.modality["image"], now.modality["text"],
    }  # fmt: skip
    assert now.modality["image"] in colours_in(live_map.grab())
    assert live_map.chart().colours.names == ("image", "text")
    live_map.colours.setCurrentIndex(live_map.colours.findData("neighbourhood"))
    assert {colour for _, colour, _ in live_map.points._marks} == {now.muted}  # not known yet
    groups = {view: np.arange(40) // 10 for view in shown.ids}
    near = {view: np.tile(np.arange(10), (40, 1)) for view in shown.ids}
    live_map.set_neighbourhoods(ShownNeighbourhoods(near, groups))
    assert {colour for _, colour, _ in live_map.points._marks} == set(now.categories[:4])
    for shape, colour, rows in live_map.points._marks:
        assert {row % 40 // 10 for row in rows.tolist()} == {now.categories.index(colour)}
        assert shape == ("disc" if rows[0] < 40 else "square")
    assert live_map.caption.text().startswith("Neighbours kept: image ")
    printed = live_map.chart()
    assert printed.colours.words()[:40:10] == ["1", "2", "3", "4"]
    assert printed.caption == live_map.caption.text()
    assert len(printed.links) == len(live_map._pairs) > 0
    assert printed.modalities[0] == "image"
    other = ShownNeighbourhoods({"image": near["image"][:3]}, {"image": groups["image"][:3]})
    live_map.set_neighbourhoods(other)  # of other items: too late
    assert live_map._around.groups["image"].shape == (40,)


def test_the_theme_changes_every_colour(live_map, monkeypatch):
    shown, glimpse = world()
    live_map.begin(shown)
    live_map.take(glimpse)
    assert theme.LIGHT.modality["image"] in colours_in(live_map.grab())
    monkeypatch.setattr(theme, "_current", theme.DARK)
    live_map.apply_theme()
    seen = colours_in(live_map.grab())
    assert theme.DARK.modality["image"] in seen
    assert theme.LIGHT.modality["image"] not in seen


def test_the_mouse_draws_kept_and_lost_neighbours(live_map, qtbot):
    shown, glimpse = world()
    live_map.begin(shown)
    live_map.take(glimpse)
    near = {view: np.tile(np.arange(1, 11), (40, 1)) for view in shown.ids}
    live_map.set_neighbourhoods(ShownNeighbourhoods(near, {v: np.zeros(40, int) for v in near}))
    live_map.points._point_at(45)  # text 5
    related = live_map.points._related
    kept, lost = related.kept, related.lost
    assert related.partners.tolist() == [5]
    assert sorted([*kept.tolist(), *lost.tolist()]) == list(range(41, 51))
    scores = glimpse.mapped["text"] @ glimpse.mapped["text"][5]
    scores[5] = -2
    nearest = set((np.argsort(-scores)[:10] + 40).tolist())
    assert set(kept.tolist()) == nearest & set(range(41, 51))
    assert live_map.caption.text() == "Rank of partner: 1 of 40 image"
    assert set(related.gained.tolist()) == nearest - set(range(41, 51))
    assert live_map.second.text() == f"{len(kept)} of 10 neighbours kept · click to pin"
    live_map.grab()


def test_a_pinned_item_keeps_its_neighbours_while_the_map_moves(live_map, qtbot):
    shown, glimpse = world()
    live_map.begin(shown)
    live_map.take(glimpse)
    near = {view: np.tile(np.arange(1, 11), (40, 1)) for view in shown.ids}
    live_map.set_neighbourhoods(ShownNeighbourhoods(near, {v: np.zeros(40, int) for v in near}))
    points = live_map.points
    place = QPoint(*points.places()[5].round().astype(int).tolist())
    row = points.row_at(QPointF(place))
    qtbot.mouseClick(points, Qt.MouseButton.LeftButton, pos=place)
    points.leaveEvent(QEvent(QEvent.Type.Leave))
    assert points.chosen == points.pinned == row
    assert live_map.second.text().endswith("of 10 neighbours kept")
    before = points._related.all().tolist()

    chance = np.random.default_rng(5)
    moved = {v: chance.normal(size=rows.shape) for v, rows in glimpse.mapped.items()}
    moved = {v: (r / np.linalg.norm(r, axis=1, keepdims=True)) for v, r in moved.items()}
    live_map.take(Snapshot(1, {v: rows.astype(np.float32) for v, rows in moved.items()}))
    assert points._related.all().tolist() != before
    view = "image" if row < 40 else "text"
    scores = (moved[view] @ moved[view][row % 40]).astype(np.float32)
    scores[row % 40] = -2
    nearest = set((np.argsort(-scores)[:10] + row - row % 40).tolist())
    assert {*points._related.kept.tolist(), *points._related.gained.tolist()} == nearest

    qtbot.waitUntil(lambda: not points.moving)
    place = QPoint(*points.places()[row].round().astype(int).tolist())
    assert points.row_at(QPointF(place)) == row
    qtbot.mouseClick(points, Qt.MouseButton.LeftButton, pos=place)
    points.leaveEvent(QEvent(QEvent.Type.Leave))
    assert points.chosen is None
    assert "top 10" in live_map.caption.text()


def test_a_sentence_in_the_place_of_a_map(live_map):
    assert live_map.chart() is None
    live_map.take(world()[1])  # before any pairs
    live_map.say("There is nothing.")
    live_map.grab()
    live_map.clear()
    assert live_map.points.sentence == EMPTY
    assert live_map.caption.text() == ""
    empty = ShownPairs({"image": np.zeros(0, np.int64), "text": np.zeros(0, np.int64)}, {}, True)
    live_map.begin(empty)
    live_map.take(Snapshot(0, {v: np.zeros((0, 3), np.float32) for v in empty.ids}))
    live_map.grab()


def test_three_views_have_three_shapes(live_map):
    shown, glimpse = world(12)
    ids = shown.ids | {"speech": np.arange(12) + 2000}
    pairs = shown.pairs | {("text", "speech"): shown.pairs["image", "text"]}
    live_map.begin(ShownPairs(ids, pairs, True))
    live_map.take(Snapshot(0, glimpse.mapped | {"speech": glimpse.mapped["text"]}))
    assert [shape for shape, _, _ in live_map.points._marks] == ["disc", "square", "triangle"]
    live_map.points._point_at(13)  # a text between an image and a recording
    assert sorted(live_map.points._related.partners.tolist()) == [1, 25]
    assert live_map.caption.text() == "Rank of partner: 1 of 12 image, 1 of 12 speech"


def test_tabs_need_no_mouse(qtbot, live_map):
    rank = QWidget()
    column = MapAndRank(live_map, rank)
    qtbot.addWidget(column)
    column.resize(260, 260)
    column.show()
    qtbot.waitExposed(column)
    column.rank_tab.setFocus()
    qtbot.keyClick(column.rank_tab, Qt.Key.Key_Space)
    assert rank.isVisible()
    column.set_has_rank(False)
    assert live_map.isVisible()
    assert not rank.isVisible()
