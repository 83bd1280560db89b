"""Maps beside each other with a real project, and the options they are made with."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from worlds.projects import small_project

from workbench.gui.exploring.maps.map_grid import MapGrid
from workbench.gui.exploring.maps.map_options import MapOptions
from workbench.gui.exploring.state.explore_state import ExploreState
from workbench.gui.exploring.state.map_layout import MOST_MAPS
from workbench.gui.exploring.state.mapped_spaces import spaces_of
from workbench.gui.items.previews import Previews
from workbench.gui.look import theme
from workbench.gui.points.legend import Members
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, ItemColumns, UmapOptions, align, read_map


def make(folder):
    project = Project.open(small_project(folder))
    drain(align(project, AlignRequest(method="procrustes", name="turned")))
    settings = {"steps": 12, "neighbours": 3, "width": 4}
    request = AlignRequest.checked(
        method="gera", name="climbed", settings=settings, ladder=[0.0, 100.0]
    )
    drain(align(project, request))


@pytest.fixture
def root(copied, tmp_path):
    return copied(make, tmp_path).root


@pytest.fixture
def grid(session, qtbot, root):
    previews = Previews()
    state = ExploreState(session)
    grid = MapGrid(state, previews)

    def end(_grid):
        session.stop_jobs()
        previews.finish()

    qtbot.addWidget(grid, before_close_func=end)
    grid.resize(1000, 600)
    grid.show()
    qtbot.waitExposed(grid)
    assert session.open_project(root)
    session.set_current_run("turned")
    state.refresh()
    qtbot.waitUntil(lambda: state.table is not None, timeout=20_000)
    ready(grid, qtbot)
    return grid


def ready(grid, qtbot):
    qtbot.waitUntil(lambda: all(not panel.busy for panel in grid.panels), timeout=20_000)
    grid.grab()


def press(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def shown(panel):
    return panel.shown_map.space, len(panel.view.canvas.points.ids)


def test_every_space_is_offered(grid, session):
    spaces = [space for _, space in spaces_of(session.project, ["image", "text"])[0]]
    assert spaces == [
        "image", "text", "run:climbed", "run:climbed@0", "run:climbed@100", "run:turned",
    ]  # fmt: skip
    (session.project.run("climbed").folder / "recipe.json").write_text("{")
    spaces, wrong = spaces_of(session.project, ["image"])
    assert spaces[0][1] == "image"
    assert "damaged" in wrong


def test_a_map_is_added_beside_another_and_removed(grid, qtbot):
    left, right = grid.panels
    assert not left.choices.add_button.isHidden()
    with qtbot.waitSignal(grid.added):
        press(qtbot, left.choices.add_button)
    ready(grid, qtbot)
    assert [panel.space() for panel in grid.panels] == ["image", "image", "run:turned"]
    middle = grid.panels[1]
    assert shown(middle) == ("image", 60)
    middle.space_choice.setCurrentIndex(middle.space_choice.findData("run:climbed@100"))
    middle.load()
    ready(grid, qtbot)
    assert shown(middle) == ("run:climbed@100", 120)
    press(qtbot, left.choices.remove_button)
    assert grid.panels == (middle, right)
    press(qtbot, middle.choices.remove_button)
    assert grid.panels == (right,)
    assert right.choices.remove_button.isHidden()
    grid.remove(right)
    assert grid.panels == (right,)  # one stays


def test_four_maps_and_no_more(grid, qtbot):
    while grid.add() is not None:
        ready(grid, qtbot)
    assert len(grid.panels) == MOST_MAPS
    assert len({panel.objectName() for panel in grid.panels}) == MOST_MAPS
    assert grid.add() is None
    assert all(panel.choices.add_button.isHidden() for panel in grid.panels)
    places = [panel.mapTo(grid, panel.rect().topLeft()) for panel in grid.panels]
    assert places[0].y() == places[1].y() < places[2].y() == places[3].y()
    assert places[0].x() == places[2].x() < places[1].x()


def test_every_map_selects(grid, session):
    grid.add()
    for number, panel in enumerate(grid.panels):
        panel.view.picked.emit(np.array([number]), "add")
    assert session.selection.tolist() == [0, 1, 2]


def test_a_map_is_turned_to_be_like_the_one_before_it(grid, qtbot, session):
    left, right = grid.panels
    for panel in grid.panels:
        panel.offer_spaces(spaces_of(session.project, ["image"])[0], "run:climbed")
    left.load()
    ready(grid, qtbot)
    # as if it were seen from behind
    made = left.made_map
    left._made = [replace(made, positions=made.positions * np.float32([-1, 1]))]
    right.load()
    ready(grid, qtbot)
    np.testing.assert_allclose(right.shown_map.positions, left.made_map.positions, atol=1e-5)
    right.options.comparable.setChecked(False)
    right.load(anew=True)
    ready(grid, qtbot)
    as_made = read_map(session.project, "run:climbed", "pca")
    np.testing.assert_array_equal(right.shown_map.positions, as_made.positions)


def test_narrow_heads_have_two_lines(grid, qtbot):
    panel = grid.panels[0]
    wide = panel.choices.height()
    grid.resize(600, 600)
    qtbot.waitUntil(lambda: panel.choices.height() > 1.5 * wide)
    grid.resize(1200, 600)
    qtbot.waitUntil(lambda: panel.choices.height() == wide)


@pytest.mark.qt_log_ignore("does not support")  # of a menu, without a display
def test_the_form_takes_options_when_the_button_is_pressed(qtbot):
    options = MapOptions("left")
    qtbot.addWidget(options)
    options.set_method("umap")
    assert options.options() == UmapOptions()
    assert options.make.text() == "Make it again"
    options._neighbours.setValue(40)
    options._min_dist.setValue(0.35)
    options._metric.setCurrentText("euclidean")
    options._seed.setValue(7)
    assert options.make.text() == "Make the map"
    assert options.options() == UmapOptions()  # not yet
    with qtbot.waitSignal(options.chosen) as signal:
        press(qtbot, options.make)
    assert signal.args == [False]
    assert options.options() == UmapOptions(40, 0.35, "euclidean", 7)
    with qtbot.waitSignal(options.chosen) as signal:
        press(qtbot, options.make)
    assert signal.args == [True]  # the same: from nothing
    options._neighbours.setValue(3)
    options.open()  # again: what was not taken is gone
    assert options._neighbours.value() == 40
    options._menu.close()


def test_a_map_is_made_by_its_options(grid, qtbot, session, monkeypatch):
    asked = []

    def umap_map(rows, neighbours, min_dist, seed, control, *, metric, start):
        asked.append((neighbours, metric))
        yield from ()
        return rows[:, :2].copy()

    monkeypatch.setattr("workbench.stations.maps.map.umap_map", umap_map)
    panel = grid.panels[0]
    panel.method_choice.setCurrentIndex(1)
    panel.options._neighbours.setValue(4)
    panel.options._metric.setCurrentText("euclidean")
    press(qtbot, panel.options.make)
    ready(grid, qtbot)
    assert asked == [(4, "euclidean")]
    options = UmapOptions(4, metric="euclidean")
    assert panel.shown_map.options == options
    assert read_map(session.project, "image", "umap", options) is not None
    panel.load(again=True)
    ready(grid, qtbot)
    assert len(asked) == 1
    press(qtbot, panel.options.make)
    ready(grid, qtbot)
    assert len(asked) == 2
    beside = grid.add(panel)
    ready(grid, qtbot)
    assert beside.shown_map.options == options
    assert len(asked) == 2


def test_points_are_coloured_by_what_is_said(grid, qtbot):
    panel = grid.panels[0]
    assert len(panel.view.legend.entries()) == 1
    grid._state.colours.choose(by="label")
    labels = [entry.label for entry in panel.view.legend.entries()]
    assert labels == ["label 0", "label 1", "label 2"]
    grid._state.colours.choose(by="modality")
    assert len(panel.view.legend.entries()) == 1


def test_points_are_coloured_once_for_a_colouring(grid, qtbot, monkeypatch):
    panel = grid.panels[0]
    drawn, draw = [], panel.view.set_colours
    monkeypatch.setattr(panel.view, "set_colours", lambda rgba: (drawn.append(rgba), draw(rgba)))
    state = grid._state
    state.colours.choose(by="label")
    for _ in range(3):
        state.colours.colour()
    assert len(drawn) == 1
    state.colours.choose(by="modality")
    state.colours.colour()
    assert len(drawn) == 2
    state._take_items(ItemColumns.read(state.session.project))  # of which labels may have changed
    assert len(drawn) == 3
    monkeypatch.setattr(theme, "_current", theme.DARK)
    panel.apply_theme()
    assert len(drawn) == 4
    panel.load(again=True)
    ready(grid, qtbot)
    assert len(drawn) == 4  # it is the same map


def test_a_map_floats_and_comes_back(grid, qtbot, session):
    left, right = grid.panels
    made = right.shown_map
    assert made is not None
    right.choices.float_button.click()
    window = right.window()
    assert window is not grid.window()
    assert window.isVisible()
    assert "Joint space of turned" in window.windowTitle()
    assert grid.panels == (left, right)
    assert right.shown_map is made
    assert not left.choices.float_button.isVisible()  # the last one here stays
    grid.float_out(left)
    assert left.window() is grid.window()

    chosen = ItemColumns.read(session.project).ids[:3]
    session.select(chosen)
    for panel in grid.panels:
        points = panel.view.canvas.points
        assert set(points.ids[points._selected].tolist()) == set(chosen.tolist()) & set(
            points.ids.tolist()
        )
    right.view.picked.emit(chosen[:1], "new")
    assert session.selection.tolist() == chosen[:1].tolist()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.selection.tolist() == chosen.tolist()

    window.close()
    assert right.window() is grid.window()
    assert right.shown_map is made
    assert left.choices.float_button.isVisible()


def test_floating_maps_are_added_to_and_removed(grid, qtbot):
    left, right = grid.panels
    grid.float_out(right)
    third = grid.add(right)
    ready(grid, qtbot)
    assert third.window() is grid.window()
    assert grid.panels == (left, right, third)
    grid.remove(third)
    grid.remove(left)  # the one that floats is the only one now
    assert grid.panels == (right,)
    assert right.window() is grid.window()
    assert not right.choices.remove_button.isVisible()


def test_a_choice_of_colours_colours_each_map_once_and_looks_for_no_members(
    grid, qtbot, monkeypatch
):
    """A million points take a tenth of a second each time, in the window's thread."""
    coloured, looked_for = [], []
    monkeypatch.setattr(Members, "found", lambda members: looked_for.append(members))
    for panel in grid.panels:
        monkeypatch.setattr(panel.view, "set_colours", lambda rgba: coloured.append(len(rgba)))
    grid.panels[0]._state.colours.choose(by="pairing")
    grid.panels[0]._state.colours.colour()  # as when a run has been read: nothing else is known
    grid.panels[0].recolour()
    assert coloured == [len(panel.shown_map.ids) for panel in grid.panels]
    assert looked_for == []


def test_the_pairs_of_a_selection_are_looked_for_once_for_all_maps(grid, monkeypatch):
    state, session = grid.panels[0]._state, grid.panels[0]._session
    looked, real = [], ItemColumns.pairs_of
    monkeypatch.setattr(
        ItemColumns, "pairs_of", lambda table, ids: looked.append(len(ids)) or real(table, ids)
    )
    session.select(state.table.ids)
    assert looked == [len(state.table)]
    assert len(state.selected_pairs()) == len(state.table.pairs)
    session.select([])
    assert len(state.selected_pairs()) == 0
    session.undo_selection()
    assert looked == [len(state.table)]
