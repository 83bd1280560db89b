"""What items look and sound like, read in the background and kept."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal
from PySide6.QtGui import QImage

from workbench.bounded_store import BoundedStore
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.project import Item

BUDGET = 96 * 2**20  # bytes: 680 pictures of the full size, more than a large screen has cards
_BINS = 48
SIZE = 192


class Missing(str):
    """Why an item cannot be shown."""

    __slots__ = ()


class Previews(QObject):
    """A store of previews.

    Signals
    -------
    ready (item id)
        `of` now has something to show.
    """

    ready = Signal(int)
    _read = Signal(int, int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: BoundedStore[int, Any] = BoundedStore(BUDGET, _bytes_of)
        self._asked: set[int] = set()
        self._age = 0  # how often everything was forgotten
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(2)
        self._read.connect(self._take)

    def of(self, item: "Item") -> Any:
        """Return what to show of an item, or None while it is being read.

        Returns
        -------
        QImage, ndarray of shape (bins, 2), str, or Missing
            A picture, the outline of a sound, a text, or why there is nothing.
        """
        if item.modality == "text":
            return item.text
        if (content := self._kept.get(item.id)) is not None:
            return content
        if item.id not in self._asked:
            self._asked.add(item.id)
            # the newest wish first: it is what the user looks at now
            self._pool.start(_Reading(item, self._age, self._read), priority=len(self._asked))
        return None

    def clear(self) -> None:
        """Forget everything, as when another project is opened, or files have changed.

        What is being read at this moment is forgotten too: its id may be that of another item now.
        """
        self._age += 1
        self._pool.clear()
        self._kept.clear()
        self._asked.clear()

    def finish(self) -> None:
        """Wait for what is being read; nothing new is begun, and no drawing is waited for."""
        from workbench.media import end_renderers

        self._pool.clear()
        for _ in range(50):
            end_renderers()  # one that was just being started too
            if self._pool.waitForDone(100):
                return

    def _take(self, age: int, item: int, content: Any) -> None:
        if age != self._age:
            return
        self._asked.discard(item)
        self._kept.put(item, content)
        self.ready.emit(item)


def _bytes_of(content: Any) -> int:
    if isinstance(content, QImage):
        return content.sizeInBytes()
    return content.nbytes if isinstance(content, np.ndarray) else sys.getsizeof(content)


class _Reading(QRunnable):
    def __init__(self, item: "Item", age: int, done: Any) -> None:
        super().__init__()
        self._item, self._age, self._done = item, age, done

    def run(self) -> None:
        content = read_preview(self._item)
        try:
            self._done.emit(self._age, self._item.id, content)
        except RuntimeError:  # the store is gone: the window has been closed
            return


def read_preview(item: "Item", size: int = SIZE) -> Any:
    """Read an item's file, a picture into so many pixels; see `Previews.of`."""
    from workbench.media import thumbnail, waveform

    path = Path(item.path)
    if not Path(item.file).exists():
        return Missing("The file is missing")
    try:
        if item.modality == "speech":
            return waveform(path, _BINS)
        picture = thumbnail(path, size).convert("RGBA")
    except WorkbenchError as error:
        return Missing(str(error))
    except Exception as error:  # a damaged file can fail in any way a library knows
        return Missing(f"Cannot be read ({type(error).__name__})")
    data = picture.tobytes()
    wide, high = picture.size
    return QImage(data, wide, high, 4 * wide, QImage.Format.Format_RGBA8888).copy()
