"""Work that is asked for of several things beside each other, such as of each run."""

from PySide6.QtCore import QObject

from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot


class KeyedSlots(QObject):
    """A `JobSlot` for each key: the newest answer wins among those to the same key.

    Parameters
    ----------
    session : Session
    parent : QObject, optional
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._slots: dict[str, JobSlot] = {}

    def of(self, key: str) -> JobSlot:
        """Return the slot of a key."""
        if key not in self._slots:
            self._slots[key] = JobSlot(self._session, self)
        return self._slots[key]

    def busy(self, key: str) -> bool:
        """Whether an answer is awaited to a key."""
        return key in self._slots and self._slots[key].busy

    def cancel(self) -> None:
        """Want no answer any more; what runs is asked to stop."""
        for slot in self._slots.values():
            slot.cancel()
