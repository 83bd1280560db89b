"""Encoding on a cluster: where it is, what it offers, how much of it is used."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from workbench.cluster import check_address, in_cluster_process, offered
from workbench.errors import WorkbenchError
from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import Card, row
from workbench.gui.widgets.fields import ComboBox, SpinBox
from workbench.gui.widgets.text import ElidedLabel, label, set_role

if TYPE_CHECKING:
    from workbench.stations import ClusterRequest

_AS_MANY_AS_FIT = 0


class ClusterCard(Card):
    """The address of a Ray cluster and how it is used; nothing of it is kept in a project.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        super().__init__("Cluster", "server-network-outline", "accent")
        self._asking = JobSlot(session, self)
        self.address = QLineEdit()
        self.address.setPlaceholderText("auto, ray://HOST:10001 or HOST:6379")
        self.address.setToolTip(
            "auto: this machine is a node of it. ray://HOST:10001: from any machine. local: try it "
            "with this machine alone."
        )
        self.address.setAccessibleName("Address of the cluster")
        self.ask_button = Button("Look", "magnify", "", self.ask, name="cluster-look")
        self.offer = ElidedLabel(
            "Its nodes encode; the vectors come back into this project.", "muted",
            Qt.TextElideMode.ElideRight,
        )  # fmt: skip
        self.workers = SpinBox()
        self.workers.setRange(_AS_MANY_AS_FIT, 4096)
        self.workers.setSpecialValueText("As many as fit")
        self.workers.setToolTip("Encoders loaded at once, by default one a GPU or four CPUs")
        self.workers.setAccessibleName("Workers on the cluster")
        self.files = ComboBox()
        self.files.addItem("Read by nodes that see them, else sent", "auto")
        self.files.addItem("Read by the nodes", "shared")
        self.files.addItem("Sent from this machine", "sent")
        self.files.setAccessibleName("How files reach the nodes")
        where = row(label("Address", "muted"))
        where.addWidget(self.address, 1)
        where.addWidget(self.ask_button)
        self.body.addLayout(where)
        used = row(label("Workers", "muted"), self.workers, 12)
        used.addWidget(label("Files", "muted"))
        used.addWidget(self.files)
        used.addStretch(1)
        self.body.addLayout(used)
        self.body.addWidget(self.offer)
        self.address.returnPressed.connect(self.ask)

    def request(self) -> "ClusterRequest":
        """Return what is asked of the cluster.

        Raises
        ------
        WorkbenchError
            The address is none.
        """
        from workbench.stations import ClusterRequest

        address = self.address.text().strip()
        check_address(address)
        return ClusterRequest(address, self.workers.value() or None, files=self.files.currentData())

    def ask(self) -> None:
        """Look what the cluster offers."""
        try:
            address = self.request().address
        except WorkbenchError as error:
            self.say(str(error), "warning")
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
        self.offer.setToolTip(sentence)
        set_role(self.offer, role)
