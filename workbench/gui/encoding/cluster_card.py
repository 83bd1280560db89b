"""Encoding on a cluster: where it is, what it offers, how much of it is used."""

from typing import TYPE_CHECKING

from workbench.gui.encoding.cluster_address import ClusterAddress
from workbench.gui.session import Session
from workbench.gui.widgets.card import Card, row
from workbench.gui.widgets.fields import ComboBox, SpinBox
from workbench.gui.widgets.text import label

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
        self.address = ClusterAddress(
            session,
            "Its nodes encode, with encoders that are there; the vectors come back here.",
        )
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
        used = row(label("Workers", "muted"), self.workers, 12)
        used.addWidget(label("Files", "muted"))
        used.addWidget(self.files)
        used.addStretch(1)
        self.body.addWidget(self.address)
        self.body.addLayout(used)

    def request(self) -> "ClusterRequest | None":
        """Return what is asked of the cluster; None where its address is none, which is said."""
        from workbench.stations import ClusterRequest

        address = self.address.given()
        if address is None:
            return None
        return ClusterRequest(address, self.workers.value() or None, files=self.files.currentData())
