"""Looking where α acts, before any training."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.training.form.alpha_slider import AlphaSliders
from workbench.gui.training.form.setup import Wish
from workbench.gui.training.training_jobs import probe_job

if TYPE_CHECKING:
    from workbench.alignment import AlphaProbe


class AlphaProbing(QObject):
    """Asks where α acts on the data at hand, and marks it below the sliders.

    Parameters
    ----------
    session : Session
    alpha : AlphaSliders
    wish : callable
        Returns what the page would train.
    """

    def __init__(self, session: Session, alpha: AlphaSliders, wish: Callable[[], Wish]) -> None:
        super().__init__(alpha)
        self._session, self._alpha, self._wish = session, alpha, wish
        self._slot = JobSlot(session, self, one_at_a_time=True)
        self._slot.changed.connect(lambda: alpha.show_probing(self._slot.busy))
        alpha.probe_asked.connect(self.look)
        session.project_changed.connect(self.forget)
        session.settings_changed.connect(self.forget)
        session.catalogue_changed.connect(self.forget)

    def look(self) -> None:
        """Look now; asked again while it looks, stop."""
        project = self._session.project
        if self._slot.busy or project is None:
            self._slot.cancel()
            return
        self._slot.ask(
            "Looking where α acts", probe_job(project, self._wish()), self._found, quiet=False
        )

    def forget(self, *_: object) -> None:
        """Forget what was found: data or settings are others now."""
        self._slot.cancel()
        self._alpha.mark_acting(None, "")

    def _found(self, probe: "AlphaProbe | None") -> None:
        from workbench.stations import probe_in_words

        if probe is not None:
            kept = list(zip(probe.alphas, probe.kept, strict=True))
            self._alpha.mark_acting(probe.acts, probe_in_words(probe), kept)
