"""The Explore page with a real project and a real run."""

from functools import partial

import numpy as np
import pytest
from worlds.explore import open_on, shown_page
from worlds.projects import small_project

from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, align


def make(folder):
    project = Project.open(small_project(folder))
    drain(align(project, AlignRequest(method="procrustes", name="turned")))


@pytest.fixture
def root(copied, tmp_path):
    return copied(make, tmp_path).root


@pytest.fixture
def page(session, qtbot):
    return shown_page(session, qtbot)


@pytest.fixture
def opened(page, qtbot):
    """Return how to open a project on the page: its maps are made and drawn then."""
    return partial(open_on, page, qtbot)


@pytest.fixture
def measured(opened, qtbot, root):
    """Return the page with the project open, and all items of its run measured."""
    page = opened(root)
    qtbot.waitUntil(lambda: page.explored.looking.figures() is not None, timeout=20_000)
    return page


@pytest.fixture
def looked(page, qtbot):
    """Return how to select items and wait until the first is shown in the inspector."""

    def look(*ids):
        page.session.select(np.array(ids))
        inspector = page.inspector
        inspector._one.click()
        qtbot.waitUntil(
            lambda: inspector.item.look is not None and inspector.item.look.item == min(ids),
            timeout=20_000,
        )
        qtbot.waitUntil(lambda: not page.explored.looking.busy, timeout=20_000)
        page.grab()
        return inspector.item

    return look
