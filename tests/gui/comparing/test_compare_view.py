"""Comparing on the Explore page: the figures of evaluation, linked to the one selection."""

import os
import shutil

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton
from worlds.projects import small_project

from workbench.cache import EmbeddingCache
from workbench.evaluation import compare_neighbourhoods, recall_by_group, retrieve
from workbench.gui.comparing.compare_view import _FROZEN, _SAME
from workbench.jobs import drain
from workbench.project import Found, Project, SpaceName, SplitSettings
from workbench.stations import AlignRequest, align, held_out_ranks, read_run_space

FEW, TURNED = SpaceName("few"), SpaceName("turned")


def spaces_of(view):
    project = view._state.session.project
    return [drain(read_run_space(project, name.run)) for name in view.choices.names()]


def shown_ids(view):
    return view.scatter.canvas.points.ids


def found_of(item, **changed):
    facts = {name: getattr(item, name) for name in Found.__dataclass_fields__}
    return Found(**facts | changed)


def choose(box, data):
    place = next(n for n in range(box.count()) if box.itemData(n) == data)
    box.setCurrentIndex(place)
    box.activated.emit(place)


# ------------------------------------------------------------------------------ figures


def test_two_runs_are_compared_at_once(view):
    assert view.choices.names() == (FEW, TURNED)
    assert not view.choices.isHidden()
    assert view._stack.currentWidget() is view.beside
    assert view.progress.isHidden()


def test_neighbourhoods_are_those_of_evaluation(view):
    before, after = spaces_of(view)
    for modality, bars in view.side.overlap.bars.items():
        found = compare_neighbourhoods(
            before.views[modality].after, after.views[modality].after, 10
        )
        shared = np.rint(10 * found.overlap).astype(int)
        np.testing.assert_array_equal(bars.shared(), shared)
        np.testing.assert_array_equal(bars.counts(), np.bincount(shared, minlength=11))
    assert set(view.side.overlap.bars) == {"image", "text"}
    rows = view.side.overlap.least.rows()
    least = min(bars.shared().min() for bars in view.side.overlap.bars.values())
    assert rows[0].note == f"{least} of 10 the same"


def test_another_number_of_neighbours(view, page, settled):
    view.side.show_sheet("overlap")
    view.side.neighbours.setValue(4)
    settled(page)
    before, after = spaces_of(view)
    found = compare_neighbourhoods(before.views["image"].after, after.views["image"].after, 4)
    bars = view.side.overlap.bars["image"]
    np.testing.assert_array_equal(bars.shared(), np.rint(4 * found.overlap).astype(int))
    assert len(bars.counts()) == 5


def test_ranks_are_those_of_evaluation(view):
    choose(view.choices.items, "all")
    choose(view.choices.direction, "image→text")
    before, after = spaces_of(view)
    changes = view.changes()
    for space, ranks in ((before, changes.before), (after, changes.after)):
        queries, candidates = space.views["image"], space.views["text"]
        found = retrieve(queries.after, candidates.after, space.pairs_between("image", "text"))
        np.testing.assert_array_equal(ranks, found.ranks)
        np.testing.assert_array_equal(changes.ids, queries.ids[found.query_rows])
    np.testing.assert_array_equal(np.sort(shown_ids(view)), changes.ids)
    better = int((changes.after < changes.before).sum())
    assert view.scatter.words.text().startswith(f"{better} better · ")


def test_points_stand_at_their_ranks(view):
    choose(view.choices.items, "all")
    changes, points = view.changes(), view.scatter.canvas.points
    places = 10 ** points.positions[points.rows_of(changes.ids)].astype(float)
    np.testing.assert_array_equal(np.rint(places[:, 0]).astype(int), changes.before)
    np.testing.assert_array_equal(np.rint(places[:, 1]).astype(int), changes.after)
    assert len(np.unique(points.positions, axis=0)) == len(points.ids)  # none hides another


def test_first_only_held_out_items_are_shown(view):
    tested = view.spaces.tested_ids()
    assert set(shown_ids(view)) == set(tested)
    project = view._state.session.project
    own = drain(held_out_ranks(project, "turned"))
    assert set(tested) == set(np.concatenate([each.ids for each in own.values()]))
    choose(view.choices.items, "all")
    assert len(shown_ids(view)) == 120


def test_lists_tell_who_moved_most(view):
    choose(view.choices.items, "all")
    changes, lists = view.changes(), view.side.changed
    for shown, expected in (
        (lists.better, changes.better_most(25)), (lists.worse, changes.worse_most(25)),
    ):  # fmt: skip
        assert [(row.id, row.note) for row in shown.rows()] == [
            (item, f"{before:,} → {after:,}") for item, before, after in expected
        ]
    assert len(lists.better.rows()) > 0


def test_groups_are_those_of_evaluation(view):
    choose(view.choices.direction, "image→text")
    project, table = view._state.session.project, view.side.groups
    few, turned = (drain(held_out_ranks(project, each))["image→text"] for each in ("few", "turned"))
    labels = [item.label for item in project.catalogue.items_of(turned.ids.tolist())]
    expected = recall_by_group(turned.ranks, labels, turned.linked, 1, base=few.ranks)
    assert {row.group: row.after[1] for row in table.model.shown} == {
        each.group: each for each in expected
    }
    row = table.model.shown[0]
    words = [table.model.data(table.model.index(0, column)) for column in range(5)]
    assert words[0] == row.group
    assert words[2] == f"{100 * row.before[1].recall:.0f} → {100 * row.after[1].recall:.0f}"
    assert words[4].lstrip("+−0") == f"{abs(100 * row.after[1].difference.value):.0f}".lstrip("0")
    view.side.groups.findChild(object, "recall-at-10").click()
    words = table.model.data(table.model.index(0, 2))
    row = table.model.shown[0]
    assert words == f"{100 * row.before[10].recall:.0f} → {100 * row.after[10].recall:.0f}"


def test_small_groups_are_marked_and_groups_sort(view):
    view.side.show_sheet("groups")
    groups = view.side.groups
    choose(view.choices.direction, "image→text")
    assert all(row.small for row in groups.model.shown)  # twelve queries in three groups
    assert groups.model.data(groups.model.index(0, 1)).endswith(" !")
    assert "Few queries" in groups.model.data(groups.model.index(0, 0), Qt.ItemDataRole.ToolTipRole)
    groups.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    names = [row.group for row in groups.model.shown]
    assert names == sorted(names, reverse=True)
    assert not groups.table.selectionModel().hasSelection()  # nobody clicked


# ------------------------------------------------------------------------------ linked


def test_a_rectangle_in_the_plot_selects_everywhere(view, page, qtbot):
    choose(view.choices.items, "all")
    page.grab()
    canvas = view.scatter.canvas
    frame = canvas.frame().toRect()
    with qtbot.waitSignal(page.session.selection_changed):
        qtbot.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, pos=frame.topLeft())
        for share in (0.3, 0.6, 1.0):
            corner = frame.topLeft() + QPoint(
                round(share * frame.width()), round(share * frame.height())
            )
            qtbot.mouseMove(canvas.viewport(), corner)
        qtbot.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, pos=frame.bottomRight())
    assert page.session.selection.tolist() == view.changes().ids.tolist()
    assert len(page.selected.strip.items.ids) == 120


def test_a_click_on_a_point_selects_its_item(view, page, qtbot):
    choose(view.choices.items, "all")
    page.grab()
    canvas = view.scatter.canvas
    item = int(view.changes().ids[np.argmax(view.changes().before)])
    place = canvas.points.place_of(item).toPoint()
    qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    (chosen,) = page.session.selection.tolist()
    assert (canvas.points.place_of(chosen).toPoint() - place).manhattanLength() <= 8
    points = canvas.points
    assert points.ids[points._selected].tolist() == [chosen]


def test_what_is_selected_elsewhere_is_shown_here(view, page):
    choose(view.choices.items, "all")
    ids = page.table.ids[:7]
    page.session.select(ids)
    points = view.scatter.canvas.points
    assert sorted(points.ids[points._selected].tolist()) == ids.tolist()
    bars = view.side.overlap.bars["image"]
    images = [each for each in ids if page.table.item(int(each)).modality == "image"]
    assert bars.counts(page.session.selection).sum() == len(images)


def test_rows_bars_and_lists_select(view, page, qtbot):
    view.side.show_sheet("groups")
    page.grab()
    table = view.side.groups
    place = table.table.visualRect(table.model.index(1, 0)).center()
    qtbot.mouseClick(table.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert page.session.selection.tolist() == table.model.shown[1].ids.tolist()
    labels = {page.table.item(int(each)).label for each in page.session.selection}
    assert labels == {table.model.shown[1].group}

    view.side.show_sheet("overlap")
    page.grab()
    bars = view.side.overlap.bars["image"]
    level = int(np.argmax(bars.counts()))
    across = round((level + 0.5) / 11 * bars.width())
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=QPoint(across, 50))
    expected = bars._shown.ids[bars.shared() == level]
    assert page.session.selection.tolist() == expected.tolist()

    view.side.show_sheet("changed")
    page.grab()
    lists = view.side.changed.better
    at = lists.visualRect(lists.model().index(0, 0)).center()
    qtbot.mouseClick(lists.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert page.session.selection.tolist() == [lists.rows()[0].id]
    page.maps_or_compare.show_comparison(shown=False)
    assert not page.maps_or_compare.compares()
    points = page.right.view.canvas.points
    assert points.ids[points._selected].tolist() == [lists.rows()[0].id]


def test_hovering_names_the_item(view, page):
    choose(view.choices.items, "all")
    page.grab()
    item = int(view.changes().ids[3])
    view.scatter.canvas.hovered.emit(item)
    place = int(np.searchsorted(view.changes().ids, item))
    before, after = (ranks[place] for ranks in (view.changes().before, view.changes().after))
    assert view.scatter.words.text().endswith(f"rank {before:,} before, {after:,} after")
    assert view.scatter._card.isVisible()
    view.scatter.canvas.hovered.emit(None)
    assert "better" in view.scatter.words.text()


def test_the_plot_has_the_colours_of_the_maps(view, page):
    page.colours.choose("label")
    names = [entry.label for entry in view.scatter.legend.entries()]
    assert {"label 0", "label 1", "label 2"} <= set(names)


def test_what_was_selected_while_maps_were_shown_is_shown_later(view, page):
    page.maps_or_compare.show_comparison(shown=False)
    tested = view.spaces.tested_ids()[:4]
    page.session.select(tested)
    page.maps_or_compare.show_comparison()
    points = view.scatter.canvas.points
    assert sorted(points.ids[points._selected].tolist()) == tested.tolist()


# ------------------------------------------------------------------------------ choices


def test_a_run_beside_what_it_began_with(view, page, settled):
    view.choices.choose(SpaceName.of_view("text"), TURNED)
    settled(page)
    assert view.side.sheet() == "overlap"
    assert view.side.changed._sentence.text() == _FROZEN
    frozen, texts = (its.space.views["text"] for its in view.spaces.figures)
    found = compare_neighbourhoods(frozen.before, texts.after, 10)
    shared = np.rint(10 * found.overlap).astype(int)
    np.testing.assert_array_equal(view.side.overlap.bars["text"].shared(), shared)
    # the plot has the neighbours kept beside the ranks there are
    assert set(view.side.overlap.bars) == {"text"}
    assert set(shown_ids(view)) == set(view.spaces.tested_ids()) & set(texts.ids)
    across, up = view.scatter.axes
    assert across.title == "of 10 neighbours the same"
    assert up.title == "rank after: turned"
    row = view.side.groups.model.shown[0]
    assert row.before == {}
    assert "→" not in view.side.groups.model.data(view.side.groups.model.index(0, 2))


def test_swapping_turns_everything_round(view, page, settled):
    choose(view.choices.items, "all")
    old = view.changes()
    view.choices.swap.click()
    settled(page)
    assert view.choices.names() == (TURNED, FEW)
    np.testing.assert_array_equal(view.changes().before, old.after)
    np.testing.assert_array_equal(view.changes().after, old.before)


def test_what_is_compared_belongs_to_its_project(compared, two_runs, tmp_path, settled):
    """Runs of the same names in another project are compared as nobody has chosen there."""
    other = tmp_path / "other"
    shutil.copytree(two_runs, other)
    page = compared(two_runs)
    first = page.compare.choices.names()
    page.compare.choices.choose(*first[::-1])
    settled(page)
    compared(other)
    assert page.compare.choices.names() == first
    compared(two_runs)
    assert page.compare.choices.names() == first[::-1]


def test_only_the_last_wish_is_shown(view, page, settled, monkeypatch):
    shown = []
    view.measuring.spaces_known.connect(lambda spaces: shown.append(spaces.names))
    frozen = SpaceName.of_view("image")
    for names in ((TURNED, FEW), (frozen, TURNED), (frozen, FEW)):
        view.choices.choose(*names)
    settled(page)
    assert shown == [(frozen, FEW)]
    assert view.spaces.names == (frozen, FEW)


def test_a_run_that_is_trained_again_is_compared_anew(compared, two_runs, tmp_path, settled):
    root = shutil.copytree(two_runs, tmp_path / "copy")
    page = compared(root)
    view, old = page.compare, page.compare.spaces
    page.session.runs_changed.emit()
    settled(page)
    assert view.spaces is old  # nothing has changed
    heads = root / "runs" / "few" / "heads.safetensors"
    shutil.copy(root / "runs" / "turned" / "heads.safetensors", heads)
    os.utime(heads, ns=(10**18, 10**18))
    page.session.runs_changed.emit()
    settled(page)
    assert view.spaces is not old
    assert (view.changes().before == view.changes().after).all()


def test_the_same_space_twice_is_a_sentence(view, page, settled):
    view.choices.choose(TURNED, TURNED)
    assert view._words.text() == _SAME
    view.choices.choose(FEW, TURNED)
    settled(page)
    assert view._stack.currentWidget() is view.beside


def test_of_one_run_its_frozen_space_is_before(compared, tmp_path):
    root = small_project(tmp_path)
    drain(align(Project.open(root), AlignRequest(method="procrustes", name="alone")))
    view = compared(root).compare
    assert view.choices.names() == (SpaceName.of_view("image"), SpaceName("alone"))
    assert view._stack.currentWidget() is view.beside


def test_what_the_maps_offer_is_offered_rungs_of_a_sweep_among_them(compared, tmp_path, settled):
    root = small_project(tmp_path)
    settings = {"steps": 10, "neighbours": 4, "anchors": 8, "width": 4}
    request = AlignRequest.checked(
        method="gera", name="climbed", settings=settings, ladder=[0.0, 100.0]
    )
    drain(align(Project.open(root), request))
    page = compared(root)
    view, maps = page.compare, page.left.space_choice
    offered = [view.choices.after.itemText(n) for n in range(view.choices.after.count())]
    assert offered == [maps.itemText(n) for n in range(maps.count())]
    assert offered == [
        "Images, frozen encoder", "Texts, frozen encoder", "Joint space of climbed",
        "Joint space of climbed, α = 0", "Joint space of climbed, α = 100",
    ]  # fmt: skip
    low, high = SpaceName("climbed", alpha=0.0), SpaceName("climbed", alpha=100.0)
    view.choices.choose(low, high)
    settled(page)
    assert view.spaces.names == (low, high)
    assert view.scatter.axes[1].title == "after: climbed at α = 100"
    expected = drain(held_out_ranks(page.session.project, high))
    assert len(view.spaces.tested_ids()) == len(
        np.unique(np.concatenate([each.ids for each in expected.values()]))
    )
    view.choices.swap.click()
    settled(page)
    assert view.spaces.names == (high, low)


def test_without_runs_the_way_on_is_shown(compared, tmp_path, qtbot):
    view = compared(small_project(tmp_path)).compare
    assert view._stack.currentWidget() is view._empty
    assert view.choices.isHidden()
    with qtbot.waitSignal(view._state.session.page_wanted) as wanted:
        view._empty.findChildren(QPushButton)[0].click()
    assert wanted.args == ["train"]


def test_nothing_is_measured_while_maps_are_shown(page, qtbot, two_runs):
    assert page.session.open_project(two_runs)
    qtbot.waitUntil(lambda: page.table is not None, timeout=20_000)
    assert not page.compare.measuring.busy
    assert page.compare.spaces is None


def test_a_run_that_vanishes_is_a_sentence(compared, two_runs, tmp_path, settled):
    root = shutil.copytree(two_runs, tmp_path / "copy")
    page = compared(root)
    shutil.rmtree(root / "runs" / "few")
    page.compare.choices.choose(TURNED, FEW)
    settled(page)
    assert "no run “few”" in page.compare._words.text()
    page.session.runs_changed.emit()
    settled(page)
    assert FEW not in page.compare.choices.names()
    assert page.compare._stack.currentWidget() is page.compare.beside


@pytest.mark.parametrize("kept", [1, 2])
def test_files_that_are_gone(compared, two_runs, tmp_path, kept):
    root = shutil.copytree(two_runs, tmp_path / "copy")
    project = Project.open(root)
    first = [item for item in project.catalogue.items() if int(item.key) < kept]
    project.catalogue.take([found_of(item) for item in first])
    page = compared(root)
    view = page.compare
    assert view._stack.currentWidget() is view.beside
    assert sorted(shown_ids(view)) == sorted(item.id for item in first)
    assert "have changed since the run" in view.side.groups._sentence.text()
    for sheet in ("changed", "groups", "overlap"):
        view.side.show_sheet(sheet)
        page.grab()
    assert len(view.side.overlap.bars) == (0 if kept == 1 else 2)


def test_identical_items(compared, two_runs, tmp_path):
    root = shutil.copytree(two_runs, tmp_path / "copy")
    project = Project.open(root)
    for modality in ("image", "text"):
        with EmbeddingCache(project.cache_path(modality, f"test/{modality}"), "r+") as cache:
            cache.write(np.arange(60), np.ones((60, 6), np.float32))
    view = compared(root).compare
    changes = view.changes()
    assert (changes.before == 60).all()  # ties count against whoever asks
    assert (changes.after == 60).all()
    assert view.scatter.words.text() == "All 120 rank the same · median 60"
    for bars in view.side.overlap.bars.values():
        assert (bars.shared() == 10).all()


def test_labels_in_any_script(compared, two_runs, tmp_path):
    root = shutil.copytree(two_runs, tmp_path / "copy")
    project = Project.open(root)
    names = ["قطط", "猫", "🐈 👩‍👩‍👧", "x" * 10_000]
    project.catalogue.take(
        [found_of(item, label=names[item.id % 4]) for item in project.catalogue.items()]
    )
    page = compared(root)
    page.compare.side.show_sheet("groups")
    page.grab()
    shown = {row.group for row in page.compare.side.groups.model.shown}
    assert shown <= set(names)
    assert shown


@pytest.mark.parametrize("count", [2, 3])
def test_hardly_any_items(compared, tmp_path, count):
    root = small_project(tmp_path, count)
    none = SplitSettings(test=0.0, validation=0.0)
    for name, method in (("a", "procrustes"), ("b", "ridge")):
        drain(align(Project.open(root), AlignRequest(method=method, name=name, split=none)))
    page = compared(root)
    view = page.compare
    assert view._stack.currentWidget() is view.beside
    assert len(shown_ids(view)) == 2 * count
    assert "No pairs are held out" in view.side.groups._sentence.text()
    for sheet in ("changed", "groups", "overlap"):
        view.side.show_sheet(sheet)
        page.grab()


def test_themes(view, page):
    page.session.theme_changed.emit()
    page.grab()
