"""The card of the runs, on the real page with runs that were really trained."""

import json
import shutil

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QLineEdit, QMenu
from worlds.projects import small_project
from worlds.train import shown_train_page

from workbench.alignment import LiveChange
from workbench.gui.training import training_jobs
from workbench.gui.training.runs import runs_card
from workbench.gui.training.runs.results_card import ResultsCard
from workbench.gui.training.runs.run_model import COLUMNS
from workbench.jobs import drain
from workbench.project import Project, Recipe, Run
from workbench.stations import AlignRequest, align, evaluate
from workbench.stations.runs.run_table import RunRow

FEW = {"steps": 6, "neighbours": 5, "anchors": 8, "hidden": 10}
PLACES = {column.field: place for place, column in enumerate(COLUMNS)}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Make a project with three measured runs, oldest first: procrustes, gera, ridge."""
    root = small_project(tmp_path_factory.mktemp("finished"))
    project = Project.open(root)
    gera = AlignRequest(
        settings={**FEW, "alpha": {"image": 3.0, "text": 30.0}, "temperature": 0.02}, pairs=20,
        seed=7, changes=[LiveChange(step=2, name="alpha/image", value=1.5)],
    )  # fmt: skip
    for request in (AlignRequest(method="procrustes"), gera, AlignRequest(method="ridge")):
        run = drain(align(project, request))
        drain(evaluate(project, run.name))
    return root


@pytest.fixture
def root(tmp_path, finished):
    return shutil.copytree(finished, tmp_path / "p")


@pytest.fixture
def page(session, qtbot, root):
    return shown_train_page(session, qtbot, root)


@pytest.fixture
def card(page):
    return page.runs_card


@pytest.fixture
def heard(session):
    """Note what the notice bar would say."""
    sentences = []
    session.noticed.connect(lambda level, sentence: sentences.append((level, sentence)))
    return sentences


def shown(card):
    """Return the names as they stand, from top to bottom."""
    return card.table.names()


def select(card, *names):
    card.table.clearSelection()
    flags = QItemSelectionModel.SelectionFlag
    for name in names:
        card.table.selectionModel().select(card.table._index(name), flags.Select | flags.Rows)


def type_in(card, qtbot, words, key=Qt.Key.Key_Return):
    editor = editor_of(card)
    editor.setText(words)  # keyClicks knows only ASCII
    qtbot.keyClick(editor, key)
    qtbot.waitUntil(lambda: card.table.state() != QAbstractItemView.State.EditingState)


def editor_of(card):
    """Return the editor that is open; closed ones are deleted later."""
    (editor,) = [each for each in card.table.findChildren(QLineEdit) if each.isVisible()]
    return editor


def action(menu, words):
    return next(each for each in menu.actions() if each.text().startswith(words))


def cell(card, name, field):
    return card.table._index(name, field).data()


# ------------------------------------------------------------------------------ the table


def test_the_table_says_what_made_each_run_and_what_it_is_worth(card, session):
    assert shown(card) == ["ridge", "gera", "procrustes"]
    report = session.project.run("gera").report()
    found = report["retrieval"].values()
    assert cell(card, "gera", "method") == "gera"
    assert cell(card, "gera", "alpha") == "3 / 30 → 1.5"
    assert cell(card, "gera", "neighbours") == "5"
    assert cell(card, "gera", "pairs") == "20"
    assert cell(card, "ridge", "pairs") == "all"
    assert cell(card, "ridge", "neighbours") == ""
    for field, measure in (("recall_1", "recall@1"), ("recall_10", "recall@10")):
        mean = sum(each[measure] for each in found) / len(found)
        assert cell(card, "gera", field) == f"{mean:.1%}"
    assert "Note" not in card.table._index("gera").data(Qt.ItemDataRole.ToolTipRole)
    session.project.shelf.note("gera", "the best")
    session.runs_changed.emit()
    assert "Note: the best" in card.table._index("gera").data(Qt.ItemDataRole.ToolTipRole)


SORTED = {
    "name": ["a", "B", "c", "d"],
    "method": ["d", "a", "c", "B"],
    "pairs": ["c", "a", "d", "B"],  # all is the most
    "neighbours": ["d", "a", "c", "B"],
    "recall_10": ["c", "d", "a", "B"],
    "seconds": ["d", "a", "c", "B"],
}


def test_a_heading_sorts(card):
    rows = [
        RunRow("a", "b", pairs=100, neighbours=3, recall_10=0.5, seconds=2.5),
        RunRow("B", "d", pairs=None, neighbours=100, recall_10=1.0, seconds=100.0),
        RunRow("c", "c", pairs=20, neighbours=20, recall_10=None, seconds=10.0),
        RunRow("d", "a", pairs=1000, neighbours=None, recall_10=0.0, seconds=0.5),
    ]
    card.table.show_rows(rows, None)
    for field, order in SORTED.items():
        card.table.sortByColumn(PLACES[field], Qt.SortOrder.AscendingOrder)
        assert shown(card) == order, field
        card.table.sortByColumn(PLACES[field], Qt.SortOrder.DescendingOrder)
        assert shown(card)[0] == order[-1], field
    # α is sorted as a number, and the last one counts
    rows = [RunRow(name, "gera", alpha=words) for name, words in (
        ("a", "9"), ("b", "100"), ("c", "3 → 20"), ("d", ""), ("e", "1000 → 0.5"), ("f", "1 / 30"),
    )]  # fmt: skip
    card.table.show_rows(rows, None)
    card.table.sortByColumn(PLACES["alpha"], Qt.SortOrder.AscendingOrder)
    assert shown(card) == ["d", "e", "a", "c", "f", "b"]


def test_what_does_not_fit_is_hidden_the_least_important_first(card):
    order = ["recall_10", "seconds", "alpha", "recall_1", "preservation", "pairs", "method",
             "neighbours", "note", "state"]  # fmt: skip
    counts = []
    for width in (260, 420, 560, 700, 1000):
        card.table.resize(width, 200)
        hidden = [field for field in order if card.table.isColumnHidden(PLACES[field])]
        assert hidden == order[len(order) - len(hidden) :]
        assert not card.table.isColumnHidden(PLACES["name"])
        counts.append(len(hidden))
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == 0
    assert counts[0] > 5


def test_a_project_without_runs_says_where_they_come_from(session, qtbot, tmp_path):
    page = shown_train_page(session, qtbot)
    session.open_project(small_project(tmp_path / "fresh"))
    assert page.runs_card.rows() == []
    page.grab()
    for button in page.runs_card._buttons.values():
        assert not button.isEnabled()


# ------------------------------------------------------------------------------ selecting


def test_one_is_chosen_several_are_only_selected(card, session, qtbot):
    qtbot.mouseClick(card.table.viewport(), Qt.MouseButton.LeftButton, pos=middle(card, "gera"))
    assert session.current_run == "gera"
    qtbot.mouseClick(
        card.table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier,
        middle(card, "procrustes"),
    )  # fmt: skip
    assert card.table.selected() == ["gera", "procrustes"]
    assert session.current_run == "gera"
    assert card.compare_button.isVisible()
    assert card.compare_button.text() == "Compare 2"
    session.runs_changed.emit()  # as when something was measured
    assert card.table.selected() == ["gera", "procrustes"]
    session.set_current_run("ridge")  # as when a training has ended
    assert card.table.selected() == ["ridge"]
    assert not card.compare_button.isVisible()
    qtbot.mouseClick(card.table.viewport(), Qt.MouseButton.LeftButton, pos=middle(card, "gera"))
    qtbot.mouseClick(
        card.table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier,
        middle(card, "ridge"),
    )  # fmt: skip
    assert card.table.selected() == ["ridge", "gera"]


def middle(card, name):
    return card.table.visualRect(card.table._index(name)).center()


def test_only_what_can_be_done_is_offered(card):
    select(card, "gera", "ridge")
    words = [each.text() for each in card.menu().actions() if not each.isSeparator()]
    rows = ["Copy rows\tCtrl+C", "Save as CSV…"]
    assert words == ["Compare", *rows, "Delete\tDel"]
    select(card, "gera")
    words = [each.text() for each in card.menu().actions() if not each.isSeparator()]
    assert words == [
        "Change and train…", "Train on from its heads…",
        "Rename\tF2", "Write a note", *rows, "Delete\tDel",
    ]  # fmt: skip
    select(card)
    words = [each.text() for each in card.menu().actions() if not each.isSeparator()]
    assert words == rows  # of all of them


def test_a_run_that_was_not_measured_can_be(card, session, qtbot, monkeypatch):
    def here(station, *arguments, control):  # the process that trainings wait in has its own tests
        return station(*arguments, control=control)

    monkeypatch.setattr(training_jobs, "in_kept_process", here)
    run = session.project.run("ridge")
    (run.folder / "report.json").unlink()
    session.runs_changed.emit()
    select(card, "ridge")
    action(card.menu(), "Measure").trigger()
    qtbot.waitUntil(lambda: card.row("ridge").recall_10 is not None, timeout=30_000)
    assert run.report()["retrieval"]


# ------------------------------------------------------------------------------ name and note


def test_a_run_is_renamed_in_its_place(card, session, qtbot):
    session.set_current_run("gera")
    qtbot.keyClick(card.table, Qt.Key.Key_F2)
    assert card.table.state() == QAbstractItemView.State.EditingState
    type_in(card, qtbot, "the best")
    qtbot.waitUntil(lambda: "the-best" in shown(card))
    assert shown(card) == ["ridge", "the-best", "procrustes"]
    assert session.current_run == "the-best"
    assert card.table.selected() == ["the-best"]
    assert session.project.run("the-best").recipe().seed == 7
    assert card.undo.words.text() == "“gera” was renamed to “the-best”."
    card.undo.button.click()
    assert shown(card) == ["ridge", "gera", "procrustes"]
    assert session.current_run == "gera"


def test_escape_and_what_is_no_name_change_nothing(card, session, qtbot, heard):
    session.set_current_run("gera")
    for words, key, said in (
        ("other", Qt.Key.Key_Escape, ""),
        ("gera", Qt.Key.Key_Return, ""),
        ("ridge", Qt.Key.Key_Return, "A run “ridge” exists already. Choose another name."),
        ("…", Qt.Key.Key_Return, "“…” is not a valid name for a run."),
    ):
        heard.clear()
        qtbot.keyClick(card.table, Qt.Key.Key_F2)
        type_in(card, qtbot, words, key)
        qtbot.waitUntil(lambda said=said: said in "".join(sentence for _, sentence in heard))
        QApplication.processEvents()  # what is queued may still come
        assert shown(card) == ["ridge", "gera", "procrustes"]
        assert bool(heard) == bool(said)
    assert not card.undo.isVisible()


def test_a_note_is_written_in_its_place_also_where_it_is_hidden(card, session, qtbot):
    assert card.table.isColumnHidden(PLACES["note"])
    select(card, "gera")
    action(card.menu(), "Write a note").trigger()
    assert not card.table.isColumnHidden(PLACES["note"])
    type_in(card, qtbot, "keeps more, finds less")
    qtbot.waitUntil(lambda: card.row("gera").note == "keeps more, finds less")
    assert card.table.isColumnHidden(PLACES["note"])
    assert session.project.run("gera").recipe().note == "keeps more, finds less"
    assert session.project.run("gera").report()  # still measured
    assert card.table.selected() == ["gera"]


def test_nothing_moves_while_something_is_typed(card, session, qtbot, root):
    select(card, "gera")
    action(card.menu(), "Rename").trigger()
    editor = editor_of(card)
    qtbot.keyClicks(editor, "half a na")
    Project.open(root).new_run("new", Recipe(method="ridge"))
    card._look()
    assert editor_of(card) is editor
    assert editor.text() == "half a na"
    assert "new" not in shown(card)
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: "new" in shown(card))
    assert card.table.selected() == ["gera"]


# ------------------------------------------------------------------------------ delete and undo


def test_a_deleted_run_comes_back_at_a_click(card, session, qtbot, heard):
    session.set_current_run("gera")
    qtbot.keyClick(card.table, Qt.Key.Key_Delete)
    assert shown(card) == ["ridge", "procrustes"]
    assert session.current_run == "procrustes"  # the next one below
    assert card.undo.words.text() == "“gera” was deleted."
    card.undo.button.click()
    assert shown(card) == ["ridge", "gera", "procrustes"]
    assert session.current_run == "gera"
    assert not card.undo.isVisible()
    assert not heard


def test_several_are_deleted_and_restored_together(card, session):
    session.set_current_run("procrustes")
    select(card, "ridge", "procrustes")
    card._buttons[card._delete].click()
    assert shown(card) == ["gera"]
    assert session.current_run == "gera"
    assert card.undo.words.text() == "2 runs were deleted."
    card.undo.button.click()
    assert shown(card) == ["ridge", "gera", "procrustes"]


def test_the_last_run_can_be_deleted(card, session, page):
    card.table.selectAll()
    card._buttons[card._delete].click()
    assert (shown(card), session.current_run) == ([], None)
    page.grab()
    card.undo.button.click()
    assert len(shown(card)) == 3


def test_what_was_deleted_before_is_restored_from_the_menu(card, session, root):
    Project.open(root).shelf.delete("gera")
    session.runs_changed.emit()
    inside = card.menu().findChild(QMenu, "deleted-runs")
    (restore, *_rest) = inside.actions()
    assert restore.text().startswith("Restore gera, deleted today")
    restore.trigger()
    assert shown(card) == ["ridge", "gera", "procrustes"]
    assert card.menu().findChild(QMenu, "deleted-runs") is None


@pytest.mark.parametrize("sure", [True, False])
def test_for_good_is_asked_about(card, session, monkeypatch, sure):
    asked = []
    monkeypatch.setattr(
        runs_card, "may_delete_for_good", lambda count, _: asked.append(count) or sure
    )
    select(card, "gera")
    card._buttons[card._delete].click()
    inside = card.menu().findChild(QMenu, "deleted-runs")
    action(inside, "Delete all of these for good").trigger()
    assert asked == ["1 deleted run"]
    assert len(session.project.shelf.deleted()) == (0 if sure else 1)
    assert card.undo.isVisible() == (not sure)


def test_a_run_that_trains_elsewhere_stays(card, session, heard):
    with session.project.run("gera").trained_alone():
        select(card, "gera")
        card._buttons[card._delete].click()
        assert heard[-1][1].startswith("The run “gera” is being trained. It can be deleted when")
        card._changes.rename("gera", "other")
        assert heard[-1][1].startswith("The run “gera” is being trained. It can be renamed when")
    assert "gera" in shown(card)
    assert not card.undo.isVisible()


# ------------------------------------------------------------------------------ change and train


def test_a_run_fills_the_form(card, page, session, qtbot):
    page.setup.name.setText("another")
    select(card, "gera")
    page.setup.method.setCurrentIndex(page.setup.method.findData("ridge"))
    action(card.menu(), "Change and train").trigger()
    assert page.setup.entry().name == "gera"
    assert page.alpha.values() == {"image": 3.0, "text": 30.0}  # where it began
    assert not page.alpha.tied
    wish = page.setup.wish()
    assert (wish.pairs, wish.seed, wish.name) == (20, 7, None)
    assert wish.settings == {**FEW, "temperature": 0.02}
    assert card.undo.words.text() == (
        "The form is filled from “gera”: change it, and train. "
        "These are the values at the start; α changed later."
    )
    assert not card.undo.button.isVisible()
    page.setup.form.set_values({**wish.settings, "temperature": 0.1})
    page.setup.train.click()
    qtbot.waitUntil(lambda: session.current_run == "gera-2", timeout=60_000)
    recipe, before = (session.project.run(name).recipe() for name in ("gera-2", "gera"))
    assert recipe.settings == {**before.settings, "temperature": 0.1}
    assert (recipe.pairs, recipe.seed) == (before.pairs, before.seed)
    assert recipe.changes == []
    qtbot.waitUntil(lambda: not session.jobs, timeout=60_000)


def test_what_the_form_does_not_show_is_said(card, page, session):
    project = session.project
    project.change(split=project.settings.split.model_copy(update={"seed": 5}))
    project.choose_encoder("image", "test/other")
    page._change("procrustes")
    assert card.undo.words.text().endswith(
        "The project’s encoders and shares of held-out pairs have changed since."
    )


def test_a_method_that_is_not_installed_is_a_sentence(card, page, session, heard):
    run = session.project.run("gera")
    run.write_recipe(run.recipe().model_copy(update={"method": "magic"}))
    page._change("gera")
    assert heard[-1][1].startswith("“gera” was aligned by “magic”, which is not installed here.")
    assert not card.undo.isVisible()


# ------------------------------------------------------------------------------ made elsewhere


def test_what_the_command_line_does_appears_by_itself(card, session, qtbot, root, gera):
    # in this process, which the window does not hear of: all it has is the folder
    code, _, said = gera("align", root, "--method", "asif", "--name", "from-outside")
    assert code == 0, said
    qtbot.waitUntil(lambda: "from-outside" in shown(card), timeout=10_000)
    qtbot.waitUntil(lambda: card.row("from-outside").recall_10 is not None, timeout=10_000)
    assert shown(card)[0] == "from-outside"
    assert "from-outside" in session.project.run("from-outside").folder.name
    offered = card.window().curves.panel.overlay.names()
    assert "from-outside" in offered


def test_every_change_on_the_disk_is_shown_and_told_once(card, session, qtbot, root):
    told = []
    session.runs_changed.connect(lambda: told.append(shown(card)))
    other = Project.open(root)

    def look():
        told.clear()
        card._look()
        return len(told)

    assert look() == 0
    other.shelf.rename("procrustes", "turned")
    assert look() == 1
    assert shown(card) == ["ridge", "gera", "turned"]
    other.shelf.note("gera", "x")
    assert look() == 1
    assert cell(card, "gera", "note") == "x"
    other.shelf.delete("ridge")
    assert look() == 1
    assert shown(card) == ["gera", "turned"]
    run = other.run("gera")
    run.write_recipe(run.recipe().model_copy(update={"seconds": 77.0}))
    assert look() == 0  # as a training does every ten seconds
    assert cell(card, "gera", "seconds") == "1 min 17 s"
    assert look() == 0


def test_nothing_is_read_while_nothing_changes(card, monkeypatch):
    read, original = [], Run.recipe
    monkeypatch.setattr(Run, "recipe", lambda run: read.append(run.name) or original(run))
    for _ in range(5):
        card._look()
    assert read == []


def test_very_many_runs_are_read_by_a_job(session, qtbot, root):
    report = (root / "runs" / "gera" / "report.json").read_text()
    recipe = json.loads((root / "runs" / "gera" / "recipe.json").read_text())
    for number in range(120):
        folder = root / "runs" / f"many-{number:03}"
        folder.mkdir()
        (folder / "recipe.json").write_text(json.dumps({**recipe, "seed": number}))
        (folder / "report.json").write_text(report)
    page = shown_train_page(session, qtbot)
    jobs = []
    original = session.start
    session.start = lambda title, *a, **k: jobs.append(title) or original(title, *a, **k)
    session.open_project(root)
    assert page.runs_card.rows() == []
    qtbot.waitUntil(lambda: len(page.runs_card.rows()) == 123, timeout=10_000)
    assert jobs.count("Reading runs") == 1
    assert session.current_run in page.runs_card.table.selected()


def test_another_project_forgets_the_rows(card, session, tmp_path, heard):
    card.undo.offer("something")
    session.open_project(small_project(tmp_path / "fresh"))
    assert card.rows() == []
    assert not card.undo.isVisible()
    session.close_project()
    assert card.rows() == []


def test_a_click_beside_the_rows_is_no_choice(card, session, qtbot):
    session.set_current_run("gera")
    below = QPoint(20, card.table.viewport().height() - 2)
    if not card.table.indexAt(below).isValid():
        qtbot.mouseClick(card.table.viewport(), Qt.MouseButton.LeftButton, pos=below)
    assert session.current_run == "gera"


def test_both_themes_and_a_narrow_card_are_painted(card, qtbot):
    card.undo.offer("“gera” was deleted.", lambda: None)
    card.resize(300, 160)
    card.grab()
    assert card.findChild(QLabel, "undo-words").text() == "“gera” was deleted."


def test_what_comes_after_a_training_is_offered(session, qtbot):
    results = ResultsCard(session)
    qtbot.addWidget(results)
    results.show()
    results.offer_next(True, ["gera", "ridge & co"])
    assert results.explore.isVisible()
    with qtbot.waitSignal(results.explore_asked):
        results.explore.click()
    assert [each.text() for each in results.others.actions()] == ["gera", "ridge && co"]
    with qtbot.waitSignal(results.compare_asked) as asked:
        results.others.actions()[1].trigger()
    assert asked.args == ["ridge & co"]
    results.resize(600, 200)
    assert results.explore.text() == "Explore this run"
    results.say("Measured when the training has ended.")
    assert not results.explore.isVisible()
    assert not results.compare.isVisible()
