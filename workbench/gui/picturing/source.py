"""What of a page can be taken home as a picture, or as the numbers behind it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QMenu, QWidget

from workbench.charts import Chart, Size, drawn, kind_of
from workbench.errors import WorkbenchError
from workbench.gui.session import Session
from workbench.gui.state.action import Action, as_menu_text
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.widgets.file_dialogs import choose_new_file
from workbench.job_process import in_process
from workbench.whole_files import write_whole

if TYPE_CHECKING:
    from workbench.jobs import Control, Job

_PICTURES = "PNG (*.png);;SVG (*.svg);;PDF (*.pdf)"
_NUMBERS = "CSV (*.csv)"
_NOTHING = "There is nothing to be pictured yet."


class PictureSource(QObject):
    """A chart or map of which pictures are made; it lives with its widget.

    The picture is drawn anew from the data, on white and at print size: it is no grab of the
    screen. A click with the right button, the menu and the palette lead to it.

    Parameters
    ----------
    widget : QWidget
        Seen while there is something to be pictured.
    session : Session
    title : str or callable
        What it is called in menus.
    chart : callable
        Returns the chart, or None as long as there is none.
    clicked : QWidget, optional
        Where the right button asks for the menu; without, its own menu takes `actions`.
    """

    def __init__(
        self, widget: QWidget, session: Session, title: str | Callable[[], str],
        chart: Callable[[], Chart | None], clicked: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(widget)
        self.widget, self._session = widget, session
        self._title, self._chart = title, chart
        self._slot = JobSlot(session, self)
        if clicked is not None:
            clicked.installEventFilter(self)

    @property
    def title(self) -> str:
        """What it is called."""
        return self._title if isinstance(self._title, str) else self._title()

    def actions(self) -> list[Action]:
        """Return what can be done with it."""
        # of several in a page each has names of its own
        name = self.widget.objectName() or str(id(self.widget))
        return [
            Action(f"copy-{name}", "&Copy picture", self.copy, also="image clipboard"),
            Action(f"save-{name}", "&Save picture…", self.save, also="export image PNG SVG PDF"),
            Action(f"numbers-{name}", "Save &numbers…", self.save_numbers, also="export CSV table"),
        ]

    def menu(self) -> QMenu:
        """Return a menu of these, which goes when it was used."""
        menu = QMenu(self.widget)
        self.add_to(menu)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def add_to(self, menu: QMenu) -> None:
        """Add them to the menu of a widget that has one."""
        for each in self.actions():
            made = menu.addAction(each.text)
            made.setObjectName(each.name)
            made.triggered.connect(lambda _=False, each=each: each.does())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QContextMenuEvent):
            self.menu().popup(event.globalPos())
            return True
        return super().eventFilter(watched, event)

    # ---------------------------------------------------------------- what is done

    def copy(self) -> None:
        """Put a picture into the clipboard."""

        def take(content: bytes) -> None:
            QGuiApplication.clipboard().setImage(QImage.fromData(content))
            self._session.noticed.emit("info", f"Copied as a picture: {self.title}")

        self._draw("png", take)

    def save(self) -> None:
        """Ask for a file, and write a picture; the end of its name says as what."""
        self._save("Save the picture", "picture", "png", _PICTURES)

    def save_numbers(self) -> None:
        """Ask for a file, and write the numbers behind the picture."""
        self._save("Save the numbers behind the picture", "table", "csv", _NUMBERS)

    def _save(self, words: str, what: str, kind: str, kinds: str) -> None:
        name = "".join(each if each.isalnum() or each in "-_@., " else "-" for each in self.title)
        suggested = Path(f"{name[:80].strip()}.{kind}")
        path = choose_new_file(self.widget, words, what, suggested, kinds)
        if path is not None:
            self.write(path)

    def write(self, path: Path) -> None:
        """Write a file; the end of its name says as what, and a name without one is a PNG."""
        path = path if path.suffix else path.with_suffix(".png")
        try:
            kind = kind_of(path)
        except WorkbenchError as error:
            self._session.noticed.emit("error", str(error))
            return

        def take(content: bytes) -> None:
            try:
                write_whole(path, content)
            except OSError as error:
                why = f"{path} cannot be written: {error.strerror}. Choose another folder."
                self._session.noticed.emit("error", why)
                return
            self._session.noticed.emit("info", f"Written: {path}")

        self._draw(kind, take)

    def _draw(self, kind: str, take: Callable[[bytes], object]) -> None:
        chart = self._chart()
        if chart is None:
            self._session.noticed.emit("info", _NOTHING)
            return

        def work(control: "Control") -> "Job[bytes]":
            if kind == "csv":
                return drawn(chart, kind, Size(), control)
            return in_process(drawn, chart, kind, Size(), control=control)

        self._slot.ask(f"Drawing {self.title}", work, take, quiet=False)


def sources_seen(window: QWidget) -> Sequence[PictureSource]:
    """Return what can be pictured of what is seen of a window."""
    found = window.findChildren(PictureSource)
    return [each for each in found if each.widget.isVisible()]


def titled(sources: Sequence[PictureSource]) -> list[tuple[str, PictureSource]]:
    """Return titles for menus; those that are called alike have a number."""
    titles = [each.title for each in sources]
    found = []
    for place, (title, source) in enumerate(zip(titles, sources, strict=True)):
        before = titles[:place].count(title)
        found.append((as_menu_text(f"{title} ({before + 1})" if before else title), source))
    return found
