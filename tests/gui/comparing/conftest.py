"""The Explore page with a real project and two real runs, comparing."""

import pytest
from worlds.explore import open_on, shown_page
from worlds.projects import small_project

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
    return shown_page(session, qtbot)


@pytest.fixture
def compared(page, qtbot):
    """Return how to open a project, go to the comparison, and wait until all of it is there."""

    def compare(root):
        open_on(page, qtbot, root)
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
