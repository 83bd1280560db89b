"""The search index of a large run, made behind the page once the run is asked."""

from PySide6.QtCore import QObject

from workbench.gui.session import Session
from workbench.jobs import Control, Job


class IndexMaking(QObject):
    """Has indices made: each once for the heads that a run has.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._begun: set[tuple[str, str, int | None]] = set()

    def forget(self) -> None:
        """Take note that items have changed."""
        self._begun.clear()

    def ask_for(self, run_name: str, items: int) -> None:
        """Have the index of a run made, unless it has too few items for one.

        Parameters
        ----------
        run_name : str
        items : int
            Of its largest modality.
        """
        from workbench.stations import INDEX_FROM

        project = self._session.project
        if project is None or items < INDEX_FROM:
            return
        key = str(project.root), run_name, project.run(run_name).heads_written()
        if key in self._begun:
            return
        self._begun.add(key)

        def make_job(control: Control) -> Job[object]:
            from workbench.job_process import in_process
            from workbench.stations import build_search_index

            # elsewhere: it needs a core for a minute or two, and whoever asks meanwhile shall not
            return (
                yield from in_process(
                    build_search_index, project, run_name, control=control, least=INDEX_FROM
                )
            )

        # not one in the place of another: each run is asked again
        self._session.start(f"Making the search index of {run_name}", make_job)
