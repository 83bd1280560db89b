"""The two numbers beside the sliders: of the training that runs, and of the run that is shown."""

import pytest
from worlds.projects import small_project
from worlds.train import shown_train_page

from workbench.gui.training.felt.two_numbers import TwoNumbers
from workbench.jobs import drain
from workbench.project import Project, SplitSettings, read_ladder
from workbench.stations import AlignRequest, FindsAndKeeps, align, evaluate

QUICK = {"steps": 6, "neighbours": 5, "anchors": 8, "hidden": 10, "validate_every": 3}


def percent(share):
    return f"{share:.1%}".replace("%", " %")


@pytest.fixture
def numbers(qtbot):
    made = TwoNumbers()
    qtbot.addWidget(made)
    made.arrange(stacked=True)
    made.show()
    return made


@pytest.fixture
def page(session, qtbot):
    page = shown_train_page(session, qtbot)
    page.resize(1280, 760)
    return page


def shown(page):
    numbers = page.numbers
    return numbers.finds.number.text(), numbers.keeps.number.text()


def test_ghosts_are_of_alpha_0_the_start_and_the_frozen_space(numbers):
    now, zero = FindsAndKeeps(0.52, 0.75, 0.1), FindsAndKeeps(0.53, 0.61, 0.1)
    numbers.show_figures(now, FindsAndKeeps(0.5, 0.7, 0.1, step=1), zero)
    assert numbers.finds.number.text() == "52.0 %"
    assert numbers.finds.words.text() == "α = 0: 53 · start: 50 · frozen: 10"
    assert numbers.keeps.words.text() == "α = 0: 61 · start: 70 · frozen: 100"
    assert "sweep" not in numbers.finds.toolTip()
    numbers.grab()


def test_where_alpha_0_is_not_known_a_sweep_is_hinted_at_and_nothing_invented(numbers):
    numbers.show_figures(FindsAndKeeps(0.52, 0.75, 0.1), None, None)
    assert numbers.finds.words.text() == "α = 0: sweep · frozen: 10"
    assert "a sweep tells" in numbers.finds.toolTip()
    assert numbers.keeps.words.text() == "frozen: 100"
    numbers.show_nothing("no validation pairs")
    assert (numbers.finds.number.text(), numbers.keeps.number.text()) == ("–", "–")
    assert numbers.finds.words.text() == "no validation pairs"


def test_figures_on_test_pairs_are_not_compared_with_others(numbers):
    tested = FindsAndKeeps(0.4, 0.7, 0.05, tested=True)
    numbers.show_figures(tested, FindsAndKeeps(0.5, 0.7, 0.1), FindsAndKeeps(0.5, 0.6, 0.1))
    assert numbers.finds.name.text() == "finds, test pairs"
    assert numbers.finds.words.text() == "frozen: 5"


def test_a_training_tells_them_and_its_heads_have_them_afterwards(page, session, qtbot, tmp_path):
    root = small_project(tmp_path)
    zero = drain(align(Project.open(root), AlignRequest(
        settings={**QUICK, "steps": 60, "alpha": 0.0, "checkpoint": "last"}, name="zero",
    )))  # fmt: skip
    session.open_project(root)
    page.setup.form.set_values({**QUICK, "steps": 60, "checkpoint": "last"})
    page.alpha.move_all(100.0)
    page.setup.train.click()
    qtbot.waitUntil(lambda: page._job is None and not page.results_card.evaluating, timeout=120_000)
    run = session.project.run(session.current_run)
    assert run.name != "zero"
    last = [row for row in run.curves() if "recall@10" in row][-1]
    kept = (last["preservation/image"] + last["preservation/text"]) / 2
    assert shown(page) == (percent(last["recall@10"]), percent(kept))
    ghost = [row for row in zero.curves() if "recall@10" in row][-1]
    known = f"α = 0: {100 * ghost['recall@10']:.0f} "
    qtbot.waitUntil(lambda: known in page.numbers.finds.words.text(), timeout=20_000)
    assert shown(page) == (percent(last["recall@10"]), percent(kept))


def test_they_follow_the_slider_through_a_sweep(page, session, qtbot, tmp_path):
    root = small_project(tmp_path)
    run = drain(align(Project.open(root), AlignRequest(
        settings=QUICK, ladder=[0.0, 1.0, 100.0], name="sweep",
    )))  # fmt: skip
    session.open_project(root)
    for alpha, rung in zip((0.0, 100.0), (0, 2), strict=True):
        page.alpha.move_all(alpha)
        figures = read_ladder(run).rungs[rung].figures
        kept = (figures["preservation/image"] + figures["preservation/text"]) / 2
        expected = percent(figures["recall@10"]), percent(kept)
        qtbot.waitUntil(lambda e=expected: shown(page) == e, timeout=20_000)
    assert page.alpha.scale.rungs == [0.0, 1.0, 100.0]


def test_without_validation_pairs_the_test_pairs_are_told(page, session, qtbot, tmp_path):
    root = small_project(tmp_path)
    project = Project.open(root)
    project.change(split=SplitSettings(validation=0.0, test=0.3))
    drain(align(project, AlignRequest(settings=QUICK, name="blind")))
    session.open_project(root)
    words = page.numbers.finds.words
    qtbot.waitUntil(lambda: words.text() == "no validation pairs", timeout=20_000)
    assert shown(page) == ("–", "–")
    drain(evaluate(project, "blind"))
    session.runs_changed.emit()
    qtbot.waitUntil(lambda: shown(page)[0] != "–", timeout=20_000)
    assert page.numbers.finds.name.text() == "finds, test pairs"
