"""The Train page, shown on a project."""

from pathlib import Path

from workbench.gui.pages.train import TrainPage
from workbench.gui.session import Session


def shown_train_page(session: Session, qtbot, root: Path | None = None) -> TrainPage:
    """Make the page, open a project on it if there is one, and show it; it ends with its test."""
    page = TrainPage(session)
    qtbot.addWidget(page, before_close_func=lambda _: session.stop_jobs())
    page.resize(1100, 760)
    if root is not None:
        session.open_project(root)
    page.show()
    qtbot.waitExposed(page)
    return page
