from PySide6.QtWidgets import QDialog

from workbench.gui.widgets.name_dialog import NameDialog, ask_name


def answer(monkeypatch, name, button):
    def exec_(dialog):
        assert dialog.name.selectedText() == "proposed"
        dialog.name.setText(name)
        getattr(dialog, button)()
        return dialog.result()

    monkeypatch.setattr(NameDialog, "exec", exec_)
    return ask_name(None, "Save", "Name of it.", "proposed")


def test_a_name_is_typed_over_the_proposed_one(qapp, monkeypatch):
    assert answer(monkeypatch, "  hearts ", "accept") == "hearts"
    assert answer(monkeypatch, "hearts", "reject") is None


def test_no_name_is_none(qapp, qtbot):
    dialog = NameDialog(None, "Save", "Name of it.", "proposed", "Save")
    qtbot.addWidget(dialog)
    dialog.name.setText("  ")
    dialog.take.click()
    assert not dialog.take.isEnabled()
    assert dialog.result() != QDialog.DialogCode.Accepted
