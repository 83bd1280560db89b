"""The split and the label budget, in real numbers."""

import pytest
from worlds.projects import small_project

from workbench.gui.pages.data import DataPage
from workbench.project import Project


@pytest.fixture
def page(session, qtbot, tmp_path):
    session.open_project(small_project(tmp_path, 40, encode=False))
    made = DataPage(session)
    qtbot.addWidget(made, before_close_func=lambda _: session.stop_jobs())
    made.show()
    qtbot.waitUntil(lambda: "28 training pairs" in made.splitting.said.text(), timeout=20_000)
    return made


def test_the_words_are_the_real_numbers(page):
    assert page.splitting.said.text() == (
        "image–text: 28 training pairs, 4 for validation, 8 held out.\n"
        "Pairs that share an item stay in the same part."
    )
    assert page.splitting.bar.accessibleName() == (
        "70 % Training, 10 % Validation, 20 % Test, 0 % Not used"
    )


def test_the_budget_is_kept(page, session, qtbot):
    page.splitting.budget.setValue(10)
    assert Project.open(session.project.root).settings.split.budget == 10
    qtbot.waitUntil(
        lambda: (
            "10 training pairs, 4 for validation, 8 held out, 18 beyond the budget"
            in page.splitting.said.text()
        ),
        timeout=20_000,
    )
    assert "45 % Not used" in page.splitting.bar.accessibleName()
    page.splitting.budget.setValue(1)  # a pair alone teaches nothing
    assert Project.open(session.project.root).settings.split.budget == 2
    page.splitting.budget.setValue(0)
    assert Project.open(session.project.root).settings.split.budget is None
    assert page.splitting.budget.text() == "all"


def test_settings_that_cannot_be_written_are_a_sentence(page, session, qtbot):
    (session.project.root / "project.toml").unlink()
    with qtbot.waitSignal(session.noticed) as notice:
        page.splitting.seed.setValue(3)
    assert notice.args[0] == "error"
    assert "project.toml" in notice.args[1]


def test_labels_can_be_counted_in_all(page, session, qtbot):
    card = page.splitting
    card.budget.setValue(20)
    card.counted.setCurrentIndex(1)
    split = Project.open(session.project.root).settings.split
    assert (split.labels, split.budget) == (20, None)
    qtbot.waitUntil(
        lambda: "18 training pairs, 2 for validation, 8 held out" in card.said.text(),
        timeout=20_000,
    )
    card.seed.setValue(3)  # what else is changed leaves them
    assert Project.open(session.project.root).settings.split.labels == 20
    card.refresh()
    assert (card.budget.value(), card.counted.currentIndex()) == (20, 1)
