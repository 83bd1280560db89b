"""The Explore page with a real project and a real run."""

import numpy as np
import pytest
from worlds.projects import small_project

from workbench.gui.pages.explore import ExplorePage
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, align


@pytest.fixture
def root(tmp_path):
    root = small_project(tmp_path)
    drain(align(Project.open(root), AlignRequest(method="procrustes", name="turned")))
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
def opened(page, qtbot):
    """Return how to open a project on the page: its maps are made and drawn then."""

    def open_(root):
        assert page.session.open_project(root)
        qtbot.waitUntil(lambda: page.table is not None, timeout=20_000)
        qtbot.waitUntil(lambda: all(p._job is None for p in page.panels), timeout=20_000)
        page.grab()
        return page

    return open_


@pytest.fixture
def measured(opened, qtbot, root):
    """Return the page with the project open, and all items of its run measured."""
    page = opened(root)
    qtbot.waitUntil(lambda: page.looking.figures() is not None, timeout=20_000)
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
        qtbot.waitUntil(lambda: page.looking._job is None, timeout=20_000)
        page.grab()
        return inspector.item

    return look
