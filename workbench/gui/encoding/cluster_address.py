"""Where a Ray cluster is: a field for its address, and what it offers."""

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from workbench.cluster import check_address, in_cluster_process, offered
from workbench.errors import WorkbenchError
from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import row
from workbench.gui.widgets.text import label, set_role


class ClusterAddress(QWidget):
    """The address of a cluster; it is used when it is given, and kept in no project.

    Parameters
    ----------
    session : Session
    sentence : str
        What the cluster is for, until it has been looked at.
    """

    def __init__(self, session: Session, sentence: str) -> None:
        super().__init__()
        self._asking = JobSlot(session, self)
        self.line = QLineEdit()
        self.line.setPlaceholderText("Address: auto, ray://HOST:10001 or HOST:6379")
        self.line.setToolTip(
            "auto: this machine is a node of it. ray://HOST:10001: from any machine. local: try it "
            "with this machine alone."
        )
        self.line.setAccessibleName("Address of the cluster")
        self.line.returnPressed.connect(self.ask)
        self.ask_button = Button("Look", "magnify", "", self.ask, name="cluster-look")
        self.offer = label(sentence, "muted", wrap=True)
        where = row()
        where.addWidget(self.line, 1)
        where.addWidget(self.ask_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(where)
        column.addWidget(self.offer)

    def given(self) -> str | None:
        """Return the address; None where it is no address, which is said."""
        address = self.line.text().strip()
        try:
            check_address(address)
        except WorkbenchError as error:
            self.say(str(error), "warning")
            self.line.setFocus()
            return None
        return address

    def ask(self) -> None:
        """Look what the cluster offers."""
        address = self.given()
        if address is None:
            return
        self.say(f"Looking at {address}…")
        self._asking.ask(
            "Looking at the cluster",
            lambda control: in_cluster_process(offered, address, address=address, control=control),
            lambda found: self.say(f"It offers {found}.", "good"),
            on_error=lambda sentence: self.say(sentence, "bad"),
        )

    def say(self, sentence: str, role: str = "muted") -> None:
        """Say something of the cluster."""
        self.offer.setText(sentence)
        set_role(self.offer, role)
