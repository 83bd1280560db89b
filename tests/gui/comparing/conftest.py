"""The Explore page with a real project and two real runs, comparing."""

import pytest
from worlds.projects import small_project

from workbench.gui.pages.explore import ExplorePage
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, align


@pytest.fixture(scope="session")
def two_runs(tmp_path_factory):
    """Make a project with a run of five pairs and one of all, once."""
    root = small_project(tmp_path_factory.mktemp("compared"))
    project = Project.open(root)
    drain(align(project, AlignRequest(method="ridge", name="few", pairs=5)))
    drain(align(project, AlignRequest(method="procrustes", name="turned")))
    return root


@pytest.fixture
def page(session, qtbot):
    page = ExplorePage(session)

    def end(page):
        session.stop_jobs()
        page.previews.finish()

    qtbot.addWidget(page, before_close_func=end)
    page.resize(1300, 800)
    page.show()
    qtbot.waitExposed(page)
    return page


@pytest.fixture
def compared(page, qtbot):
    """Return how to open a project, go to the comparison, and wait until all of it is there."""

    def compare(root):
        assert page.session.open_project(root)
        qtbot.waitUntil(lambda: page.table is not None, timeout=20_000)
        qtbot.waitUntil(lambda: all(p._job is None for p in page.panels), timeout=20_000)
        page.maps_or_compare.show_comparison()
        settle(page, qtbot)
        return page

    return compare


@pytest.fixture
def view(compared, two_runs):
    return compared(two_runs).compare


@pytest.fixture
def settled(qtbot):
    return lambda page: settle(page, qtbot)


def settle(page, qtbot):
    view = page.compare
    qtbot.waitUntil(lambda: not view._soon.isActive() and not view.measuring.busy, timeout=20_000)
    page.grab()
