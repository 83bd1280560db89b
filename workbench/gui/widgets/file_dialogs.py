"""Dialogs for folders and files; each kind of them begins where one was chosen last."""

from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from workbench.gui.widgets.question import question
from workbench.home import home_or_root

_GROUP = "places"
_ANY = "any"


def last_place(what: str, otherwise: Path | None = None) -> Path:
    """Return the folder where a kind of dialog begins.

    Parameters
    ----------
    what : str
        What is chosen, such as ``project`` or ``table``.
    otherwise : Path, optional
        Where it begins the first time. Without, where anything was chosen last, or at home.
    """
    told = [QSettings().value(f"{_GROUP}/{what}")]
    if otherwise is None:
        told.append(QSettings().value(f"{_GROUP}/{_ANY}"))
    folders = [Path(each) for each in told if isinstance(each, str) and each]
    there = next((folder for folder in folders if folder.is_dir()), None)
    return there or otherwise or home_or_root()


def remember_place(what: str, folder: Path) -> None:
    """Let the dialogs of a kind begin in a folder from now on."""
    settings = QSettings()
    for name in (what, _ANY):
        settings.setValue(f"{_GROUP}/{name}", str(folder))


def choose_folder(parent: QWidget, title: str, what: str, start: Path | None = None) -> Path | None:
    """Let the user choose a folder; None when they think better of it.

    Parameters
    ----------
    parent : QWidget
    title : str
    what : str
        See `last_place`.
    start : Path, optional
        Where it begins, whatever was chosen last.
    """
    chosen = QFileDialog.getExistingDirectory(parent, title, str(start or last_place(what)))
    if not chosen:
        return None
    # whoever chose a folder wants its neighbour next
    remember_place(what, Path(chosen).parent)
    return Path(chosen)


def choose_file(
    parent: QWidget, title: str, what: str, kinds: str = "", otherwise: Path | None = None
) -> Path | None:
    """Let the user choose a file to read; None when they think better of it.

    Parameters
    ----------
    parent : QWidget
    title : str
    what : str
        See `last_place`.
    kinds : str
        Which files are listed, as Qt writes filters.
    otherwise : Path, optional
        Where it begins the first time.
    """
    start = str(last_place(what, otherwise))
    chosen, _ = QFileDialog.getOpenFileName(parent, title, start, kinds)
    return _remembered(what, chosen)


def choose_files(parent: QWidget, title: str, what: str, kinds: str = "") -> list[Path]:
    """Let the user choose several files to read; none when they think better of it."""
    chosen, _ = QFileDialog.getOpenFileNames(parent, title, str(last_place(what)), kinds)
    if chosen:
        _remembered(what, chosen[0])
    return [Path(each) for each in chosen]


def choose_new_file(
    parent: QWidget, title: str, what: str, suggested: Path, kinds: str = ""
) -> Path | None:
    """Let the user choose where a file is written; None when they think better of it.

    The dialog asks before a file is replaced. A name that is typed without its end gets that of the
    kind chosen.

    Parameters
    ----------
    parent : QWidget
    title : str
    what : str
        See `last_place`.
    suggested : Path
        Its name is proposed; its folder is where it goes the first time.
    kinds : str
        Which files are listed, as Qt writes filters.
    """
    start = last_place(what, suggested.parent) / suggested.name
    chosen, kind = QFileDialog.getSaveFileName(parent, title, str(start), kinds)
    path = _remembered(what, chosen)
    if path is None or path.suffix:
        return path
    whole = path.with_name(path.name + _end_of(kind))
    # the dialog has only asked for the name without its end
    return whole if whole == path or not whole.exists() or _may_replace(parent, whole) else None


def _end_of(kind: str) -> str:
    """Return what the names of a kind of files end in: “.svg” of “SVG (*.svg)”."""
    _, _, end = kind.rpartition("(*")
    return end.partition(")")[0].partition(" ")[0]


def _may_replace(parent: QWidget, path: Path) -> bool:
    asked = f"{path.name} is there already. Replace it?"
    box = question(parent, "Replace the file?", asked, f"It lies in {path.parent}.", "replace-file")
    replace = box.addButton("Replace", QMessageBox.ButtonRole.DestructiveRole)
    keep = box.addButton("Keep it", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    box.exec()
    return box.clickedButton() is replace


def _remembered(what: str, chosen: str) -> Path | None:
    if not chosen:
        return None
    remember_place(what, Path(chosen).parent)
    return Path(chosen)
