"""The Explore page on a real project, and an encoder that knows the project's texts."""

import sys
from types import SimpleNamespace

from workbench.cache import EmbeddingCache
from workbench.errors import WorkbenchError
from workbench.gui.pages.explore import ExplorePage
from workbench.project import Project


def shown_page(session, qtbot, size=(1300, 800)):
    """Make the page and show it; it ends with its test."""
    page = ExplorePage(session)

    def end(page):
        session.stop_jobs()
        page.previews.finish()

    qtbot.addWidget(page, before_close_func=end)
    page.resize(*size)
    page.show()
    qtbot.waitExposed(page)
    return page


def open_on(page, qtbot, root):
    """Open a project, wait for its maps, and draw them once."""
    assert page.session.open_project(root)
    qtbot.waitUntil(lambda: page.table is not None, timeout=20_000)
    qtbot.waitUntil(lambda: all(not panel.busy for panel in page.panels), timeout=20_000)
    page.grab()
    return page


class TextsByHeart:
    """Encodes a text as the embedding of the item whose text it is."""

    def __init__(self, project, modality):
        card = {"name": "test/text", "modality": modality, "width": 6}
        self.card = SimpleNamespace(model_dump=lambda mode: card)
        self._texts = {i.text: n for n, i in enumerate(project.catalogue.items("text"))}
        with EmbeddingCache(project.cache_path("text", "test/text")) as cache:
            self._rows = cache.read()

    def encode(self, media):
        if media[0] not in self._texts:
            raise WorkbenchError("These words are not known.")
        return self._rows[[self._texts[text] for text in media]]


def know_texts(monkeypatch, root):
    """Replace encoders by one that knows the texts of a project; return what was loaded."""
    loaded = []

    def load(name, modality, *_, **__):
        loaded.append(name)
        return TextsByHeart(Project.open(root), modality)

    # the package's name `query` is the station itself, not its module
    monkeypatch.setattr(sys.modules["workbench.stations.searching.query"], "load_encoder", load)
    return loaded
