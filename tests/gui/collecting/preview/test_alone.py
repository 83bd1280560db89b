"""Items without a pair are listed by the words that count them."""

from worlds.projects import small_project

from workbench.gui.collecting.preview.alone_dialog import AloneDialog
from workbench.gui.pages.data import DataPage
from workbench.gui.widgets.button import Button
from workbench.project import Project


def test_those_without_a_pair_are_listed_where_they_are_counted(session, tmp_path, qtbot):
    root = small_project(tmp_path, 5, encode=False)
    catalogue = Project.open(root).catalogue
    pairs = catalogue.pairs()["image", "text"]
    catalogue.take_pairs([tuple(ids) for ids in pairs.tolist()[:3]])
    session.open_project(root)
    page = DataPage(session)
    qtbot.addWidget(page, before_close_func=lambda _: session.stop_jobs())
    page.show()
    qtbot.waitUntil(lambda: bool(page.overview.alone), timeout=20_000)
    shown_pairs = page.findings.pairs.pairs()
    assert sorted([one.id, other.id] for one, other in shown_pairs) == sorted(pairs.tolist()[:3])
    assert page.findings.pairs.isVisible()
    qtbot.waitUntil(lambda: len(page.findings.pairs.contents()) == 3, timeout=20_000)  # pictures
    assert not any(strip.isVisible() for strip in page.findings.strips)
    page.grab()
    listed = [b for b in page.findings.findChildren(Button) if "without a pair" in b.text()]
    assert [button.text() for button in listed] == ["2 without a pair"] * 2
    listed[1].click()
    (dialog,) = page.findChildren(AloneDialog)
    assert dialog.windowTitle() == "2 texts without a pair"
    shown = [item.key for item in dialog.model.shown]
    assert len(shown) == 2
    assert all(item.id not in pairs[:3] for item in dialog.model.shown)
    dialog.search.setText(shown[0])
    assert [item.key for item in dialog.model.shown] == shown[:1]
    dialog.reject()
