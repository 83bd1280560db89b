"""How large the user has dragged parts of a page and columns: it comes back with the project."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated

from pydantic import BaseModel, Field
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QHeaderView, QSplitter

from workbench.gui.session import Session
from workbench.gui.state.per_project import PerProject

_MILLISECONDS_AT_REST = 300
_ASKS_FOR_ROOM = (QEvent.Type.Show, QEvent.Type.LayoutRequest, QEvent.Type.Resize)

_Name = Annotated[str, Field(max_length=100)]
_Pixels = Annotated[int, Field(ge=0, le=100_000)]


class _Sizes(BaseModel):
    """Sizes in pixels, by what they are of and how many there are."""

    sizes: dict[_Name, Annotated[tuple[_Pixels, ...], Field(max_length=100)]] = Field(
        {}, max_length=500
    )


class KeptSizes(QObject):
    """Keeps the parts of splitters, and the columns of tables, as they were dragged in a project.

    Of a splitter the shares count: they hold in a window of another size. They are kept for each
    number of parts that are shown, so that three maps know nothing of the sizes of two.

    Parameters
    ----------
    session : Session
    parent : QObject
    """

    _kept = PerProject("sizes", _Sizes)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._followed: list[_Parts | _Columns] = []
        self._dragged: dict[str, tuple[int, ...]] = {}  # and not kept yet
        self._rest = QTimer(self, interval=_MILLISECONDS_AT_REST, singleShot=True)
        self._rest.timeout.connect(self.keep)
        self._root = session.project.root if session.project else None
        session.project_changed.connect(self._change_project)

    def follow(self, page: str, parts: Mapping[str, QSplitter | QHeaderView]) -> None:
        """Keep the sizes of parts of a page, by names that are given once in it."""
        for name, part in parts.items():
            key = f"{page}/{name}"
            sized: _Parts | _Columns
            if isinstance(part, QSplitter):
                sized = _Parts(key, part, self)
                sized.asked.connect(partial(self._settle, sized))
            else:
                sized = _Columns(key, part, self)
            sized.dragged.connect(partial(self._drag, sized))
            self._followed.append(sized)
            self._settle(sized)

    def keep(self) -> None:
        """Keep now what was dragged."""
        self._rest.stop()
        if self._root is not None and self._dragged:
            sizes = self._kept.of(self._root).sizes | self._dragged
            self._kept.keep(self._root, _Sizes(sizes=sizes))
        self._dragged = {}

    def _drag(self, sized: "_Parts | _Columns", *_: int) -> None:
        self._dragged[sized.key()] = tuple(sized.sizes())
        self._rest.start()

    def _change_project(self, _: object) -> None:
        self.keep()
        self._root = self._session.project.root if self._session.project else None
        for sized in self._followed:
            self._settle(sized)

    def _settle(self, sized: "_Parts | _Columns") -> None:
        kept = {} if self._root is None else self._kept.of(self._root).sizes | self._dragged
        sized.settle(kept.get(sized.key()))


class _Parts(QObject):
    """The parts of a splitter.

    Signals
    -------
    dragged
    asked
        It is shown, or another number of parts is.
    """

    dragged = Signal()
    asked = Signal()

    def __init__(self, name: str, splitter: QSplitter, parent: QObject) -> None:
        super().__init__(parent)
        self._name, self._splitter = name, splitter
        self._first: dict[str, list[int]] = {}  # as they are where nobody has dragged
        self._touched: set[str] = set()
        self._settled = ""
        # once it has arranged what has come or gone
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._look)
        splitter.splitterMoved.connect(self._hear)
        splitter.installEventFilter(self)

    def key(self) -> str:
        """Return its name, with how many parts are shown."""
        return f"{self._name} of {sum(self._shown())}"

    def sizes(self) -> list[int]:
        """Return the size of each part; of one that is hidden, as if it were like the others."""
        sizes, shown = self._splitter.sizes(), self._shown()
        usual = sum(sizes) // max(sum(shown), 1)
        return [size if seen else usual for size, seen in zip(sizes, shown, strict=True)]

    def settle(self, kept: Sequence[int] | None) -> None:
        """Share the room as it was kept, or as at first; unseen, Qt would do so once more."""
        if not self._splitter.isVisible():
            self._settled = ""
            return
        key = self._settled = self.key()
        if kept is not None and len(kept) == self._splitter.count():
            self._touched.add(key)
            self._splitter.setSizes(list(kept))
        elif key in self._touched and key in self._first:
            self._touched.discard(key)
            self._splitter.setSizes(self._first[key])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hear when parts come and go."""
        if event.type() in _ASKS_FOR_ROOM:
            self._soon.start()
        elif event.type() == QEvent.Type.Hide:
            self._settled = ""  # whoever hides it may share the room anew
        return super().eventFilter(watched, event)

    def _look(self) -> None:
        if not self._splitter.isVisible():
            return
        key = self.key()
        if key != self._settled:
            self.asked.emit()
        if key not in self._touched:
            self._first[key] = self.sizes()

    def _hear(self) -> None:
        self._touched.add(self.key())
        self.dragged.emit()

    def _shown(self) -> list[bool]:
        parts = map(self._splitter.widget, range(self._splitter.count()))
        return [not part.isHidden() for part in parts]


class _Columns(QObject):
    """The columns of a table that can be dragged.

    Signals
    -------
    dragged
    """

    dragged = Signal()

    def __init__(self, name: str, header: QHeaderView, parent: QObject) -> None:
        super().__init__(parent)
        self._name, self._header = name, header
        self._first = self.sizes()
        header.sectionResized.connect(self._hear)

    def key(self) -> str:
        """Return its name, with how many columns there are."""
        return f"{self._name} of {self._header.count()}"

    def sizes(self) -> list[int]:
        """Return the width of each column."""
        return [self._header.sectionSize(place) for place in range(self._header.count())]

    def settle(self, kept: Sequence[int] | None) -> None:
        """Take the widths that were kept, or the first ones."""
        for place, width in enumerate(self._first if kept is None else kept):
            if width and self._draggable(place):  # one that is hidden has none
                self._header.resizeSection(place, width)

    def _hear(self, place: int, _before: int, _now: int) -> None:
        # nobody else resizes a column while the button is down
        by_hand = QApplication.mouseButtons() & Qt.MouseButton.LeftButton
        if by_hand and self._draggable(place):
            self.dragged.emit()

    def _draggable(self, place: int) -> bool:
        return self._header.sectionResizeMode(place) == QHeaderView.ResizeMode.Interactive
