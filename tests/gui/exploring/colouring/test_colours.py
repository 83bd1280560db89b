"""One choice colours all maps: by groups with chips, or by values on a scale one can drag along."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from worlds.projects import small_project

from workbench.errors import WorkbenchError
from workbench.gui.exploring.colours.colour_bar import ColourBar
from workbench.gui.exploring.state.colouring import (
    ByColumn,
    ByGroup,
    by_distortion,
    by_rank,
    by_rank_change,
)
from workbench.gui.exploring.state.found_clusters import FoundClusters, names_of
from workbench.gui.exploring.state.split_roles import SplitRoles
from workbench.gui.items.item_looks import colours_of
from workbench.gui.items.palettes import category, change_scale, value_scale
from workbench.gui.look import theme
from workbench.jobs import Progress, drain
from workbench.project import Item
from workbench.stations import (
    ROLES,
    AlignRequest,
    ItemColumns,
    align,
    cluster_items,
    rank_changes,
    split_roles,
)
from workbench.stations.runs.run_space import RunSpace, RunView


def choose(page, qtbot, by):
    page.colours.choose(by)
    assert page.explored.colours.choice.by == by
    qtbot.waitUntil(lambda: not page.colours._words.text(), timeout=20_000)
    page.grab()
    return page.explored.colours.colouring


def legend(panel):
    return {entry.label: entry.members.found().tolist() for entry in panel.view.legend.entries()}


def luminance(rgba):
    return rgba[..., :3] @ np.array([0.2126, 0.7152, 0.0722])


# ------------------------------------------------------------------------------ scales


@pytest.mark.parametrize("now", [theme.LIGHT, theme.DARK])
def test_values_are_told_apart_by_lightness_alone(now):
    light = luminance(value_scale(now)(np.linspace(0, 1, 11)).astype(float))
    steps = np.diff(light)
    assert (steps < 0).all() or (steps > 0).all()
    surface = luminance(np.array(theme.QColor(now.surface).getRgb(), float))
    assert abs(light - surface).min() > 40  # no value is lost on the background


@pytest.mark.parametrize("now", [theme.LIGHT, theme.DARK])
def test_changes_are_blue_and_orange_around_a_grey(now):
    less, none, more = change_scale(now)(np.array([0.0, 0.5, 1.0])).astype(int)
    assert less[2] > less[0] + 60  # blue
    assert more[0] > more[2] + 60  # orange
    assert np.ptp(none[:3]) < 40
    assert change_scale(now)(np.array([np.nan, -3.0, 7.0])).shape == (3, 4)


# ------------------------------------------------------------------------------ parts


def table_of(count):
    items = [Item("image", f"/{n}", "", str(n), "", id=n) for n in range(count)]
    return ItemColumns.of(items, np.array([[0, 1]]))


def test_a_scale_of_values_knows_its_ends_and_what_lies_between():
    table = table_of(200)
    values = np.arange(200.0)
    values[50] = np.nan
    shown = by_distortion(table, lambda ids: values[ids])
    assert shown.low == 0
    assert shown.high == pytest.approx(np.nanquantile(values, 0.99))
    assert shown.ends[1].startswith("≥ ")
    assert shown.between(10, 12).tolist() == [10, 11, 12]
    assert shown.between(190, shown.high).tolist() == list(range(190, 200))  # all beyond it too
    assert shown.between(shown.low, shown.high).tolist() == [n for n in range(200) if n != 50]
    rgba, chips = shown.colours(table.ids, theme.LIGHT)
    assert (rgba[198] == rgba[199]).all()
    assert (rgba[0] != rgba[199]).any()
    assert [(chip.label, chip.members.found().tolist()) for chip in chips] == [
        ("not in the run", [50])
    ]


def test_colourings_that_look_the_same_up_are_equal():
    values = np.arange(3.0)
    first, other = table_of(3), table_of(3)
    for make in (
        lambda table, look_up: by_distortion(table, look_up),
        lambda table, look_up: by_rank(table, look_up),
        lambda table, look_up: by_rank_change(table, look_up, "other"),
        lambda table, look_up: ByGroup(table, ["a", "b"], look_up, "none"),
    ):
        assert make(first, values.take) == make(first, values.take)
        assert make(first, values.take) != make(other, values.take)
        assert make(first, values.take) != make(first, (values + 1).take)
    assert ByColumn(first, "label") == ByColumn(first, "label") != ByColumn(first, "modality")


@pytest.mark.parametrize("count", [0, 1, 3])
def test_few_and_equal_values_are_coloured_too(count):
    table = table_of(count)
    for shown in (
        by_distortion(table, lambda ids: np.zeros(len(ids))),
        by_rank(table, lambda ids: np.zeros(len(ids), np.int64)),
        by_rank_change(table, lambda ids: np.zeros(len(ids)), "other"),
    ):
        rgba, _ = shown.colours(table.ids, theme.DARK)
        assert rgba.shape == (count, 4)


def test_dragging_along_the_bar_picks_what_lies_there(qtbot):
    table = table_of(101)
    bar = ColourBar()
    qtbot.addWidget(bar)
    shown = by_rank_change(table, lambda ids: (ids - 50.0) / 50, "other")
    bar.show_scale(shown)
    bar.resize(bar.sizeHint())
    where = bar.bar()
    middle = int(where.center().y())
    start, stop = QPoint(round(where.left() + 2), middle), QPoint(round(where.center().x()), middle)
    with qtbot.waitSignal(bar.picked) as picked:
        qtbot.mousePress(bar, Qt.MouseButton.LeftButton, pos=start)
        qtbot.mouseMove(bar, stop)
        bar.grab()
        qtbot.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=stop)
    ids, mode = picked.args
    assert mode == "new"
    assert 45 <= len(ids) <= 52
    assert ids.max() <= 52
    with qtbot.waitSignal(bar.picked) as picked:
        qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=stop)
    assert 1 <= len(picked.args[0]) <= 6


def test_columns_of_the_catalogue():
    items = [Item("text", f"/{n}", "w", str(n), "", id=n, language="de") for n in range(3)]
    items.append(Item("text", "/9", "w", "9", "", id=9, language="fr"))
    table = ItemColumns.of(items, np.array([[0, 9]]))
    assert table.has_languages()
    chips = ByColumn(table, "language").colours(table.ids, theme.LIGHT)[1]
    assert {chip.label: len(chip.members) for chip in chips} == {"de": 3, "fr": 1}
    chips = ByColumn(table, "pairing").colours(table.ids, theme.LIGHT)[1]
    assert {chip.label: chip.members.found().tolist() for chip in chips} == {
        "paired": [0, 9], "unpaired": [1, 2],
    }  # fmt: skip


def coloured_one_by_one(ids, names, now):
    """Colour by name as one would by hand: the most frequent ones, and the rest together."""
    shades = dict.fromkeys(ids, now.muted)
    found, others, colours = {}, [], iter(now.categories)
    for name in sorted(set(names), key=lambda name: (-names.count(name), not name, name)):
        own = [one for one, its in zip(ids, names, strict=True) if its == name]
        colour = next(colours, None) if name else now.muted
        if colour is None:
            others += own
        else:
            found[name or "no label"] = own
            shades |= dict.fromkeys(own, colour)
    return shades, found | ({"other labels": sorted(others)} if others else {})


@pytest.mark.parametrize(
    "labels",
    [[f"label {n}" for n in range(300)], [f"label {n * n % 31}" for n in range(300)],
     ["" if n % 9 == 0 else f"猫 {n % 17}" for n in range(300)], [""] * 5, ["a", "", "b"]],
)  # fmt: skip
def test_labels_have_colours_of_their_own_as_long_as_there_are_some(labels):
    ids = [7 * n + 3 for n in range(len(labels))]
    items = [
        Item("image", f"/{n}", "", str(n), label, id=n)
        for n, label in zip(ids, labels, strict=True)
    ]
    table = ItemColumns.of(items, np.zeros((0, 2), np.int64))
    rgba, chips = colours_of(table, np.array(ids), "label", theme.LIGHT)
    shades, found = coloured_one_by_one(ids, labels, theme.LIGHT)
    assert rgba.tolist() == [list(theme.QColor(shades[one]).getRgb()) for one in ids]
    assert {chip.label: chip.members.found().tolist() for chip in chips} == found
    assert [chip.label for chip in chips] == list(found)
    rgba, chips = colours_of(table, np.array([10**6, ids[0]]), "label", theme.LIGHT)
    assert rgba[0].tolist() == list(theme.QColor(theme.LIGHT.muted).getRgb())  # it is unknown
    assert [chip.members.found().tolist() for chip in chips] == [[ids[0]]]


def test_many_labels_take_no_more_looks_than_a_few(monkeypatch):
    looks = []

    class Counted(np.ndarray):
        def __array_ufunc__(self, ufunc, method, *inputs, **options):
            looks.append(ufunc)
            plain = [each.view(np.ndarray) if isinstance(each, Counted) else each
                     for each in inputs]  # fmt: skip
            return getattr(ufunc, method)(*plain, **options)

    original = np.where
    monkeypatch.setattr(np, "where", lambda *given: original(*given).view(Counted))
    counts = []
    for kinds in (50, 2000):
        items = [Item("image", f"/{n}", "", "", f"{n % kinds}", id=n) for n in range(2000)]
        looks.clear()
        columns = ItemColumns.of(items, np.zeros((0, 2), np.int64))
        colours_of(columns, np.arange(2000), "label", theme.LIGHT)
        counts.append(len(looks))
    assert counts[0] == counts[1] > 0


# ------------------------------------------------------------------------------ on the page


def test_splits_are_those_the_run_used(measured, qtbot):
    choose(measured, qtbot, "split")
    found = legend(measured.left)
    ids, roles = split_roles(measured.session.project, "turned")["image"]
    for role in set(roles):
        expected = [one for one, its in zip(ids.tolist(), roles, strict=True) if its == role]
        assert sorted(found[role]) == expected
    qtbot.mouseClick(
        measured.right.view.legend.findChild(object, "legend-test"), Qt.MouseButton.LeftButton
    )
    assert sorted(legend(measured.right)["test"]) == measured.session.selection.tolist()


def test_all_maps_have_the_colours_of_the_figures(measured, qtbot):
    figures = measured.explored.looking.figures()
    shown = choose(measured, qtbot, "distortion")
    for panel in measured.panels:
        ids = panel.view.canvas.points.ids
        np.testing.assert_array_equal(shown.value_of(ids), figures.distortion_of(ids).astype(float))
    assert not measured.colours.bar.isHidden()
    shown = choose(measured, qtbot, "rank")
    ids = measured.table.ids
    np.testing.assert_allclose(2 ** shown.value_of(ids), figures.partner_rank_of(ids))
    choose(measured, qtbot, "modality")
    assert measured.colours.bar.isHidden()
    assert list(legend(measured.right)) == ["image", "text"]


def test_the_bar_selects_on_all_maps(measured, qtbot):
    choose(measured, qtbot, "rank")
    bar = measured.colours.bar
    where = bar.bar()
    at = QPoint(round(where.left() + 1), round(where.center().y()))
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=at)
    ranks = measured.explored.looking.figures().partner_rank_of(measured.table.ids)
    assert measured.session.selection.tolist() == measured.table.ids[ranks == 1].tolist()


def test_a_change_between_runs_is_measured_and_shown(measured, qtbot):
    assert measured.colours.choice.findData("change") < 0  # there is one run only
    drain(align(measured.session.project, AlignRequest(method="ridge", name="straight")))
    measured.session.set_current_run("straight")
    shown = choose(measured, qtbot, "change")
    assert measured.colours.other.currentData() == "turned"
    first, second = (measured.explored.looking.figures(name) for name in ("turned", "straight"))
    expected = rank_changes(first, second)
    np.testing.assert_allclose(shown.value_of(expected.ids), expected.gain)
    assert np.isnan(shown.value_of(np.array([10**6]))).all()


def test_one_click_in_the_inspector_colours_by_distortion(measured, qtbot):
    measured.inspector._all.click()
    button = measured.inspector.findChild(object, "colour-by-distortion")
    qtbot.waitUntil(button.isVisible, timeout=5000)
    button.click()
    assert measured.explored.colours.choice.by == "distortion"


def test_clusters_are_those_of_the_station(measured, qtbot):
    choose(measured, qtbot, "cluster")
    space = measured.explored.looking.space()
    expected = drain(cluster_items(space))
    for panel in measured.panels:
        found = legend(panel)
        ids = panel.view.canvas.points.ids
        numbers = expected.of_items(ids)
        for number in set(numbers.tolist()):
            (name,) = [name for name in found if name.startswith(f"{number + 1} ")]
            assert sorted(found[name]) == sorted(ids[numbers == number].tolist())
            assert name.endswith(f" · {expected.sizes[number]}")
            assert "label " in name  # the most frequent one of its items
    button = measured.left.view.legend.findChild(
        object, next(f"legend-{name}" for name in legend(measured.left) if name.startswith("1 "))
    )
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    chosen = measured.session.selection
    assert (expected.of_items(chosen) == 0).all()
    assert len(chosen) > 0


def test_another_number_of_clusters_and_frozen_rows(measured, qtbot):
    choose(measured, qtbot, "cluster")
    desk, colours = measured.colours, measured.explored.colours
    space = measured.explored.looking.space()
    assert not desk.count.isHidden()
    desk.count.setValue(3)
    qtbot.waitUntil(lambda: not desk._soon.isActive() and not desk._words.text(), timeout=20_000)
    assert len(colours.colouring.names) == len(drain(cluster_items(space, 3)).sizes) == 3
    desk.rows.setCurrentIndex(1)
    qtbot.waitUntil(lambda: not desk._words.text(), timeout=20_000)
    ids = measured.table.ids
    expected = drain(cluster_items(space, 3, of="image"))
    np.testing.assert_array_equal(colours.colouring.group_of(ids), expected.of_items(ids))
    assert "not clustered" in legend(measured.right)  # the texts
    choose(measured, qtbot, "modality")
    assert desk.count.isHidden()
    assert desk.rows.isHidden()


@pytest.mark.parametrize("now", [theme.LIGHT, theme.DARK])
def test_forty_clusters_have_colours_of_their_own(now):
    shades = {category(now, number) for number in range(40)}
    assert len(shades) == 40


def test_clusters_without_labels_are_called_after_a_typical_item():
    rows = np.eye(2, dtype=np.float32)
    ids = np.array([0, 1])
    space = RunSpace("run", {"image": RunView(ids, ids, ids, rows, rows)}, {}, None)
    found = drain(cluster_items(space, 2))
    items = [Item("image", f"/{n}", "", key, "", id=n) for n, key in enumerate(["猫", "x" * 99])]
    names = names_of(found, ItemColumns.of(items, np.zeros((0, 2), np.int64)))
    assert sorted(name[2:] for name in names) == ["x" * 21 + "… · 1", "猫 · 1"]


def test_without_runs_there_is_nothing_to_measure_by(opened, tmp_path):
    page = opened(small_project(tmp_path))
    choice = page.colours.choice
    offered = [choice.itemData(number) for number in range(choice.count())]
    assert offered == ["modality", "label", "pairing"]


def test_a_run_older_than_its_data_says_so(measured, qtbot, monkeypatch):
    import workbench.stations as stations

    monkeypatch.setattr(stations, "split_roles", lambda *_: None)
    measured.colours.choose("split")
    qtbot.waitUntil(lambda: "have changed" in measured.colours._words.text(), timeout=5000)
    assert isinstance(measured.explored.colours.colouring, ByColumn)  # the maps stay as they were


# ------------------------------------------------------------------------------ what is waited for


class Gates:
    """Holds jobs back, each until it is let go."""

    def __init__(self):
        self.begun, self._gates = [], {}

    def wait(self, wish):
        self.begun.append(wish)
        assert self._gates.setdefault(wish, threading.Event()).wait(20)

    def open(self, *wishes):
        for wish in wishes:
            self._gates.setdefault(wish, threading.Event()).set()


@pytest.fixture
def gates():
    made = Gates()
    yield made
    made.open(*made.begun)


def two_views():
    rows, ids = np.eye(2, dtype=np.float32), np.array([0, 1])
    return RunSpace("run", {"image": RunView(ids, ids, ids, rows, rows)}, {}, None)


@pytest.mark.parametrize("fails", [False, True])
def test_a_stopped_division_is_not_that_of_the_same_wish_later(
    session, qtbot, monkeypatch, gates, fails
):
    orders, divide = iter("abc"), cluster_items

    def late(space, count, *, of, control):
        order = next(orders)
        yield Progress(0, 0)
        gates.wait(order)
        if fails and order != "c":
            raise WorkbenchError(order)
        return replace((yield from divide(space, count, of=of)), complete=order == "c")

    monkeypatch.setattr("workbench.stations.cluster_items", late)
    space, table, found = two_views(), table_of(2), FoundClusters(session)
    heard = []
    found.known.connect(lambda: heard.append(True))
    for number, count in enumerate((5, 6, 5), 1):
        assert found.of(space, count, None, table) is None
        assert found.of(space, count, None, table) is None  # it is asked for once
        qtbot.waitUntil(lambda number=number: len(gates.begun) == number)
    gates.open("a", "b")
    qtbot.waitUntil(lambda: len(session._jobs) == 1, timeout=20_000)
    assert found.of(space, 5, None, table) is None
    assert (found.wrong, heard) == ("", [])
    gates.open("c")
    qtbot.waitUntil(lambda: bool(heard), timeout=20_000)
    assert found.of(space, 5, None, table).complete
    assert len(found.names) == 2
    assert heard == [True]


def test_roles_of_before_a_change_are_not_those_after_it(
    session, qtbot, tmp_path, monkeypatch, gates
):
    answers = iter([("before", None), ("after", {})])

    def late(_project, _run):
        order, roles = next(answers)
        gates.wait(order)
        return roles

    monkeypatch.setattr("workbench.stations.split_roles", late)
    assert session.create_project(tmp_path / "one")
    used = SplitRoles(session)
    used.find("run")
    qtbot.waitUntil(lambda: gates.begun == ["before"])
    used.forget()
    used.find("run")
    used.find("run")  # it is asked for once
    qtbot.waitUntil(lambda: gates.begun == ["before", "after"])
    gates.open("before")
    qtbot.waitUntil(lambda: len(session._jobs) == 1, timeout=20_000)
    assert not used.is_known("run")
    gates.open("after")
    qtbot.waitUntil(lambda: used.is_known("run"), timeout=20_000)
    assert (used.names, used.changed) == (ROLES, "")


def test_that_another_project_has_no_such_run_is_not_said_of_this_one(
    session, qtbot, tmp_path, monkeypatch, gates
):
    def late(_project, run):
        gates.wait(run)
        raise WorkbenchError("There is no such run.")

    monkeypatch.setattr("workbench.stations.split_roles", late)
    assert session.create_project(tmp_path / "one")
    used = SplitRoles(session)
    used.find("run")
    assert session.create_project(tmp_path / "two")
    gates.open("run")
    qtbot.waitUntil(lambda: not session._jobs, timeout=20_000)
    assert not used.is_known("run")
    assert used.changed == ""


def test_roles_are_looked_up_by_the_same_callable_as_long_as_they_are_the_same(session):
    used, space = SplitRoles(session), two_views()
    before = used.groups_of(space)
    assert used.groups_of(space) is before
    assert used.groups_of(two_views()) is not before
    used.forget()
    assert used.groups_of(space) is not before


def test_clusters_are_named_behind_the_page_and_once(measured, qtbot, monkeypatch):
    threads, name = [], names_of

    def names(found, table):
        threads.append(threading.current_thread())
        return name(found, table)

    monkeypatch.setattr("workbench.gui.exploring.state.found_clusters.names_of", names)
    shown = choose(measured, qtbot, "cluster")
    colours = measured.explored.colours
    colours.colour()
    colours.colour()
    assert len(threads) == 1
    found = drain(cluster_items(measured.explored.looking.space()))
    assert colours.colouring.names == shown.names == name(found, measured.table)
    measured.colours.count.setValue(5)
    qtbot.waitUntil(lambda: len(colours.colouring.names) == 5, timeout=20_000)
    assert len(threads) == 2
    assert threading.main_thread() not in threads
